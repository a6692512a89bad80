// Behind a proxy that has Parley at a part of its host, /chat/: every address is beside the page.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setUp, withPeople } from "./harness.mjs";
import { behind, nginx } from "./proxies.mjs";

const { server, browsers } = await setUp();

const UPGRADE = `
  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection upgrade;`;

const atSubPath = (more) =>
  nginx(`
    location / { return 404; }
    location /chat/ {
      proxy_pass ${server.origin}/;
      proxy_set_header Host $http_host;
      ${more}
    }`);

/** Two people meet by the invite link, talk, and never asked for anything outside /chat/. */
async function meetAt(open, browser, page) {
  const ada = await open(browser, page.url, { name: "Ada" });
  const link = await ada.page.$eval("#link", (field) => field.value);
  assert.ok(link.startsWith(`${page.url}#1`), link);
  const grace = await open(browser, link, { name: "Grace" });
  await ada.connectedTo(1);
  await ada.say("under a path");
  await grace.reads("under a path");
  await grace.page.reload();
  await grace.connectedTo(1);
  for (const { requests } of [ada, grace]) {
    const outside = requests.filter((url) => new URL(url).pathname.startsWith("/chat/") === false);
    assert.deepEqual(outside, []);
  }
  return [ada, grace];
}

for (const name of ["chromium", "firefox"])
  describe(name, () => {
    test("over a WebSocket", () =>
      behind(atSubPath(UPGRADE), ({ origin }) => {
        const page = { origin, url: `${origin}/chat/` };
        return withPeople(page, async (open) => {
          const people = await meetAt(open, browsers[name], page);
          for (const { requests } of people)
            assert.ok(!requests.some((url) => url.endsWith("/poll")), "no polling");
        });
      }));

    test("by polling", () =>
      behind(atSubPath(""), ({ origin }) => {
        const page = { origin, url: `${origin}/chat/` };
        const use = async (open) => {
          const people = await meetAt(open, browsers[name], page);
          for (const { requests } of people) assert.ok(requests.includes(`${page.url}poll`));
        };
        return withPeople(page, use, { faultsAllowed: true });
      }));
  });
