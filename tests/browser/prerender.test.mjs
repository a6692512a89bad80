// Chromium loads a page before anybody opens it if a page with a link requests it (speculation
// rules) or the address bar predicts it. Such a page joins no room, and requests only files from
// the server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp, withPeople } from "./harness.mjs";
import { startMiddlebox } from "./middlebox.mjs";

const { server, browsers } = await setUp();

const linkTo = (url) => {
  const rules = { prerender: [{ urls: [url], eagerness: "immediate" }] };
  return `<!doctype html><link rel="icon" href="data:," /><title>Links</title><a href="${url}">a room</a>
    <script type="speculationrules">${JSON.stringify(rules)}</script>`;
};

const signals = (box) => box.requests.filter(({ path }) => /^\/(?:signal|poll)/.test(path));

test("nobody meets a page that is only prerendered; once opened, it joins at once", async () => {
  const box = await startMiddlebox(server);
  try {
    await withPeople(box, async (open) => {
      const ada = await open(browsers.chromium, `${box.url}?roomId=rendered`, { name: "Ada" });
      const room = ada.page.url();
      const before = signals(box).length;
      box.habits.pages = { "/links": linkTo(room) };
      const loaded = box.until(() =>
        box.requests.some(({ path, purpose }) => /wasm/.test(path) && /prerender/.test(purpose)),
      );
      const grace = await open(browsers.chromium, `${box.url}links`);
      await loaded; // preload.js has run: it asks for the module first
      await grace.page.evaluate(() => fetch("/healthz")); // one round trip later
      assert.equal(signals(box).length, before);
      assert.equal((await ada.people()).length, 1);
      await grace.page.click("a");
      await ada.connectedTo(1);
      const documents = box.requests.filter(({ path }) => room.endsWith(path));
      assert.match(documents.at(-1).purpose, /prerender/, "it was that page which was opened");
      assert.equal(signals(box).length, before + 1);
    });
  } finally {
    await box.close();
  }
});
