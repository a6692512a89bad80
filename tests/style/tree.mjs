// The checkout as the style tests see it: our own files, and commands run over them.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const NOT_OURS = new Set([".git", "build", "node_modules"]);

function walk(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return walk(path);
    return entry.isFile() ? [relative(root, path)] : [];
  });
}

export const files = walk(root).sort();
export const read = (file) => readFileSync(join(root, file), "utf8");
export const withExtension = (...extensions) =>
  files.filter((file) => extensions.some((extension) => file.endsWith(`.${extension}`)));

/** Runs a command in the checkout's root; rejects with what it printed if it fails. */
export function run(command, args) {
  return new Promise((resolve, reject) => {
    const options = { cwd: root, maxBuffer: 64 << 20 };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else reject(new Error(`${stdout}${stderr}` || error.message));
    });
  });
}
