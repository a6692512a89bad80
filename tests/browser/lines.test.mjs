// The list of lines in a page, with a fake core: many changes are redrawn in turns, and the reading
// position is measured once a turn. The same for the panel of connections.
import assert from "node:assert/strict";
import { after } from "node:test";
import { setUp, startServer } from "./harness.mjs";

const LINES = 1200;
const RARE_LINES = 30;
const MEMBERS = 63;
const SECTIONS_IN_TURN_MAX = 3; // details.js
const ROWS_IN_TURN_MAX = 60;
const MEASURED_IN_TURN_MAX = 120; // elements; what is at the edge is looked for by halves

const { inEach } = await setUp();
const server = await startServer("--web-root", new URL("../../web", import.meta.url).pathname);
after(() => server.stop());

/** An empty page that can import our modules. */
async function openEmpty(browser) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.goto(`${server.url}healthz`);
  return page;
}

/** In the page: window.probe has |count| lines like |shape| to draw, and what each turn did. */
async function drawLines(count, shape) {
  const { Lines } = await import("/view/lines.js");
  const list = document.createElement("div");
  const scroller = document.createElement("div");
  scroller.style = "position: fixed; inset: 0; overflow-y: auto; overflow-anchor: none";
  scroller.append(list);
  document.body.append(scroller);
  const gone = new Set();
  const make = (sequence) => ({
    ...{ sequence, kind: "TEXT", author: "Mallory", iso: "2026-01-01T00:00:00Z", weight: 17 },
    ...{ parts: [{ text: "some words" }], rest: [], mark: "", runText: "", ...shape },
  });
  const core = { line: (sequence) => (gone.has(sequence) ? null : make(sequence)) };
  const lines = new Lines(core, scroller, list);
  const probe = { lines, list, scroller, gone, count, rowsMax: 0, measuredMax: 0, warmMax: 0 };
  let measured = 0;
  const measure = Element.prototype.getBoundingClientRect;
  Element.prototype.getBoundingClientRect = function () {
    measured++;
    return measure.call(this);
  };
  new MutationObserver((records) => {
    const nodes = records.flatMap(({ addedNodes, removedNodes }) => [
      ...addedNodes,
      ...removedNodes,
    ]);
    const rows = nodes.filter((node) => node.matches?.(".said")).length;
    probe.rowsMax = Math.max(probe.rowsMax, rows);
    probe.measuredMax = Math.max(probe.measuredMax, measured);
    measured = 0;
    probe.warmMax = Math.max(probe.warmMax, list.querySelectorAll(".warm").length);
  }).observe(list, { childList: true, subtree: true, attributeFilter: ["class"] });
  lines.draw(count);
  window.probe = probe;
}

const areThere = (count) => window.probe.list.querySelectorAll(".said").length === count;

/** In the page: goes to |top|, and says which row is there once it is held. */
async function readAt(top) {
  const { scroller, list } = window.probe;
  scroller.scrollTop = top;
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
  const row = [...list.querySelectorAll(".said")].find(
    (one) => one.getBoundingClientRect().bottom > 1,
  );
  return Number(row.dataset.sequence);
}

const topOf = (sequence) =>
  window.probe.list.querySelector(`[data-sequence="${sequence}"]`).getBoundingClientRect().top;

inEach("lines that go at once go in turns, and one reads on", async (_, { browser }) => {
  const page = await openEmpty(browser);
  await page.evaluate(drawLines, LINES);
  await page.waitForFunction(areThere, {}, LINES);
  const held = await page.evaluate(readAt, 2000);
  const stays = held % 2 === 0 ? held + 1 : held;
  const before = await page.evaluate(topOf, stays);
  await page.evaluate(() => {
    const { lines, gone, count } = window.probe;
    window.probe.rowsMax = window.probe.measuredMax = 0;
    for (let sequence = 0; sequence < count; sequence += 2) {
      gone.add(sequence);
      lines.change(sequence);
    }
    lines.draw(count);
  });
  await page.waitForFunction(areThere, {}, LINES / 2);
  assert.ok(Math.abs((await page.evaluate(topOf, stays)) - before) <= 1, "one reads on");
  const { rows, measured } = await page.evaluate(() => ({
    rows: window.probe.rowsMax,
    measured: window.probe.measuredMax,
  }));
  assert.ok(rows > 0 && rows < ROWS_IN_TURN_MAX, `${rows} rows in one turn`);
  assert.ok(measured > 0 && measured < MEASURED_IN_TURN_MAX, `${measured} elements in one turn`);
  await page.browserContext().close();
});

