// What is said arrives as it was said: every script, much of it, and what looks like markup.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openTwo, setUp, withPeople } from "./harness.mjs";

const SCRIPTS = [
  "Grüße, ça va, Đặng, ñandú, İstanbul",
  "Привет! Καλημέρα! გამარჯობა! Բարեւ!",
  "שלום לכולם (10 דקות), Parley!",
  "مرحبا بالجميع، كيف الحال؟ ١٢٣",
  "नमस्ते বাংলা தமிழ் ไทย ភាសា မြန်မာ አማርኛ",
  "你好，世界。こんにちは、元気？ 안녕하세요",
  "👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 1️⃣ 🇺🇦",
  "e\u0301 a\u030a\u0323 Z\u0351\u036b\u0343 \u1100\u1161\u11a8",
  "two\nlines\n\n  and   spaces",
];
const MARKUP = [
  "<script>window.hacked = true</script>",
  '"><img src=x onerror="window.hacked = true">',
  "&lt;b&gt; &amp; <b>bold</b> <!-- --> ]]>",
  "javascript:alert(1) data:text/html,<script>1</script>",
];
const TEXT_MAX = 4000;

const { server, browsers } = await setUp();

function bothWays(what, use) {
  test(what, () =>
    withPeople(server, async (open) => {
      const two = await openTwo(open, server, browsers.chromium, browsers.firefox);
      await use(...two);
      await use(...two.reverse());
    }),
  );
}

bothWays("every script", async (from, to) => {
  for (const text of SCRIPTS) {
    await from.say(text);
    await to.reads(text);
  }
});

bothWays("markup stays text", async (from, to) => {
  for (const text of MARKUP) {
    await from.say(text);
    await to.reads(text);
  }
  const name = '"><img src=x onerror=1>';
  await from.rename(name);
  await to.knows(name);
  await from.say("Who am I?");
  await to.reads("Who am I?");
  for (const person of [from, to]) {
    const { hacked, foreign } = await person.page.evaluate(() => ({
      hacked: "hacked" in window,
      foreign: document.querySelectorAll("#lines :is(script, img, b), #members :is(img, b)").length,
    }));
    assert.deepEqual({ hacked, foreign }, { hacked: false, foreign: 0 });
  }
});

bothWays("4,000 characters arrive; one more is refused and stays in the box", async (from, to) => {
  const text = "x\u{1f642}".repeat(TEXT_MAX / 2);
  await from.say(text);
  await to.until(() => document.querySelector("#lines [aria-expanded=false]") !== null);
  await to.page.$eval("#lines [aria-expanded=false]", (more) => more.click());
  await to.reads(text);

  await from.fill("#message", "");
  await from.say(`${text}y`);
  await from.until(() => document.getElementById("left").textContent === "1 character too many");
  const kept = await from.page.$eval("#message", (box) => box.value);
  assert.equal(kept, `${text}y`);
  assert.equal((await from.texts()).filter((one) => one.length > text.length).length, 0);
  await from.fill("#message", "z".repeat(TEXT_MAX - 5));
  await from.until(() => document.getElementById("left").textContent === "5 left");
  await from.fill("#message", "");
  await from.until(() => document.getElementById("left").textContent === "");
  const send = await from.byRole("button", "Send");
  assert.equal(await send.evaluate(({ ariaDisabled }) => ariaDisabled), "true");
  await send.click();
  await from.until(() => document.getElementById("left").textContent === "Write a message first.");
  await from.fill("#message", "z");
  await from.until(() => document.getElementById("left").textContent === "");
  assert.equal(await send.evaluate(({ ariaDisabled }) => ariaDisabled), "false");
  await from.fill("#message", "");
});

bothWays(
  "only http and https become links, which tell nothing to where they go",
  async (from, to) => {
    const text = `see https://example.org/${from.browserName}?q=1#x and http://example.com/, ftp://no`;
    await from.say(text);
    await to.reads(text);
    const links = await to.page.$$eval("#lines > .block:last-child .said:last-child a", (all) =>
      all.map(({ href, rel, target }) => ({ href, rel, target })),
    );
    const how = { rel: "noopener noreferrer", target: "_blank" };
    assert.deepEqual(links, [
      { href: `https://example.org/${from.browserName}?q=1#x`, ...how },
      { href: "http://example.com/", ...how },
    ]);
  },
);

bothWays("a right-to-left name leaves the rest of its line in order", async (from, to) => {
  const name = "\u05d9\u05e2\u05dc (\u05ea\u05dc \u05d0\u05d1\u05d9\u05d1)";
  await from.rename(name);
  await to.knows(name);
  await from.say(`first words of ${from.browserName}`);
  await to.reads(`first words of ${from.browserName}`);
  const [nameRight, timeLeft] = await to.page.$$eval("#lines .by", (rows) => {
    const row = rows.at(-1);
    return [
      row.querySelector(".author").getBoundingClientRect().right,
      row.querySelector("time").getBoundingClientRect().left,
    ];
  });
  assert.ok(nameRight <= timeLeft, "the name stands before the time");
});
