// 10,000 messages: every scroll position shows the right lines, and nothing jumps.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, startServer, withPeople } from "./harness.mjs";

const LINES_KEPT = 10_000;
const SAID = LINES_KEPT + 10;
const SAID_AT_ONCE = 500;
const STRAY_PX_MAX = 2; /* positions are rounded to whole pixels, once a correction */

let server;

before(async () => {
  server = await startServer();
});

after(() => server.stop());

function textOf(i) {
  return `message ${i} ${"word ".repeat(i % 40)}${i % 7 === 0 ? "\nand a line" : ""}`.trim();
}

/** Says messages |from| to |to| - 1 through the page's own form. */
async function sayMany(person, from, to) {
  const texts = [];
  for (let i = from; i < to; i++) texts.push(textOf(i));
  await person.page.evaluate((all) => {
    for (const text of all) {
      document.getElementById("message").value = text;
      document.getElementById("composer").requestSubmit();
    }
  }, texts);
}

/** Scrolls, lets the page draw twice, and returns what is visible. */
function scrollTo(person, share) {
  return person.page.evaluate(async (wanted) => {
    const log = document.getElementById("log");
    log.scrollTop = wanted * (log.scrollHeight - log.clientHeight);
    for (let i = 0; i < 3; i++) await new Promise((done) => requestAnimationFrame(done));
    const { top, bottom } = log.getBoundingClientRect();
    const isInView = (row) => {
      const box = row.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    };
    const blocks = [...document.querySelectorAll("#lines > .block")].filter(isInView);
    const rows = blocks.flatMap((block) => [...block.children]).filter(isInView);
    const said = rows.filter((row) => row.matches(".said"));
    return {
      numbers: said.map((row) => Number(/message (\d+)/.exec(row.textContent)[1])),
      texts: said.map((row) => row.querySelector(".text").textContent),
      coversTop: rows[0].getBoundingClientRect().top <= top + 1,
      coversBottom: rows.at(-1).getBoundingClientRect().bottom >= bottom - 1,
    };
  }, share);
}

/** Scrolls up in steps, like a wheel. @returns how far a visible row strayed from its place */
function strayWhileScrollingUp(person, steps, pixels) {
  return person.page.evaluate(
    async (count, by) => {
      const log = document.getElementById("log");
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      let worst = 0;
      for (let i = 0; i < count; i++) {
        const { top, height } = log.getBoundingClientRect();
        const { left, width } = document.getElementById("lines").getBoundingClientRect();
        const at = document.elementFromPoint(left + width / 2, top + height / 3);
        const row = at.closest(".line") ?? at.closest(".block").firstChild;
        const start = row.getBoundingClientRect().top;
        log.scrollBy(0, -by);
        await frame();
        await frame();
        worst = Math.max(worst, Math.abs(row.getBoundingClientRect().top - start - by));
      }
      return worst;
    },
    steps,
    pixels,
  );
}

const endsWith = (text) =>
  [...document.querySelectorAll("#lines > .block:last-child .text")].at(-1)?.textContent === text;

async function checkNews(ada, grace) {
  await ada.connectedTo(1);
  await scrollTo(ada, 0.5);
  const first = () =>
    ada.page.$eval("#log", (log) => {
      const { left, top, width, height } = log.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 3).closest(".line")
        .textContent;
    });
  const shown = await first();
  await grace.say("something new");
  await grace.say("and more");
  await ada.until(() => document.getElementById("news").innerText === "2 new messages");
  assert.equal(await first(), shown);
  await (await ada.byRole("button", "2 new messages", ".news")).click();
  await ada.reads("and more");
  await ada.until(() => document.getElementById("news").hidden);
}

describe("10,000 messages", () => {
  for (const name of ["chromium", "firefox"]) {
    test(name, async () => {
      const browser = await launch(name);
      try {
        await withPeople(server, async (open) => {
          const ada = await open(browser, server.url, { name: "Ada" });
          for (let i = 0; i < SAID; i += SAID_AT_ONCE) {
            const end = Math.min(SAID, i + SAID_AT_ONCE);
            await sayMany(ada, i, end); // one's own: others' texts are limited in rate
            await ada.until(endsWith, textOf(end - 1));
          }
          await ada.page.bringToFront();
          for (const share of [0, 1, 0.13, 0.5, 0.87, 0.02]) {
            const { numbers, texts, coversTop, coversBottom } = await scrollTo(ada, share);
            assert.ok(numbers.length > 2, `${numbers.length} rows`);
            assert.deepEqual(
              numbers,
              numbers.map((_, i) => numbers[0] + i),
            );
            assert.deepEqual(texts, numbers.map(textOf));
            assert.ok(coversTop && coversBottom, `no gap at ${share}`);
            if (share === 0) assert.equal(numbers[0], SAID - LINES_KEPT + 1); // and 'You are in the room'
            if (share === 1) assert.equal(numbers.at(-1), SAID - 1);
          }
          await scrollTo(ada, 0.7);
          const stray = await strayWhileScrollingUp(ada, 40, 120);
          assert.ok(stray <= STRAY_PX_MAX, `nothing jumps, not even ${stray} pixels`);
          await checkNews(ada, await open(browser, ada.page.url(), { name: "Grace" }));
        });
      } finally {
        await browser.close();
      }
    });
  }
});
