// Runs one command with a time limit, and reads its output to the end.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";

const KILL_MS = 5000; // from SIGTERM to SIGKILL

const running = new Set();

function signal({ pid }, name) {
  try {
    process.kill(-pid, name); // the whole group
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** Ends |child| after this time, unless the returned function is called before. */
function endAfter(child, ms, onLate) {
  let timer = setTimeout(() => {
    onLate();
    signal(child, "SIGTERM");
    timer = setTimeout(() => signal(child, "SIGKILL"), KILL_MS);
  }, ms);
  return () => clearTimeout(timer);
}

/**
 * Runs |command| in a process group of its own; its output goes to the file |log|.
 * @param {{command: string[], env?: object, secondsMax: number, log: string}} job
 * @returns {Promise<{output: string, status: number, isLate: boolean, seconds: number}>}
 *   status: 128 if a signal ended it
 */
export async function run({ command: [program, ...args], env, secondsMax, log }) {
  const began = performance.now();
  const child = spawn(program, args, {
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
  const forget = endAfter(child, secondsMax * 1000, () => (isLate = true));
  const status = await new Promise((resolve) => {
    child.once("error", (error) => chunks.push(Buffer.from(`${error}\n`)));
    child.once("close", (code) => resolve(code ?? 128));
  });
  forget();
  running.delete(child);
  file.end();
  const output = Buffer.concat(chunks).toString();
  return { output, status, isLate, seconds: (performance.now() - began) / 1000 };
}

/** Ends all running jobs. */
export function endAll() {
  for (const child of running) signal(child, "SIGTERM");
}
