function readJson(text) {
    try {
        return JSON.parse(text);
    } catch (error) {
        const remedy = "Texts of a message are JSON with the filter tojson.";
        throw fault("The filled in template is no JSON: " + error.message + ". " + remedy);
    }
}
const before = msg.payload === undefined ? null : msg.payload;
const after = attempt(() => {
    fillIn(before, variables, isObject(msg.metadata) ? msg.metadata : {});
    const text = bounds.output.join("");
    return put(before, path, isJson ? readJson(text) : text);
});
if (after === undefined) { return null; }
msg.payload = after;
return msg;
