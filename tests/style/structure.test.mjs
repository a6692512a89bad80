// The tree's shape: who may know whom, how long things may be, what may not be in a file.
import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { files, read, run, withExtension } from "./tree.mjs";

const FILE_LINES_MAX = 600;
const FUNCTION_LINES_MAX = 70;
const LINE_COLUMNS_MAX = 100;

// Every C file of the program, by floor. A floor knows itself and the floors that it names.
const FLOORS = {
  "wasm: base": { files: "error buffer text json cjson_numbers", knows: [] },
  "wasm: wire": { files: "wire", knows: ["wasm: base"] },
  "wasm: core": {
    files: "event action peer_message transcript outbox link room friendly_name",
    knows: ["wasm: base", "wasm: wire"],
  },
  "wasm: door": { files: "chat abi", knows: ["wasm: base", "wasm: wire", "wasm: core"] },
  "server: hub": { files: "hub", knows: ["wasm: base", "wasm: wire"] },
  "server: parts": {
    files: "config log assets web_root liveness origin addresses",
    knows: ["wasm: base", "wasm: wire"],
  },
  "server: program": {
    files: "listener http websocket server main",
    knows: ["wasm: base", "wasm: wire", "server: hub", "server: parts"],
  },
};

// Floors that do no I/O and read no clock, and those that may use the event loop.
const SANS_IO = ["wasm: base", "wasm: wire", "wasm: core", "wasm: door", "server: hub"];
const OUTSIDE =
  /^(?:libwebsockets|uv|time|signal|unistd|pthread|poll|fcntl|netdb|sys\/|net|arpa\/)/;
const MAY_USE_LOOP = ["server: program"];
const LOOP = /^(?:libwebsockets|uv)/;

const programFiles = withExtension("c", "h").filter((file) => /^(?:wasm|server)\//.test(file));

function floorOf(file) {
  const module = basename(file).replace(/\.[ch]$/, "");
  const floors = Object.keys(FLOORS).filter(
    (floor) =>
      file.startsWith(floor.split(":")[0]) && FLOORS[floor].files.split(" ").includes(module),
  );
  assert.equal(floors.length, 1, `${file} must stand in exactly one floor of the table FLOORS`);
  return floors[0];
}

function includesOf(file, pattern) {
  return [...read(file).matchAll(pattern)].map((match) => match[1]);
}

test("a file includes its own floor and those below", () => {
  for (const file of programFiles) {
    const floor = floorOf(file);
    const allowed = [floor, ...FLOORS[floor].knows];
    for (const include of includesOf(file, /^\s*#\s*include\s+"([^"]+)"/gm)) {
      const target = programFiles.find((other) => basename(other) === include);
      assert.ok(target, `${file} includes "${include}", which is not a header of ours`);
      assert.ok(allowed.includes(floorOf(target)), `${file} (${floor}) must not know ${target}`);
    }
  }
});

test("only the program's files touch the outside", () => {
  for (const file of programFiles) {
    const floor = floorOf(file);
    for (const include of includesOf(file, /^\s*#\s*include\s+<([^>]+)>/gm)) {
      const outside = SANS_IO.includes(floor) && OUTSIDE.test(include);
      const loop = !MAY_USE_LOOP.includes(floor) && LOOP.test(include);
      assert.ok(!outside && !loop, `${file} (${floor}) must not include <${include}>`);
    }
  }
});

test("no file is too long", () => {
  const tooLong = withExtension("c", "h", "js", "mjs")
    .map((file) => ({ file, lines: read(file).split("\n").length - 1 }))
    .filter(({ lines }) => lines > FILE_LINES_MAX);
  assert.deepEqual(tooLong, []);
});

test("no line of C is too wide", () => {
  for (const file of withExtension("c", "h")) {
    const lines = read(file).split("\n");
    const wide = lines.findIndex((line) => [...line].length > LINE_COLUMNS_MAX);
    assert.equal(wide, -1, `${file}:${wide + 1} has more than ${LINE_COLUMNS_MAX} columns`);
  }
});

// clang-format gives a function's last brace, and little else, a line of its own without indent.
// JavaScript's functions are eslint's to count.
function functionsOf(source) {
  const found = [];
  let start = null;
  source.split("\n").forEach((line, i) => {
    if (/^\w.*\(/.test(line)) start = i;
    if (line !== "}" || start === null) return;
    found.push({ line: start + 1, lines: i - start + 1 });
    start = null;
  });
  return found;
}

test("no C function is too long", () => {
  for (const file of withExtension("c")) {
    for (const { line, lines } of functionsOf(read(file))) {
      assert.ok(lines <= FUNCTION_LINES_MAX, `${file}:${line}: a function of ${lines} lines`);
    }
  }
});

test("no file knows the machine it was written on", () => {
  const elsewhere = new RegExp(`/(?:${["home", "root", "work", "Users"].join("|")})/[a-z]`, "i");
  for (const file of files.filter((name) => !/\.(?:png|ico|woff2)$/.test(name))) {
    const line = read(file)
      .split("\n")
      .findIndex((text) => elsewhere.test(text));
    assert.equal(line, -1, `${file}:${line + 1} names a folder of one machine`);
  }
});

test("scripts pass shellcheck", async () => {
  const scripts = files.filter((f) =>
    /^#(!.*\bbash|\s*shellcheck shell=)/.test(read(f).slice(0, 80)),
  );
  assert.ok(scripts.length > 0);
  await run("shellcheck", ["-x", ...scripts]);
});
