const text = JSON.stringify(msg.payload === undefined ? null : msg.payload);
const size = Buffer.byteLength(text);
if (size > maxBytes) {
    node.error("A message of " + size + " bytes was dropped; MQTT takes " + maxBytes + ".", msg);
    return null;
}
return {_msgid: msg._msgid, topic, payload: text, metadata: msg.metadata};
