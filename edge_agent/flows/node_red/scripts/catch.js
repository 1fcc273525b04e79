// The first output tells the flow, the second one the monitor. What fails on what a catch sent is not caught again.
const {message, source} = msg.error;
const before = msg.metadata;
if (before && before[caught] !== undefined) { return [null, msg]; }
const [id, label] = owners[source.id.split("-")[0]];
const error = label ? label + ": " + message : message;
const told = {
    _msgid: msg._msgid,
    payload: {node: id, error, payload: msg.payload === undefined ? null : msg.payload},
    metadata: {[caught]: id},
};
return [told, unhealthy.includes(source.id.split("-")[0]) ? msg : null];
