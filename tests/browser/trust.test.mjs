// Things that the page and the server must never do, and the page's sentences when something is
// missing.
import assert from "node:assert/strict";
import { createServer, connect } from "node:net";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { HOST_NAME, inOpenRoom, openTwo, setUp, startServer, withPeople } from "./harness.mjs";
import { joinMessage } from "./silent-member.mjs";

const WEB = fileURLToPath(new URL("../../web", import.meta.url));
const SECRET = "the-cake-is-apple-4711";

const { server, browsers, inEach } = await setUp();

/** A member without a page. @returns {{messages: Array, next(type, from): Promise, send(message), close()}} */
async function joinAsMember(room) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/signal`, { origin: server.origin });
  const messages = [];
  const waiting = [];
  socket.on("message", (data) => {
    messages.push(JSON.parse(data));
    for (const look of waiting) look();
  });
  const next = (type, from) =>
    new Promise((resolve) => {
      const look = () => {
        const found = messages.find((one) => one.type === type && (!from || one.from === from));
        if (found) resolve(found);
      };
      waiting.push(look);
      look();
    });
  const send = (message) => socket.send(JSON.stringify(message));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  socket.send(joinMessage(room));
  await next("welcome");
  return { messages, next, send, close: () => socket.close() };
}

inEach("the copied link leads to the room", async (open, browser) => {
  const ada = await open(browser, `${server.url}?debug`, { name: "Ada" });
  const room = await ada.room();
  await ada.page.bringToFront();
  await (await ada.byRole("button", "Copy invite link")).click();
  await ada.until(() => document.getElementById("copied").textContent === "Link copied");
  await ada.byRole("button", "Copy invite link"); // its name stays
  await ada.page.focus("#message");
  await ada.page.keyboard.down("Control");
  await ada.page.keyboard.press("v");
  await ada.page.keyboard.up("Control");
  await ada.until(() => document.getElementById("message").value !== "");
  const copied = await ada.page.$eval("#message", (box) => box.value);
  assert.equal(copied, `${server.url}${room}`);
});

inEach("where the clipboard is refused the link is shown selected", async (open, browser) => {
  const refuse = () => {
    const refused = () => Promise.reject(new DOMException("no", "NotAllowedError"));
    if (navigator.clipboard) navigator.clipboard.writeText = refused;
    document.execCommand = () => false;
  };
  const ada = await open(browser, server.url, { before: refuse, name: "Ada" });
  const grace = await open(browser, ada.page.url());
  await ada.connectedTo(1);
  await grace.connectedTo(1);
  await (await ada.byRole("button", "Copy invite link")).click();
  const how = "Press Ctrl+C to copy the selected link";
  await ada.until((words) => document.getElementById("copied").textContent === words, how);
  const selected = await ada.page.evaluate(() => {
    const { value, selectionStart, selectionEnd } = document.activeElement;
    return value.slice(selectionStart, selectionEnd);
  });
  assert.equal(selected, `${server.url}${await ada.room()}`);
});

inEach("an id that nobody is in is a room of that id", async (open, browser) => {
  const ada = await open(browser, `${server.url}?roomId=never_seen-${browser.name}`, {
    name: "Ada",
  });
  assert.equal(await ada.room(), `never_seen-${browser.name}`);
  await ada.statusSays("Nobody else is here yet");
});

inEach("?debug tells every event and action", async (open, browser) => {
  const ada = await open(browser, `${server.url}?roomId=debug-${browser.name}&debug`);
  await ada.inRoom();
  const missing = new Set(["START", "SERVER_CONNECT", "SERVER_MESSAGE", "ROOM_NAMED"]);
  const allTold = new Promise((resolve) =>
    ada.page.on("console", (message) => {
      for (const word of message.text().split(/\W+/)) missing.delete(word);
      if (missing.size === 0) resolve();
    }),
  );
  await ada.page.reload();
  await ada.inRoom();
  assert.equal(await ada.room(), `debug-${browser.name}`);
  assert.ok(new URL(ada.page.url()).searchParams.has("debug"));
  await allTold;
});

inEach("nothing can be sent into another room", async (open, browser) => {
  const room = `victims-${browser.name}`;
  const victim = await joinAsMember(room);
  const ada = await open(browser, `${server.url}?roomId=${room}`, { name: "Ada" });
  const { member: adaId } = await victim.next("joined");
  const victimId = (await victim.next("welcome")).you;
  const mallory = await open(browser, `${server.url}?roomId=attackers`, { name: "Mallory" });

  const answers = await mallory.page.evaluate(
    (targets, join) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${location.host}/signal`);
        const got = [];
        const send = (message) => socket.send(JSON.stringify(message));
        socket.onopen = () => socket.send(join);
        socket.onmessage = ({ data }) => {
          const message = JSON.parse(data);
          if (message.type === "welcome") {
            for (const to of targets) {
              send({ type: "offer", to, from: targets[0], sdp: "v=0", connection: 1 });
              send({ type: "candidate", to, candidate: "", room: "victims", connection: 1 });
            }
            return;
          }
          got.push(message.code);
          if (got.length === 2 * targets.length) resolve(got);
        };
      }),
    [adaId, victimId],
    joinMessage("attackers-too"),
  );
  assert.deepEqual(answers, Array(4).fill("no_such_member"));

  // The server had dealt with all that before a witness in the victim's own room writes to it.
  const witness = await joinAsMember(room);
  const witnessId = (await witness.next("welcome")).you;
  witness.send({ type: "candidate", to: victimId, candidate: "", connection: 1 });
  await victim.next("candidate", witnessId);
  const senders = new Set(victim.messages.map(({ from }) => from).filter(Boolean));
  assert.deepEqual(
    [...senders].filter((id) => id !== adaId),
    [witnessId],
  );
  witness.close();
  victim.close();
  assert.ok(!(await ada.people()).some(({ name }) => name === "Mallory"));
});

