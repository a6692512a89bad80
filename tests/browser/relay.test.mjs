// A relay that does not work, and ICE servers that a browser rejects: people and the operator are
// told the cause. The networks, the relay (coturn) and both browsers are real.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startCoturn } from "./coturn.mjs";
import { launch, startServer, startServerIn, withPeople } from "./harness.mjs";
import { cutBetween, makeNetworks, whyNoNetworks } from "./networks.mjs";

const BROWSERS = ["chromium", "firefox"];
const TEXT = { encoding: "utf8" };
const HTTP = { faultsAllowed: true }; // Chromium says that an address without HTTPS is not to be trusted

const shows = (person, text) =>
  person.until((wanted) => document.body.innerText.includes(wanted), text);

/** Waits for something in what the server says. */
async function logs(server, pattern) {
  while (!pattern.test(server.output())) await new Promise((resolve) => setTimeout(resolve, 25));
}

/** Two people in |browsers|, without waiting for them to connect. */
async function openIn(open, browsers, url, options) {
  const ada = await open(browsers[0], url, { name: "Ada", ...options });
  const grace = await open(browsers[1], ada.page.url(), { name: "Grace", ...options });
  return [ada, grace];
}

describe("a relay of no use", { skip: whyNoNetworks() || false }, () => {
  let networks;
  let coturn;
  let directory;
  const browsers = [];

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "parley-relay-"));
    networks = await makeNetworks(2);
    coturn = await startCoturn(networks);
    for (const [i, name] of BROWSERS.entries())
      browsers.push(await launch(name, { device: networks.devices[i] }));
    await cutBetween(...networks.devices); // no path but through the relay
  });

  after(async () => {
    for (const browser of browsers) await browser.close();
    await coturn?.stop();
    await networks?.stop();
    rmSync(directory, { recursive: true });
  });

  /** Both people read |reason|, and the server in |where| logs |line| a few times at most. */
  async function isSaid(options, reason, line, where = networks) {
    const server = await startServerIn(where, "--stun-port", "0", ...options);
    const use = async (open) => {
      const people = await openIn(open, browsers, server.url);
      for (const person of people) await shows(person, reason);
      await logs(server, line);
      for (const person of people) assert.ok(!(await person.page.content()).includes("not even"));
    };
    await withPeople(server, use, HTTP);
    await server.stop();
    const count = server
      .output()
      .split("\n")
      .filter((one) => line.test(one)).length;
    assert.ok(count <= 4, server.output());
  }

  test("that has another secret", () => {
    const secret = join(directory, "secret");
    writeFileSync(secret, "another secret\n", { mode: 0o600 });
    const options = [...coturn.options.slice(0, -1), secret];
    return isSaid(options, "relay, which refused us", /relay_refuses.*status=401/);
  });

  test("whose clock is two hours ahead of the server's", () => {
    // As faketime does, but not as its child: a signal to stop would not reach the server.
    const preload = execFileSync("faketime", ["-f", "-2h", "printenv", "LD_PRELOAD"], TEXT).trim();
    const serverCommand = [
      ...networks.serverCommand,
      "env",
      `LD_PRELOAD=${preload}`,
      "FAKETIME=-2h",
    ];
    const reason = "relay, which refused us";
    const slow = { ...networks, serverCommand };
    return isSaid(coturn.options, reason, /relay_refuses.*status=401/, slow);
  });

  test("that is down", async () => {
    await coturn.kill();
    await isSaid(coturn.options, "relay, which does not answer", /relay_silent.*status=701/);
  });
});

describe("ICE servers that a browser does not take", () => {
  const browsers = {};
  const USER = "u".repeat(512);

  before(async () => {
    for (const name of BROWSERS) browsers[name] = await launch(name);
  });

  after(async () => {
    for (const browser of Object.values(browsers)) await browser.close();
  });

  /** For |before|: the server's welcome has other ICE servers, as another version may send them. */
  function addServers(iceServers) {
    const descriptor = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data");
    Object.defineProperty(MessageEvent.prototype, "data", {
      get() {
        const data = descriptor.get.call(this);
        if (typeof data !== "string" || !data.startsWith('{"type":"welcome"')) return data;
        return JSON.stringify({ ...JSON.parse(data), iceServers });
      },
    });
  }

  for (const names of [BROWSERS, BROWSERS.toReversed()]) {
    test(`cost nothing but themselves, of ${names.join(" and ")}`, async () => {
      const server = await startServer();
      const servers = [
        { urls: "stun:127.0.0.1:3478" },
        { urls: "stuns:127.0.0.1:5349" },
        { urls: "stun:127.0.0.1:5060" },
        { urls: "turn:127.0.0.1:3479", username: USER.slice(0, 510), credential: "c" },
      ];
      await withPeople(server, async (open) => {
        const people = await openIn(
          open,
          names.map((name) => browsers[name]),
          server.url,
          { prepare: (page) => page.evaluateOnNewDocument(addServers, servers) },
        );
        for (const person of people) await person.connectedTo(1);
        await people[0].say("through");
        await people[1].reads("through");
        for (const person of people) {
          await person.page.click("#details-button");
          await shows(person, "goes without:");
          await shows(person, "turn:127.0.0.1:3479");
          if (person.browserName === "firefox") await shows(person, "stuns:127.0.0.1:5349");
        }
      });
      await server.stop();
    });
  }
});
