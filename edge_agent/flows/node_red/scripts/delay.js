// The global object is this function's own: it lasts until Node-RED stops the function, and its timers with it.
const state = globalThis.delayed ??= {held: new Map(), taken: 0, dropped: 0, isPaced: false};
const held = state.held;
function hold(timer) {
    if (held.size >= keep) {
        state.dropped += 1;
        const enough = held.size + (held.size === 1 ? " message waits" : " messages wait") + ", which is all that keep allows";
        throw fault(enough + ", so " + state.dropped + (state.dropped === 1 ? " was" : " were") + " dropped.");
    }
    state.taken += 1;
    held.set(state.taken, {send, timer: timer && setTimeout(release, timer, state.taken)});
}
function send() { node.send(msg, false); }
function release(number) {
    const {send} = held.get(number);
    held.delete(number);
    send();
}
// Timers alone decide, not the device's clock, which may be set at any time.
function pace() {
    state.isPaced = true;
    setTimeout(() => {
        state.isPaced = held.size > 0;
        if (!state.isPaced) { return; }
        pace();
        release(held.keys().next().value);
    }, Math.ceil(spacing));
}
function take() {
    if (reset !== null && isThere(msg.payload, reset) && find(msg.payload, reset) === true) {
        for (const {timer} of held.values()) { clearTimeout(timer); }
        held.clear();
    } else if (spacing === null) {
        hold(shortest + Math.random() * (longest - shortest));
    } else if (!state.isPaced) {
        pace();
        send();
    } else if (!drops) {
        hold();
    }
}
attempt(take);
return null;
