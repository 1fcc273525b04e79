// Characters, as Python counts them: JavaScript counts those beyond U+FFFF twice.
function lengthOf(text) {
    let length = text.length;
    for (let at = 1; at < text.length; at += 1) {
        const pair = (text.charCodeAt(at - 1) & 0xFC00) === 0xD800 && (text.charCodeAt(at) & 0xFC00) === 0xDC00;
        if (pair) { length -= 1; }
    }
    return length;
}
