/** Real WebRTC peers in node, controlled by the core and introduced by the real server. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import wrtc from "@roamhq/wrtc";
import { WebSocket } from "ws";
import { Page } from "./page.mjs";

/** The library is so old that setLocalDescription needs a description. */
class NodePeerConnection extends wrtc.RTCPeerConnection {
  async setLocalDescription(description) {
    const made = { offer: () => this.createOffer(), answer: () => this.createAnswer() };
    return super.setLocalDescription((await made[description.type]?.()) ?? description);
  }
}

/** The library crashes at the end of the process if its `sctp` was read. */
const withoutSctp = {
  construct(Connection, args) {
    const connection = new Connection(...args);
    return new Proxy(connection, {
      get(_, key) {
        const value = key === "sctp" ? null : connection[key];
        return typeof value === "function" ? value.bind(connection) : value;
      },
      set: (_, key, value) => Reflect.set(connection, key, value),
    });
  },
};

let server;
let origin;

async function startServer() {
  assert.ok(process.env.PARLEY_BINARY, "PARLEY_BINARY names the built server");
  const options = ["--host", "127.0.0.1", "--port", "0", "--ice-server", "none"];
  server = spawn(process.env.PARLEY_BINARY, options, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: server.stdout })) {
    const found = /http:\/\/(?:localhost|127\.0\.0\.1):\d+/.exec(line);
    if (found) return found[0].replace("localhost", "127.0.0.1");
  }
  throw new Error("the server did not say where it is");
}

before(async () => {
  origin = await startServer();
  globalThis.RTCPeerConnection = new Proxy(NodePeerConnection, withoutSctp);
  globalThis.WebSocket = class extends WebSocket {
    constructor(url) {
      super(url, { origin });
    }
  };
});

after(async () => {
  server.kill("SIGTERM");
  await once(server, "exit");
});

/** The core never tries a loopback candidate (candidate.h), so this needs another interface. */
const isAlone = Object.values(networkInterfaces())
  .flat()
  .every(({ internal, address }) => internal || address.startsWith("fe80:"));
const skip = isAlone && "no network but loopback";

/** Opens a page and waits until it is in the room, so that people join in a fixed order. */
async function open(room, name) {
  const page = await Page.open({ url: origin.replace("http", "ws") + "/signal", room, name });
  await page.until((it) => it.core.status().server === "JOINED");
  return page;
}

test("two real peers meet through the real server and talk both ways", { skip }, async (t) => {
  const ada = await open("node-peers", "Ada");
  const bea = await open("node-peers", "Bea");
  t.after(() => [ada, bea].forEach((page) => page.close()));
  await Promise.all([ada, bea].map((page) => page.until((it) => it.connectedCount() === 1)));
  assert.equal(ada.say("from Ada"), 0);
  assert.equal(bea.say("from Bea"), 0);
  await ada.until((it) => it.lines().includes("from Bea"));
  await bea.until((it) => it.lines().includes("from Ada"));
  assert.deepEqual(ada.lines("JOINED"), ["Bea joined"]);
  assert.deepEqual(bea.lines("HERE"), ["Ada is here"]);

  const log = ada.core.connectionLog(1).map(({ text }) => text);
  assert.ok(!log.some((text) => text.startsWith("Candidate refused")), log.join(", "));
  for (const entry of ["Offer sent", "Answer received", "Channel open", "Connected directly"]) {
    await ada.until((it) => it.core.connectionLog(1).some(({ text }) => text === entry));
  }
  assert.equal(log[0], "In the room together");

  bea.close();
  await ada.until((it) => it.lines("LEFT").length === 1);
  assert.deepEqual(ada.lines("LEFT"), ["Bea left"]);
});

test("a long text of wide characters arrives whole by a real channel", { skip }, async (t) => {
  const ada = await open("node-long", "Ada");
  const bea = await open("node-long", "Bea");
  t.after(() => [ada, bea].forEach((page) => page.close()));
  const text = "🎉".repeat(ada.core.limits.textCharacters);
  await ada.until((it) => it.lines("JOINED").length === 1); // otherwise the outbox would overflow
  for (let i = 0; i < 100; i++) assert.equal(ada.say(text), 0);
  await bea.until((it) => it.lines().length === 100);
  assert.ok(bea.lines().every((line) => line === text));
});
