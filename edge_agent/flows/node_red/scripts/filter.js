// The global object is this function's own: it lasts until Node-RED stops the function, and is never stored.
const last = globalThis.lastValues ??= new Map();
function fingerprint(value) {
    if (Array.isArray(value)) { return "[" + value.map(fingerprint) + "]"; }
    if (!isObject(value)) { return JSON.stringify(value); }
    return "{" + Object.keys(value).sort().map((key) => JSON.stringify(key) + ":" + fingerprint(value[key])) + "}";
}
function remembered(value) {
    if (mode === "change") { return fingerprint(value); }
    if (typeof value !== "number") { throw fault("A message's value is no number, which " + mode + " needs."); }
    return value;
}
function differs(before, value) {
    if (band === null) { return before !== value; }
    const width = percent ? Math.abs(before) * band / 100 : band;
    const change = Math.abs(value - before);
    const slack = rounding * Math.max(Math.abs(before), Math.abs(value));
    return mode === "narrowband" ? change <= width + slack : change > 0 && change >= width - slack;
}
function passes(payload) {
    const key = by === null ? "" : fingerprint(find(payload, by));
    const value = remembered(find(payload, path));
    const first = initial === null ? undefined : remembered(initial.value);
    const before = last.has(key) ? last.get(key) : first;
    const does = before === undefined ? passFirst : differs(before, value);
    if (does || before === undefined || !comparesWithPassed) {
        last.delete(key);
        last.set(key, value);
        if (last.size > maxKeys) { last.delete(last.keys().next().value); }
    }
    return does;
}
return attempt(() => passes(msg.payload === undefined ? null : msg.payload)) ? msg : null;
