// How people reach each other and the server: their addresses from the server's own STUN, and HTTPS.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { caddy, haproxy, nginx } from "../node/examples.mjs";
import { start } from "../node/server.mjs";
import { launch, startServer, startServerIn, withPeople } from "./harness.mjs";
import { makeNetworks, whyNoNetworks } from "./networks.mjs";

const BROWSERS = ["chromium", "firefox"];

const dir = mkdtempSync(join(tmpdir(), "parley-reach-"));
const tls = ["--tls-cert", join(dir, "cert.pem"), "--tls-key", join(dir, "key.pem")];

before(() => {
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const files = ["-out", tls[1], "-keyout", tls[3]];
  const made = ["req", "-x509", ...kind, ...files, "-subj", "/CN=localhost"];
  execFileSync("openssl", made, { stdio: "ignore" });
});

after(() => rmSync(dir, { recursive: true }));

/** Runs in the page: records the addresses that its connections discover. */
function watchCandidates() {
  globalThis.candidates = [];
  globalThis.iceServers = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super(configuration);
      this.addEventListener("icecandidate", ({ candidate }) => {
        if (candidate) globalThis.candidates.push(candidate.candidate);
      });
    }
    setConfiguration(configuration) {
      super.setConfiguration(configuration);
      globalThis.iceServers = configuration.iceServers;
    }
  };
}

async function talk(open, url, browsers, prepare) {
  const ada = await open(browsers[0], url, { name: "Ada", before: prepare });
  const link = `${url}${await ada.room()}`;
  const grace = await open(browsers[1], link, { name: "Grace", before: prepare });
  for (const person of [ada, grace]) await person.connectedTo(1);
  await ada.say("Good morning");
  await grace.reads("Good morning");
  await grace.say("And to you");
  await ada.reads("And to you");
  return [ada, grace];
}

/**
 * Two people, each behind a router, who connect with the help of |server|'s STUN server.
 * @param {{url: string}} server
 */
async function talkThroughRouters(networks, browsers, server) {
  await withPeople(server, async (open) => {
    const people = await talk(open, server.url, browsers, watchCandidates);
    for (const [i, person] of people.entries()) {
      const offered = await person.page.evaluate(() => globalThis.iceServers);
      assert.deepEqual(offered, [{ urls: `stun:${networks.serverAddress}:3478` }]);
      const { publicAddress } = networks.devices[i];
      await person.until(
        (address) =>
          globalThis.candidates.some((text) => text.includes(` ${address} `) && /srflx/.test(text)),
        publicAddress,
      );
    }
  });
}

/** Waits until |address|:|port| takes connections in |networks|. */
async function accepts(networks, address, port, proxy) {
  const code = `require("node:net").connect(${port}, "${address}")
    .once("connect", () => process.exit(0)).once("error", () => process.exit(1))`;
  const [program, ...args] = [...networks.serverCommand, process.execPath, "-e", code];
  for (;;) {
    const { ended } = start(program, args);
    if ((await ended) === 0) return;
    assert.equal(proxy.program.exitCode, null, proxy.output());
  }
}

describe("the server's own STUN", { skip: whyNoNetworks() || false }, () => {
  let networks;
  const browsers = [];

  before(async () => {
    networks = await makeNetworks(2);
    for (const [i, device] of networks.devices.entries()) {
      await device.goBehindRouter();
      browsers.push(await launch(BROWSERS[i], { device }));
    }
  });

  after(async () => {
    for (const browser of browsers) await browser.close();
    await networks?.stop();
  });

  test("tells people behind routers where others find them", async () => {
    const server = await startServerIn(networks, ...tls);
    await talkThroughRouters(networks, browsers, server);
    await server.stop();
  });

  test("the log warns if a proxy on another machine may not forward UDP", async () => {
    const [{ name: proxy }] = networks.devices;
    for (const [options, warns] of [
      [["--trusted-proxy", "10.73.0.0/16"], true],
      [["--trusted-proxy", "10.73.0.0/16", "--stun-port", "3478"], false],
      [["--trusted-proxy", "10.9.0.0/16"], false],
    ]) {
      const server = await startServerIn(networks, ...options);
      const headers = { "X-Forwarded-For": "192.0.2.1", Origin: server.origin };
      const code = `fetch("${server.url}poll", { method: "POST", body: "open\\n",
        headers: ${JSON.stringify(headers)} }).then(({ status }) => process.exit(status / 10))`;
      const asked = start("ip", ["netns", "exec", proxy, process.execPath, "-e", code]);
      assert.equal(await asked.ended, 20, asked.output());
      assert.equal(server.output().includes("warn stun_behind_proxy"), warns, options.join(" "));
      await server.stop();
    }
  });

  // As server/README.md has it: the server listens on 127.0.0.1 alone, and nobody asks a STUN server
  // elsewhere.
  // Without the option, what browsers send by TLS alone shows the proxy.
  const trusted = ["--trusted-proxy", "127.0.0.1"];
  for (const [name, startProxy, options] of [
    ["nginx", nginx, []],
    ["Caddy", caddy, trusted],
    ["HAProxy", haproxy, trusted],
  ]) {
    test(`tells them behind ${name}, too`, async () => {
      const { serverCommand: within, serverAddress: address } = networks;
      const inside = { ...networks, serverAddress: "127.0.0.1" };
      const server = await startServerIn(inside, ...options);
      const place = { dir, certificate: tls[1], key: tls[3], address, within };
      const port = server.port + 1;
      const proxy = startProxy(port, server.port, place);
      await accepts(networks, address, port, proxy);
      const origin = `https://${address}:${port}`;
      await talkThroughRouters(networks, browsers, { ...server, port, origin, url: `${origin}/` });
      proxy.program.kill();
      await proxy.ended;
      await server.stop();
    });
  }
});

describe("HTTPS and WSS", () => {
  test("people talk, and the page is in a secure context", async () => {
    const server = await startServer(...tls);
    const browsers = [];
    for (const name of BROWSERS) browsers.push(await launch(name));
    await withPeople(server, async (open) => {
      for (const person of await talk(open, server.url, browsers)) {
        assert.equal(await person.page.evaluate(() => globalThis.isSecureContext), true);
        assert.ok(person.requests.every((url) => /^(https|wss|data|blob):/.test(url)));
      }
    });
    for (const browser of browsers) await browser.close();
    await server.stop();
  });
});
