function depthIsOver(payload) {
    let level = [payload];
    for (let deep = 0; deep < maxDepth; deep += 1) {
        level = level.filter((part) => part !== null && typeof part === "object").flatMap((part) => Object.values(part));
        if (level.length === 0) { return false; }
    }
    return true;
}
function read(bytes) {
    const text = bytes.toString("utf8");
    if (!Buffer.from(text, "utf8").equals(bytes)) { throw new SyntaxError("no UTF-8"); }
    return asJson ? JSON.parse(text) : text;
}
let payload;
try {
    payload = read(msg.payload);
} catch (error) {
    node.error("A message that came was not " + (asJson ? "JSON" : "UTF-8 text") + ".", msg);
    return null;
}
if (asJson && depthIsOver(payload)) {
    node.error("A message that came has more than " + maxDepth + " levels of JSON.", msg);
    return null;
}
return {_msgid: msg._msgid, payload, metadata: {topic: msg.topic.slice(prefix.length)}};
