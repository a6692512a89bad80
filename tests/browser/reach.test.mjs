// How people reach each other and the server: their addresses from the server's own STUN, and HTTPS.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
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

/** Runs in the page: notes what its connections find out about themselves. */
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
  const link = `${url}?roomId=${await ada.roomId()}`;
  const grace = await open(browsers[1], link, { name: "Grace", before: prepare });
  for (const person of [ada, grace]) await person.connectedTo(1);
  await ada.say("Good morning");
  await grace.reads("Good morning");
  await grace.say("And to you");
  await ada.reads("And to you");
  return [ada, grace];
}

describe("the server's own STUN", { skip: whyNoNetworks() || false }, () => {
  test("tells people behind routers where others find them", async () => {
    const networks = await makeNetworks(2);
    for (const device of networks.devices) await device.goBehindRouter();
    const server = await startServerIn(networks, ...tls);
    const browsers = [];
    for (const [i, name] of BROWSERS.entries()) {
      browsers.push(await launch(name, { device: networks.devices[i] }));
    }
    await withPeople(server, async (open) => {
      const people = await talk(open, server.url, browsers, watchCandidates);
      for (const [i, person] of people.entries()) {
        const offered = await person.page.evaluate(() => globalThis.iceServers);
        assert.deepEqual(offered, [{ urls: `stun:${networks.serverAddress}:3478` }]);
        const { publicAddress } = networks.devices[i];
        await person.until(
          (address) =>
            globalThis.candidates.some(
              (text) => text.includes(` ${address} `) && /srflx/.test(text),
            ),
          publicAddress,
        );
      }
    });
    for (const browser of browsers) await browser.close();
    await server.stop();
    await networks.stop();
  });
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
