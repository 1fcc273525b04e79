function replaced(rule, text) {
    if (typeof text !== "string") {
        throw fault("A message's value at " + rule.path.text + " is no text, so nothing in it can be replaced.");
    }
    const pieces = text.split(rule.search);
    const growth = lengthOf(rule.replacement) - lengthOf(rule.search);
    if (lengthOf(text) + growth * (pieces.length - 1) > maxText) { throw fault(rule.tooLong); }
    return pieces.join(rule.replacement);
}
function changed(payload, rule) {
    switch (rule.action) {
        case "set": return put(payload, rule.path, rule.value);
        case "copy": return put(payload, rule.path, find(payload, rule.from));
        case "delete": return remove(payload, rule.path);
        case "move": return put(remove(payload, rule.path), rule.to, find(payload, rule.path));
        default: return put(payload, rule.path, replaced(rule, find(payload, rule.path)));
    }
}
const payload = attempt(() => rules.reduce((before, rule) => {
    try {
        return changed(before, rule);
    } catch (error) {
        if (!error.nothingThere || !rule.optional) { throw error; }
        return before;
    }
}, msg.payload === undefined ? null : msg.payload));
if (payload === undefined) { return null; }
msg.payload = payload;
return msg;
