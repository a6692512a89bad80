// Ten tabs of one browser where no WebSocket passes: they share the six connections that it has to one
// host, and each gets in, hears, and loads without waiting for the others.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Person, setUp } from "./harness.mjs";
import { behind, haproxy } from "./proxies.mjs";

const TABS = 10;
const JOIN_MS_MAX = 10_000; // on a slow machine; it was 20 to 60 s

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

describe("ten tabs that poll", () => {
  for (const name of ["chromium", "firefox"])
    test(name, () =>
      behind(haproxy(server, "deny"), async (proxy) => {
        const browser = browsers[name];
        const context = await browser.browser.createBrowserContext();
        const times = [];
        try {
          const tabs = [];
          for (let i = 0; i < TABS; i++) {
            const began = Date.now();
            // each a room of its own: what is tested is the way to the server
            tabs.push(await openTab(context, browser, `${proxy.url}?roomId=tabs-${i}`, `T${i}`));
            times.push(Date.now() - began);
          }
          assert.ok(Math.max(...times) < JOIN_MS_MAX, `${times}`);
          const guest = await Person.open(browser, `${server.url}?roomId=tabs-0`, { name: "Ada" });
          const began = Date.now();
          await tabs[0].connectedTo(1); // through offers, answers and candidates by polling
          assert.ok(Date.now() - began < JOIN_MS_MAX);
          await guest.say("heard in a crowd");
          await tabs[0].reads("heard in a crowd");
          await guest.close();
        } finally {
          await context.close();
        }
      }),
    );
});
