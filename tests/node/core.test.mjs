/** Whole conversations with the built module, the same one that the page loads. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { before, test } from "node:test";
import { useLocalWorld } from "./local.mjs";
import { newCore, Page, wasmModule } from "./page.mjs";

before(useLocalWorld);

const NAMES = ["Ada", "Bea", "Cyd", "Dan", "Eve"];

/** Opens |count| pages in one room and waits until everybody is connected to everybody. */
async function meet(t, count) {
  const room = t.name.replaceAll(/[^a-z]+/g, "-").slice(0, 60);
  const pages = [];
  for (const name of NAMES.slice(0, count)) pages.push(await Page.open({ room, name }));
  t.after(() => pages.forEach((page) => page.close()));
  await Promise.all(pages.map((page) => page.until((it) => it.connectedCount() === count - 1)));
  return pages;
}

for (const count of [2, 5]) {
  test(`${count} pages are introduced, chat and leave`, async (t) => {
    const pages = await meet(t, count);
    for (const page of pages) {
      for (let i = 0; i < 20; i++) assert.equal(page.say(`${i}`), 0);
    }
    await Promise.all(pages.map((page) => page.until((it) => it.lines().length === 20 * count)));
    const last = pages.pop();
    last.close();
    await Promise.all(pages.map((page) => page.until((it) => it.lines("LEFT").length === 1)));
    assert.deepEqual(pages[0].lines("LEFT"), [`${NAMES[count - 1]} left`]);
  });
}

test("texts in every script arrive as they were said", async (t) => {
  const [ada, bea] = await meet(t, 2);
  const texts = ["Grüße", "Привет", "你好", "שלום", "مرحبا", "👩‍👩‍👧‍👦", "नमस्ते", "a\nb"];
  texts.forEach((text) => assert.equal(ada.say(text), 0));
  await bea.until((it) => it.lines().length === texts.length);
  assert.deepEqual(bea.lines(), texts);
});

test("a draft of any length is counted", async (t) => {
  const [ada] = await meet(t, 1);
  const { textCharacters: charactersMax } = ada.core.limits;
  const left = (text) => {
    assert.equal(ada.core.handleDraft(text), 0);
    return ada.core.status().draftLeft;
  };
  for (const letter of ["x", "é", "漢", "🎉"]) {
    for (const count of [1, 4001, 21844, 21845, 21846, 30_000, 65_537, 1_000_000]) {
      assert.equal(left(letter.repeat(count)), charactersMax - count, `${count} ${letter}`);
    }
  }
  assert.equal(left(`x${"🎉".repeat(50_000)}`), charactersMax - 50_001);
  assert.equal(left(""), charactersMax);
});

test("ten thousand lines are kept, and the oldest go first", async (t) => {
  const [ada] = await meet(t, 1);
  const { lines: linesMax } = ada.core.limits;
  assert.equal(linesMax, 10000);
  for (let i = 0; i < linesMax + 10; i++) ada.say(`${i}`);
  const texts = ada.lines();
  assert.equal(texts.length, linesMax - 1); // one line is the room's own
  assert.equal(texts[0], "11");
});

test("memory stays within its bound when every line has the maximum length", async (t) => {
  const [ada] = await meet(t, 1);
  const text = "🎉".repeat(ada.core.limits.textCharacters);
  for (let i = 0; i < 5000; i++) assert.equal(ada.say(text), 0);
  assert.ok(ada.lines().length > 1000);
});

test("a text that is too long, empty or broken is refused with a sentence", async (t) => {
  const [ada] = await meet(t, 1);
  const { textCharacters } = ada.core.limits;
  for (const text of ["", " \n ", "x".repeat(textCharacters + 1), "x".repeat(1 << 20)]) {
    const error = ada.say(text);
    assert.ok(error < 0);
    assert.match(ada.core.errorText("SAY", error), /\w+ .*\./);
  }
  assert.equal(ada.say("x".repeat(textCharacters)), 0);
  assert.equal(ada.lines().length, 1);
});

test("the module imports nothing", () => {
  assert.deepEqual(WebAssembly.Module.imports(wasmModule), []);
});

