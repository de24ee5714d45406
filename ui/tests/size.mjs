/** Prints what the page weighs (gzipped) and fails when a part is over its floor. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);

const html = text("index.html");
const named = (pattern) => [...html.matchAll(pattern)].map(([, file]) => file);
const firstJs = named(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g);
const css = named(/href="\.\/(assets\/[^"]+\.css)"/g);
const lazyJs = [...new Set(firstJs.flatMap((file) => imported(file)))];

const rows = [
  ["JS before the first paint", firstJs, 60, 90],
  ["client library, loaded after it", lazyJs, 185, 200],
  ["CSS", css, 10, 20],
];

let over = false;
for (const [what, files, goal, floor] of rows) {
  const bytes = files.reduce((sum, file) => sum + gzipSync(text(file), { level: 9 }).length, 0);
  const kB = bytes / 1_000;
  const verdict = kB <= goal ? "ok" : kB <= floor ? "over the goal" : "OVER THE FLOOR";
  over ||= kB > floor || files.length === 0;
  console.log(`${what}: ${kB.toFixed(1)} kB (goal ${goal}, floor ${floor}) ${verdict}`);
}
if (over) {
  console.error("size: failed");
  process.exitCode = 1;
}

function text(file) {
  return readFileSync(fileURLToPath(new URL(file, DIST)), "utf8");
}

/** Chunks that a file loads later. */
function imported(file) {
  return [...text(file).matchAll(/import\([`"']\.\/([^`"']+\.js)[`"']\)/g)].map(
    ([, name]) => `assets/${name}`,
  );
}
