// Our JavaScript, CSS and HTML: eslint and prettier find nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { read, run, withExtension } from "./tree.mjs";

const bin = (name) => `tests/node_modules/.bin/${name}`;

test("eslint", async () => {
  const config = ["--config", "tests/style/eslint.config.mjs"];
  await run(bin("eslint"), [...config, "--max-warnings=0", ...withExtension("js", "mjs")]);
});

test("prettier", async () => {
  const options = ["--config", "tests/style/prettier.json", "--check", "--log-level=warn"];
  await run(bin("prettier"), [...options, ...withExtension("js", "mjs", "css", "html")]);
});

// Firefox searches all that the whole page holds again for each element added that could be meant.
test("a rule about the whole page looks only for what has an id", () => {
  for (const file of withExtension("css")) {
    for (const [rule, wanted] of read(file).matchAll(/(?:body|html|:root)[^\s,{]*:has\(([^)]*)/g))
      assert.match(wanted, /^#[\w-]+(?::[\w-]+)?$/, `${file}: ${rule})`);
  }
});
