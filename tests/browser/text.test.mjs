// Texts arrive as they were written: in every script, long ones, and those that look like markup.
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
  "    indented\n  less\nnot",
  "می‌خواهم क्‍ष বর্‍য 🏴󠁧󠁢󠁳󠁣󠁴󠁿 👩🏽‍❤️‍💋‍👨🏿",
  "ཧྐྵྨླྺྼྻྂ בְּרֵאשִׁית مُحَمَّدٌ",
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

// Texts, and how many of the marks stay: 30 on a letter, since more take a second to draw.
const ENDLESS = [
  ["a", "\u0301", 30],
  ["\u0e01", "\u0e34", 27],
  ["\u{1f44d}", "\u{1f3fd}", 27],
  ["a", "\u200d", 29], // a joiner leaves room for what it joins
];

bothWays("what goes on and on upon one letter ends", async (from, to) => {
  for (const [letter, piece, kept] of ENDLESS) {
    await from.say(letter + piece.repeat(3900));
    await to.reads(letter + piece.repeat(kept));
  }
});

bothWays("a long paste is counted to its end", async (from) => {
  for (const [letter, count] of [
    ["x", 70_000],
    ["漢", 30_000],
    ["\u{1f642}", 50_000],
  ]) {
    await from.fill("#message", letter.repeat(count));
    const words = `${count - TEXT_MAX} characters too many`;
    await from.until((wanted) => document.getElementById("left").textContent === wanted, words);
    await from.page.focus("#message");
    await from.page.keyboard.press("Enter");
    await from.until((wanted) => document.getElementById("left").textContent === wanted, words);
  }
  await from.fill("#message", "");
});

// The text of a link, the host that is said beside it.
const LINKS = [
  ["https://bank.example/a_b", ""],
  ["https://bank.example@evil.example/", "evil.example"],
  ["https://b\u0430nk.example/", "xn--bnk-6cd.example"],
  ["https://\u05d0.bank.example/", "xn--4db.bank.example"],
  ["https://evil.example\\@bank.example/", "evil.example"],
  ["https://e%76il.example/", "evil.example"],
  ["http://2130706433/", "127.0.0.1"],
  ["http://localhost:3000/?roomId=tea_", ""],
];
const NO_LINKS = [
  "https://%65vil.example/",
  "https://bank.example%40evil.example",
  "https://bank.example:443.evil.example/",
];

bothWays("a link says the host that the browser goes to", async (from, to) => {
  const words = [...LINKS.map(([address]) => address), ...NO_LINKS];
  await from.say(words.join(" "));
  await to.until(() => document.querySelector("#lines .said:last-child .host") !== null);
  const links = await to.page.$$eval("#lines .said:last-child a", (all) =>
    all.map((link) => ({
      text: link.textContent,
      host: link.host,
      said: link.nextElementSibling?.matches(".host") ? link.nextElementSibling.textContent : "",
    })),
  );
  const told = links.map(({ text, said }) => [text, /^ \(goes to (.*)\)$/.exec(said)?.[1] ?? ""]);
  assert.deepEqual(told, LINKS);
  for (const { text, host, said } of links) assert.ok(`${text}${said}`.includes(host), text);
});

bothWays("a link ends with its sentence", async (from, to) => {
  const said =
    "\u89c1\u300chttps://a.example/\u6c34\uff08\u661f\uff09\u300d\u3002(http://b.example/x_)";
  await from.say(said);
  await to.reads(said);
  const links = await to.page.$$eval("#lines .said:last-child a", (all) =>
    all.map((link) => link.textContent),
  );
  assert.deepEqual(links, ["https://a.example/\u6c34\uff08\u661f\uff09", "http://b.example/x_"]);
});

bothWays("names that look alike are told apart, and set off in notes", async (from, to) => {
  const name = `Al\u200dice\u0007 of ${from.browserName}`;
  await from.rename(name);
  await to.knows(`Alice of ${from.browserName}`);
  await to.rename(`\u0410lice of ${from.browserName} left`); // Cyrillic
  await to.rename(`\u0410LICE of ${from.browserName}`);
  const [first, second] = [`Alice of ${from.browserName}`, `\u0410LICE of ${from.browserName}`];
  for (const person of [from, to]) {
    // who opened the room is the first, whatever was chosen when
    const people = () =>
      person.page.$$eval("#members .person-name", (all) =>
        all.map((one) => one.textContent).sort(),
      );
    await person.until(
      () =>
        [...document.querySelectorAll("#members .person-name")].filter((one) =>
          one.textContent.endsWith(" (2)"),
        ).length === 1,
    );
    const shown = await people();
    assert.equal(new Set(shown).size, 2);
    assert.ok(
      [first, second].every((one) => shown.some((it) => it.replace(/ \(2\)$/, "") === one)),
      `${shown}`,
    );
    const names = await person.page.$$eval("#lines .note:last-child .name", (all) =>
      all.map((one) => one.textContent),
    );
    assert.ok(names.at(-1).startsWith(second), `${names}`);
  }
  await to.rename(to.browserName);
  await from.knows(to.browserName);
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
