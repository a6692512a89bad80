// How much processor time does a connection that requests more than it reads cost the server?
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { printVerdict } from "./report.mjs";

const CONNECTIONS = 10;
const SETTLE_MS = 500; // the first answers do not count
const CORE_SHARE_MAX = 0.02; // of a core for each connection; a busy loop would take all of it
const TICK_MS = 10; // USER_HZ is 100 on every Linux

const HEAD = "HTTP/1.1\r\nHost: 127.0.0.1\r\n";
const GET = `GET / ${HEAD}\r\n`;
const post = (origin, body, more = "", missing = 0) =>
  `POST /poll HTTP/1.1\r\nHost: ${origin.host}\r\nOrigin: ${origin.origin}\r\n${more}` +
  `Content-Length: ${body.length + missing}\r\n\r\n${body}`;

const upgrade = ({ host, origin }) =>
  `GET /signal HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nUpgrade: websocket\r\n` +
  "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** A ping of the maximum size; its mask is zeros. */
const PING = Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125, "x")]);

/** Reads until the socket has received |wanted|. */
async function readUntil(socket, wanted) {
  let text = "";
  socket.resume();
  while (!wanted.test(text)) text += String((await once(socket, "data"))[0]);
  socket.pause();
  return wanted.exec(text);
}

async function poll(socket, origin, more) {
  socket.write(post(origin, "open\n"));
  const [, secret] = await readUntil(socket, /session (\w+)\n/);
  socket.write(post(origin, "poll 0\n", `Parley-Session: ${secret}\r\n`) + more);
}

async function ping(socket, origin) {
  socket.write(upgrade(origin));
  await readUntil(socket, / 101 [^]*\r\n\r\n/);
  for (let i = 0; i < 20000; i++) socket.write(PING);
}

// Each function gets a connection that reads nothing by itself.
const KINDS = {
  "2,000 requests, unread": (socket) => socket.write(GET.repeat(2000)),
  "60 requests and the end": (socket) => socket.end(GET.repeat(60)),
  "one request and the end": (socket) => socket.end(GET),
  "more after Connection: close": (socket) =>
    socket.write(`GET / ${HEAD}Connection: close\r\n\r\n${"x".repeat(100000)}`),
  "half a head and the end": (socket) => socket.end("GET / HT"),
  "half a body": (socket, origin) => socket.write(post(origin, "open\n", "", 50)),
  "half a body and the end": (socket, origin) => socket.end(post(origin, "open\n", "", 50)),
  "a poll that waits": (socket, origin) => poll(socket, origin, ""),
  "a poll, and requests behind it": (socket, origin) => poll(socket, origin, GET.repeat(300)),
  "pings, whose pongs are unread": ping,
};

function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function startServer(parley, options) {
  const args = ["--host=127.0.0.1", "--port=0", "--log-level=error", "--request-seconds=60"];
  const server = spawn(parley, [...args, ...options], { stdio: ["ignore", "pipe", "inherit"] });
  process.once("exit", () => server.kill("SIGKILL"));
  for await (const line of createInterface({ input: server.stdout })) {
    const match = /https?:\/\/127\.0\.0\.1:\d+/.exec(line);
    if (match) return { server, origin: new URL(match[0]) };
  }
  throw new Error(`${parley} ended`);
}

function dial({ protocol, port }) {
  const isTls = protocol === "https:";
  const target = { host: "127.0.0.1", port: Number(port), rejectUnauthorized: false };
  const socket = isTls ? connectTls(target) : connect(target);
  socket.on("error", () => {}); // the server may disconnect it
  socket.pause();
  return once(socket, isTls ? "secureConnect" : "connect").then(() => socket);
}

/** The share of a core that the server uses for each connection. */
async function shareOf(kind, { server, origin }, seconds) {
  const sockets = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    const socket = await dial(origin);
    sockets.push(socket);
    await kind(socket, origin);
  }
  await sleep(SETTLE_MS);
  const before = cpuMs(server.pid);
  await sleep(1000 * seconds);
  const share = (cpuMs(server.pid) - before) / (1000 * seconds) / CONNECTIONS;
  for (const socket of sockets) socket.destroy();
  return share;
}

function certificate(folder) {
  const files = [join(folder, "hostile.crt"), join(folder, "hostile.key")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const options = [...kind, "-out", files[0], "-keyout", files[1], "-subj", "/CN=localhost"];
  execFileSync("openssl", ["req", "-x509", ...options], { stdio: "ignore" });
  return [`--tls-cert=${files[0]}`, `--tls-key=${files[1]}`];
}

export async function hostile(seconds, { parley, folder }) {
  let worst = 0;
  for (const [protocol, options] of [
    ["HTTP", []],
    ["HTTPS", certificate(folder)],
  ]) {
    const target = await startServer(parley, options);
    for (const [name, kind] of Object.entries(KINDS)) {
      const share = await shareOf(kind, target, seconds);
      worst = Math.max(worst, share);
      console.log(`${protocol}, ${name}: ${(100 * share).toFixed(2)}% of a core each`);
    }
    target.server.kill("SIGTERM");
    await once(target.server, "exit");
  }
  const most = `of at most ${100 * CORE_SHARE_MAX}%`;
  printVerdict(worst <= CORE_SHARE_MAX, `at the worst ${(100 * worst).toFixed(2)}% ${most}`);
}
