// Runs one command with a time limit, and reads its output to the end.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { openGroup } from "./cpu.mjs";

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
 * @returns {Promise<{output: string, status: number, isLate: boolean, seconds: number,
 *   cpuSeconds: number | null}>} status: 128 if a signal ended it; cpuSeconds: null if unknown
 */
export async function run({ command, env, secondsMax, log }) {
  const began = performance.now();
  const group = openGroup();
  const [program, ...args] = group.within(command);
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
  const seconds = (performance.now() - began) / 1000;
  const cpuSeconds = group.seconds();
  group.close();
  return { output, status, isLate, seconds, cpuSeconds };
}

/** Ends all running jobs. */
export function endAll() {
  for (const child of running) signal(child, "SIGTERM");
}
