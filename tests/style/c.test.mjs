// Our C: clang-format and clang-tidy find nothing.
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openTidied } from "./tidied.mjs";
import { read, root, run, withExtension } from "./tree.mjs";

const cores = availableParallelism?.() ?? cpus().length;

test("clang-format", async () => {
  await run("clang-format", ["--dry-run", "-Werror", ...withExtension("c", "h")]);
});

// The files that the dev build compiles, whose flags clang-tidy knows.
function compiledFiles() {
  const database = JSON.parse(read("build/dev/compile_commands.json"));
  const compiled = new Set(database.map((entry) => entry.file));
  return withExtension("c").filter((file) => compiled.has(join(root, file)));
}

const tidy = (file) =>
  run("clang-tidy", [
    "--quiet",
    "-p",
    "build/dev",
    "--extra-arg=-Wno-unknown-warning-option",
    file,
  ]);

test("clang-tidy", { concurrency: cores }, async (t) => {
  const tidied = await openTidied();
  const look = async (file) => {
    if (tidied.has(file)) return;
    await tidy(file);
    tidied.add(file);
  };
  await Promise.all(compiledFiles().map((file) => t.test(file, () => look(file))));
  tidied.save();
});
