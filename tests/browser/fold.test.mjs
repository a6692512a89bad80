// Folding of long texts, whose hidden part the browser's search finds, and of runs of notes. Search
// and selection in a long conversation.
import assert from "node:assert/strict";
import { inOpenRoom, openTwo, setUp } from "./harness.mjs";

const RUN_MIN = 4; // TIMELINE_RUN_MIN
const BLOCK_ROWS_MAX = 24; // lines.js
const PIECE_UNITS_MAX = 400; // line.js
const LINES_MAX = 10_000; // TRANSCRIPT_LINES_MAX
const ROWS_AT_ONCE_MAX = 200; // what a window of 900 pixels holds, and the blocks next to it

const { server, inEach } = await setUp();

/** In the page: says all |texts| before a frame is drawn. */
function sayAtOnce(texts) {
  for (const text of texts) {
    document.getElementById("message").value = text;
    document.getElementById("composer").requestSubmit();
  }
}

/** In the page: takes |count| names, one after the other, before a frame is drawn. */
function renameAtOnce(count, name = "Name") {
  const field = document.getElementById("name");
  for (let i = 0; i < count; i++) {
    field.value = `${name} ${i}`;
    field.onchange();
  }
}

const summaryIs = (words) => document.querySelector("#lines summary")?.textContent === words;

const isFolded = () => document.querySelectorAll("#lines .folded").length === 1;
const isOpen = () => document.querySelectorAll("#lines :is(.folded, .rest[hidden])").length === 0;

/** The visible part of the long text. */
const heightOf = ({ page }) => page.$eval("#lines .said", (row) => row.offsetHeight);

inEach("a long text is folded, opens and folds", async (open, browser) => {
  const [ada, grace] = await openTwo(open, server, browser, browser);
  await grace.say("a word ".repeat(500).trim());
  await ada.until(isFolded);
  const low = await heightOf(ada);
  await ada.page.bringToFront();
  await (await ada.byRole("button", "Show all")).focus();
  await ada.page.keyboard.press("Enter");
  await ada.until(isOpen);
  await ada.until(() => document.activeElement.textContent === "Show less");
  assert.ok((await heightOf(ada)) > 2 * low);
  await ada.page.keyboard.press("Enter");
  await ada.until(isFolded);
  assert.equal(await heightOf(ada), low);
});

/** In the page: opens the folded text. @returns how much of it came into view with each turn */
async function openInTurns() {
  const turns = [];
  const observer = new MutationObserver((records) => {
    const opened = records.filter(({ target }) => target.matches(".rest:not([hidden])"));
    if (opened.length > 0) turns.push(opened.map(({ target }) => target.textContent).join(""));
  });
  const text = document.querySelector("#lines .folded .text");
  observer.observe(text, { subtree: true, attributeFilter: ["hidden"] });
  document.querySelector("#lines .folded .more").click();
  while (text.querySelector("[hidden]")) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return turns;
}

inEach("a long text opens in pieces, which cut no character", async (open, browser) => {
  const ada = await open(browser, server.url, { name: "Ada" });
  const long = (piece) => piece.repeat(4000 / [...piece].length);
  const toned = "\u{1f44d}\u{1f3fd}";
  const family = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}";
  for (const text of ["some words ", "e\u0301", "x\u{1f1e6}\u{1f1e7}", toned, family].map(long)) {
    await ada.say(text);
    await ada.reads(text.trim());
    const shown = await ada.page.$eval("#lines .folded .text", (all) => all.firstChild.textContent);
    const turns = await ada.page.evaluate(openInTurns);
    assert.ok(turns.length > 4 && turns.every(({ length }) => length <= PIECE_UNITS_MAX), text);
    assert.ok(text.startsWith(shown));
    const rest = new Intl.Segmenter().segment(text.slice(shown.length));
    const characters = Array.from(rest, ({ segment }) => segment);
    for (const turn of turns)
      for (const { segment } of new Intl.Segmenter().segment(turn))
        assert.ok(characters.includes(segment), `${segment} of ${text.slice(0, 20)}`);
    await ada.until(isOpen);
  }
});

inEach("three dots say that more follows", async (open, browser) => {
  const ada = await open(browser, server.url, { name: "Ada" });
  for (const [text, ending, dots] of [
    ["It ends. ".repeat(400), "ends.", " \u2026"],
    ["x".repeat(2000), "x", "\u2026"],
  ]) {
    await ada.say(text);
    await ada.reads(text.trim());
    const [shown, after] = await ada.page.$$eval("#lines .folded .text", (all) => {
      const last = all.at(-1);
      return [last.firstChild.textContent, last.dataset.ellipsis];
    });
    assert.ok(shown.endsWith(ending), shown);
    assert.equal(after, dots);
  }
});

/**
 * No driver can use the browser's search. In Firefox, an address with a text fragment has the same
 * effect.
 */
