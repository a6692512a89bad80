// Takes pictures of the page when something is wrong: wide and phone, light or dark.
import { join } from "node:path";
import { crash, cutUdp, beCuttable, goOffline } from "../tests/browser/faults.mjs";
import { launch, openTwo, startServer, withPeople } from "../tests/browser/harness.mjs";

const SIZES = {
  wide: { width: 1440, height: 900 },
  phone: { width: 360, height: 740 },
};

const LOST_MS_MAX = 120_000; /* an ICE restart and a new connection have failed by then */

async function shoot(person, state, { dir, scheme }) {
  await person.page.bringToFront();
  for (const [size, viewport] of Object.entries(SIZES)) {
    await person.page.setViewport(viewport);
    await person.page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    await person.page.screenshot({ path: join(dir, `fault-${state}-${size}-${scheme}.png`) });
  }
}

async function talk(ada, grace) {
  await grace.say("Are you on the train already?");
  await ada.reads("Are you on the train already?");
  await ada.say("Just left the station. There is a tunnel ahead.");
  await grace.reads("Just left the station. There is a tunnel ahead.");
}

const FAULTS = {
  async reconnecting({ open, server, browser, dark }, take) {
    const how = { dark, prepare: beCuttable };
    const [ada, grace] = await openTwo(open, server, browser, browser, how);
    const linus = await open(browser, ada.page.url(), { name: "Linus" });
    for (const person of [ada, grace, linus]) await person.connectedTo(2);
    await talk(ada, grace);
    await cutUdp(grace);
    await ada.statusSays("Reconnecting to Grace");
    await ada.say("Can you still read this?");
    await take(ada, "reconnecting");
    const isLost = () => document.querySelector("#lines [data-kind=lost]") !== null;
    await ada.page.waitForFunction(isLost, { polling: 100, timeout: LOST_MS_MAX });
    await take(ada, "lost");
    await (await ada.byRole("button", "Connection details")).click();
    await take(ada, "lost-details");
  },

  async killed({ open, server, browser, dark }, take) {
    const [ada, grace] = await openTwo(open, server, browser, browser, { dark });
    await talk(ada, grace);
    const linus = await open(browser, ada.page.url(), { name: "Linus" });
    for (const person of [ada, grace, linus]) await person.connectedTo(2);
    await ada.knows("Linus"); // the name comes after the connection
    await crash(linus);
    await ada.statusSays("Reconnecting to Linus");
    await take(ada, "killed");
  },

  async server({ open, server, browser, dark }, take) {
    const [ada, grace] = await openTwo(open, server, browser, browser, { dark });
    await talk(ada, grace);
    const alone = await open(browser, server.url, { dark, name: "Linus" });
    await server.kill();
    await ada.statusSays("out of reach");
    await alone.statusSays("out of reach");
    await take(ada, "server-away");
    await take(alone, "server-away-alone");
  },

  async offline({ open, server, browser, dark }, take) {
    const how = { dark, prepare: beCuttable };
    const [ada, grace] = await openTwo(open, server, browser, browser, how);
    await talk(ada, grace);
    await goOffline(ada);
    await ada.statusSays("offline");
    await take(ada, "offline");
  },

  async refused({ open, server, browser, dark }, take) {
    const bad = await open(browser, `${server.url}?roomId=a`, { dark });
    await bad.statusSays("Names of rooms have");
    await take(bad, "refused");
    const without = () => delete globalThis.RTCPeerConnection;
    const old = await open(browser, server.url, { dark, before: without });
    await old.statusSays("WebRTC is missing");
    await take(old, "no-webrtc");
  },

  async fatal({ open, server, browser, dark }, take) {
    const [ada, grace] = await openTwo(open, server, browser, browser, { dark });
    await talk(ada, grace);
    const breakNow = () => (globalThis.TextEncoder.prototype.encodeInto = () => undefined());
    await ada.page.evaluate(breakNow);
    await ada.say("anything");
    await ada.statusSays("stopped working");
    await take(ada, "fatal");
  },
};

/** All faults in one colour scheme, as files in |dir|. */
export async function shootFaults(dark, dir) {
  const scheme = dark ? "dark" : "light";
  const browser = await launch("chromium", { dark });
  try {
    for (const use of Object.values(FAULTS)) {
      const server = await startServer();
      const take = (person, state) => shoot(person, state, { dir, scheme });
      const faultsAllowed = { faultsAllowed: true };
      await withPeople(server, (open) => use({ open, server, browser, dark }, take), faultsAllowed);
      await server.stop();
    }
  } finally {
    await browser.close();
  }
}
