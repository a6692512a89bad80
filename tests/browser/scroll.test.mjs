// The scroll position of the transcript when something happens while its user reads further up.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, openTwo, startServer, withPeople } from "./harness.mjs";

let server;

before(async () => {
  server = await startServer();
});

after(() => server.stop());

const atEnd = () => {
  const log = document.getElementById("log");
  return log.scrollHeight - log.clientHeight - log.scrollTop <= 1;
};

const newsShown = () => !document.getElementById("news").hidden;

/** Enough lines to scroll, and Ada at the top of them. */
async function readUpThere(ada, grace) {
  for (let i = 0; i < 40; i++) await grace.say(`line ${i}\nand more`);
  await ada.reads("line 39\nand more");
  await ada.page.$eval("#log", (log) => (log.scrollTop = 0));
  await grace.say("news");
  await ada.until(newsShown);
}

for (const name of ["chromium", "firefox"]) {
  describe(`${name}: a person reading further up`, () => {
    let browser;
    before(async () => (browser = await launch(name)));
    after(() => browser.close());

    test("goes to the end with a message of their own", () =>
      withPeople(server, async (open) => {
        const [ada, grace] = await openTwo(open, server, browser, browser);
        await readUpThere(ada, grace);
        await ada.say("mine");
        await ada.until(atEnd);
        assert.equal(await ada.page.evaluate(newsShown), false);
      }));

    test("begins at the end of a fresh room", () =>
      withPeople(server, async (open) => {
        const [ada, grace] = await openTwo(open, server, browser, browser);
        const old = await ada.room();
        await readUpThere(ada, grace);
        await (await ada.byRole("button", "Leave room")).click();
        await ada.until((room) => /^#1/.test(location.hash) && location.hash !== room, old);
        await ada.inRoom();
        await ada.until(() => document.querySelector("#lines .said") === null); // the old room's
        await ada.until(() =>
          document.querySelector("#lines .note")?.innerText.includes("You are in"),
        );
        await ada.until(() => document.getElementById("news").hidden);
        await ada.until(() => document.getElementById("log").ariaLive !== "off");
      }));
  });
}
