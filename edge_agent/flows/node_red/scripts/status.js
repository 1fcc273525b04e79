const state = flow.get(key);
if (!state) { return null; }
const now = {};
for (const {id, kind, text} of Object.values(state.unwell)) {
    const item = id.split("-")[0];
    if (owners[item] === undefined || (kind === "status" && mayBeOffline.includes(item))) { continue; }
    const [node, label] = owners[item];
    if (now[node] === undefined) { now[node] = label ? label + ": " + text : text; }
}
const before = context.get("told") || {};
context.set("told", now);
const changed = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((id) => before[id] !== now[id]);
return [changed.map((id) => {
    const error = now[id] === undefined ? null : now[id];
    return {payload: {node: id, health: error === null ? "healthy" : "unhealthy", error}};
})];
