// A profile in which Firefox has started once. With a new one it compiles and makes so much that its
// start costs the processor more than twice as much.
import { cpSync, existsSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BUILD = fileURLToPath(new URL("../../build/", import.meta.url));
/** Those of one start: the driver's settings, that somebody uses the profile, and what was visited. */
const PASSING = [
  "user.js",
  "prefs.js",
  "lock",
  ".parentlock",
  "WebDriverBiDiServer.json",
  "cache2",
];

/** Where the profile of this Firefox is, or would be. */
function folderOf(executable) {
  const { size, mtimeMs } = statSync(realpathSync(executable));
  return `${BUILD}firefox-profile-${size}-${Math.round(mtimeMs)}`;
}

/** Copies it to |directory|, if there is one. */
export function copyProfile(executable, directory) {
  const folder = folderOf(executable);
  if (existsSync(folder)) cpSync(folder, directory, { recursive: true });
}

/** Makes it, if there is none: |start| starts and ends a Firefox with a profile in that directory. */
export async function makeProfile(executable, start) {
  const folder = folderOf(executable);
  if (existsSync(folder)) return;
  const making = `${folder}-${process.pid}`;
  await start(making);
  for (const name of PASSING) rmSync(join(making, name), { recursive: true, force: true });
  if (existsSync(folder)) rmSync(making, { recursive: true });
  else renameSync(making, folder);
}
