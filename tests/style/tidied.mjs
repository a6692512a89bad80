// The files in which clang-tidy found nothing, each with all that it includes, its flags, the checks
// and clang-tidy itself. The same input finds nothing again, so clang-tidy does not read it again.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { files, read, root, run } from "./tree.mjs";

const BUILD = "build/dev";
const KEPT = join(root, "build/tidied.json"); // file -> what it was when nothing was found

const hashOf = (text) => createHash("sha256").update(text).digest("hex");

/** Which objects were compiled from which files, according to ninja. */
async function includesOf() {
  const found = new Map();
  let includes = [];
  for (const line of (await run("ninja", ["-C", BUILD, "-t", "deps"])).split("\n")) {
    const [, object, state] = /^(\S.*): #deps .*\((\w+)\)$/.exec(line) ?? [];
    if (object) includes = [];
    if (object && state === "VALID") found.set(object, includes);
    if (line.startsWith("    ")) includes.push(resolve(root, BUILD, line.trim()));
  }
  return found;
}

function kept() {
  try {
    return JSON.parse(readFileSync(KEPT, "utf8"));
  } catch {
    return {}; // nothing yet
  }
}

/**
 * @returns {Promise<{has(file): boolean, add(file), save()}>} has: false, too, where it is not known
 *   what the file includes
 */
export async function openTidied() {
  const commands = JSON.parse(read(`${BUILD}/compile_commands.json`)).reverse(); // the first counts
  const commandOf = new Map(commands.map(({ file, command }) => [file, command]));
  const includes = await includesOf();
  const version = await run("clang-tidy", ["--version"]);
  const checks = files.filter((file) => basename(file) === ".clang-tidy").map(read);
  const hashes = new Map(); // of whole paths
  const hashOfFile = (path) => {
    if (!hashes.has(path)) hashes.set(path, hashOf(readFileSync(path)));
    return hashes.get(path);
  };
  const stateOf = (file) => {
    const command = commandOf.get(join(root, file));
    const all = includes.get(/ -o (\S+)/.exec(command)?.[1]);
    if (!all) return null;
    return hashOf(JSON.stringify([version, checks, command, ...all, ...all.map(hashOfFile)]));
  };
  const before = kept();
  const now = {};
  return {
    has(file) {
      const state = stateOf(file);
      const isKept = state !== null && before[file] === state;
      if (isKept) now[file] = state;
      return isKept;
    },
    add(file) {
      const state = stateOf(file);
      if (state !== null) now[file] = state;
    },
    save: () => writeFileSync(KEPT, JSON.stringify(now)),
  };
}