/** A TCP proxy that keeps every byte that passes. */
async function startRecorder(toPort) {
  const seen = [];
  const proxy = createServer((client) => {
    const upstream = connect(toPort, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      from.on("data", (bytes) => {
        seen.push(bytes);
        to.write(bytes);
      });
      from.on("close", () => to.destroy());
      from.on("error", () => to.destroy());
    }
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address();
  return {
    origin: `http://127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/`,
    bytes: () => Buffer.concat(seen),
    stop: () => proxy.close(),
  };
}

/** Browsers mask what they send (RFC 6455, 5.3): takes the masks off every frame that may begin. */
function unmaskedTexts(bytes) {
  const texts = [];
  for (let at = 0; at + 8 < bytes.length; at++) {
    if (bytes[at] !== 0x81 || !(bytes[at + 1] & 0x80)) continue;
    let length = bytes[at + 1] & 0x7f;
    let head = 2;
    if (length === 126) {
      length = bytes.readUInt16BE(at + 2);
      head = 4;
    }
    const mask = bytes.subarray(at + head, at + head + 4);
    const payload = bytes.subarray(at + head + 4, at + head + 4 + length);
    texts.push(Buffer.from(payload.map((byte, i) => byte ^ mask[i % 4])).toString());
  }
  return texts.join("\n");
}

test("the server sees no text, no address and no secret, in its log or on the wire", async () => {
  const watched = await startServer("--log-level", "debug");
  const recorder = await startRecorder(watched.port);
  let roomSecret;
  try {
    await withPeople(recorder, async (open) => {
      const [ada, grace] = await openTwo(open, recorder, browsers.chromium, browsers.firefox);
      roomSecret = (await ada.room()).slice(2);
      await ada.say(SECRET);
      await grace.reads(SECRET);
      await grace.say(`${SECRET} indeed`);
      await ada.reads(`${SECRET} indeed`);
      await ada.rename(`Ada ${SECRET}`);
      await grace.knows(`Ada ${SECRET}`);
    });
    const wire = recorder.bytes();
    const sent = unmaskedTexts(wire);
    assert.match(sent, /"type":"sealed"/); // the recorder works
    assert.match(watched.output(), /sealed/);
    for (const record of [wire.toString("latin1"), sent, watched.output()])
      for (const words of [SECRET, "candidate:", "v=0", "fingerprint", roomSecret])
        assert.ok(!record.includes(words), words);
  } finally {
    recorder.stop();
    await watched.stop();
  }
});

describe("a full room says so", () => {
  for (const name of ["chromium", "firefox"]) {
    test(name, async () => {
      const small = await startServer("--room-members-max", "2");
      try {
        await withPeople(small, async (open) => {
          const [ada, grace] = await openTwo(
            open,
            inOpenRoom(small, "a-full-room"),
            browsers[name],
            browsers[name],
          );
          const third = await open(browsers[name], ada.page.url());
          await third.statusSays("This room is full");
          await third.until(
            (room) => {
              const asked = document.getElementById("asked");
              return asked.innerText === `Room ${room}`;
            },
            await ada.room(),
          );
          await (await grace.byRole("button", "Leave room")).click();
          await grace.statusSays("Nobody else is here yet"); // so the server has heard it
          await ada.connectedTo(0);
          await (await third.byRole("button", "Try again")).click();
          await third.connectedTo(1);
        });
      } finally {
        await small.stop();
      }
    });
  }
});

test("people who are connected stay so when the server is gone", async () => {
  const mortal = await startServer();
  await withPeople(
    mortal,
    async (open) => {
      const [ada, grace] = await openTwo(open, mortal, browsers.chromium, browsers.firefox);
      await mortal.kill();
      await ada.statusSays("server is out of reach");
      await ada.say("Still there?");
      await grace.reads("Still there?");
      await grace.say("Yes");
      await ada.reads("Yes");
    },
    { faultsAllowed: true },
  );
});

/** The page shows only words, and no control that looks usable. */
async function assertOnlyWords({ page }) {
  const seen = await page.evaluate(() => {
    const controls = [...document.querySelectorAll("button, input, textarea")];
    const words = [...document.querySelectorAll(".status")].find((one) => one.checkVisibility());
    const { left, right } = words.getBoundingClientRect();
    return {
      controls: controls.filter((one) => one.checkVisibility()).map(({ id }) => id),
      offCentre: (left + right - document.documentElement.clientWidth) / 2,
    };
  });
  assert.deepEqual(seen.controls, []);
  assert.ok(Math.abs(seen.offCentre) < 1, `${seen.offCentre} px off the middle`);
}

const PHONE = { width: 360, height: 740 };

describe("a browser that lacks something is told in words", () => {
  for (const name of ["chromium", "firefox"]) {
    const opens = (what, remove, words) =>
      test(`${name}: ${what}`, () =>
        withPeople(
          server,
          async (open) => {
            const ada = await open(browsers[name], server.url, { before: remove });
            await ada.statusSays(words);
          },
          { faultsAllowed: true },
        ));
    opens("WebRTC", () => delete globalThis.RTCPeerConnection, "WebRTC is missing");
    test(`${name}: WebAssembly`, () =>
      withPeople(
        server,
        async (open) => {
          const remove = () => delete globalThis.WebAssembly;
          const ada = await open(browsers[name], server.url, { before: remove });
          await ada.statusSays("no WebAssembly");
          await assertOnlyWords(ada);
          await ada.page.setViewport(PHONE);
          await assertOnlyWords(ada);
        },
        { faultsAllowed: true },
      ));
  }

  test("chromium: JavaScript", () =>
    withPeople(server, async (open) => {
      const ada = await open(browsers.chromium, "about:blank");
      await ada.page.setJavaScriptEnabled(false);
      await ada.page.goto(server.url);
      assert.match(await ada.page.$eval("body", (body) => body.innerText), /needs JavaScript/);
      await assertOnlyWords(ada);
      await ada.page.setViewport(PHONE);
      await assertOnlyWords(ada);
    }));
});

inEach("over plain http, a host's name brings no complaint of the browser", async (_, browser) => {
  const origin = `http://${HOST_NAME}:${server.port}`;
  await withPeople({ origin }, async (open) => {
    const ada = await open(browser, `${origin}/`);
    await ada.statusSays("Nobody else is here yet");
  });
});

/** Two of the page's own Peers in one page, whose offers cross: one begins anew, and they connect. */
async function connectWithGlare() {
  const { createPeers } = await import("/transport/peers.js");
  const sdp = { OFFER: 0, ANSWER: 1, ROLLBACK: 2 }; // as the core has them
  const peerState = { NEW: 0, CONNECTING: 1, CONNECTED: 2, DISCONNECTED: 3, FAILED: 4, CLOSED: 5 };
  const sides = [0, 1].map(() => {
    const waiting = [];
    const core = { enums: { sdp, peerState }, limits: { channelBufferLowBytes: 1 << 16 } };
    const side = { waiting, early: [], accepted: false, peer: 0 };
    side.next = (name) => new Promise((resolve) => waiting.push([name, resolve]));
    core.handle = (name, fields) => {
      const at = waiting.findIndex(([wanted]) => wanted === name);
      if (at >= 0) waiting.splice(at, 1)[0][1](fields);
      else if (name === "PEER_CANDIDATE") side.other.take(fields);
    };
    side.actions = createPeers(core).actions;
    side.act = (name, fields = {}) =>
      side.actions[name]({ a: "", b: "", c: "", ...fields, peer: side.peer });
    side.open = () => {
      side.peer++;
      side.act("PEER_OPEN", { a: "{}" });
    };
    side.take = (fields) =>
      side.accepted ? side.act("PEER_ADD_CANDIDATE", fields) : side.early.push(fields);
    side.accept = async (code, a) => {
      const done = side.next("PEER_DONE");
      side.act("PEER_ACCEPT", { code, a });
      await done;
      side.accepted = true;
      for (const fields of side.early.splice(0)) side.take(fields);
    };
    side.describe = (code) => {
      const described = side.next("PEER_DESCRIBED");
      side.act("PEER_DESCRIBE", { code });
      return described;
    };
    return side;
  });
  const [polite, other] = sides;
  [polite.other, other.other] = [other, polite];
  for (const side of sides) side.open();
  const opened = sides.map((side) => side.next("CHANNEL_OPENED"));
  const [, offer] = await Promise.all(sides.map((side) => side.describe(sdp.OFFER)));
  polite.act("PEER_CLOSE"); // negotiation.c, close_for_another
  polite.open();
  await polite.accept(sdp.OFFER, offer.a);
  const answer = await polite.describe(sdp.ANSWER);
  // Only what the polite side found after it yielded belongs to its answer.
  other.early.splice(0, other.early.length, ...other.early.filter(({ c }) => answer.a.includes(c)));
  await other.accept(sdp.ANSWER, answer.a);
  await Promise.all(opened);
  const heard = other.next("CHANNEL_MESSAGE");
  polite.act("CHANNEL_SEND", { a: "after glare" });
  const { a } = await heard;
  for (const side of sides) side.act("PEER_CLOSE");
  return a;
}

describe("offers that cross end in one connection", () => {
  for (const name of ["chromium", "firefox"]) {
    test(name, async () => {
      const developing = await startServer("--web-root", WEB); // there its modules are files
      await withPeople(developing, async (open) => {
        const ada = await open(browsers[name], developing.url, { name: "Ada" });
        assert.equal(await ada.page.evaluate(connectWithGlare), "after glare");
      });
      await developing.stop();
    });
  }
});
