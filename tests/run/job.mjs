// One command of a run: started, given a time, read to its end, and weighed.
import { spawn } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const KILL_MS = 5000; // from "end" to "die"
const IN_SECONDS = { m: 60, s: 1 };

/** Runs the words after the first, and leaves in the file $0 what they took of the processors. */
const WEIGH = '"$@"; status=$?; times > "$0"; exit $status';

const running = new Set();

/** Seconds of processor time in the second line of what the shell's times prints: of all children. */
function processorSeconds(file) {
  const [, children = ""] = readFileSync(file, "utf8").split("\n");
  const parts = [...children.matchAll(/([\d.]+)([ms])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * IN_SECONDS[unit], 0);
}

function signal({ pid }, name) {
  try {
    process.kill(-pid, name); // the whole group
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

function killAfter(child, ms) {
  let timer = setTimeout(() => {
    signal(child, "SIGTERM");
    timer = setTimeout(() => signal(child, "SIGKILL"), KILL_MS);
  }, ms);
  return () => clearTimeout(timer);
}

/**
 * Runs |command| in a process group of its own; what it prints goes to the file |log|.
 * @param {{command: string[], env?: object, secondsMax: number, log: string}} job
 * @returns {Promise<{output: string, status: number, isLate: boolean, seconds: number,
 *   processor: number}>} status: 128 where a signal ended it; processor: seconds of all processors
 */
export async function run({ command, env, secondsMax, log }) {
  const folder = mkdtempSync(join(tmpdir(), "parley-job-"));
  const weight = join(folder, "times");
  const began = performance.now();
  const child = spawn("bash", ["-c", WEIGH, weight, ...command], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  running.add(child);
  const file = createWriteStream(log);
  const chunks = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      chunks.push(chunk);
      file.write(chunk);
    });
  let isLate = false;
  const forget = killAfter(child, secondsMax * 1000);
  const late = setTimeout(() => (isLate = true), secondsMax * 1000);
  const [code] = await new Promise((resolve) => child.once("close", (...how) => resolve(how)));
  clearTimeout(late);
  forget();
  running.delete(child);
  file.end();
  let processor = 0;
  try {
    processor = processorSeconds(weight);
  } catch {
    // it was killed before it was weighed
  }
  rmSync(folder, { recursive: true });
  const output = Buffer.concat(chunks).toString();
  return {
    ...{ output, isLate, processor, status: code ?? 128 },
    seconds: (performance.now() - began) / 1000,
  };
}

/** Ends all that run. */
export function endAll() {
  for (const child of running) signal(child, "SIGTERM");
}
