// A member sends the texts that are most expensive to show, faster than anybody can read: the
// others' pages continue to work, and nobody's texts are lost.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FLOODS, keepChannels, pour } from "./floods.mjs";
import { openTwo, setUp, withPeople } from "./harness.mjs";

// How long a page is blocked depends on the machine, so it is printed, and compared with a time
// that only a freeze takes: half a minute and more without a rate limit. How much comes into the
// document in one go does not depend on the machine.
const BLOCKED_MS_MAX = 10_000; // Chromium prefers frames, of which a flood makes many, to messages
const ADDED_SHOWN_MAX = 3000; // in characters; what is folded away is not laid out
const ADDED_MAX = 26_000;
const RARE_MAX = 450; // characters that are each another one: the browser looks for each in all fonts
const HEIGHT_PX_MAX = 8_000_000; // Firefox ends at 17.9 million, Chromium at 33.5

const { server, browsers, inEach } = await setUp();
// What a browser still clears away after a flood would slow down the next page.
for (const { pages } of Object.values(browsers)) pages.areKept = false;

/** Says texts through the page, which obeys the limits. */
function sayMany(person, { count, text }) {
  return person.page.evaluate(
    (number, words) => {
      for (let i = 0; i < number; i++) {
        document.getElementById("message").value = words;
        document.getElementById("composer").requestSubmit();
      }
    },
    count,
    text,
  );
}

/** Watches how long the page is blocked, and how much is drawn in one go. */
function watchWork() {
  const channel = new MessageChannel();
  let last = performance.now();
  window.blockedMs = window.addedMax = window.shownMax = window.rareMax = 0;
  const none = { frame: 0, added: 0, shown: 0, rare: 0 };
  let task = none;
  const after = new MessageChannel();
  after.port1.onmessage = () => {
    task = none;
  };
  new MutationObserver((records) => {
    after.port2.postMessage(0);
    const frame = document.timeline.currentTime;
    if (task.frame !== frame) task = { ...none, frame };
    const rows = records.flatMap(({ addedNodes }) => [...addedNodes]);
    const said = rows.filter((row) => row.matches?.(".said"));
    const lengthOf = (all) => all.reduce((sum, one) => sum + one.textContent.length, 0);
    const added = lengthOf(said);
    const away = lengthOf(said.flatMap((row) => [...row.querySelectorAll(".rest[hidden]")]));
    const beginnings = said.map((row) => row.querySelector(".text").firstChild.textContent);
    const rare = beginnings.map((text) => [...new Set(text)].filter((one) => one > "\u3400"));
    window.addedMax = Math.max(window.addedMax, (task.added += added));
    window.shownMax = Math.max(window.shownMax, (task.shown += added - away));
    window.rareMax = Math.max(window.rareMax, (task.rare += rare.flat().length));
  }).observe(document.getElementById("lines"), { childList: true, subtree: true });
  window.longestTaskMs = 0; // Chromium tells of those over 50 ms
  if (PerformanceObserver.supportedEntryTypes.includes("longtask"))
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries())
        window.longestTaskMs = Math.max(window.longestTaskMs, duration);
    }).observe({ entryTypes: ["longtask"] });
  channel.port1.onmessage = () => {
    const now = performance.now();
    window.blockedMs = Math.max(window.blockedMs, now - last);
    last = now;
    setTimeout(() => channel.port2.postMessage(0), 0);
  };
  channel.port2.postMessage(0);
}

const isDrawn = () => {
  const log = document.getElementById("log");
  const { left, bottom, width } = log.getBoundingClientRect();
  const row = document.elementFromPoint(left + width / 2, bottom - 30)?.closest(".line");
  return row !== null && log.scrollHeight - log.clientHeight - log.scrollTop <= 1;
};

const WITHIN_RULES = ["one letter"]; // others keep the message box of their author busy

