// This sensor is simulated: nothing is measured.
const angle = 2 * Math.PI * Date.now() / 1000 / turnSeconds;
const warmth = Math.sin(angle + phases[0]);
const ripple = 0.3 * Math.sin(7 * angle + phases[1]);
const round = (value) => Math.round(value * scale) / scale;
const celsius = round(27 + 5 * warmth + ripple);
const temperature = unit === "fahrenheit" ? Math.round((celsius * 9 / 5 + 32) * 10) / 10 : celsius;
msg.payload = {temperature, humidity: round(55 - 15 * warmth - ripple)};
msg.metadata = {simulated: "true"};
return msg;
