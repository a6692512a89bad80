// Letters with many marks, or very wide ones, stay within their line, their name or their disc.
import assert from "node:assert/strict";
import { openTwo, setUp } from "./harness.mjs";

const NEAR_PX = 24;
const PILE = "\u0301\u0323"; // above a letter and below it
const TEXT = `a letter a${PILE.repeat(15)} of it`;
const CORNER_PX = 24;
const NAME = `G${PILE.repeat(12)}race`;

const { server, inEach } = await setUp();

/**
 * In the page: the strips right above and below |box|, as wide as the words in its |part| but for
 * |inset| at each end: a pixel away, since edges are rounded, and without the corners of what is there,
 * which Chromium does not draw twice alike.
 */
function stripsBeside(box, { part, inset, near }) {
  const { top, bottom } = box.getBoundingClientRect();
  const words = document.createRange();
  words.selectNodeContents(part ? box.querySelector(part) : box);
  const { left, right } = (box.matches("input") ? box : words).getBoundingClientRect();
  const [x, width] = [Math.floor(left) + inset, Math.ceil(right - left) - 2 * inset];
  return [
    { x, width, y: Math.floor(top) - 1 - near, height: near },
    { x, width, y: Math.ceil(bottom) + 1, height: near },
  ];
}

async function twoFrames() {
  for (let i = 0; i < 2; i++) await new Promise((done) => requestAnimationFrame(done));
}

async function picturesBeside({ page }, box, where) {
  const pictures = [];
  for (const clip of await box.evaluate(stripsBeside, where))
    // Beyond it would be another viewport for a moment, in which the page is laid out anew.
    pictures.push(
      await page.screenshot({ clip, encoding: "base64", captureBeyondViewport: false }),
    );
  return pictures;
}

/** Nothing that |part| of it paints is seen beside the |box|. */
async function assertStaysWithin(person, box, { part = null, inset = 0 } = {}) {
  await person.page.bringToFront();
  await person.page.evaluate(() => document.activeElement.blur()); // a caret blinks
  await person.page.evaluate(twoFrames);
  const element = await person.page.$(box);
  const where = { part, inset, near: NEAR_PX };
  const before = await picturesBeside(person, element, where);
  const setVisibility = (visibility) =>
    element.evaluate(
      (whole, selector, value) =>
        ((selector ? whole.querySelector(selector) : whole).style.visibility = value),
      part,
      visibility,
    );
  await setVisibility("hidden");
  const after = await picturesBeside(person, element, where);
  await setVisibility("");
  assert.deepEqual(after, before, `${person.browserName}: ${box} ${part ?? ""}`);
}

inEach("what piles up on a letter stays within its line", async (open, browser) => {
  const [ada, grace] = await openTwo(open, server, browser, browser);
  const around = "and a longer line beside it";
  for (const one of [around, TEXT, around]) await grace.say(one);
  await ada.until(() => document.querySelectorAll("#lines .said").length === 3);
  const where = { part: ".text", inset: CORNER_PX };
  await assertStaysWithin(ada, "#lines .said:has(+ .said:last-child)", where);
});

inEach("what piles up on a name stays within it", async (open, browser) => {
  const [ada, grace] = await openTwo(open, server, browser, browser);
  await grace.rename(NAME);
  await ada.until(() => document.querySelector("#lines .note .name:last-child") !== null);
  await grace.say("hello");
  await ada.reads("hello");
  await ada.say("hello yourself");
  await ada.reads("hello yourself");
  await assertStaysWithin(ada, "#members .person:last-child .person-name");
  await assertStaysWithin(ada, "#lines .note:has(.name:last-child)", { part: ".words" });
  await assertStaysWithin(ada, "#lines .said:not(.own) .by", { part: ".author" });
  await (await ada.byRole("button", "Connection details")).click();
  await assertStaysWithin(ada, "#details-list h3", { part: "bdi" });
});
