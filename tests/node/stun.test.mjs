/** The STUN server with other projects' clients: coturn's, and one that speaks RFC 3489. */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { after, before, test } from "node:test";

let server;
let port;

async function freePort() {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port: found } = socket.address();
  socket.close();
  return found;
}

/** The output of a client, whatever its exit status. */
const said = (file, ...args) =>
  new Promise((resolve) =>
    execFile(file, args, (_error, stdout, stderr) => resolve(stdout + stderr)),
  );

before(async () => {
  port = await freePort();
  const options = ["--host", "127.0.0.1", "--port", "0", "--stun-port", String(port)];
  server = spawn(process.env.PARLEY_BINARY, options, { stdio: ["ignore", "pipe", "ignore"] });
  await once(server.stdout, "data");
});

after(async () => {
  server.kill("SIGTERM");
  await once(server, "exit");
});

test("turnutils_stunclient learns its address", async () => {
  const text = await said(
    "turnutils_stunclient",
    "-p",
    String(port),
    "-L",
    "127.0.0.7",
    "127.0.0.1",
  );
  assert.match(text, /UDP reflexive addr: 127\.0\.0\.7:\d+/);
});

test("Debian's stun, a client of RFC 3489, learns its address", async () => {
  const text = await said("stun", `127.0.0.1:${port}`, "1", "-v");
  assert.match(text, /MappedAddress = 127\.0\.0\.1:\d+/);
});
