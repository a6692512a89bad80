// Where no WebSocket passes: two people behind real proxies, nginx and HAProxy, get to talk all the
// same, peer to peer.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../node/server.mjs";
import { openTwo, setUp, withPeople } from "./harness.mjs";

const PROXY_READ_SECONDS = 30; // nginx gives up then; the server must have answered before
const IDLE_MS = 1000 * (PROXY_READ_SECONDS + 5);
const GOODBYE_MS_MAX = 5000; // well below the grace for people who vanish
const START_MS_MAX = 10_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const { server, browsers } = await setUp();

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.end();
  });

/** As people set it up who do not think of WebSockets: HTTP/1.0 to the server, and buffers. */
const nginx = (more = "") => ({
  command: "nginx",
  args: (folder) => ["-p", folder, "-e", "stderr", "-c", join(folder, "config")],
  config: (port, folder) => `
    daemon off;
    master_process off;
    pid ${folder}/pid;
    events { worker_connections 256; }
    http {
      access_log off;
      client_body_temp_path ${folder}/body;
      proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi;
      scgi_temp_path ${folder}/scgi;
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass ${server.origin};
          proxy_set_header Host $http_host;
          ${more}
        }
      }
    }`,
});

/** With |rule| for every request that has an Upgrade header. */
const haproxy = (rule) => ({
  command: "haproxy",
  args: (folder) => ["-db", "-q", "-f", join(folder, "config")],
  config: (port) => `
    defaults
      mode http
      timeout connect 5s
      timeout client 60s
      timeout server 60s
      timeout tarpit 60s
    frontend page
      bind 127.0.0.1:${port}
      http-request ${rule} if { req.hdr(Upgrade) -m found }
      default_backend parley
    backend parley
      server one 127.0.0.1:${server.port}
`,
});

/** Runs |use| with a proxy in front of the server, which is like a server to the harness. */
async function behind({ command, args, config }, use) {
  const folder = mkdtempSync(join(tmpdir(), `parley-${command}-`));
  const port = await freePort();
  writeFileSync(join(folder, "config"), config(port, folder));
  const proxy = spawn(command, args(folder), {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  });
  let complaints = "";
  proxy.stderr.on("data", (text) => (complaints += text));
  const ended = new Promise((resolve) => proxy.once("close", resolve).once("error", resolve));
  try {
    const deadline = Date.now() + START_MS_MAX;
    while (!(await accepts(port))) {
      assert.ok(Date.now() < deadline && proxy.exitCode === null, `${command}: ${complaints}`);
      await sleep(25);
    }
    await use({ origin: `http://127.0.0.1:${port}`, url: `http://127.0.0.1:${port}/` });
  } finally {
    proxy.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** They poll, and the only thing that went wrong was the WebSocket. */
function assertPolls({ origin }, ...people) {
  for (const person of people) {
    assert.ok(person.requests.includes(`${origin}/poll`));
    const faults = person.faults.filter((fault) => !/WebSocket|\/signal/.test(fault));
    assert.deepEqual(faults, []);
  }
}

async function talk(ada, grace) {
  await ada.say("Can you hear me?");
  await grace.reads("Can you hear me?");
  await grace.say("Every word");
  await ada.reads("Every word");
}

function testBehind(what, makeProxy, use) {
  test(what, () =>
    behind(makeProxy(), (proxy) =>
      withPeople(proxy, (open) => use(open, proxy), { faultsAllowed: true }),
    ),
  );
}

const redirect = () => haproxy("redirect location / code 302");
const inChromium = (open, proxy) => openTwo(open, proxy, browsers.chromium, browsers.chromium);

testBehind("nginx without upgrade headers", nginx, async (open, proxy) => {
  const [ada, grace] = await inChromium(open, proxy);
  await talk(ada, grace);
  assertPolls(proxy, ada, grace);
});

testBehind("HAProxy that answers every upgrade with 302", redirect, async (open, proxy) => {
  const [ada, grace] = await inChromium(open, proxy);
  await talk(ada, grace);
  assertPolls(proxy, ada, grace);
});

testBehind(
  "HAProxy that never answers an upgrade",
  () => haproxy("tarpit"),
  async (open, proxy) => {
    const [ada, grace] = await inChromium(open, proxy);
    await talk(ada, grace);
    assertPolls(proxy, ada, grace);
  },
);

testBehind("Firefox and Chromium", nginx, async (open, proxy) => {
  const [ada, grace] = await openTwo(open, proxy, browsers.firefox, browsers.chromium);
  await talk(ada, grace);
  assertPolls(proxy, ada, grace);
});

testBehind("one behind the proxy, one not", redirect, async (open, proxy) => {
  const ada = await open(browsers.chromium, proxy.url, { name: "Ada" });
  const room = await ada.roomId();
  const grace = await open(browsers.chromium, `${server.url}?roomId=${room}`, { name: "Grace" });
  await ada.connectedTo(1);
  await talk(ada, grace);
  assertPolls(proxy, ada);
  assert.ok(!grace.requests.some((url) => url.endsWith("/poll")));
});

testBehind("who leaves says goodbye", redirect, async (open, proxy) => {
  const [ada, grace] = await inChromium(open, proxy);
  const began = Date.now();
  await grace.page.goto("about:blank");
  await ada.readsNote("Grace left");
  assert.ok(Date.now() - began < GOODBYE_MS_MAX, "not only after the grace");
});

testBehind(
  "nginx that gives up what is silent",
  () => nginx(`proxy_read_timeout ${PROXY_READ_SECONDS}s;`),
  async (open, proxy) => {
    const [ada, grace] = await inChromium(open, proxy);
    await sleep(IDLE_MS); // nothing is said, so nothing but the polls' own end keeps them alive
    const mary = await open(browsers.chromium, ada.page.url(), { name: "Mary" });
    await mary.connectedTo(2);
    await talk(mary, ada);
    await grace.reads("Every word");
    assertPolls(proxy, ada, grace, mary);
  },
);
