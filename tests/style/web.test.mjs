// Our JavaScript, CSS and HTML: eslint and prettier find nothing.
import { test } from "node:test";
import { run, withExtension } from "./tree.mjs";

const bin = (name) => `tests/node_modules/.bin/${name}`;

test("eslint", async () => {
  const config = ["--config", "tests/style/eslint.config.mjs"];
  await run(bin("eslint"), [...config, "--max-warnings=0", ...withExtension("js", "mjs")]);
});

test("prettier", async () => {
  const options = ["--config", "tests/style/prettier.json", "--check", "--log-level=warn"];
  await run(bin("prettier"), [...options, ...withExtension("js", "mjs", "css", "html")]);
});
