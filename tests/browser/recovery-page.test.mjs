// One page is frozen, reloaded, duplicated, killed, left and entered again.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pass } from "node:timers/promises";
import { crash, setFrozen } from "./faults.mjs";
import { inOpenRoom, openTwo, Person, setUp, withPeople } from "./harness.mjs";

const GRACE_SECONDS = 22; /* the others notice by themselves within 15 */
const VISITS = 10;
const FREEZE_MS = 60_000;

Person.isStill = true;
const { server, browsers, inEach } = await setUp("--grace-seconds", String(GRACE_SECONDS));

/** The first letters of the ids under which somebody joined, by what the server said. */
function idsJoined(output) {
  return new Set([...output.matchAll(/ joined room=\S+ member=(\S+)/g)].map(([, id]) => id));
}

inEach("who leaves and comes back ten times is there once", async (open, browser) => {
  // An open room: to go from one sealed room to another is to change the fragment, which loads no
  // page by itself.
  const place = inOpenRoom(server, `ten-visits-${browser.name}`);
  const [ada, grace] = await openTwo(open, place, browser, browsers.chromium);
  const room = ada.page.url();
  for (let visit = 0; visit < VISITS; visit++) {
    // She is in, and not still in the room for which she left: the browser takes its time.
    await ada.until(
      (url) => location.href === url && document.getElementById("leave").checkVisibility(),
      room,
    );
    await (await ada.byRole("button", "Leave room")).click();
    await ada.page.goto(room); // and out again before anybody is connected
  }
  for (const person of [ada, grace]) {
    await person.connectedTo(1);
    await person.knows("Grace");
    await person.knows("Ada");
  }
  await ada.say("Here I am");
  await grace.reads("Here I am");
  await grace.say("So I see");
  await ada.reads("So I see");
  const [left, back] = [await grace.notes("left"), await grace.notes("joined")];
  assert.ok(left.every((text) => text === "Ada left"));
  assert.equal(left.length, back.length, "one 'joined' for each 'left'");
});

/** For |before|: a network that lets no WebSocket through. */
function blockWebSockets() {
  globalThis.WebSocket = class {
    static OPEN = 1;
    readyState = 0;
    constructor() {
      queueMicrotask(() => {
        this.readyState = 3;
        this.onclose?.({ code: 1006 });
      });
    }
    send() {}
    close() {}
  };
}

inEach("where WebSockets are blocked people meet all the same", async (open, browser) => {
  const ada = await open(browser, server.url, { name: "Ada", before: blockWebSockets });
  const grace = await open(browsers.chromium, ada.page.url(), { name: "Grace" });
  for (const person of [ada, grace]) await person.connectedTo(1);
  await ada.say("Through the keyhole");
  await grace.reads("Through the keyhole");
  await ada.page.reload();
  await ada.connectedTo(1); // the goodbye arrives this way too: else she would be refused, or wait
  await grace.connectedTo(1);
  assert.deepEqual(await grace.notes("left"), []);
  await ada.page.close();
  await grace.until(() => document.querySelectorAll("#members > li").length === 1);
});

inEach("who reloads is the same member, in the same colour", async (open, browser) => {
  const before = server.output().length;
  const [ada, grace] = await openTwo(open, server, browser, browsers.chromium);
  const [{ colour }] = await ada.people();
  await ada.page.reload();
  for (const person of [ada, grace]) await person.connectedTo(1);
  await grace.knows("Ada");
  assert.deepEqual(await grace.notes("left"), []); // nobody is told
  assert.equal((await grace.notes("joined")).length + (await grace.notes("here")).length, 1);
  assert.equal((await ada.people())[0].colour, colour);
  assert.equal((await grace.people())[1].colour, colour);
  assert.equal(idsJoined(server.output().slice(before)).size, 2);
});

