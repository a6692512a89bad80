// Two people behind real proxies that pass no WebSocket, nginx and HAProxy, can still talk, peer to
// peer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openTwo, setUp, withPeople } from "./harness.mjs";
import { behind, haproxy as haproxyOf, nginx as nginxWith } from "./proxies.mjs";

const PROXY_READ_SECONDS = 30; // nginx gives up then; the server must have answered before
const IDLE_MS = 1000 * (PROXY_READ_SECONDS + 5);
const GRACE_SECONDS = 120; // for people who vanish: more than a test waits for anything
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const { server, browsers } = await setUp("--grace-seconds", String(GRACE_SECONDS));

/** A configuration without WebSockets: HTTP/1.0 to the server, and buffers. */
const nginx = (more = "") =>
  nginxWith(`location / {
    proxy_pass ${server.origin};
    proxy_set_header Host $http_host;
    ${more}
  }`);

const haproxy = (rule) => haproxyOf(server, rule);

/** Asserts that they poll, and that only the WebSocket failed. */
function assertPolls({ origin }, ...people) {
  for (const person of people) {
    assert.ok(person.requests.includes(`${origin}/poll`));
    const faults = person.faults.filter((fault) => !/WebSocket|\/signal/.test(fault));
    assert.deepEqual(faults, []);
  }
}

async function talk(ada, grace) {
  await ada.say("Can you hear me?");
  await grace.reads("Can you hear me?");
  await grace.say("Every word");
  await ada.reads("Every word");
}

function testBehind(what, makeProxy, use) {
  test(what, () =>
    behind(makeProxy(), (proxy) =>
      withPeople(proxy, (open) => use(open, proxy), { faultsAllowed: true }),
    ),
  );
}

const redirect = () => haproxy("redirect location / code 302");
const inChromium = (open, proxy) => openTwo(open, proxy, browsers.chromium, browsers.chromium);

testBehind("nginx without upgrade headers", nginx, async (open, proxy) => {
  const [ada, grace] = await inChromium(open, proxy);
  await talk(ada, grace);
  assertPolls(proxy, ada, grace);
});

testBehind("HAProxy that answers every upgrade with 302", redirect, async (open, proxy) => {
  const [ada, grace] = await inChromium(open, proxy);
  await talk(ada, grace);
  assertPolls(proxy, ada, grace);
});

testBehind(
  "HAProxy that never answers an upgrade",
  () => haproxy("tarpit"),
  async (open, proxy) => {
    const [ada, grace] = await inChromium(open, proxy);
    await talk(ada, grace);
    assertPolls(proxy, ada, grace);
  },
);

testBehind("Firefox and Chromium", nginx, async (open, proxy) => {
  const [ada, grace] = await openTwo(open, proxy, browsers.firefox, browsers.chromium);
  await talk(ada, grace);
  assertPolls(proxy, ada, grace);
});

testBehind("one behind the proxy, one not", redirect, async (open, proxy) => {
  const ada = await open(browsers.chromium, proxy.url, { name: "Ada" });
  const link = `${server.url}${await ada.room()}`;
  const grace = await open(browsers.chromium, link, { name: "Grace" });
  await ada.connectedTo(1);
  await talk(ada, grace);
  assertPolls(proxy, ada);
  assert.ok(!grace.requests.some((url) => url.endsWith("/poll")));
});

testBehind("leaving says goodbye", redirect, async (open, proxy) => {
  const [ada, grace] = await inChromium(open, proxy);
  await grace.page.goto("about:blank");
  await ada.readsNote("Grace left");
});

testBehind(
  "nginx that gives up what is silent",
  () => nginx(`proxy_read_timeout ${PROXY_READ_SECONDS}s;`),
  async (open, proxy) => {
    const [ada, grace] = await inChromium(open, proxy);
    await sleep(IDLE_MS); // nothing is said, so nothing but the polls' own end keeps them alive
    const mary = await open(browsers.chromium, ada.page.url(), { name: "Mary" });
    await mary.connectedTo(2);
    await talk(mary, ada);
    await grace.reads("Every word");
    assertPolls(proxy, ada, grace, mary);
  },
);
