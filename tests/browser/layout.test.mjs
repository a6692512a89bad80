// Every control is in reach, covers nothing else and is not cut off: in windows of every size, with
// letters of twice the size, from left to right and from right to left.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { launch, startServer, withPeople } from "./harness.mjs";

/** Width and height in CSS pixels. All but the largest letters leave the page without a scrollbar. */
const WINDOWS = {
  wide: [1440, 900],
  small: [1024, 600],
  "barely wide": [833, 400],
  "barely narrow": [831, 900],
  "zoomed to 200%": [640, 512],
  "zoomed to 400%": [320, 256],
  phone: [360, 740],
  "small phone": [320, 568],
  "phone with its keyboard": [360, 400],
  "phone on its side": [740, 360],
  "small phone on its side": [568, 264],
};
const USUAL_PX = 16;
const LETTERS_PX = { usual: USUAL_PX, large: 32 };
const pageHash = execFileSync(process.env.PARLEY_BINARY, ["--page-hash"]).toString().slice(0, 64);
const LONG_NAMES = ["W".repeat(32), "Grace Brewster Murray Hopper"];

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/** In the page: describes faults of its controls. */
function findFaults({ mayScroll, dir }) {
  document.documentElement.dir = dir;
  const root = document.documentElement;
  const faults = [];
  const nameOf = (one) => one.id || one.innerText || one.tagName;
  const dialog = document.querySelector("dialog[open]") ?? document;
  const controls = [...dialog.querySelectorAll("button, input, textarea, a[href]")].filter((one) =>
    one.checkVisibility({ visibilityProperty: true }),
  );

  if (root.scrollWidth > root.clientWidth) faults.push(`${root.scrollWidth} px wide`);
  if (!mayScroll && root.scrollHeight > root.clientHeight)
    faults.push(`${root.scrollHeight} px high`);

  for (const [i, one] of controls.entries()) {
    const a = one.getBoundingClientRect();
    for (const other of controls.slice(i + 1)) {
      const b = other.getBoundingClientRect();
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 0.5 && down > 0.5) faults.push(`${nameOf(one)} covers ${nameOf(other)}`);
    }
  }
  for (const one of controls) {
    one.scrollIntoView({ block: "nearest" });
    const { left, right, top, bottom } = one.getBoundingClientRect();
    const inside = left > -1 && right < innerWidth + 1 && top > -1 && bottom < innerHeight + 1;
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (!inside || !one.contains(hit))
      faults.push(`${nameOf(one)} is out of reach: ${left}, ${top} to ${right}, ${bottom}`);
    const mayBeCut = one.matches("input, textarea, #room-button");
    if (!mayBeCut && one.scrollWidth > one.clientWidth + 1) faults.push(`${nameOf(one)} is cut`);
  }
  for (const words of document.querySelectorAll(".only-here"))
    if (words.scrollWidth > words.clientWidth) faults.push(`cut: ${words.innerText}`);
  root.scrollTo(0, 0);

  const [leave, copy] = ["leave", "copy"].map((id) => document.getElementById(id));
  const beside = controls.includes(leave) && controls.includes(copy);
  if (!document.body.hasAttribute("data-alone") && beside) {
    const [a, b] = [leave, copy].map((one) => one.getBoundingClientRect());
    if (Math.abs(a.top - b.top) > 0.5 || Math.abs(a.bottom - b.bottom) > 0.5)
      faults.push(`Leave is at ${a.top} to ${a.bottom}, Copy at ${b.top} to ${b.bottom}`);
  }
  const strip = document.getElementById("members");
  if (getComputedStyle(strip).overflowY === "hidden") {
    const { left, right, top, bottom } = strip.getBoundingClientRect();
    for (const row of strip.children) {
      const box = row.getBoundingClientRect();
      const shown = box.top < bottom - 0.5;
      const whole = box.bottom <= bottom + 0.5 && box.left >= left && box.right <= right + 0.5;
      if (shown && !(whole && box.top >= top)) faults.push(`a person is cut: ${row.innerText}`);
    }
  }
  return faults;
}

/** Checks the page as it is, in every window size. */
async function assertWell(person, letters, state) {
  const mayScroll = letters === "large" || /refused/.test(state);
  const all = {};
  await person.page.bringToFront(); // another page's viewport takes Firefox a second
  for (const [what, [width, height]] of Object.entries(WINDOWS)) {
    await person.page.setViewport({ width, height });
    for (const dir of ["ltr", "rtl"]) {
      const faults = await person.page.evaluate(findFaults, { mayScroll, dir });
      if (faults.length > 0) all[`${what}, ${dir}`] = faults;
    }
  }
  await person.page.evaluate(() => (document.documentElement.dir = "ltr"));
  assert.deepEqual(all, {}, state);
}

