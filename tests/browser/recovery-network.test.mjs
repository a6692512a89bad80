// The server, or single connections, go and come back: nobody has to do anything.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pass } from "node:timers/promises";
import { closeOldestConnection, countsOf, watchConnections } from "./faults.mjs";
import { assertNobodyMoved, everybodyReads } from "./harness.mjs";
import { openTwo, Person, setUp, startServer, withPeople } from "./harness.mjs";

const OUTAGE_MS = 10_000;
const NAMES = ["Ada", "Grace", "Linus", "Yael", "Emmy"];

Person.isStill = true;
const { server, browsers } = await setUp();

/** Everybody in one new room, connected to everybody. */
async function openAll(open, url, who) {
  const people = [];
  for (const [i, browser] of who.entries()) {
    const at = people[0]?.page.url() ?? url;
    people.push(await open(browser, at, { name: NAMES[i], before: watchConnections }));
  }
  for (const person of people) {
    await person.connectedTo(people.length - 1);
    for (const name of NAMES.slice(0, people.length)) await person.knows(name);
  }
  return people;
}

/** Everybody has the same texts of each author, in the author's order. */
async function assertSameTexts(people, texts) {
  for (const person of people) assert.deepEqual((await person.texts()).sort(), [...texts].sort());
}

test("five people, and the server is killed and restarted 10 seconds later", async () => {
  const first = await startServer();
  let second;
  await withPeople(
    first,
    async (open) => {
      const people = await openAll(open, first.url, Array(5).fill(browsers.chromium));
      const [ada, grace] = people;
      await first.kill();
      const outage = pass(OUTAGE_MS);
      for (const person of people) await person.statusSays("server is out of reach");
      await ada.say("Is the server gone?");
      await everybodyReads(people, "Is the server gone?");
      await grace.say("It is. Never mind.");
      await everybodyReads(people, "It is. Never mind.");
      await outage;
      second = await startServer("--port", String(first.port));
      for (const person of people) {
        await person.isQuiet();
        await person.connectedTo(4);
        assert.deepEqual(await countsOf(person), { connections: 4, closedChannels: 0 });
      }
      await assertNobodyMoved(people);
      const newcomer = await open(browsers.chromium, ada.page.url(), { name: "Mary" });
      await newcomer.connectedTo(5);
      await newcomer.say("What did I miss?");
      await everybodyReads(people, "What did I miss?");
      for (const person of people) assert.deepEqual(await person.notes("left"), []);
      const said = ["Is the server gone?", "It is. Never mind.", "What did I miss?"];
      await assertSameTexts(people, said);
    },
    { faultsAllowed: true },
  );
  await second.stop();
});

test("the server is restarted under Chromium and Firefox", async () => {
  const first = await startServer();
  let second;
  await withPeople(
    first,
    async (open) => {
      const [ada, grace] = await openTwo(open, first, browsers.chromium, browsers.firefox);
      await first.stop();
      for (const person of [ada, grace]) await person.statusSays("server is out of reach");
      second = await startServer("--port", String(first.port));
      for (const person of [ada, grace]) await person.isQuiet();
      await grace.say("And back");
      await ada.reads("And back");
      await assertNobodyMoved([ada, grace]);
    },
    { faultsAllowed: true },
  );
  await second.stop();
});

test("five people, and each pair's connection is closed in turn", () =>
  withPeople(
    server,
    async (open) => {
      const { chromium, firefox } = browsers;
      const who = [chromium, firefox, chromium, firefox, chromium];
      const people = await openAll(open, server.url, who);
      const texts = [];
      for (const [i, person] of people.entries()) {
        // A new connection comes last: the oldest ones are those to the people after this one.
        for (let cuts = people.length - 1 - i; cuts > 0; cuts--) {
          await closeOldestConnection(person);
          texts.push(`cut ${texts.length}`);
          await person.say(texts.at(-1));
          await everybodyReads(people, texts.at(-1));
        }
      }
      for (const person of people) {
        await person.connectedTo(people.length - 1);
        await person.isQuiet();
        assert.deepEqual(await person.texts(), texts);
      }
      await assertNobodyMoved(people);
    },
    { faultsAllowed: true }, // Firefox says on the console that a connection failed
  ));
