/** A real server for one test, and people in its rooms who have no browser. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { after } from "node:test";
import { WebSocket } from "ws";

export const binary = process.env.PARLEY_DEV_BINARY ?? process.env.PARLEY_BINARY;

/** Programs to stop at the end. A failed test does not stop its own, and node would wait for it. */
const running = new Set();
after(() => running.forEach((program) => program.kill("SIGKILL")));

/**
 * A free port below those that the kernel gives to outgoing connections. On one of those, a client
 * that connects repeatedly until somebody listens can connect to itself, and so keep the port.
 */
export async function freePort() {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    const socket = createServer().listen(port, "127.0.0.1");
    const listening = once(socket, "listening");
    const isFree = await listening.then(
      () => true,
      () => false,
    );
    socket.close();
    if (isFree) return port;
  }
}

/** Starts a program. says(text) waits until it has printed |text|; resolves to all its output. */
export function start(command, args, options = {}) {
  const program = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let output = "";
  let onOutput = () => {};
  for (const stream of [program.stdout, program.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
      onOutput();
    });
  }
  running.add(program);
  const ended = new Promise((resolve) => program.once("close", resolve).once("error", resolve));
  ended.then(() => running.delete(program));
  const says = (text) =>
    Promise.race([
      new Promise((resolve) => {
        onOutput = () => output.includes(text) && resolve(output);
        onOutput();
      }),
      ended.then(() => assert.fail(`${command} ended: ${output}`)),
    ]);
  return { program, says, ended, output: () => output };
}

/** Starts Parley on a free port of loopback, with HTTP or HTTPS depending on its options. */
export async function startServer(...options) {
  const args = ["--host", "127.0.0.1", "--port", "0", "--ice-server", "none", ...options];
  const { program, says, ended, output } = start(binary, args);
  await says("://127.0.0.1:");
  const port = Number(/https?:\/\/127\.0\.0\.1:(\d+)\/\n/.exec(await says("/\n"))[1]);
  const stop = async () => {
    program.kill("SIGTERM");
    assert.equal(await ended, 0, output());
  };
  return { port, says, stop, hangUp: () => program.kill("SIGHUP") };
}

/** Enters |room| as a member; |join| has more fields of its join. next() is the next message. */
export async function enterRoom(url, room, options, join = {}) {
  const socket = new WebSocket(url, options);
  const waiting = [];
  const messages = [];
  socket.on("message", (data) => {
    if (waiting.length > 0) waiting.shift()(JSON.parse(data));
    else messages.push(JSON.parse(data));
  });
  await once(socket, "open");
  const next = () =>
    messages.length > 0
      ? Promise.resolve(messages.shift())
      : new Promise((resolve) => waiting.push(resolve));
  const send = (message) => socket.send(JSON.stringify(message));
  const token = randomBytes(16).toString("base64url");
  send({ type: "join", version: 2, room, token, ...join });
  const first = await next();
  return { socket, send, next, first, you: first.you };
}
