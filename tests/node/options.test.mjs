// --help, the manual and server/README.md agree on the options, which come from one table.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const read = (path) =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
const find = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name).sort();

const help = execFileSync(process.env.PARLEY_BINARY, ["--help"], { encoding: "utf8" });
const options = find(help, /^ {2}--([a-z-]+)/gm);

test("there are options", () => assert.ok(options.includes("port")));

// The text for each file, made from the table of options (tools/install/options.c).
const tool = join(dirname(process.env.PARLEY_BINARY), "parley_options");
const write = (kind, path) =>
  execFileSync(tool, [kind, fileURLToPath(new URL(`../../${path}`, import.meta.url))], {
    encoding: "utf8",
  });

test("the manual has exactly the options", () => {
  const manual = write("man", "tools/install/parley.1.in");
  assert.deepEqual(find(manual, /^\.It Fl \\-([a-z-]+)/gm), options);
});

test("the table in server/README.md is up to date", () => {
  const [table] = /^\| option .*\n(?:\|.*\n)+/m.exec(read("server/README.md"));
  assert.deepEqual(find(table, /^\| `--([a-z-]+)/gm), options);
  assert.equal(
    read("server/README.md"),
    write("readme", "server/README.md"),
    "have it written: cmake --build --preset dev --target options",
  );
});

test("the service's file of options names only existing ones", () => {
  const names = find(read("tools/install/parley.default"), /^#?PARLEY_([A-Z_]+)=/gm);
  assert.ok(names.length > 0);
  for (const name of names)
    assert.ok(options.includes(name.toLowerCase().replaceAll("_", "-")), name);
});
