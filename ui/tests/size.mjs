/** Prints what the page weighs (gzipped) and fails when a part is over its floor. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);

const html = text("index.html");
const named = (pattern) => [...html.matchAll(pattern)].map(([, file]) => file);
const firstJs = named(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g);
const css = named(/href="\.\/(assets\/[^"]+\.css)"/g);
const later = reached(firstJs).filter((file) => !firstJs.includes(file));
const client = later.filter((file) => file.startsWith("assets/transport"));
const others = later.filter((file) => !client.includes(file));

const rows = [
  ["JS before the first paint", firstJs, 60, 90],
  ["client library, loaded after it", client, 185, 200],
  ["largest other part, loaded when wanted", others.sort(bySize).slice(0, 1), 40, 60],
  ["CSS", css, 10, 20],
];

let over = false;
for (const [what, files, goal, floor] of rows) {
  const bytes = files.reduce((sum, file) => sum + weight(file), 0);
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

function weight(file) {
  return gzipSync(text(file), { level: 9 }).length;
}

function bySize(a, b) {
  return weight(b) - weight(a);
}

/** Files that can be loaded from these, one through the other. */
function reached(files) {
  const found = new Set(files);
  // A set goes on to what is added while it is walked.
  for (const file of found) for (const next of imported(file)) found.add(next);
  return [...found];
}

/** Chunks that a file loads, at once or later. */
function imported(file) {
  const loads = /(?:import\(|import|from)\s*[`"']\.\/([^`"']+\.js)[`"']/g;
  return [...text(file).matchAll(loads)].map(([, name]) => `assets/${name}`);
}
