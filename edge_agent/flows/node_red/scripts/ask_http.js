// The reader sends {finished: true, succeeded} back for each request, so that not more than so many are under way. Only a
// success is done work: that a request begins or waits does not make up for one that was dropped.
function quoted(text) {
    return encodeURIComponent(text).replace(/[!'()*]/g, (each) => "%" + each.charCodeAt(0).toString(16).toUpperCase());
}
function request({_msgid, payload, metadata}) {
    const written = JSON.stringify(payload === undefined ? null : payload);
    const inUrl = typeof payload === "string" ? payload : written;
    return {
        _msgid,
        metadata,
        method,
        url: url.split("{payload}").join(quoted(inUrl)),
        headers: {...headers},
        payload: hasBody ? written : undefined,
        before: payload,
        requestTimeout: timeout,
    };
}
const state = context.get("turns") || {running: 0, waiting: []};
let next = null;
if (msg.finished === true) {
    if (msg.succeeded === true) { node.done(); }
    next = state.waiting.shift() || null;
    if (next === null) { state.running -= 1; }
} else if (state.running < concurrency) {
    state.running += 1;
    next = msg;
} else if (state.waiting.length < maxWaiting) {
    state.waiting.push(msg);
} else {
    node.error("Messages come faster than this node works them off, so some were dropped.", msg);
}
context.set("turns", state);
return next === null ? null : request(next);
