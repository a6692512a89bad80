// Ten tabs of one browser where no WebSocket passes: they share its six connections to one host,
// and each joins, receives, and loads without waiting for the others.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Person, setUp } from "./harness.mjs";
import { behind, haproxy } from "./proxies.mjs";

const TABS = 10;
const QUEUED_MS_MAX = 10_000; // half of what a poll waits; it was 20 to 60 s

const { server, browsers } = await setUp();

/** Tabs of one profile, unlike Person.open, which has a context for each. */
async function openTab(context, browser, url, name) {
  const page = await context.newPage();
  const person = new Person(browser.name, context, page);
  await page.evaluateOnNewDocument((chosen) => {
    sessionStorage.setItem("parley.name", JSON.stringify({ name: chosen, code: 0 }));
  }, name);
  await page.goto(url, { waitUntil: "domcontentloaded" }); // a WebSocket delays Firefox's load
  await person.inRoom();
  return person;
}

/** How long a request of the page's waited for a connection, in milliseconds: the longest wait. */
function longestQueued({ page }) {
  return page.evaluate(() => {
    const entries = ["navigation", "resource"].flatMap((type) =>
      performance.getEntriesByType(type),
    );
    return Math.max(...entries.map(({ requestStart, fetchStart }) => requestStart - fetchStart));
  });
}

describe("ten tabs that poll", () => {
  for (const name of ["chromium", "firefox"])
    test(name, () =>
      behind(haproxy(server, "deny"), async (proxy) => {
        const browser = browsers[name];
        const context = await browser.browser.createBrowserContext();
        try {
          const tabs = [];
          for (let i = 0; i < TABS; i++)
            // each a room of its own: what is tested is the way to the server
            tabs.push(await openTab(context, browser, `${proxy.url}?roomId=tabs-${i}`, `T${i}`));
          const guest = await Person.open(browser, `${server.url}?roomId=tabs-0`, { name: "Ada" });
          await tabs[0].connectedTo(1); // through offers, answers and candidates by polling
          await guest.say("heard in a crowd");
          await tabs[0].reads("heard in a crowd");
          await guest.close();
          const queued = [];
          for (const tab of tabs) queued.push(Math.round(await longestQueued(tab)));
          assert.ok(Math.max(...queued) < QUEUED_MS_MAX, `${queued}`);
        } finally {
          await context.close();
        }
      }),
    );
});
