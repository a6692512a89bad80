// The network between two people, or of a whole device, is cut and comes back: nobody has to do
// anything.
//
// If network namespaces are available, everybody's browser runs on its own network and the cut is
// real. Otherwise Chromium is told to drop its packets, which shows less.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pass } from "node:timers/promises";
import { beCuttable, cutUdp, goOffline, heal, startGate } from "./faults.mjs";
import { assertNobodyMoved, everybodyReads } from "./harness.mjs";
import { launch, startServerIn, withPeople } from "./harness.mjs";
import { cutBetween, makeNetworks, mendBetween, whyNoNetworks } from "./networks.mjs";

const CUT_MS = 20_000;
const NAMES = ["Ada", "Grace", "Linus", "Yael", "Emmy"];
const BROWSERS = ["chromium", "firefox", "chromium", "firefox", "chromium"]; // one on each device

const why = whyNoNetworks();
const how = why ? "by Chromium's own loss" : "on real networks";
const onlyChromium = why !== "" && `only Chromium loses its packets when told; ${why}`;

let networks = null;
let server;
const browsers = [];

before(async () => {
  if (!why) networks = await makeNetworks(BROWSERS.length);
  server = await startServerIn(networks ?? {});
  for (const [i, name] of BROWSERS.entries()) {
    browsers.push(await launch(name, { device: networks?.devices[i] }));
  }
});

after(async () => {
  for (const browser of browsers) await browser.close();
  await server.stop();
  await networks?.stop();
});

/** Somebody at the device of that index. */
async function openAt(open, index, url, name) {
  const prepare = why && BROWSERS[index] === "chromium" ? beCuttable : undefined;
  const person = await open(browsers[index], url, { name, prepare });
  person.device = browsers[index].device;
  return person;
}

const cut = (one, other) => (why ? cutUdp(one) : cutBetween(one.device, other.device));
const mend = (one, other) => (why ? heal(one) : mendBetween(one.device, other.device));

async function openPair(open, first, second, url) {
  const ada = await openAt(open, first, url, "Ada");
  const grace = await openAt(open, second, `${server.url}${await ada.room()}`, "Grace");
  for (const person of [ada, grace]) await person.connectedTo(1);
  await ada.knows("Grace");
  await grace.knows("Ada");
  return [ada, grace];
}

async function talkThroughCut(ada, grace) {
  const people = await ada.people();
  await cut(ada, grace);
  const cutFor = pass(CUT_MS);
  for (const i of [1, 2, 3]) {
    await ada.say(`ada ${i}`);
    await grace.say(`grace ${i}`);
  }
  await ada.statusSays("Reconnecting to Grace");
  await grace.statusSays("Reconnecting to Ada");
  await ada.say("ada 4");
  await cutFor;
  await mend(ada, grace);
  await grace.reads("ada 4");
  await ada.reads("grace 3");
  for (const person of [ada, grace]) {
    await person.connectedTo(1);
    await person.isQuiet();
  }
  assert.deepEqual(await ada.people(), people);
  const from = (author) => (text) => text.startsWith(author);
  for (const person of [ada, grace]) {
    const texts = await person.texts();
    assert.deepEqual(texts.filter(from("ada")), ["ada 1", "ada 2", "ada 3", "ada 4"]);
    assert.deepEqual(texts.filter(from("grace")), ["grace 1", "grace 2", "grace 3"]);
  }
  await assertNobodyMoved([ada, grace]);
}

describe(`UDP between two people is cut for 20 seconds, ${how}`, { concurrency: true }, () => {
  for (const [first, second] of [
    [0, 2],
    [0, 1],
    [1, 3],
  ]) {
    const skip = BROWSERS[first] === "firefox" && onlyChromium;
    test(`${BROWSERS[first]} and ${BROWSERS[second]}`, { skip }, () =>
      withPeople(
        server,
        async (open) => talkThroughCut(...(await openPair(open, first, second, server.url))),
        { faultsAllowed: true }, // Firefox calls it an error when a path is lost
      ),
    );
  }
});

async function goThroughTunnel(ada, grace, enter, leave) {
  await enter();
  await ada.statusSays("This device is offline");
  await ada.say("Into the tunnel");
  await grace.statusSays("Reconnecting to Ada");
  await grace.say("Where are you?");
  await leave();
  await ada.reads("Where are you?");
  await grace.reads("Into the tunnel");
  for (const person of [ada, grace]) {
    await person.connectedTo(1);
    await person.isQuiet();
  }
  await assertNobodyMoved([ada, grace]);
}

/** Cuts a device off by Chromium's own means, which can drop packets but not sockets. */
async function goThroughTunnelByGate(open, first, second) {
  const gate = await startGate(server);
  try {
    const [ada, grace] = await openPair(open, first, second, gate.url);
    const enter = () => goOffline(ada).then(gate.cut);
    const leave = () => heal(ada, gate.mend());
    await goThroughTunnel(ada, grace, enter, leave);
  } finally {
    gate.stop();
  }
}

async function goThroughTunnelByCable(open, first, second) {
  const [ada, grace] = await openPair(open, first, second, server.url);
  await goThroughTunnel(
    ...[ada, grace],
    () => ada.device.goOffline(),
    () => ada.device.goOnline(),
  );
}

describe(`a device goes offline and online, ${how}`, { concurrency: true }, () => {
  const goThrough = why ? goThroughTunnelByGate : goThroughTunnelByCable;
  for (const [first, second] of [
    [4, 1],
    [3, 2],
  ]) {
    const skip = BROWSERS[first] === "firefox" && onlyChromium;
    test(BROWSERS[first], { skip }, () =>
      withPeople(server, (open) => goThrough(open, first, second), { faultsAllowed: true }),
    );
  }
});

/** Every pair of five once, in rounds of two pairs that have nobody in common. */
const ROUNDS = [0, 1, 2, 3, 4].map((out) => [
  [(out + 1) % 5, (out + 4) % 5],
  [(out + 2) % 5, (out + 3) % 5],
]);

test("five people, and UDP between each pair is cut in turn", { skip: why || false }, () =>
  withPeople(
    server,
    async (open) => {
      const people = [await openAt(open, 0, server.url, NAMES[0])];
      for (const index of [1, 2, 3, 4]) {
        people.push(await openAt(open, index, people[0].page.url(), NAMES[index]));
      }
      for (const person of people) {
        await person.connectedTo(4);
        for (const name of NAMES) await person.knows(name);
      }
      const texts = [];
      for (const round of ROUNDS) {
        for (const [one, other] of round) await cut(people[one], people[other]);
        for (const [one, other] of round) {
          texts.push(`from ${NAMES[one]} to ${NAMES[other]} and all`);
          await people[one].say(texts.at(-1));
          await people[one].sees(NAMES[other], "reconnecting");
          await people[other].sees(NAMES[one], "reconnecting");
        }
        for (const [one, other] of round) await mend(people[one], people[other]);
        for (const text of texts.slice(-round.length)) await everybodyReads(people, text);
        for (const person of people) await person.connectedTo(4);
      }
      for (const person of people) {
        await person.isQuiet();
        assert.deepEqual((await person.texts()).sort(), [...texts].sort());
      }
      await assertNobodyMoved(people);
    },
    { faultsAllowed: true },
  ),
);
