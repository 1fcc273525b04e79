// What templates are made of: values, operators, filters and tests as edge_agent/flows/language/templates.py has them.
function unfit(clause) { return fault("The template could not be filled in with a message: " + clause + "."); }
// A number that is written with a point though it is whole. In a message, JavaScript does not tell 1.0 from 1.
class Real {
    constructor(value) { this.value = value; }
    valueOf() { return this.value; }
}
// A value that is not there: a fault once it is used.
class Missing {
    constructor(clause) { this.clause = clause; }
}
// What a choice without an else yields: it is written as nothing, and may be asked whether it is true.
class Blank extends Missing {}
class Loop {
    constructor(index0, length) {
        Object.assign(this, {index: index0 + 1, index0, first: index0 === 0, last: index0 + 1 === length, length});
    }
}
const isMap = (value) => isObject(value) && ![Real, Missing, Loop].some((kind) => value instanceof kind);
const isBlank = (value) => value instanceof Blank;
const isNumber = (value) => typeof value === "number" || value instanceof Real;
const isWhole = (value) => Number.isInteger(value);
const bounds = {deadline: Date.now() + maxSeconds * 1000, repeats: 0, length: 0, output: []};
function made(value, isReal) {
    if (isReal) { return Number.isInteger(value) ? new Real(value) : value; }
    if (!Number.isFinite(value)) { throw unfit("a number becomes too large"); }
    return value + 0;
}
function demand(value) {
    if (value instanceof Missing && !isBlank(value)) { throw unfit(value.clause); }
    return value;
}
function demandAll(value) {
    if (value instanceof Missing) { throw unfit(value.clause); }
    return value;
}
function tick() {
    if (Date.now() > bounds.deadline) { throw unfit("it takes more than " + maxSeconds + " s"); }
}
function typeName(value) {
    if (value === null) { return "NoneType"; }
    if (isNumber(value)) { return isWhole(value) ? "int" : "float"; }
    return {boolean: "bool", string: "str"}[typeof value] || (Array.isArray(value) ? "list" : "dict");
}
function numeral(value) {
    if (isWhole(value)) { return BigInt(value).toString(); }
    const number = Number(value);
    if (!Number.isFinite(number)) { throw unfit("a value cannot be written as JSON"); }
    const sign = number < 0 || Object.is(number, -0) ? "-" : "";
    const [mantissa, power] = Math.abs(number).toExponential().split("e");
    const [digits, exponent] = [mantissa.replace(".", ""), Number(power)];
    if (exponent < -4 || exponent >= 16) {
        return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + String(Math.abs(exponent)).padStart(2, "0");
    }
    if (exponent < 0) { return sign + "0." + "0".repeat(-exponent - 1) + digits; }
    return sign + digits.slice(0, exponent + 1).padEnd(exponent + 1, "0") + "." + (digits.slice(exponent + 1) || "0");
}
function toJson(value) {
    demand(value);
    if (isNumber(value)) { return numeral(value); }
    if (value instanceof Loop || isBlank(value)) { throw unfit("a value cannot be written as JSON"); }
    if (Array.isArray(value)) { return "[" + value.map(toJson).join(", ") + "]"; }
    if (!isObject(value)) { return JSON.stringify(value); }
    return "{" + Object.keys(value).map((key) => JSON.stringify(key) + ": " + toJson(value[key])).join(", ") + "}";
}
function toText(value) { return typeof value === "string" ? value : toJson(value); }
function writeText(text) {
    bounds.length += lengthOf(text);
    if (bounds.length > maxOutput) { throw unfit("it makes more than " + maxOutput + " characters"); }
    bounds.output.push(text);
}
function write(value) {
    tick();
    writeText(isBlank(value) ? "" : toText(value));
}
function item(value, key, name) {
    demandAll(value);
    if (isMap(value) && typeof key === "string" && Object.hasOwn(value, key)) { return value[key]; }
    if (Array.isArray(value) && isWhole(key) && -value.length <= key && key < value.length) { return value.at(key); }
    return new Missing("there is nothing at " + (name || (typeof key === "string" ? "'" + key + "'" : toJson(key))));
}
function attribute(value, key, name) {
    return value instanceof Loop && Object.hasOwn(value, key) ? value[key] : item(value, key, name);
}
function truth(value) {
    demand(value);
    if (isNumber(value)) { return Number(value) !== 0; }
    if (typeof value === "string" || Array.isArray(value)) { return value.length > 0; }
    return value instanceof Loop || (isMap(value) ? Object.keys(value).length > 0 : value === true);
}
function both(left, right) { return truth(left) ? right() : left; }
function either(left, right) { return truth(left) ? left : right(); }
function remainder(left, right) {
    const rest = left % right;
    if (rest === 0) { return right < 0 ? -0 : 0; }
    return (right < 0) === (rest < 0) ? rest : rest + right;
}
function quotient(left, right) {
    const whole = (left - remainder(left, right)) / right;
    const floor = Math.floor(whole);
    return whole - floor > 0.5 ? floor + 1 : floor === 0 ? 0 * (left / right) : floor;
}
function divided(divide, left, right) {
    if (right === 0) { throw unfit("division by zero"); }
    return divide(left, right);
}
const arithmetic = {
    "+": (left, right) => left + right,
    "-": (left, right) => left - right,
    "*": (left, right) => left * right,
    "/": (left, right) => divided((a, b) => a / b, left, right),
    "//": (left, right) => divided(quotient, left, right),
    "%": (left, right) => divided(remainder, left, right),
};
function calculate(sign, left, right) {
    for (const value of [left, right]) {
        if (!isNumber(demand(value))) { throw unfit(sign + " works with numbers; write texts next to each other"); }
    }
    return made(arithmetic[sign](Number(left), Number(right)), sign === "/" || !isWhole(left) || !isWhole(right));
}
function signed(sign, value) {
    if (!isNumber(demandAll(value)) && typeof value !== "boolean") {
        throw unfit("bad operand type for unary " + sign + ": '" + typeName(value) + "'");
    }
    const isReal = isNumber(value) && !isWhole(value);
    return made(sign === "-" ? -Number(value) : Number(value), isReal);
}
const isCounted = (value) => isNumber(value) || typeof value === "boolean";
function equal(left, right) {
    demand(left);
    demand(right);
    if (isCounted(left) && isCounted(right)) { return Number(left) === Number(right); }
    if (Array.isArray(left) && Array.isArray(right)) {
        return left.length === right.length && left.every((each, at) => equal(each, right[at]));
    }
    if (isBlank(left)) { return isBlank(right); }
    if (!isMap(left) || !isMap(right)) { return left === right; }
    const keys = Object.keys(left);
    return keys.length === Object.keys(right).length
        && keys.every((key) => Object.hasOwn(right, key) && equal(left[key], right[key]));
}
// Of two texts, by characters: JavaScript puts those beyond U+FFFF before the last ones below.
function order(left, right) {
    const rank = (unit) => unit >= 0xE000 ? unit - 0x800 : unit >= 0xD800 ? unit + 0x2000 : unit;
    for (let at = 0; at < left.length && at < right.length; at += 1) {
        const difference = rank(left.charCodeAt(at)) - rank(right.charCodeAt(at));
        if (difference !== 0) { return difference; }
    }
    return left.length - right.length;
}
function ordered(sign, left, right) {
    demandAll(left);
    demandAll(right);
    if (isCounted(left) && isCounted(right)) { return Number(left) - Number(right); }
    if (typeof left === "string" && typeof right === "string") { return order(left, right); }
    if (Array.isArray(left) && Array.isArray(right)) {
        const at = left.findIndex((each, index) => index >= right.length || !equal(each, right[index]));
        return at < 0 || at >= right.length ? left.length - right.length : ordered(sign, left[at], right[at]);
    }
    const types = "'" + typeName(left) + "' and '" + typeName(right) + "'";
    throw unfit("'" + sign + "' not supported between instances of " + types);
}
function contains(values, value) {
    demand(values);
    if (isBlank(values)) { return false; }
    if (Array.isArray(values)) { return values.some((each) => equal(each, value)); }
    demand(value);
    if (typeof values === "string" && typeof value === "string") { return values.includes(value); }
    if (!isMap(values) || Array.isArray(value) || isMap(value)) {
        throw unfit("in does not look for '" + typeName(value) + "' in '" + typeName(values) + "'");
    }
    return typeof value === "string" && Object.hasOwn(values, value);
}
const comparisons = {
    eq: equal,
    ne: (left, right) => !equal(left, right),
    lt: (left, right) => ordered("<", left, right) < 0,
    lteq: (left, right) => ordered("<=", left, right) <= 0,
    gt: (left, right) => ordered(">", left, right) > 0,
    gteq: (left, right) => ordered(">=", left, right) >= 0,
    in: (left, right) => contains(right, left),
    notin: (left, right) => !contains(right, left),
};
function compare(first, rest) {
    let left = first;
    return rest.every(([name, operand]) => {
        const right = operand();
        const holds = comparisons[name](left, right);
        left = right;
        return holds;
    });
}
function elements(values) {
    demand(values);
    if (isMap(values)) { return Object.keys(values); }
    if (!Array.isArray(values)) { throw unfit("a loop goes through a list or the keys of an object"); }
    return values;
}
function repeat(values, test, body, otherwise) {
    const rounds = elements(values).filter((value) => {
        bounds.repeats += 1;
        if (bounds.repeats > maxRepeats) { throw unfit("its loops go round more than " + maxRepeats + " times"); }
        tick();
        return test(value);
    });
    rounds.forEach((value, index) => body(value, new Loop(index, rounds.length)));
    if (rounds.length === 0) { otherwise(); }
}
function numberOf(value) {
    if (!isNumber(value)) { throw unfit("the filter works with a number"); }
    return value;
}
const isDigits = (digits) => (typeof digits === "boolean" || isWhole(digits)) && digits >= 0 && digits <= maxDigits;
// As toFixed, but what is exactly in the middle goes to the even digit.
function toFixed(number, digits) {
    const size = Math.abs(number);
    const sign = number < 0 || Object.is(number, -0) ? "-" : "";
    if (size >= 1e21) { return sign + BigInt(size) + (digits > 0 ? "." + "0".repeat(digits) : ""); }
    const [whole, fraction] = size.toFixed(100).split(".");
    const cut = whole + (digits > 0 ? "." + fraction.slice(0, digits) : "");
    const isMiddle = /^50*$/.test(fraction.slice(digits));
    return sign + (isMiddle && "02468".includes(cut.at(-1)) ? cut : size.toFixed(digits));
}
const filters = {
    abs: [1, (value) => made(Math.abs(numberOf(value)), !isWhole(value))],
    capitalize: [1, (value) => {
        const text = toText(value);
        const first = String.fromCodePoint(...(text === "" ? [] : [text.codePointAt(0)]));
        const [head, ...more] = first.toUpperCase();
        return (head || "") + more.join("").toLowerCase() + text.toLowerCase().slice(first.toLowerCase().length);
    }],
    default: [3, (value, other = "", alsoFalse = false) => {
        return value instanceof Missing || (truth(alsoFalse) && !truth(value)) ? other : value;
    }],
    fixed: [2, (value, digits = 2) => {
        if (!isDigits(digits) || !Number.isFinite(Number(numberOf(value)))) {
            throw unfit("fixed takes a finite number and 0 to " + maxDigits + " digits");
        }
        return toFixed(isWhole(value) ? value + 0 : Number(value), Number(digits));
    }],
    join: [2, (values, separator = "") => {
        const texts = elements(values).map(toText);
        const between = toText(separator);
        const length = texts.reduce((sum, each) => sum + lengthOf(each), texts.length * lengthOf(between));
        if (length > maxOutput) { throw unfit("join makes more than " + maxOutput + " characters"); }
        return texts.join(between);
    }],
    keys: [1, (value) => {
        if (!isMap(value)) { throw unfit("keys works with an object"); }
        return Object.keys(value).sort(order);
    }],
    length: [1, (value) => typeof value === "string" ? lengthOf(value) : elements(value).length],
    lower: [1, (value) => toText(value).toLowerCase()],
    round: [2, (value, digits = 0) => {
        if (!isDigits(digits)) { throw unfit("round takes 0 to " + maxDigits + " digits"); }
        if (isWhole(numberOf(value))) { return value; }
        if (!Number.isFinite(Number(value))) { throw unfit("a number that is not finite cannot be rounded"); }
        return made(Number(toFixed(Number(value), Number(digits))), Number(digits) > 0);
    }],
    tojson: [1, toJson],
    trim: [1, (value) => {
        const blank = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
        const atTheEnd = new RegExp("(?<!" + blank.slice(0, -1) + ")" + blank + "$");
        return toText(value).replace(new RegExp("^" + blank), "").replace(atTheEnd, "");
    }],
    upper: [1, (value) => toText(value).toUpperCase()],
};
function remainderOf(value, divisor) {
    for (const each of [value, divisor]) {
        if (!isCounted(demandAll(each))) { throw unfit("unsupported operand type for %: '" + typeName(each) + "'"); }
    }
    return arithmetic["%"](Number(value), Number(divisor));
}
const tests = {
    boolean: [1, (value) => typeof value === "boolean"],
    defined: [1, (value) => !(value instanceof Missing)],
    divisibleby: [2, (value, divisor) => remainderOf(value, divisor) === 0],
    even: [1, (value) => remainderOf(value, 2) === 0],
    mapping: [1, isMap],
    none: [1, (value) => value === null],
    number: [1, isCounted],
    odd: [1, (value) => remainderOf(value, 2) === 1],
    sequence: [1, (value) => typeof value === "string" || [Array.isArray, isMap, isBlank].some((is) => is(value))],
    string: [1, (value) => typeof value === "string"],
    undefined: [1, (value) => value instanceof Missing],
};
function use(offered, name, given) {
    const [most, action] = offered[name];
    if (given.length > most) { throw unfit(name + " takes at most " + (most - 1) + " arguments"); }
    return action(...given);
}
function filtered(name, ...given) {
    tick();
    const result = use(filters, name, given);
    if (typeof result === "string" && lengthOf(result) > maxOutput) {
        throw unfit("a text on the way has more than " + maxOutput + " characters");
    }
    return result;
}
function tested(name, ...given) { return use(tests, name, given); }
