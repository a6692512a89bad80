// How the page adapts to the network between a browser and the server: a proxy that cuts idle
// connections, a tunnel that passes nothing, WebSockets that work again, and a refusal.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Person, setUp, withPeople } from "./harness.mjs";
import { startMiddlebox } from "./middlebox.mjs";
import { behind, nginx } from "./proxies.mjs";

const IDLE_MS = 15_000;

Person.isStill = true;
const { server, browsers } = await setUp();
// What a proxy did to a page is nobody's to begin with.
for (const { pages } of Object.values(browsers)) pages.areKept = false;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs |use| behind a box with |habits|, which the harness uses like a server. */
async function boxed(habits, use) {
  const box = await startMiddlebox(server, habits);
  try {
    await withPeople(box, (open) => use(open, box), { faultsAllowed: true });
  } finally {
    await box.close();
  }
}

/** Records every status text from now on. */
async function watchStatus(person) {
  await person.page.evaluate(() => {
    const status = document.getElementById("status");
    globalThis.said = [status.textContent];
    new MutationObserver(() => globalThis.said.push(status.textContent)).observe(status, {
      ...{ childList: true, characterData: true, subtree: true },
    });
  });
  return () => person.page.evaluate(() => globalThis.said);
}

const sockets = (box) => box.requests.filter(({ path }) => path === "/signal").length;

/** A silent person behind a box that cuts idle connections. */
async function beCut(open, box, browser) {
  const ada = await open(browser, box.url, { name: "Ada" });
  const said = await watchStatus(ada);
  await box.until(() => box.cuts === 2); // both teach; of polls the server, since Chromium repeats
  await sleep(2 * IDLE_MS + 1000); //        them without a word. Here it would be cut again.
  assert.equal(box.cuts, 2, "it is never silent for so long any more");
  assert.ok(!(await said()).some((text) => /out of reach/.test(text)), await said());
  const grace = await open(browser, ada.page.url(), { name: "Grace" });
  await grace.connectedTo(1);
}

test("a proxy that cuts at 15 s of silence is noticed by nobody", () =>
  Promise.all(
    [
      { browser: browsers.chromium },
      { browser: browsers.firefox },
      { browser: browsers.chromium, deny: true }, // so that it polls
      { browser: browsers.firefox, deny: true },
    ].map(({ browser, ...habits }) =>
      boxed({ idleMs: IDLE_MS, ...habits }, (open, box) => beCut(open, box, browser)),
    ),
  ));

for (const name of ["chromium", "firefox"])
  test(`a tunnel that passes no frame costs three seconds: ${name}`, () =>
    boxed({ silent: true }, async (open, box) => {
      const ada = await open(browsers[name], box.url, { name: "Ada" });
      const poll = box.requests.find(({ path }) => path === "/poll");
      assert.equal(poll?.swallowing, 1, "she does not give the tunnel up first, which takes 40 s");
      const grace = await open(browsers[name], ada.page.url(), { name: "Grace" });
      await grace.connectedTo(1);
      assert.deepEqual(await ada.notes("left"), []);
    }));

test("polling moves to a WebSocket when one passes, and nobody notices", () =>
  boxed({ silent: true }, async (open, box) => {
    const ada = await open(browsers.chromium, box.url, { name: "Ada" });
    const grace = await open(browsers.chromium, `${server.url}${await ada.room()}`, {
      name: "Grace",
    });
    await grace.connectedTo(1);
    const said = [await watchStatus(ada), await watchStatus(grace)];
    const before = sockets(box);
    box.habits.silent = false;
    await box.until(() => sockets(box) > before);
    await ada.until(() => sessionStorage.getItem("parley.transport") === "0"); // it is taken
    await ada.say("by another way");
    await grace.reads("by another way");
    for (const person of [ada, grace])
      for (const kind of ["left", "lost"]) assert.deepEqual(await person.notes(kind), []);
    for (const one of said)
      assert.ok(!(await one()).some((text) => /out of reach|Reconnecting/.test(text)));
  }));

test("a Host header that is not the page's is shown with what to do", () =>
  behind(
    nginx(`location / {
      proxy_pass ${server.origin};
      proxy_http_version 1.1;
      proxy_set_header Host internal.example;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
    }`),
    (proxy) =>
      withPeople(
        proxy,
        async (open) => {
          const ada = await open(browsers.chromium, proxy.url);
          await ada.statusSays("Let the proxy pass the Host header on");
          await ada.statusSays("Parley keeps trying");
        },
        { faultsAllowed: true },
      ),
  ));

test("a proxy that passes only the page is shown, and that it may be the proxy", () =>
  behind(
    nginx(`
      location / { proxy_pass ${server.origin}; proxy_set_header Host $http_host; }
      location = /signal { return 403; }
      location = /poll { return 404; }`),
    (proxy) =>
      withPeople(
        proxy,
        async (open) => {
          const ada = await open(browsers.chromium, proxy.url);
          await ada.statusSays("There is no Parley server at this address, or a proxy hides it");
        },
        { faultsAllowed: true },
      ),
  ));