test("the layout names every field, enum and limit that JavaScript uses", async () => {
  const core = await newCore();
  assert.equal(core.enums.event.START, 0);
  assert.equal(core.enums.sdp.ROLLBACK, 2);
  assert.equal(core.enums.start.NO_WEBRTC, 2);
  assert.deepEqual(Object.keys(core.limits).sort(), [
    ...["channelBufferLowBytes", "channelMessageBytes", "colours", "eventBytes", "lines"],
    ...["linksInLine", "members", "nameCharacters", "randomBytes", "textCharacters"],
  ]);
  assert.deepEqual(Object.keys(core.status()), [
    ...["server", "tone", "text", "names", "nameCount", "room", "roomName", "roomKind"],
    ...["name", "nameGenerated", "memberCount", "lineFirst", "lineEnd", "draftLeft", "full"],
    ...["alone", "hideAddress", "canHideAddress", "hideAddressText", "arriving"],
    ...["canRetry", "parts"],
  ]);
});

test("an event before START, a second START, and one without random bytes are errors", async () => {
  const core = await newCore();
  assert.ok(core.handle("TICK") < 0);
  assert.ok(core.handle("START", { c: new Uint8Array(3) }) < 0);
  const c = new Uint8Array(core.limits.randomBytes);
  assert.equal(core.handle("START", { c }), 0);
  assert.ok(core.handle("START", { c }) < 0);
  core.dispose();
});

/** A core, and the memory of its module. */
async function openCore(t) {
  let memory;
  t.mock.method(WebAssembly, "instantiate", async (module) => {
    const instance = new WebAssembly.Instance(module);
    ({ memory } = instance.exports);
    return instance;
  });
  return [await newCore(), memory];
}

/** The C file and line that the number of a failed check stands for (error.h). */
function lineAt(place) {
  const folder = new URL("../../wasm/", import.meta.url);
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".c"));
  const file = names.sort()[Math.floor(place / 1000)];
  const lines = readFileSync(new URL(file, folder), "utf8").split("\n");
  return { file, line: lines[(place % 1000) - 1] };
}

test("a broken invariant ends the core and says its file and line", async (t) => {
  const [core, memory] = await openCore(t);
  const fatal = [];
  core.onFatal = (error, place) => fatal.push(place);
  new Uint8Array(memory.buffer).fill(0, memory.buffer.byteLength / 4); // all that the core allocated
  assert.ok(core.handle("START", { c: new Uint8Array(core.limits.randomBytes) }) < 0);
  assert.equal(fatal.length, 1);
  const { file, line } = lineAt(fatal[0]);
  assert.equal(file, "io/action.c");
  assert.match(line, /PARLEY_CHECK/);
  assert.ok(core.handle("TICK") < 0);
  assert.equal(fatal.length, 1, "once");
});

/** Pseudo-random bytes, the same in every run. */
function* noise(seed) {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 24;
  }
}

test("the core survives garbage from the server and from peers", async (t) => {
  const [ada, bea] = await meet(t, 2);
  const byte = noise(7);
  const { connection: peer } = ada.core.members()[1];
  const samples = [`{"type":"welcome"}`, `{"type":"text","text":"x"}`, `{"type":"error"}`, "[[[["];
  for (let i = 0; i < 3000; i++) {
    const bytes = new TextEncoder().encode(samples[i % samples.length]);
    const at = byte.next().value % bytes.length;
    bytes[at] = byte.next().value;
    ada.core.handle("SERVER_MESSAGE", { a: bytes });
    ada.core.handle("PEER_CANDIDATE_FAILED", { peer: byte.next().value, a: bytes });
    if (i < 10) ada.core.handle("CHANNEL_MESSAGE", { peer, a: bytes });
  }
  assert.equal(ada.lines("WARNING").length, 1);
  bea.say("still here");
  await ada.until((it) => it.lines().includes("still here"));
});

test("the view's texts stay valid when the memory grows", async (t) => {
  const [ada] = await meet(t, 1);
  for (let i = 0; i < 2000; i++) ada.say("y".repeat(3000));
  ada.say("y".repeat(1000));
  assert.equal(ada.core.status().name, "Ada");
  assert.equal(ada.lines().at(-1), "y".repeat(1000));
  assert.equal(ada.lines().at(-2), "y".repeat(3000));
});

test("a link that folding would cut is not shown as a link", async (t) => {
  const [ada] = await meet(t, 1);
  const address = `https://example.org/${"a".repeat(100)}`;
  ada.say(`${"y".repeat(700)} ${address} ${address} ${"y ".repeat(400)}`);
  const line = ada.core.line(ada.core.status().lineEnd - 1);
  assert.equal(line.folded, 1);
  const links = (parts) => parts.filter(({ link }) => link).map(({ text }) => text);
  assert.deepEqual(links(line.parts), []);
  assert.deepEqual(links(line.rest), [address]);
  assert.equal([...line.parts, ...line.rest].map(({ text }) => text).join(""), line.text);
});
