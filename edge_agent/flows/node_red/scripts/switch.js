// Node-RED's own switch compares as JavaScript does, where "5" is 5; a flow must mean the same on each runtime.
function valueOf(payload) {
    if (path !== null) { return find(payload, path); }
    if (!isObject(payload)) { return payload; }
    const key = keys.find((each) => Object.hasOwn(payload, each));
    if (key !== undefined) { return payload[key]; }
    throw fault("A message had none of " + keys.join(", ") + "; name the value's place in the property setting.");
}
function equal(left, right) {
    return typeof left === typeof right && RED.util.compareObjects(left, right);
}
function holds(rule, value) {
    if (rule.operator === "==") { return equal(value, rule.value); }
    if (rule.operator === "!=") { return !equal(value, rule.value); }
    if (typeof value !== typeof rule.value) {
        throw fault("A message's value is no " + typeof rule.value + ", so " + rule.operator + " cannot compare it.");
    }
    switch (rule.operator) {
        case ">": return value > rule.value;
        case ">=": return value >= rule.value;
        case "<": return value < rule.value;
        default: return value <= rule.value;
    }
}
function portFor(payload) {
    const value = valueOf(payload);
    const rule = rules.find((each) => holds(each, value));
    return rule ? rule.port : otherwise;
}
let port;
try {
    port = portFor(msg.payload);
} catch (error) {
    if (error.sentence === undefined || otherwise === null) { port = attempt(() => { throw error; }); }
    else { port = otherwise; }
}
if (port === null || port === undefined) { return null; }
const ports = [];
ports[port] = msg;
return ports;
