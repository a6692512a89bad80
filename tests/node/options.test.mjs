// What the program says of its options in --help, the manual and server/README.md tell too.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const read = (path) =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
const find = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name).sort();

const help = execFileSync(process.env.PARLEY_BINARY, ["--help"], { encoding: "utf8" });
const options = find(help, /^ {2}--([a-z-]+)/gm);

test("there are options", () => assert.ok(options.includes("port")));

test("the manual has every option, and no other", () => {
  assert.deepEqual(find(read("tools/install/parley.1"), /^\.It Fl \\-([a-z-]+)/gm), options);
});

test("the table of server/README.md has every option, and no other", () => {
  const [table] = /^\| option .*\n(?:\|.*\n)+/m.exec(read("server/README.md"));
  const first = find(table, /^\| ([^|]+)/gm).join(" ");
  assert.deepEqual(find(first, /`--([a-z-]+)/g), options);
});

test("the service's options are options", () => {
  const names = find(read("tools/install/parley.default"), /^#?PARLEY_([A-Z_]+)=/gm);
  assert.ok(names.length > 0);
  for (const name of names)
    assert.ok(options.includes(name.toLowerCase().replaceAll("_", "-")), name);
});