/** A person alone can always read the link. */
async function assertLinkIsSeen({ page }) {
  const isSeen = () => {
    const { color, backgroundColor } = getComputedStyle(document.getElementById("link"));
    return document.getElementById("link").checkVisibility() && color !== backgroundColor;
  };
  const ink = () => getComputedStyle(document.getElementById("link")).color;
  const inkOfPage = () => getComputedStyle(document.body).color;
  assert.ok(await page.evaluate(isSeen));
  assert.equal(await page.evaluate(ink), await page.evaluate(inkOfPage));
}

/** In the page: the reason why a name was refused is not cut, and not in quiet colours. */
function isHintSeen() {
  const hint = document.getElementById("name-hint");
  const quiet = getComputedStyle(document.querySelector(".person-state")).color;
  return getComputedStyle(hint).color !== quiet && hint.scrollWidth <= hint.clientWidth;
}

async function press(person, label) {
  await (await person.byRole("button", label)).click();
}

async function lookAlone(ada, letters) {
  await ada.statusSays("Nobody else is here yet");
  await assertWell(ada, letters, "alone");
  await ada.page.bringToFront();
  await press(ada, "Copy invite link");
  await ada.until(() => document.getElementById("copied").textContent === "Link copied");
  await assertLinkIsSeen(ada);
  await assertWell(ada, letters, "alone, copied");
}

/** In the page: the details end with the page's hash, which can be copied in one piece. */
const isHashSeen = (hash) => document.getElementById("details-list").textContent.endsWith(hash);

async function lookWithPeople(ada, letters) {
  await assertWell(ada, letters, "with people");
  await press(ada, "Connection details");
  await ada.until(isHashSeen, pageHash);
  await assertWell(ada, letters, "details");
  await press(ada, "Close connection details");
  await ada.rename("\u200b");
  await ada.until(() => document.getElementById("name").ariaInvalid === "true");
  await assertWell(ada, letters, "name refused");
  assert.ok(await ada.page.evaluate(isHintSeen), "why, whole, in a colour of its own");
  await ada.page.keyboard.press("Escape");
}

async function lookAtSheet(ada, letters) {
  await ada.page.setViewport({ width: 360, height: 740 });
  await press(ada, `Everybody: ${LONG_NAMES.length + 1}`);
  await assertWell(ada, letters, "everybody");
  const names = await ada.page.$$eval("#sheet .person-name", (all) =>
    all.map((one) => one.innerText),
  );
  assert.deepEqual(names.sort(), ["Ada", ...LONG_NAMES].sort());
  await ada.page.keyboard.press("Escape");
  await ada.until(() => !document.getElementById("sheet").open);
  assert.equal(await ada.page.evaluate(() => document.activeElement.id), "everybody");
}

async function lookAfterLeaving(ada, letters) {
  await press(ada, "Leave room");
  await ada.statusSays("Nobody else is here yet");
  await ada.until(() => document.querySelector("#left-room a") !== null);
  await assertWell(ada, letters, "left");
}

/** In the page: the server accepts the socket and says nothing. */
function silenceServer() {
  window.WebSocket = class extends EventTarget {
    send() {}
    close() {}
  };
  const { fetch } = window;
  window.fetch = (what, ...how) =>
    `${what}`.endsWith(".wasm") ? fetch(what, ...how) : new Promise(() => {});
}

const buttonsShown = (person) =>
  person.page.$$eval("button", (all) =>
    all
      .filter((one) => one.checkVisibility({ visibilityProperty: true }))
      .map(({ innerText }) => innerText.trim()),
  );

/** A page that is in no room yet, or never can be, offers no control that would do nothing. */
async function lookOutside(open, browser, letters) {
  const early = await open(browser, server.url, { before: silenceServer });
  await early.until(() => "started" in document.body.dataset);
  assert.ok(!(await buttonsShown(early)).includes("Leave room"));
  await assertWell(early, letters, "connecting");
  const lost = await open(browser, `${server.url}?roomId=no`);
  await lost.statusSays("room");
  assert.deepEqual(await buttonsShown(lost), ["Open a new room"]);
  await assertWell(lost, letters, "refused");
}

for (const [letters, letterPx] of Object.entries(LETTERS_PX)) {
  describe(`${letters} letters`, () => {
    for (const name of ["chromium", "firefox"])
      test(name, async () => {
        const browser = await launch(name, { letterPx: letterPx !== USUAL_PX && letterPx });
        try {
          await withPeople(server, async (open) => {
            const ada = await open(browser, server.url, { name: "Ada" });
            const size = await ada.page.evaluate(() => getComputedStyle(document.body).fontSize);
            assert.equal(size, `${letterPx}px`);
            await lookAlone(ada, letters);
            for (const long of LONG_NAMES) await open(browser, ada.page.url(), { name: long });
            await ada.connectedTo(LONG_NAMES.length);
            for (const long of LONG_NAMES) await ada.knows(long);
            await lookWithPeople(ada, letters);
            await lookAtSheet(ada, letters);
            await lookAfterLeaving(ada, letters);
            await lookOutside(open, browser, letters);
          });
        } finally {
          await browser.close();
        }
      });
  });
}