async function find({ page, browserName }, word) {
  if (browserName === "firefox") {
    await page.goto(`${page.url()}#:~:text=${word}`);
    return;
  }
  await page.$eval("#lines .rest", (rest) => {
    rest.dispatchEvent(new Event("beforematch", { bubbles: true }));
    rest.removeAttribute("hidden");
  });
}

inEach("the browser's search opens what is folded, in its place", async (open, browser) => {
  const { url } = inOpenRoom(server, `found-${browser.name}`); // its address has no fragment yet
  const ada = await open(browser, url, { name: "Ada" });
  await ada.say(`${"some words ".repeat(200)}needle ${"and more ".repeat(20)}`);
  await ada.until(isFolded);
  await ada.page.bringToFront();
  await ada.page.$eval("#lines .rest", (rest) => (window.rest = rest));
  await find(ada, "needle");
  await ada.until(isOpen);
  assert.ok(await ada.page.evaluate(() => window.rest.isConnected && window.rest.offsetHeight > 0));
  await (await ada.byRole("button", "Show less")).click();
  await ada.until(isFolded);
});

inEach("notes that come before a frame is drawn fold", async (open, browser) => {
  const ada = await open(browser, server.url, { name: "Ada" });
  await ada.page.evaluate(renameAtOnce, RUN_MIN);
  await ada.until(summaryIs, `${RUN_MIN} new names`);
  assert.equal((await ada.notes("renamed")).length, RUN_MIN);
});

inEach("notes that came one by one fold in one place", async (open, browser) => {
  const ada = await open(browser, server.url, { name: "Ada" });
  await ada.page.evaluate(sayAtOnce, Array(BLOCK_ROWS_MAX - 2).fill("x")); // below that she came in
  for (let i = 0; i < RUN_MIN; i++) {
    await ada.rename(`Name ${i}`);
    await ada.readsNote(`You are now Name ${i}`);
  }
  await ada.until(summaryIs, `${RUN_MIN} new names`);
  const counts = await ada.page.$$eval("#lines .block", (all) =>
    all.map((one) => one.children.length),
  );
  assert.deepEqual(counts, [BLOCK_ROWS_MAX, RUN_MIN]);
});

inEach("thousands of notes are not laid out in one go when they open", async (open, browser) => {
  const ada = await open(browser, server.url, { name: "Ada" });
  await ada.page.evaluate(renameAtOnce, 3000);
  await ada.until(summaryIs, "3000 new names");
  await ada.until(() => document.querySelectorAll("#lines .note").length >= 3000);
  await ada.page.bringToFront();
  const laidOut = await ada.page.evaluate(async () => {
    document.querySelector("#lines details").open = true;
    for (let i = 0; i < 4; i++) await new Promise((done) => requestAnimationFrame(done));
    const rows = [...document.querySelectorAll("#lines .run .note .words")];
    return rows.filter((row) => row.checkVisibility({ contentVisibilityAuto: true })).length;
  });
  assert.ok(laidOut > 0 && laidOut < ROWS_AT_ONCE_MAX, `${laidOut} rows`);
});

inEach("a run whose lines had to go counts anew, and ends", async (open, browser) => {
  const ada = await open(browser, server.url, { name: "Ada" });
  await ada.page.evaluate(renameAtOnce, RUN_MIN + 1);
  await ada.until(summaryIs, `${RUN_MIN + 1} new names`);
  await ada.say("between two runs");
  await ada.page.evaluate(renameAtOnce, LINES_MAX - RUN_MIN - 1, "Later"); // that she came in goes first
  await ada.until(summaryIs, `${RUN_MIN} new names`);
  await ada.say("one more");
  await ada.until(() => document.querySelectorAll("#lines > .block > .note").length === 3);
  assert.equal(await ada.page.$$eval("#lines .run", (all) => all.length), 1);
});

async function withControl({ page }, key) {
  await page.keyboard.down("Control");
  await page.keyboard.press(key);
  await page.keyboard.up("Control");
}

inEach("500 lines are found and selected", async (open, browser) => {
  const ada = await open(browser, server.url, { name: "Ada" });
  await ada.page.evaluate(
    sayAtOnce,
    [...Array(500)].map((_, i) => `line ${i} of them`),
  );
  await ada.reads("line 499 of them");
  await ada.page.bringToFront();
  await ada.page.focus("#log");
  await withControl(ada, "a");
  await withControl(ada, "c");
  await ada.page.focus("#message");
  await withControl(ada, "v");
  const copied = await ada.page.$eval("#message", (box) => box.value);
  assert.equal(new Set(copied.match(/line \d+ of them/g)).size, 500);
  const found = await ada.page.evaluate((words) => {
    getSelection().selectAllChildren(document.getElementById("log"));
    getSelection().collapseToEnd();
    return window.find(words, false, true) && getSelection().getRangeAt(0).toString();
  }, "line 3 of them");
  assert.equal(found, "line 3 of them");
});
