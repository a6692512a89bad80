// Two people whose networks let nothing through between their browsers talk through the server.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, startServerIn, withPeople } from "./harness.mjs";
import { cutBetween, makeNetworks, mendBetween, whyNoNetworks } from "./networks.mjs";

const THROUGH_SERVER = "through the server (sealed)";
const BROWSERS = ["chromium", "firefox"]; // one on each device
const skip = whyNoNetworks() || false;

let networks = null;
let server;
const browsers = [];

before(async () => {
  if (skip) return;
  networks = await makeNetworks(BROWSERS.length);
  server = await startServerIn(networks, "--relay", "on");
  for (const [i, name] of BROWSERS.entries())
    browsers.push(await launch(name, { device: networks.devices[i] }));
});

after(async () => {
  for (const browser of browsers) await browser.close();
  await server?.stop();
  await networks?.stop();
});

/** Waits until |person| reaches the other one in the way that |words| name. */
const reaches = (person, words) =>
  person.until(
    (text) =>
      document.querySelector('#members [data-state="connected"] .person-state')?.textContent ===
      text,
    words,
  );

async function talk(ada, grace, words) {
  await ada.say(`ada ${words}`);
  await grace.say(`grace ${words}`);
  await grace.reads(`ada ${words}`);
  await ada.reads(`grace ${words}`);
}

async function meetApart(open) {
  const [one, other] = browsers.map((browser) => browser.device);
  const ada = await open(browsers[0], server.url, { name: "Ada" });
  await cutBetween(one, other);
  const grace = await open(browsers[1], await ada.link(), { name: "Grace" });
  for (const person of [ada, grace]) await reaches(person, THROUGH_SERVER);
  return [ada, grace, () => mendBetween(one, other)];
}

test(
  "people without a path talk through the server, and directly once there is one",
  { skip },
  () =>
    withPeople(server, async (open) => {
      const [ada, grace, mend] = await meetApart(open);
      await ada.knows("Grace");
      await grace.knows("Ada");
      await talk(ada, grace, "without a path");
      await ada.say("x".repeat(4000));
      await grace.reads("x".repeat(4000));
      await mend();
      for (const person of [ada, grace])
        await person.page.evaluate(() => globalThis.dispatchEvent(new Event("online")));
      for (const person of [ada, grace]) await reaches(person, "connected directly");
      await talk(ada, grace, "with one");
      for (const person of [ada, grace]) {
        assert.deepEqual(await person.notes("lost"), []);
        assert.deepEqual(await person.notes("left"), []);
      }
      assert.deepEqual(
        (await grace.texts()).filter((text) => text.startsWith("ada")),
        ["ada without a path", "ada with one"],
      );
    }),
);

test("a reload comes back through the server", { skip }, () =>
  withPeople(server, async (open) => {
    const [ada, grace, mend] = await meetApart(open);
    await grace.page.reload();
    for (const person of [ada, grace]) await reaches(person, THROUGH_SERVER);
    await talk(ada, grace, "after a reload");
    assert.deepEqual(await ada.notes("left"), []);
    await mend();
  }),
);
