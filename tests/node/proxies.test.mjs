/** The installed examples of nginx, Caddy and HAProxy work in front of a server as documented. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { caddy, haproxy, nginx } from "./examples.mjs";
import { enterRoom, freePort, start, startServer } from "./server.mjs";

const dir = mkdtempSync(join(tmpdir(), "parley-proxies-"));
const certificate = join(dir, "proxy.crt");
const key = join(dir, "proxy.key");
const SECRET = "secret-room"; // a room's name
const LIMITS = ["--trusted-proxy", "127.0.0.1", "--address-connections-max", "1"];

before(() => {
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];
  const files = ["-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-x509", ...kind, ...files, ...names], { stdio: "ignore" });
});

after(() => rmSync(dir, { recursive: true }));

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });

async function behind(startProxy, use, options = LIMITS) {
  const server = await startServer(...options);
  const port = await freePort();
  const proxy = startProxy(port, server.port, { dir, certificate, key });
  try {
    while (!(await accepts(port))) assert.equal(proxy.program.exitCode, null, proxy.output());
    await use(port);
  } finally {
    proxy.program.kill("SIGTERM");
    await proxy.ended;
  }
  await server.stop();
  return proxy.output();
}

/** Fetches the page as a browser does over TLS. */
const fetchPage = (port) =>
  new Promise((resolve, reject) => {
    const headers = { "Sec-Fetch-Site": "none" };
    const ca = readFileSync(certificate);
    const target = { host: "localhost", port, path: `/?roomId=${SECRET}` };
    const request = get({ ...target, ca, headers }, (reply) => {
      let text = "";
      reply.on("data", (chunk) => (text += chunk));
      reply.once("end", () => resolve({ reply, text }));
    });
    request.once("error", reject);
  });

/** Somebody whose browser is at |localAddress|. */
const enterFrom = (port, localAddress, headers = {}, origin = `https://localhost:${port}`) =>
  enterRoom(`wss://localhost:${port}/signal`, "the-room", {
    origin,
    ca: readFileSync(certificate),
    localAddress,
    headers,
  });

/** The address of |from| according to the STUN server at |host|. */
async function reflexive(host, port, from) {
  const args = ["-p", String(port), "-L", from, host];
  const { ended, output } = start("turnutils_stunclient", args);
  await ended;
  return /UDP reflexive addr: ([\d.]+):/.exec(output())?.[1];
}

for (const [name, proxy] of [
  ["nginx", nginx],
  ["Caddy", caddy],
  ["HAProxy", haproxy],
]) {
  test(`${name}: the page and its WebSocket pass, and people are told apart`, async () => {
    const proxyOutput = await behind(proxy, async (port) => {
      const { reply, text } = await fetchPage(port);
      assert.deepEqual([reply.statusCode, /<title>Parley/.test(text)], [200, true]);
      assert.equal(reply.headers["cross-origin-opener-policy"], undefined); // see add_security
      const ada = await enterFrom(port, "127.0.0.1");
      const bea = await enterFrom(port, "127.0.0.2");
      assert.deepEqual([bea.first.type, bea.first.members], ["welcome", [ada.you]]);
      assert.equal((await ada.next()).member, bea.you);
      const another = await enterFrom(port, "127.0.0.2", {
        "X-Forwarded-For": "192.0.2.1",
        Forwarded: "for=192.0.2.1",
      });
      assert.equal(another.first.code, "address_full");
      for (const { socket } of [ada, bea, another]) socket.terminate();
    });
    const log = name === "nginx" ? readFileSync(join(dir, "access.log"), "utf8") : proxyOutput;
    if (name === "nginx") assert.match(log, /"GET \/ HTTP\/1.1" 200 /);
    assert.ok(!log.includes(SECRET), log);
  });

  test(`${name}: pages behind it get a STUN server, which answers`, async () => {
    const stunPort = await freePort();
    const options = ["--trusted-proxy", "127.0.0.1", "--stun-port", String(stunPort)];
    const use = async (port) => {
      const headers = { Host: `chat.example.org:${port}` };
      const origin = `https://chat.example.org:${port}`;
      const ada = await enterFrom(port, "127.0.0.1", headers, origin);
      assert.deepEqual(ada.first.iceServers, [{ urls: `stun:chat.example.org:${stunPort}` }]);
      ada.socket.terminate();
      // another address of the machine stands for the proxy's public address
      assert.equal(await reflexive("127.0.0.7", stunPort, "127.0.0.8"), "127.0.0.8");
    };
    await behind(proxy, use, options);
  });
}
