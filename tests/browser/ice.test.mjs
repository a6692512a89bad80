// By signals and connections, a hostile member's page cannot make another's browser do more than an
// honest page could. The hostile page is a real one with a modified browser.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import { inOpenRoom, openTwo, setUp, withPeople } from "./harness.mjs";

const REASON = "Their browser kept sending messages that make no sense.";
const LOCAL_NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.local$/;
const ADDRESSES = ["attacker.example", "0x7f000001", "::ffff:7f00:1", "fe80::1", "router.local"];

const { server, browsers } = await setUp();

/** For |before|: records the descriptions and candidates that the page gives to the browser. */
function watchRemote() {
  globalThis.given = { candidates: [], sdps: [], receivers: 0 };
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    addIceCandidate(candidate) {
      globalThis.given.candidates.push(candidate.candidate);
      return super.addIceCandidate(candidate);
    }
    async setRemoteDescription(description) {
      globalThis.given.sdps.push(description.sdp);
      await super.setRemoteDescription(description);
      globalThis.given.receivers += this.getReceivers().length;
    }
  };
}

/**
 * For |before|: each signal passes through tamper(), which the test defines. The page shows no hello,
 * so in an open room its signals are not sealed.
 */
function tamperWithSignals() {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (text) {
    const message = { ...JSON.parse(text), hello: undefined };
    for (const one of globalThis.tamper?.(message) ?? [message]) {
      send.call(this, JSON.stringify(one));
    }
  };
}

/** For |before|: records connections, except prepared ones, which have no channel. */
function keepConnections() {
  globalThis.kept = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    createDataChannel(...args) {
      const channel = super.createDataChannel(...args);
      if (args[1]?.negotiated) {
        this.own = super.createDataChannel("own", { negotiated: true, id: 7 });
        globalThis.kept.push(this);
      }
      return channel;
    }
  };
}

/** Runs in the hostile page: what it signals leads to |port| of the victim's machine and elsewhere. */
function scan(port, addresses) {
  const candidates = [
    `candidate:8 1 tcp 2122260223 127.0.0.1 ${port} typ host tcptype passive`,
    `candidate:9 1 udp 2122260223 127.0.0.1 ${port} typ host`,
    ...addresses.map((address) => `candidate:7 1 udp 2122260223 ${address} ${port} typ host`),
  ];
  const lines = candidates.map((candidate) => `a=${candidate}\r\n`).join("");
  globalThis.tamper = (message) => {
    if (message.sdp) {
      const sdp = message.sdp.replace(/c=.*\r\n/, "c=IN IP4 127.0.0.1\r\n") + lines;
      return [{ ...message, sdp }];
    }
    if (message.type !== "candidate") return [message];
    return [...candidates.map((candidate) => ({ ...message, candidate })), message];
  };
}

/** Runs in the hostile page: sends without end on a channel that only it has. */
function flood() {
  const channel = globalThis.kept.at(-1).own;
  const piece = new Uint8Array(16384); // the most that the other side says it takes
  const fill = () => {
    while (channel.readyState === "open" && channel.bufferedAmount < 4 * 2 ** 20) {
      channel.send(piece);
    }
  };
  channel.bufferedAmountLowThreshold = 2 ** 20;
  channel.onopen = channel.onbufferedamountlow = fill;
  fill();
}

/** A server on this machine that counts its connections. */
async function listen() {
  const listener = createServer();
  listener.count = 0;
  listener.on("connection", () => listener.count++);
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return listener;
}

let rooms = 0;

const addressOf = (candidate) => candidate.split(" ")[4];

const seesReason = (person, reason) =>
  person.until((text) => document.body.textContent.includes(text), reason);

for (const [victim, hostile] of [
  ["chromium", "firefox"],
  ["firefox", "chromium"],
  ["chromium", "chromium"],
]) {
  describe(`${victim}'s page, and a hostile member in ${hostile}`, () => {
    /** Ada, whose browser is recorded, is in a room; Mallory joins with a modified browser. */
    const meet = (use, before) =>
      withPeople(server, async (open) => {
        const { url } = inOpenRoom(server, `hostile-${++rooms}`);
        const ada = await open(browsers[victim], url, { name: "Ada", before: watchRemote });
        await use(ada, (begin) =>
          open(browsers[hostile], url, {
            name: "Mallory",
            before,
            prepare: (page) => begin && page.evaluateOnNewDocument(...begin),
          }),
        );
      });

    test("no candidate leads to the machine itself or to a foreign name", () =>
      meet(async (ada, come) => {
        const listener = await listen();
        const mallory = await come([scan, listener.address().port, ADDRESSES]);
        for (const person of [ada, mallory]) await person.connectedTo(1);
        const { candidates, sdps } = await ada.page.evaluate(() => globalThis.given);
        const found = candidates.filter((candidate) => candidate !== "");
        const others = found.filter((candidate) => !LOCAL_NAME.test(addressOf(candidate)));
        assert.ok(found.length > 0);
        assert.deepEqual(others, []);
        assert.ok(sdps.length > 0 && sdps.every((sdp) => sdp.includes("c=IN IP4 0.0.0.0\r\n")));
        assert.ok(sdps.every((sdp) => !/127\.0\.0\.1|example|0x7f/.test(sdp)));
        assert.equal(listener.count, 0);
        listener.close();
      }, tamperWithSignals));

    test("a description with other sections is refused", () =>
      meet(async (ada, come) => {
        await come([
          () => {
            const more = Array.from(
              { length: 110 },
              (_, i) => `m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:${i + 1}\r\n`,
            ).join("");
            globalThis.tamper = (message) =>
              message.sdp ? [{ ...message, sdp: message.sdp + more }] : [message];
          },
        ]);
        await seesReason(ada, REASON);
        const { sdps, receivers } = await ada.page.evaluate(() => globalThis.given);
        assert.deepEqual(sdps, []);
        assert.equal(receivers, 0);
      }, tamperWithSignals));

    test("channels that nobody asked for end the connection", () =>
      meet(async (ada, come) => {
        const mallory = await come();
        for (const person of [ada, mallory]) await person.connectedTo(1);
        await mallory.page.evaluate(() => {
          for (let i = 0; i < 100; i++) globalThis.kept.at(-1).createDataChannel(`more ${i}`);
        });
        await seesReason(ada, REASON);
        await ada.sees("Mallory", "lost");
      }, keepConnections));

    // Firefox keeps the data, Chromium discards it; both count it.
    test("so does a flood on a channel that only the other side has", () =>
      meet(async (ada, come) => {
        const mallory = await come();
        await mallory.until(() => globalThis.kept.length > 0);
        await mallory.page.evaluate(flood);
        await seesReason(ada, REASON);
      }, keepConnections));
  });
}

describe("two honest people", () => {
  for (const names of [
    ["chromium", "firefox"],
    ["firefox", "firefox"],
    ["chromium", "chromium"],
  ]) {
    test(`connect between ${names.join(" and ")}, and no candidate is left out`, () =>
      withPeople(server, async (open) => {
        const [ada, grace] = await openTwo(open, server, ...names.map((name) => browsers[name]));
        for (const person of [ada, grace]) {
          await person.page.click("#details-button");
          await person.until(() => document.body.innerText.includes("Their candidate: host"));
          const text = await person.page.evaluate(() => document.body.innerText);
          assert.ok(!text.includes("left out"), text);
        }
      }));
  }
});
