// The bounds are those of edge_agent/flows/language/expressions.py, set by the same callbacks around every step.
function stop(clause) { throw fault("The expression failed with a message: " + clause + "."); }
function isFunction(value) { return typeof value === "function" || value._jsonata_lambda || value._jsonata_function; }
function watch(expression) {
    const deadline = Date.now() + maxSeconds * 1000;
    const weights = new Map();
    let depth = 0;
    let work = 0;
    function weigh(value) {
        if (typeof value === "string") {
            const isTooLong = value.length > maxText && lengthOf(value) > maxText;
            if (isTooLong) { stop("a text has more than " + maxText + " characters"); }
            return 1 + Math.floor(value.length / 16);
        }
        if (value === null || typeof value !== "object" || isFunction(value)) { return 1; }
        if (weights.has(value)) { return weights.get(value); }
        const isList = Array.isArray(value);
        const keys = isList ? value : Object.keys(value);
        let weight = keys.length;
        if (weight <= maxItems) {
            weight = 1;
            for (const key of keys) { weight += weigh(key) + (isList ? 0 : weigh(value[key])); }
        }
        if (weight > maxItems) { stop("a result holds more than " + maxItems + " values"); }
        weights.set(value, weight);
        return weight;
    }
    function enter() {
        depth += 1;
        if (depth > maxDepth) { stop("it is nested more than " + maxDepth + " steps deep"); }
        if (Date.now() > deadline) { stop("it takes more than " + maxSeconds + " s"); }
    }
    function leave(_step, _input, _environment, result) {
        depth -= 1;
        work += 1;
        if (typeof result === "string") { work += Math.floor(result.length / 16); }
        else if (Array.isArray(result)) { work += result.length; }
        else if (isObject(result) && !isFunction(result)) { work += Object.keys(result).length; }
        if (work > maxWork) { stop("it makes more than " + maxWork + " values on the way"); }
        weigh(result);
    }
    expression.assign(Symbol.for("jsonata.__evaluate_entry"), enter);
    expression.assign(Symbol.for("jsonata.__evaluate_exit"), leave);
    return weigh;
}
// What could take very long, or very much memory, in a single step.
const guards = {
    distinct: ["<x:x>", (values) => {
        const isTooMuch = Array.isArray(values) && values.length > maxDistinct;
        if (isTooMuch) { stop("$distinct takes at most " + maxDistinct + " values"); }
    }],
    eval: ["<sx?:x>", () => stop("$eval is not offered: an expression has to be known before the flow runs")],
    join: ["<a<s>s?:s>", (texts, separator) => {
        const length = (texts || []).reduce((sum, each) => sum + each.length + (separator || "").length, 0);
        if (length > maxText) { stop("$join makes more than " + maxText + " characters"); }
    }],
    pad: ["<s-ns?:s>", (_text, width) => {
        if (Math.abs(width) > maxText) { stop("$pad makes more than " + maxText + " characters"); }
    }],
    replace: ["<s-(sf)(sf)n?:s>", (whole, pattern, replacement) => {
        if ([whole, pattern, replacement].some((each) => typeof each !== "string")) { return; }
        const length = whole.length + (whole.split(pattern).length - 1) * replacement.length;
        if (length > maxText) { stop("$replace makes more than " + maxText + " characters"); }
    }],
    toMillis: ["<s-s?:n>", (timestamp, picture) => {
        if ((timestamp || "").length > maxTimestamp || (picture || "").split("[").length - 1 > maxTimestampParts) {
            stop("$toMillis reads " + maxTimestamp + " characters in " + maxTimestampParts + " parts at most");
        }
    }],
};
async function compile() {
    const expression = RED.util.prepareJSONataExpression(text, node);
    for (const [name, [signature, guard]] of Object.entries(guards)) {
        const {implementation} = await RED.util.prepareJSONataExpression("$" + name, node).evaluate(null);
        expression.registerFunction(name, function (...given) {
            guard(...given);
            return implementation.apply(this, given);
        }, signature);
    }
    // JSONata does not have these: Node-RED adds them.
    for (const name of ["env", "flowContext", "globalContext", "moment"]) { expression.assign(name, undefined); }
    return expression;
}
function plain(value) {
    if (typeof value === "number" && !Number.isFinite(value)) { stop("its result holds a number that is not finite"); }
    if (value === null || !["object", "function"].includes(typeof value)) { return value; }
    if (isFunction(value)) { stop("its result is a function; call it"); }
    if (Array.isArray(value)) { return value.map(plain); }
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
// A copy whose objects inherit nothing, so that expressions find keys alone.
function bare(value) {
    if (Array.isArray(value)) { return value.map(bare); }
    if (!isObject(value)) { return value; }
    const copy = Object.create(null);
    for (const key of Object.keys(value)) { copy[key] = bare(value[key]); }
    return copy;
}
async function evaluated(payload) {
    try {
        const expression = await (globalThis.compiled ??= compile());
        const weigh = watch(expression);
        // In a payload that is null the built-in runtime's library finds nothing, too.
        const result = await expression.evaluate(payload === null ? undefined : bare(payload), bare(variables));
        weigh(result);
        return result === undefined ? undefined : put(payload, path, plain(result));
    } catch (error) {
        if (error && error.sentence !== undefined) { throw error; }
        return stop((error && error.message) || String(error));
    }
}
const before = msg.payload === undefined ? null : msg.payload;
const made = await evaluated(before).catch((error) => attempt(() => { throw error; }));
if (made === undefined) { return null; }
msg.payload = made;
return msg;
