// A malicious server (liar.mjs). In a sealed room it gets nothing that people say, nor their names,
// and the page says what happened; when the server is honest again, they connect.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { countsOf, watchConnections } from "./faults.mjs";
import { inOpenRoom, launch, Person, startServer, withPeople } from "./harness.mjs";
import { startBetween, startLiar, withoutHello } from "./liar.mjs";

Person.isStill = true;
const SECRET = "the-cake-is-apple-4711";
const STRANGER =
  "Somebody is here without this room's link, or the server made them up. " +
  "You are not connected to them.";
const browsers = {};
let server;

before(async () => {
  server = await startServer();
  for (const name of ["chromium", "firefox"]) browsers[name] = await launch(name);
});

after(async () => {
  for (const browser of Object.values(browsers)) await browser.close();
  await server.stop();
});

/** Ada in Chromium and Grace in Firefox meet through a liar, and not each other yet. */
async function through(url, use) {
  const liar = await startLiar(server);
  try {
    await withPeople(
      liar,
      (open) =>
        use(liar, async () => {
          const ada = await open(browsers.chromium, url(liar).url, {
            name: "Ada",
            before: watchConnections,
          });
          await ada.inRoom();
          const grace = await open(browsers.firefox, ada.page.url(), {
            name: "Grace",
            before: watchConnections,
          });
          await grace.inRoom();
          return [ada, grace];
        }),
      { faultsAllowed: true }, // a page whose socket ends says so on the console
    );
  } finally {
    await liar.close();
  }
}

const sealed = (liar) => liar;
const named = (name) => (liar) => inOpenRoom(liar, name);

async function talk(ada, grace) {
  for (const person of [ada, grace]) await person.connectedTo(1);
  await ada.say(SECRET);
  await grace.reads(SECRET);
  await grace.say(`${SECRET} indeed`);
  await ada.reads(`${SECRET} indeed`);
}

describe("a server with two peers of its own", () => {
  let between;
  const use = async (liar, run) => {
    between = await startBetween(browsers.chromium, liar);
    try {
      await run();
    } finally {
      await between.close();
    }
  };
  const assertHeardNothing = async () => {
    assert.deepEqual(await between.heard(), []);
    assert.equal(await between.opened(), 0);
  };

  test("hears all in an open room whose hellos it takes away, which the page admits", () =>
    through(named("overheard"), (liar, open) =>
      use(liar, async () => {
        liar.habits = { toServer: (message) => between.habits.toServer(withoutHello(message)) };
        const [ada, grace] = await open();
        await talk(ada, grace);
        const heard = (await between.heard()).join("\n");
        for (const words of [SECRET, `${SECRET} indeed`, "Ada", "Grace"])
          assert.ok(heard.includes(words), words);
        const [words] = await ada.notes("entered");
        assert.match(words, /Anyone who knows the name can join, and the server could listen/);
      }),
    ));

  test("gets nobody to connect in a sealed room whose hellos it takes away", () =>
    through(sealed, (liar, open) =>
      use(liar, async () => {
        liar.habits = { toServer: (message) => between.habits.toServer(withoutHello(message)) };
        const [ada, grace] = await open();
        for (const person of [ada, grace]) await person.readsNote(STRANGER);
        await assertHeardNothing();
        liar.beHonest();
        await talk(ada, grace);
        await assertHeardNothing();
      }),
    ));
});

test("hellos that the server swaps count for nobody, until it is honest", () =>
  through(sealed, async (liar, open) => {
    const own = new Map();
    liar.habits = {
      toServer: (message, page) => {
        if (message.hello) own.set(page, message.hello);
        return [message];
      },
      toPage: (message, page) => {
        const { hello, hellos } = message;
        if (hello) return [{ ...message, hello: own.get(page) }];
        if (hellos) return [{ ...message, hellos: hellos.map(() => own.get(page)) }];
        return [message];
      },
    };
    const [ada, grace] = await open();
    for (const person of [ada, grace]) {
      await person.readsNote(STRANGER);
      assert.equal((await person.people()).length, 1); // themselves
    }
    liar.beHonest();
    await talk(ada, grace);
  }));

/** All that |liar| passed on to pages, once more, to everybody. */
function repeat(liar, passed) {
  for (const page of liar.pages)
    for (const message of passed) if (!page.isClosed()) page.toPage(message);
}

test("signals that the server repeats and redirects change nothing", () =>
  through(sealed, async (liar, open) => {
    const passed = [];
    liar.habits = {
      toPage: (message) => {
        if (message.type === "sealed") passed.push(message);
        return [message];
      },
    };
    const [ada, grace] = await open();
    await talk(ada, grace);
    const { connections } = await countsOf(ada);
    assert.ok(passed.length > 2);
    repeat(liar, [...passed]);
    await grace.page.reload(); // to everybody, it comes after all that was repeated
    await grace.inRoom();
    repeat(liar, [...passed]); // those of her page before, too
    await ada.say("Are you back?");
    await grace.reads("Are you back?");
    for (const person of [ada, grace]) await person.connectedTo(1);
    assert.deepEqual(await ada.notes("lost"), []);
    assert.equal((await countsOf(ada)).connections, connections + 1);
  }));
