// Two and more people talk, in Chromium, in Firefox, and in one of each.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { inOpenRoom, openTwo, setUp, startServer, withPeople } from "./harness.mjs";
import { openSilentMember } from "./silent-member.mjs";

const PAIRS = [
  ["chromium", "chromium"],
  ["firefox", "firefox"],
  ["chromium", "firefox"],
];

const { server, browsers } = await setUp();

// A tab that is closed may say nothing; the server waits so long before it believes that.
const impatient = await startServer("--grace-seconds", "2");
after(() => impatient.stop());

function forEachPair(what, use, { at = server, expected } = {}) {
  describe(what, () => {
    for (const names of PAIRS) {
      test(names.join(" and "), () =>
        withPeople(at, (open) => use(open, ...names.map((name) => browsers[name])), { expected }),
      );
    }
  });
}

forEachPair("a room is made, its link joined, and both talk", async (open, first, second) => {
  const ada = await open(first, server.url, { name: "Ada" });
  const room = await ada.room();
  assert.match(room, /^#1[\w-]{22}$/);
  await ada.statusSays("Nobody else is here yet");

  const grace = await open(second, await ada.link(), { name: "Grace" });
  await ada.connectedTo(1);
  await grace.connectedTo(1);
  assert.equal(await grace.room(), room);

  await ada.say("Good morning");
  await grace.reads("Good morning");
  await grace.say("And to you");
  for (const person of [ada, grace]) await person.reads("And to you");
  assert.deepEqual(await ada.texts(), ["Good morning", "And to you"]);
  assert.deepEqual(await grace.texts(), ["Good morning", "And to you"]);
  const [fromAda] = (await grace.lines()).filter(({ kind }) => kind === "text");
  assert.deepEqual([fromAda.author, fromAda.own], ["Ada", false]);
});

forEachPair("a third comes late, takes a new name, and leaves", async (open, first, second) => {
  const [ada, grace] = await openTwo(open, server, first, second);
  await ada.say("Only two of us");
  await grace.reads("Only two of us");
  const linus = await open(second, ada.page.url(), { name: "Linus" });
  for (const person of [ada, grace, linus]) await person.connectedTo(2);
  const colours = (await ada.people()).map(({ colour }) => colour);
  assert.equal(new Set(colours).size, 3);

  await linus.say("Three of us");
  for (const person of [ada, grace, linus]) await person.reads("Three of us");
  assert.deepEqual(await linus.texts(), ["Three of us"]); // what was said before is not told

  await linus.rename("Torvald");
  for (const person of [ada, grace]) {
    await person.knows("Torvald");
    await person.readsNote("Linus is now Torvald");
  }

  const room = await linus.room();
  await (await linus.byRole("button", "Leave room")).click();
  await linus.until((old) => /^#1/.test(location.hash) && location.hash !== old, room);
  await linus.statusSays("Nobody else is here yet");
  for (const person of [ada, grace]) {
    await person.readsNote("Torvald left");
    await person.connectedTo(1);
    assert.deepEqual(await person.notes("left"), ["Torvald left"]);
  }
  await (await linus.byRole("link", "Go back")).click();
  for (const person of [ada, grace, linus]) await person.connectedTo(2);
  assert.equal(await linus.room(), room);
});

forEachPair("a reload comes back to the same room and name", async (open, first, second) => {
  const [ada, grace] = await openTwo(open, server, first, second);
  const room = await grace.room();
  await grace.fill("#message", "not sent yet");
  await grace.page.reload();
  await grace.connectedTo(1);
  assert.equal(await grace.room(), room);
  assert.equal((await grace.people())[0].name, "Grace");
  await ada.connectedTo(1);
  await ada.knows("Grace");
  assert.equal((await ada.notes("left")).length, 0); // it is the same person: nobody is told
  assert.equal((await ada.notes("joined")).length, 1);
  assert.equal(await grace.page.$eval("#message", (box) => box.value), "not sent yet");
  await grace.say("Back again");
  await ada.reads("Back again");
});

async function closesTab(open, first, second) {
  const [ada, grace] = await openTwo(open, impatient, first, second);
  const linus = await open(first, ada.page.url(), { name: "Linus" });
  for (const person of [ada, grace, linus]) await person.connectedTo(2);
  for (const person of [ada, grace]) await person.knows("Linus");
  await linus.page.close();
  for (const person of [ada, grace]) await person.readsNote("Linus left");
  // A text that both exchange afterwards comes after everything that the departure could cause.
  await ada.say("Where is Linus?");
  await grace.reads("Where is Linus?");
  await grace.say("Gone");
  await ada.reads("Gone");
  for (const person of [ada, grace]) {
    assert.deepEqual(await person.notes("left"), ["Linus left"]);
    assert.deepEqual(await person.notes("lost"), []);
  }
}

// Firefox itself may say so of a peer that is gone without a word; it is no fault of the page.
const expected =
  "Error: WebRTC: ICE failed, add a STUN server and see about:webrtc for more details";

forEachPair("a closed tab is one 'left' line for the others", closesTab, {
  at: impatient,
  expected,
});

forEachPair("who never connects keeps no text from the others", async (open, first, second) => {
  const place = inOpenRoom(server, `silent-${first.name}-${second.name}`);
  const [ada, grace] = await openTwo(open, place, first, second);
  const silent = await openSilentMember(server, await ada.room());
  for (const person of [ada, grace]) {
    await person.until(() => document.querySelector('#members [data-state="connecting"]') !== null);
  }
  await ada.say("Does this arrive?");
  await grace.reads("Does this arrive?");
  await grace.say("It does");
  await ada.reads("It does");
  silent.send(JSON.stringify({ type: "leave" }));
  await ada.connectedTo(1);
});
