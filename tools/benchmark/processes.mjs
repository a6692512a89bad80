// The processes of a measurement: a server, and the load generator with its tasks.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const LOAD_CORE = 0;
const SERVER_CORE = 1;
const GARBAGE_MS = 300;
const CONNECT_TRIES = 500;

// Stops the processes that an error or Ctrl-C would leave behind.
const children = new Set();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/** Starts a command on its own core if there are two. */
function start(core, command, stdin = "ignore") {
  const pinned = availableParallelism() > 1 ? ["taskset", "-c", String(core)] : [];
  const [program, ...args] = [...pinned, ...command];
  const child = spawn(program, args, { stdio: [stdin, "pipe", "inherit"] });
  children.add(child);
  child.on("exit", () => children.delete(child));
  child.on("error", (error) => {
    throw new Error(`${program}: ${error.message}`);
  });
  return child;
}

async function stop(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

/** The output lines of a process; next() fails when the process ends. */
function linesOf(child) {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${child.spawnargs.join(" ")} ended`);
    return value;
  };
}

async function announcedPort(child) {
  const next = linesOf(child);
  for (;;) {
    const match = /127\.0\.0\.1:(\d+)\//.exec(await next());
    if (match) return Number(match[1]);
  }
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function reachable(port) {
  for (let i = 0; i < CONNECT_TRIES; i++) {
    const socket = connect(port, "127.0.0.1");
    const outcome = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").catch(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (outcome) return;
    await sleep(10);
  }
  throw new Error(`nobody listens on port ${port}`);
}

/**
 * Starts a server: {command, collectsGarbage, port}. Without a port, the server prints the one on
 * which it listens.
 */
export async function startServer({ command, collectsGarbage = false, port }) {
  const child = start(SERVER_CORE, command);
  const { pid } = child;
  if (port) await reachable(port);
  const at = port ?? (await announcedPort(child));
  return {
    pid,
    port: at,
    stop: () => stop(child, "SIGTERM"),
    /** Resident memory: its own and its shared memory. */
    memoryBytes: async () => {
      if (collectsGarbage) child.kill("SIGUSR2");
      await sleep(GARBAGE_MS);
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      return 1024 * Number(/^Rss:\s+(\d+)/m.exec(rollup)[1]);
    },
  };
}

/** A crowd of clients of |server|; task("relay 16 1000") resolves to what load.c prints for it. */
export function startLoad(binary, dialect, server) {
  const child = start(
    LOAD_CORE,
    [binary, dialect, String(server.port), String(server.pid)],
    "pipe",
  );
  const next = linesOf(child);
  return {
    task: async (line) => {
      child.stdin.write(`${line}\n`);
      return JSON.parse(await next());
    },
    stop: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}
