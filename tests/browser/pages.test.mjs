// A page that is used again has nothing of the person who had it before; one in which something would
// stay is not used again.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setUp, withPeople } from "./harness.mjs";

const { server, browsers, inEach } = await setUp();

/** The person who opened a page for |use|, which she has no more. */
async function whoHad(browser, use, options) {
  let person;
  await withPeople(server, async (open) => {
    person = await open(browser, server.url, options);
    await use(person);
  });
  return person;
}

/** In the page: leaves something at every place. */
function leaveTraces() {
  localStorage.setItem("trace", "1");
  sessionStorage.setItem("trace", "1");
}

const findTraces = () => ({
  script: "trace" in globalThis,
  local: localStorage.getItem("trace"),
  session: sessionStorage.getItem("trace"),
  isAda: document.getElementById("name").value === "Ada",
});

inEach("a page has nothing of the person before", async (open, browser) => {
  const before = () => (globalThis.trace = true);
  const ada = await whoHad(browser, ({ page }) => page.evaluate(leaveTraces), {
    name: "Ada",
    before,
  });
  const heard = ada.requests.length;
  const grace = await open(browser, server.url);
  assert.equal(grace.page, ada.page);
  await grace.inRoom();
  assert.deepEqual(await grace.page.evaluate(findTraces), {
    script: false,
    local: null,
    session: null,
    isAda: false,
  });
  assert.equal(ada.requests.length, heard);
});

describe("a page is not used again", () => {
  for (const [what, use] of Object.entries({
    "to which a test has talked itself": ({ page }) => page.createCDPSession(),
    "whose place has another": ({ context }) => context.newPage(),
    "that is elsewhere": ({ page }) => page.goto("about:blank"),
  }))
    test(what, async () => {
      const ada = await whoHad(browsers.chromium, use);
      await withPeople(server, async (open) => {
        const grace = await open(browsers.chromium, server.url);
        assert.notEqual(grace.page, ada.page);
        assert.ok(ada.page.isClosed());
      });
    });
});
