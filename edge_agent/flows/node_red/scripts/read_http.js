function fault({error, statusCode, payload}) {
    if (error) { return " got no answer: " + error.message; }
    if (statusCode >= 300) { return " answers with HTTP " + statusCode + "."; }
    return payload.length > maxBytes ? " answers with more than " + maxBytes + " bytes." : null;
}
const {_msgid, before} = msg;
function fail(text) {
    node.error(asked + text, {_msgid, payload: before, metadata: msg.metadata});
    return [null, {_msgid, finished: true, succeeded: false}];
}
const wrong = fault(msg);
if (wrong !== null) { return fail(wrong); }
let payload = msg.payload.toString("utf8");
if (asJson && payload !== "") {
    try {
        payload = JSON.parse(payload);
    } catch (error) {
        return fail(" answers with something that is not JSON.");
    }
}
return [{_msgid, payload, metadata: {...msg.metadata, status: String(msg.statusCode)}}, {_msgid, finished: true, succeeded: true}];
