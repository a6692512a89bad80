// Opens the page of the built server in Chromium, lets four people talk, and takes pictures.
// Usage: tools/screenshot [DIR]
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { launch, startServer, withPeople } from "../tests/browser/harness.mjs";
import { shootFaults } from "./screenshot-faults.mjs";

const PICTURE = new URL("./picture.png", import.meta.url).pathname;
const PICTURE_BYTES_MAX = 200_000;
const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 360, height: 740 };
/** More viewports, for people who work on the page: each state in each of these too. */
const MORE = {
  side: { width: 740, height: 360 }, // a phone on its side
  zoom: { width: 320, height: 256, deviceScaleFactor: 4 }, // 400%
};

/** The lines of the conversation, in order; a pause in the list of authors begins a new group. */
const TALK = [
  ["grace", "Morning! Are we still on for Saturday?"],
  ["ada", "We are. The boat leaves at nine, from the old pier."],
  ["ada", "Map and timetable: https://example.org/ferry/saturday"],
  ["yael", "\u05de\u05e2\u05d5\u05dc\u05d4, \u05d0\u05e0\u05d9 \u05de\u05d2\u05d9\u05e2\u05d4!"],
  ["yael", "I'll bring:\n\u2013 coffee, two flasks\n\u2013 the good binoculars"],
  ["linus", "Then I bring the apple cake. It was voted for last time, without a count."],
  ["grace", "Nobody here remembers a vote."],
  ["ada", "Nobody here remembers anything. That is rather the point of this place."],
  ["linus", "See you at the pier."],
];
const NAMES = { ada: "Ada", grace: "Grace", yael: "\u05d9\u05e2\u05dc", linus: "Linus" };
const TALKERS = Object.keys(NAMES).length;

async function gather(open, browser, url, options) {
  const people = {};
  for (const [key, name] of Object.entries(NAMES)) {
    const at = people.ada?.page.url() ?? url;
    people[key] = await open(browser, at, { name, ...(key === "ada" ? options : {}) });
    for (const other of Object.values(people)) {
      await other.connectedTo(Object.keys(people).length - 1);
      await other.knows(name);
    }
  }
  return people;
}

async function talk(people) {
  for (const [author, text] of TALK) {
    await people[author].say(text);
    for (const person of Object.values(people)) await person.reads(text);
  }
}

async function shoot(person, viewport, path) {
  await person.page.bringToFront();
  await person.page.setViewport(viewport);
  await person.page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  return person.page.screenshot({ path });
}

async function shootMore(person, state, name) {
  for (const [size, viewport] of Object.entries(MORE)) {
    const path = name(state, size);
    if (path) await shoot(person, viewport, path);
  }
}

/** All states in one colour scheme. @returns the pictures of the talk: {wide, phone} */
async function series(dark, dir) {
  const scheme = dark ? "dark" : "light";
  const server = await startServer();
  const browser = await launch("chromium", { dark });
  const name = (state, size) => (dir ? join(dir, `${state}-${size}-${scheme}.png`) : undefined);
  const taken = {};
  try {
    await withPeople(server, async (open) => {
      const alone = await open(browser, server.url, { dark });
      await alone.statusSays("Nobody else");
      await shoot(alone, WIDE, name("alone", "wide"));
      await shoot(alone, PHONE, name("alone", "phone"));
      await shootMore(alone, "alone", name);
      await alone.close();
      const people = await gather(open, browser, `${server.url}?roomId=saturday`, { dark });
      await talk(people);
      taken.wide = await shoot(people.ada, WIDE, name("talk", "wide"));
      taken.phone = await shoot(people.ada, PHONE, name("talk", "phone"));
      await shootMore(people.ada, "talk", name);
      await people.ada.page.setViewport(PHONE);
      await (await people.ada.byRole("button", `Everybody: ${TALKERS}`)).click();
      await shoot(people.ada, PHONE, name("everybody", "phone"));
      await people.ada.page.keyboard.press("Escape");
      await (await people.ada.byRole("button", "Connection details")).click();
      await shoot(people.ada, PHONE, name("details", "phone"));
      await shoot(people.ada, WIDE, name("details", "wide"));
    });
  } finally {
    await browser.close();
    await server.stop();
  }
  return taken;
}

/** README's picture: the wide page in light and, over its corner, a phone in dark. */
async function compose(wide, phone) {
  const browser = await launch("chromium");
  try {
    const page = await browser.browser.newPage();
    await page.setViewport({ width: 1320, height: 780 });
    await page.setContent(`<style>
      body { margin: 0 }
      img { position: absolute; border-radius: 14px; box-shadow: 0 0 0 1px #0003, 0 4px 12px #0002 }
      .wide { left: 20px; top: 20px; width: 1120px }
      .phone { right: 20px; bottom: 20px; width: 280px; border-radius: 26px }
      </style><img class="wide"><img class="phone">`);
    for (const [kind, bytes] of Object.entries({ wide, phone })) {
      const source = `data:image/png;base64,${Buffer.from(bytes).toString("base64")}`;
      await page.$eval(`.${kind}`, (image, src) => ((image.src = src), image.decode()), source);
    }
    await page.screenshot({ path: PICTURE, omitBackground: true });
  } finally {
    await browser.close();
  }
}

const [dir] = process.argv.slice(2);
if (dir) mkdirSync(dir, { recursive: true });
const light = await series(false, dir);
const dark = await series(true, dir);
if (dir) for (const isDark of [false, true]) await shootFaults(isDark, dir);
await compose(light.wide, dark.phone);
const { size } = statSync(PICTURE);
console.log(`${PICTURE}: ${size} bytes${dir ? `; the others: ${dir}` : ""}`);
if (size > PICTURE_BYTES_MAX) throw new Error(`at most ${PICTURE_BYTES_MAX}`);
