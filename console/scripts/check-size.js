// Adds up what a first visit loads (the entry, what it imports, their styles), compressed as CloudFront does, and fails
// when that is more than the limit or when the flow canvas or the flow editor is in it.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 300_000; // bytes, gzipped
const LAZY = ["src/flows/flow-canvas.tsx", "src/flows/editor/editor.tsx"];

const dist = new URL("../dist/python/console_files/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** Every file that loading this chunk brings along at once. */
function eager(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) eager(next, seen);
  return seen;
}

const first = eager("index.html");
const files = new Set([...first].flatMap((key) => [manifest[key].file, ...(manifest[key].css ?? [])]));
const sizes = [...files].map((file) => [file, gzipSync(readFileSync(new URL(file, dist))).length]);
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
for (const [file, size] of sizes) console.log(`${String(size).padStart(8)}  ${file}`);
console.log(`${String(total).padStart(8)}  first load, gzipped; the limit is ${LIMIT}`);

const faults = LAZY.filter((key) => !manifest[key]?.isDynamicEntry || first.has(key)).map(
  (key) => `${key} is not a chunk of its own that is loaded when it is opened`,
);
if (total > LIMIT) faults.push(`the first load is ${total - LIMIT} bytes over the limit`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length ? 1 : 0;