for (const [what, flood] of Object.entries(FLOODS)) {
  for (const [how, send] of [
    ["past the rules", pour],
    ["within the rules", sayMany],
  ]) {
    if (send === sayMany && !WITHIN_RULES.includes(what)) continue;
    inEach(`${what}, ${how}`, async (open, browser) => {
      const [ada, grace] = await openTwo(open, server, browser, browser);
      await grace.say("before the flood");
      await ada.reads("before the flood");
      const mallory = await open(browser, ada.page.url(), {
        name: "Mallory",
        before: keepChannels,
      });
      await mallory.connectedTo(2);
      for (const person of [ada, grace]) await person.connectedTo(2);
      await ada.page.bringToFront();
      await ada.page.evaluate(watchWork);
      await send(mallory, flood);
      await ada.until(() => document.querySelectorAll("#lines .said").length > 5);
      await grace.say("after the flood");
      await ada.reads("after the flood");
      await ada.say("still here");
      await grace.reads("still here");
      await ada.until(isDrawn);
      await ada.reads("before the flood");
      const { blockedMs, taskMs, added, shown, rare } = await ada.page.evaluate(() => ({
        blockedMs: window.blockedMs,
        taskMs: window.longestTaskMs,
        added: window.addedMax,
        shown: window.shownMax,
        rare: window.rareMax,
      }));
      console.log(
        `${browser.name}, ${what}, ${how}: blocked for at most ${Math.round(blockedMs)} ms, ` +
          `longest task ${browser.name === "chromium" ? `${Math.round(taskMs)} ms` : "unknown"}`,
      );
      assert.ok(blockedMs < BLOCKED_MS_MAX, `blocked for ${blockedMs} ms`);
      assert.ok(shown > 0 && shown < ADDED_SHOWN_MAX, `${shown} characters shown in one go`);
      assert.ok(added < ADDED_MAX, `${added} characters in one go`);
      assert.ok(rare < RARE_MAX, `${rare} rare characters shown in one go`);
    });
  }
}

inEach("10,000 lines that are all as tall as they can be", async (open, browser) => {
  const ada = await open(browser, server.url, { name: "Ada" });
  const text = "tall\n".repeat(30);
  for (let i = 0; i < 20; i++) {
    await sayMany(ada, { count: 500, text });
    await ada.until((count) => document.querySelectorAll("#lines .said").length >= count, i * 500);
  }
  await ada.say("the end");
  await ada.reads("the end");
  await ada.until(isDrawn);
  for (const share of [0.5, 0, 1]) {
    const shown = await ada.page.evaluate(async (wanted) => {
      const log = document.getElementById("log");
      log.scrollTop = wanted * log.scrollHeight;
      for (let i = 0; i < 4; i++) await new Promise((done) => requestAnimationFrame(done));
      const { left, top, width, height } = log.getBoundingClientRect();
      const parts = [0.2, 0.35, 0.5, 0.65, 0.8];
      const rows = parts.flatMap((across) =>
        parts.map((down) =>
          document.elementFromPoint(left + width * across, top + height * down)?.closest(".said"),
        ),
      ); // some of these are beside the rows
      return { height: log.scrollHeight, isDrawn: rows.some(Boolean) };
    }, share);
    assert.ok(shown.height > 1_000_000 && shown.height < HEIGHT_PX_MAX, `${shown.height} px`);
    assert.ok(shown.isDrawn, `something is drawn at ${share}`);
  }
});

test("a long row of flags breaks at the edge of its text", () =>
  withPeople(server, async (open) => {
    const [ada, grace] = await openTwo(open, server, browsers.chromium, browsers.firefox);
    const rows = ["\u{1f1e6}\u{1f1e7}", "\u{1f1e9}\u{1f1ea}"].map((flag) => flag.repeat(300));
    for (const row of rows) await ada.say(row);
    for (const person of [ada, grace]) {
      for (const row of rows) await person.reads(row);
      const beyond = await person.page.$$eval("#lines .text", (texts) =>
        texts.map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth),
      );
      assert.deepEqual(beyond, [0, 0], person.browserName);
    }
  }));

test("a name's first letter stays within its disc", () =>
  withPeople(server, async (open) => {
    const [ada, grace] = await openTwo(open, server, browsers.chromium, browsers.firefox);
    for (const person of [ada, grace]) await person.rename("\ufdfd\ufdfd");
    await ada.knows("\ufdfd\ufdfd (2)");
    await grace.knows("\ufdfd\ufdfd (2)");
    for (const person of [ada, grace]) {
      const row = await person.page.$("#members .person[data-state=connected]");
      const state = await row.$(".person-state");
      const before = await state.screenshot({ encoding: "base64" });
      await row.$eval(".disc", (disc) => (disc.style.visibility = "hidden"));
      assert.equal(await state.screenshot({ encoding: "base64" }), before, person.browserName);
    }
  }));