inEach("a duplicated tab is another member", async (open, browser) => {
  const [ada, grace] = await openTwo(open, server, browser, browsers.chromium);
  const opened = new Promise((resolve) => ada.page.once("popup", resolve));
  await ada.page.evaluate(() => window.open(location.href) && true); // with a copy of its storage
  const twin = new Person(browser.name, ada.context, await opened);
  for (const person of [ada, grace, twin]) await person.connectedTo(2);
  await grace.knows("Ada (2)"); // the name comes after the connection
  assert.deepEqual(
    (await grace.people()).map(({ name }) => name),
    ["Grace", "Ada", "Ada (2)"],
  );
  assert.equal(new Set((await grace.people()).map(({ colour }) => colour)).size, 3);
  await twin.say("I am the other one");
  for (const person of [ada, grace]) await person.reads("I am the other one");
  assert.deepEqual(await grace.notes("left"), []);
  await twin.page.close();
  for (const person of [ada, grace]) await person.connectedTo(1);
});

describe("a page whose core is broken says where", () => {
  // From |coreLost| on, the next event meets a core that has lost all that it allocated.
  const makeBreakable = () => {
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async (module) => {
      const { exports } = await instantiate(module);
      const parley_handle = (...args) => {
        if (!globalThis.coreLost) return exports.parley_handle(...args);
        const { buffer } = exports.memory;
        new Uint8Array(buffer).fill(0, buffer.byteLength / 4);
        return exports.parley_handle(0, 0, 0, 0, 0, 32, 1, 1, 0); // START
      };
      return { exports: { ...exports, parley_handle } };
    };
  };
  for (const name of Object.keys(browsers)) {
    test(name, () =>
      withPeople(
        server,
        async (open) => {
          const ada = await open(browsers[name], server.url, {
            name: "Ada",
            before: makeBreakable,
          });
          await ada.page.evaluate(() => (globalThis.coreLost = true));
          await ada.fill("#message", "anything");
          await ada.statusSays("Parley stopped working (");
          const said = await ada.page.evaluate(async () => {
            for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame); // it stays
            return document.getElementById("status").textContent;
          });
          assert.match(said, /^Parley stopped working \(\d{4,}\)\. Reload/);
        },
        { faultsAllowed: true }, // it says so on the console, too
      ),
    );
  }
});

// Each of them is mostly a wait, so they wait together.
describe("a page goes silent", { concurrency: true }, () => {
  describe("a page is frozen for a minute and thawed", () => {
    test("chromium", () =>
      withPeople(
        server,
        async (open) => {
          const [ada, grace] = await openTwo(open, server, browsers.chromium, browsers.firefox);
          await setFrozen(ada, true);
          const frozenFor = pass(FREEZE_MS);
          await grace.say("one");
          await grace.say("two");
          await grace.sees("Ada", "reconnecting");
          await grace.say("three");
          await frozenFor;
          await setFrozen(ada, false);
          await ada.reads("three");
          assert.deepEqual(await ada.texts(), ["one", "two", "three"]);
          await ada.say("good morning");
          await grace.reads("good morning");
          for (const person of [ada, grace]) {
            await person.connectedTo(1);
            assert.deepEqual(await person.notes("left"), []);
          }
        },
        { faultsAllowed: true }, // a frozen page loses its socket, and says so on the console
      ));

    test("firefox", { skip: "nothing freezes a page of Firefox on demand" }, () => {});
  });

  describe("a tab is killed: the others wait for it, and then it has left", () => {
    test("chromium", () =>
      withPeople(
        server,
        async (open) => {
          const [ada, grace] = await openTwo(open, server, browsers.chromium, browsers.firefox);
          const linus = await open(browsers.chromium, ada.page.url(), { name: "Linus" });
          for (const person of [ada, grace, linus]) await person.connectedTo(2);
          for (const person of [ada, grace]) await person.knows("Linus");
          await crash(linus);
          for (const person of [ada, grace]) {
            await person.sees("Linus", "reconnecting");
            assert.deepEqual(await person.notes("left"), []);
          }
          for (const person of [ada, grace]) {
            await person.readsNote("Linus left");
            await person.connectedTo(1);
            assert.deepEqual(await person.notes("left"), ["Linus left"]);
          }
        },
        { faultsAllowed: true },
      ));

    test("firefox", { skip: "nothing kills a single tab of Firefox on demand" }, () => {});
  });
});