inEach("a frame has one turn, though more comes when that has ended", async (_, { browser }) => {
  const page = await openEmpty(browser);
  await page.evaluate(drawLines, 1);
  const drawn = await page.evaluate(async (count) => {
    const { lines, list } = window.probe;
    await new Promise(requestAnimationFrame);
    lines.draw(2);
    lines.draw(count);
    return list.querySelectorAll(".said").length;
  }, LINES);
  assert.equal(drawn, 2);
  await page.waitForFunction(areThere, {}, LINES);
  await page.browserContext().close();
});

inEach("rare characters that a hidden page got are laid out in turns", async (_, { browser }) => {
  const page = await openEmpty(browser);
  await page.evaluate(() => {
    window.isHidden = true;
    Object.defineProperty(document, "hidden", { get: () => window.isHidden });
  });
  await page.evaluate(drawLines, RARE_LINES, { weight: 2400 });
  await page.waitForFunction(areThere, {}, RARE_LINES);
  const cold = () => window.probe.list.querySelectorAll(".cold, .warm").length;
  assert.equal(await page.evaluate(cold), RARE_LINES);
  await page.evaluate(() => {
    window.isHidden = false;
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.waitForFunction(`(${cold})() === 0`);
  assert.equal(await page.evaluate(() => window.probe.warmMax), 1);
  await page.browserContext().close();
});

/** In the page: window.panel is open, on as many members, and says how many sections each turn drew. */
async function drawDetails(count) {
  document.body.innerHTML = `<button id="details-button"></button>
    <div id="details" hidden><button id="details-close"></button><div id="details-list"></div></div>`;
  const { createDetails } = await import("/view/details.js");
  const list = document.getElementById("details-list");
  const members = Array.from({ length: count + 1 }, (_, peer) => ({
    ...{ peer, name: `Name ${peer}`, colour: 1, reason: "", stateText: "connected" },
    state: peer === 0 ? "SELF" : "CONNECTED",
  }));
  const log = Array.from({ length: 40 }, (_, atMs) => ({ atMs, text: "entry" }));
  const panel = { members, list, most: 0, drawn: 0 };
  const ofPeople = (nodes) => [...nodes].filter((node) => node.querySelector("bdi"));
  new MutationObserver((records) => {
    const added = records.flatMap(({ addedNodes }) => ofPeople(addedNodes)).length;
    panel.most = Math.max(panel.most, added);
    panel.drawn += added;
  }).observe(list, { childList: true });
  const details = createDetails({ members: () => members, connectionLog: () => log });
  panel.show = () => details.show(members);
  window.panel = panel;
  document.getElementById("details-button").click();
}

const namesAre = (count) =>
  [...window.panel.list.querySelectorAll("bdi")].map((name) => name.textContent).join() ===
    window.panel.members
      .slice(1)
      .map(({ name }) => name)
      .join() && window.panel.list.children.length === count + 1; // the last one is the page's own

/** Between two frames: one more line, which is laid out, and scrolled to, before the next frame. */
async function addOneByOne(count) {
  const { lines, scroller } = window.probe;
  for (let i = 1; i <= count; i++) {
    await new Promise(requestAnimationFrame);
    await new Promise((done) => setTimeout(done));
    lines.noticeScroll();
    lines.draw(i);
    scroller.dispatchEvent(new Event("scroll"));
  }
}

inEach("rare characters that come one by one leave one at the end", async (_, { browser }) => {
  const page = await openEmpty(browser);
  await page.evaluate(async (href) => {
    const styles = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    const loaded = new Promise((resolve) => styles.addEventListener("load", resolve));
    document.head.append(styles);
    await loaded;
  }, "/talk.css");
  await page.evaluate(drawLines, 0, { weight: 100 });
  await page.evaluate(addOneByOne, RARE_LINES * 2);
  await page.waitForFunction(areThere, {}, RARE_LINES * 2);
  assert.equal(await page.evaluate(() => window.probe.lines.stuck), true);
  const isAtEnd = () => {
    const { scrollHeight, clientHeight, scrollTop } = window.probe.scroller;
    return scrollHeight > 2 * clientHeight && scrollHeight - clientHeight - scrollTop <= 1;
  };
  await page.waitForFunction(isAtEnd);
  await page.browserContext().close();
});

inEach("the same minute of another time zone is another time", async (_, { browser }) => {
  const page = await openEmpty(browser);
  const [first, other, again] = await page.evaluate(async () => {
    const { lineElement } = await import("/view/line.js");
    const timeAt = async (iso) => {
      const author = "Ada";
      const line = { sequence: 0, kind: "TEXT", author, iso, parts: [{ text: "" }], rest: [] };
      const time = lineElement({ ...line, mark: "" }).querySelector("time");
      const worded = new Promise((resolve) =>
        new MutationObserver(resolve).observe(time, { childList: true }),
      );
      if (!time.textContent) await worded; // the first ones
      return time.textContent;
    };
    return [
      await timeAt("2026-01-01T10:00:00+01:00"),
      await timeAt("2026-01-01T10:00:00+02:00"),
      await timeAt("2026-01-01T10:00:59+01:00"),
    ];
  });
  assert.notEqual(other, first);
  assert.equal(again, first);
  await page.browserContext().close();
});

const LINE = {
  sequence: 0,
  kind: "TEXT",
  author: "Ada",
  parts: [{ text: "" }],
  rest: [],
  mark: "",
};

inEach("the first lines wait for no words of times", async (_, { browser }) => {
  const page = await openEmpty(browser);
  const words = await page.evaluate(async (of) => {
    let made = 0;
    const { DateTimeFormat } = Intl;
    Intl.DateTimeFormat = function (...args) {
      made++;
      return new DateTimeFormat(...args);
    };
    const { lineElement } = await import("/view/line.js");
    const row = lineElement({ ...of, iso: "2026-01-01T10:00:00Z", newDay: true });
    const atFirst = { made, label: row.ariaLabel };
    const [time, day] = row.querySelectorAll("time, .day");
    while (!time.textContent || !day.textContent) await new Promise(requestAnimationFrame);
    return { atFirst, label: row.ariaLabel };
  }, LINE);
  assert.deepEqual(words.atFirst, { made: 0, label: "Ada" });
  assert.match(words.label, /^Ada, ./);
  await page.browserContext().close();
});

inEach("a row is given the name and the day that it needs", async (_, { browser }) => {
  const page = await openEmpty(browser);
  const found = await page.evaluate(async (of) => {
    const { beginAs, lineElement } = await import("/view/line.js");
    const line = { ...of, iso: "2026-01-01T10:00:00Z" };
    const row = lineElement({ ...line, continues: true });
    const has = () => [".by", ".day"].map((part) => row.querySelectorAll(part).length);
    const later = (needs) => [beginAs(row, { ...line, ...needs }), ...has()];
    return [
      [true, ...has()],
      later({ continues: true }),
      later({ newDay: true }),
      later({ newDay: true }),
      later({}),
      later({ continues: true }),
    ];
  }, LINE);
  assert.deepEqual(found, [
    [true, 0, 0],
    [true, 0, 0],
    [true, 1, 1],
    [true, 1, 1],
    [false, 1, 1],
    [false, 1, 1],
  ]);
  await page.browserContext().close();
});

inEach("the panel of connections draws a few at a time, and no other", async (_, { browser }) => {
  const page = await openEmpty(browser);
  await page.evaluate(drawDetails, MEMBERS);
  await page.waitForFunction(namesAre, {}, MEMBERS);
  assert.equal(await page.evaluate(() => window.panel.most), SECTIONS_IN_TURN_MAX);
  await page.evaluate(() => {
    const { panel } = window;
    panel.drawn = 0;
    panel.members.at(-1).name = "another";
    const again = () => {
      panel.show();
      if (!panel.list.textContent.includes("another")) requestAnimationFrame(again);
    };
    again(); // something changes before every frame
  });
  await page.waitForFunction(namesAre, {}, MEMBERS);
  assert.equal(await page.evaluate(() => window.panel.drawn), 1);
  await page.evaluate(() => window.panel.members.splice(1, 20) && window.panel.show());
  await page.waitForFunction(namesAre, {}, MEMBERS - 20);
  assert.equal(await page.evaluate(() => window.panel.drawn), 1);
  await page.browserContext().close();
});
