// Node-RED's own function node, by itself: `node function_node.js {node_modules}` takes cases on stdin as JSON, each a
// script and its steps, one after the other, and writes what the function did at each. Timers fire when a step says so.
const {EventEmitter} = require("events");
const [modules] = process.argv.slice(2);
const {util} = require(modules + "/@node-red/util");
const [realDate, settled] = [Date, () => new Promise(setImmediate)];

const timers = new Map();
let now = 0;
let taken = 0;
globalThis.setTimeout = (action, after, ...given) => {
    taken += 1;
    timers.set(taken, {action, given, due: now + Math.max(1, Math.trunc(after))});
    return taken;
};
globalThis.clearTimeout = (id) => { timers.delete(id); };

let FunctionNode;
let heard;
const context = {flow: {}, global: {}};
require(modules + "/@node-red/nodes/core/function/10-function.js")({
    settings: {},
    util,
    _: (key) => key,
    library: {register() {}},
    nodes: {
        registerType(_, type) {
            Object.setPrototypeOf(type.prototype, EventEmitter.prototype);
            FunctionNode = type;
        },
        createNode(node, {id}) {
            EventEmitter.call(node);
            const ignore = () => {};
            const kept = new Map();
            const own = {...context, get: (key) => kept.get(key), set: (key, value) => { kept.set(key, value); }};
            Object.assign(node, {id, log: ignore, metric: ignore, status: ignore, context: () => own});
            node.error = (text) => { heard.errors.push(String(text)); };
        },
    },
});

async function advance(milliseconds) {
    const end = now + milliseconds;
    for (;;) {
        const [first] = [...timers].filter(([, {due}]) => due <= end).sort(([, a], [, b]) => a.due - b.due);
        if (first === undefined) { break; }
        const [id, {action, given, due}] = first;
        now = due;
        timers.delete(id);
        action(...given);
        await settled();
    }
    now = end;
}
async function take(node, msg) {
    const saysWhen = node.func.includes("node.done("); // else Node-RED says it when the function returns
    const send = (ports) => ports.forEach((sent, port) => (sent || []).forEach((each) => {
        heard.sent.push([port, JSON.parse(JSON.stringify(each))]);
    }));
    await new Promise((resolve) => {
        node.emit("input", msg, send, (error) => {
            if (error) { heard.errors.push("thrown: " + error); }
            heard.done += 1;
            resolve();
        });
        if (saysWhen) { resolve(); }
    });
}
async function run({script, steps, at}) {
    globalThis.Date = at === null ? realDate : class extends realDate { static now() { return at; } };
    const node = new FunctionNode({id: "it", func: script, outputs: 1, timeout: 0, libs: []});
    const told = [];
    heard = {sent: [], errors: [], done: 0};
    await settled();
    for (const step of steps) {
        if ("msg" in step) { await take(node, step.msg); }
        else if ("advance" in step) { await advance(step.advance); }
        else { node.emit("close"); }
        await settled();
        told.push({...heard, timers: timers.size});
        heard = {sent: [], errors: [], done: 0};
    }
    node.emit("close");
    timers.clear();
    return told;
}
(async () => {
    const told = [];
    for (const each of JSON.parse(require("fs").readFileSync(0))) { told.push(await run(each)); }
    process.stdout.write(JSON.stringify(told));
})();
