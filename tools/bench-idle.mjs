// Measures the server's memory for each connected, idle person: first with WebSockets, then with
// waiting polls. Usage: node tools/bench-idle.mjs BINARY [people]
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";

const ROOM_MEMBERS = 5;
const AT_ONCE = 50;
const SETTLE_MS = 2000;
const [binary, people = "5000"] = process.argv.slice(2);

function residentBytes(pid) {
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
}

async function startServer() {
  const args = ["--port=0", "--host=127.0.0.1", "--log-level=error", "--room-members-max=64"];
  const server = spawn(binary, args, { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise((resolve) =>
    server.stdout.on("data", (text) => resolve(Number(/:(\d+)\//.exec(text)[1]))),
  );
  return { server, port, host: `127.0.0.1:${port}` };
}

/** A connection, and a promise of its first answer that matches. */
function open(port) {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  let wanted = null;
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
    const match = wanted?.pattern.exec(received);
    if (!match) return;
    received = "";
    wanted.resolve(match);
  });
  const ask = (bytes, pattern) =>
    new Promise((resolve) => {
      wanted = { pattern, resolve };
      socket.write(bytes);
    });
  return { ask };
}

const joinOf = (index) => {
  const room = `room-${Math.floor(index / ROOM_MEMBERS)}`;
  const token = String(index).padStart(21, "a") + "A";
  return JSON.stringify({ type: "join", version: 2, room, token });
};

async function idleWebSocket({ port, host }, index) {
  const { ask } = open(port);
  const head =
    `GET /signal HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nUpgrade: websocket\r\n` +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  await ask(head, /\r\n\r\n/);
  const text = Buffer.from(joinOf(index)); // a mask of zeros changes nothing
  const frame = Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]);
  await ask(Buffer.concat([frame, text]), /"welcome"/);
}

async function waitingPoll({ port, host }, index) {
  const { ask } = open(port);
  const post = (body, secret) =>
    `POST /poll HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\n` +
    `${secret ? `Parley-Session: ${secret}\r\n` : ""}Content-Length: ${body.length}\r\n\r\n${body}`;
  const [, secret] = await ask(post("open\n"), /session (\w+)\n/);
  await ask(post(`send 0\n${joinOf(index)}\n`, secret), /expect 1\n/);
  const poll = async (next) => {
    const [, first, text] = await ask(post(`poll ${next}\n`, secret), /messages (\d+)\n([^]*)/);
    return Number(first) + text.split("\n").length - 1;
  };
  let next = await poll(0);
  const wait = async () => {
    for (;;) next = await poll(next); // later joins are reported
  };
  void wait();
}

async function measure(name, connectOne) {
  const world = await startServer();
  const count = Number(people);
  await connectOne(world, count); // all share the cost of the first one
  const before = residentBytes(world.server.pid);
  for (let i = 0; i < count; i += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, k) => connectOne(world, i + k)));
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const each = (residentBytes(world.server.pid) - before) / count;
  console.log(`${name}: ${each.toFixed(0)} bytes each of ${count} (${before} before)`);
  world.server.kill("SIGKILL");
}

await measure("WebSockets, idle in rooms of 5", idleWebSocket);
await measure("polls, waiting in rooms of 5", waitingPoll);
process.exit(0);
