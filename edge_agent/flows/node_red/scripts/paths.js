// Places in a payload, as edge_agent/flows/language/paths.py has them: {text, steps, names}. What a change touches is copied.
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
function fault(text) { return {sentence: text}; }
function indexOf(step) {
    if (typeof step === "number") { return step; }
    return /^[0-9]{1,5}$/.test(step) ? Number(step) : null;
}
function has(here, step) {
    if (isObject(here)) { return typeof step === "string" && Object.hasOwn(here, step); }
    return Array.isArray(here) && indexOf(step) !== null && indexOf(step) < here.length;
}
function at(here, step) { return Array.isArray(here) ? here[indexOf(step)] : here[step]; }
function isThere(payload, path) {
    let here = payload;
    return path.steps.every((step) => {
        const there = has(here, step);
        here = there ? at(here, step) : undefined;
        return there;
    });
}
function find(payload, path) {
    if (!isThere(payload, path)) {
        throw {...fault("A message had nothing at " + path.text + "."), nothingThere: true};
    }
    return path.steps.reduce(at, payload);
}
function put(payload, path, value) {
    function within(here, steps) {
        if (steps.length === 0) { return value; }
        const [step, ...rest] = steps;
        const there = here === null || here === undefined ? (typeof step === "number" ? [] : {}) : here;
        if (isObject(there) && typeof step === "string") {
            return {...there, [step]: within(Object.hasOwn(there, step) ? there[step] : null, rest)};
        }
        const index = Array.isArray(there) ? indexOf(step) : null;
        if (index !== null && index <= there.length) {
            const before = index < there.length ? there[index] : null;
            return [...there.slice(0, index), within(before, rest), ...there.slice(index + 1)];
        }
        const kind = Array.isArray(there) ? "a list of " + there.length : "no object or list";
        const name = path.names[path.steps.length - steps.length];
        throw fault("A message takes nothing at " + path.text + ": there is " + kind + " where " + name + " would be.");
    }
    return within(payload, path.steps);
}
function remove(payload, path) {
    function without(here, steps) {
        if (steps.length === 0) { return null; }
        const [step, ...rest] = steps;
        if (Array.isArray(here)) {
            const index = indexOf(step);
            const changed = rest.length === 0 ? [] : [without(here[index], rest)];
            return [...here.slice(0, index), ...changed, ...here.slice(index + 1)];
        }
        if (rest.length > 0) { return {...here, [step]: without(here[step], rest)}; }
        const {[step]: _, ...others} = here;
        return others;
    }
    return isThere(payload, path) ? without(payload, path.steps) : payload;
}
// Do something that may find a message unfit: then it ends here, the node has failed, and undefined is returned.
function attempt(action) {
    try {
        return action();
    } catch (error) {
        if (!error || error.sentence === undefined) { throw error; }
        node.error(error.sentence, msg);
        return undefined;
    }
}
