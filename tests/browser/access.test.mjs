// The page used by keyboard only, on a phone, and checked by axe-core.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { crash } from "./faults.mjs";
import { browsersOnDemand, openTwo, startServer, withPeople } from "./harness.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PHONE = { width: 360, height: 740 };
const WIDE = { width: 1440, height: 900 };
const TOUCH_PX_MIN = 44;
const ZOOM_FREE_PX_MIN = 16; /* iOS zooms into fields with smaller letters */

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const browserOf = browsersOnDemand();

async function withBrowser(name, options, use) {
  const browser = await browserOf(name, options);
  await withPeople(server, (open) => use(open, browser));
}

const COLOUR_RULES = ["color-contrast", "link-in-text-block"];
const ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function assertNoViolation(person, where, runOnly = ALL_RULES) {
  if (!(await person.page.evaluate(() => "axe" in globalThis))) await person.page.evaluate(AXE);
  const violations = await person.page.evaluate(async (wanted) => {
    const result = await globalThis.axe.run(document, { runOnly: wanted });
    return result.violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html) }));
  }, runOnly);
  assert.deepEqual(violations, [], where);
}

/** A conversation with everything in it: links, three authors, notes, a long word. */
async function haveATalk(ada, others) {
  await ada.say("Look at https://example.org/ before we start.");
  for (const other of others) await other.reads("Look at https://example.org/ before we start.");
  await others[0].say("word".repeat(80));
  await ada.reads("word".repeat(80));
  await ada.say("one");
  await ada.say("two");
  await others[0].reads("two");
}

async function assertFitsWidth(person, where) {
  const [scroll, client] = await person.page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(scroll <= client, `${where}: ${scroll} > ${client}`);
}

async function assertSheetIsAccessible(person) {
  await (await person.byRole("button", "Everybody: 2")).click();
  await assertNoViolation(person, "everybody");
  await person.page.keyboard.press("Escape");
  await person.until(() => !document.getElementById("sheet").open);
}

describe("axe-core finds nothing", () => {
  for (const name of ["chromium", "firefox"]) {
    for (const dark of [false, true]) {
      test(`${name}, ${dark ? "dark" : "light"}`, () =>
        withBrowser(name, { dark }, async (open, browser) => {
          const ada = await open(browser, server.url, { dark, name: "Ada" });
          await ada.statusSays("Nobody else is here yet");
          const scheme = dark ? "dark" : "light";
          const asWished = (wanted) => matchMedia(`(prefers-color-scheme: ${wanted})`).matches;
          assert.ok(await ada.page.evaluate(asWished, scheme));
          for (const viewport of [WIDE, PHONE]) {
            await ada.page.setViewport(viewport);
            await assertNoViolation(ada, `alone, ${viewport.width}`);
          }
          const grace = await open(browser, ada.page.url(), { name: "Grace" });
          await ada.connectedTo(1);
          await ada.knows("Grace");
          await haveATalk(ada, [grace]);
          await ada.page.bringToFront(); // another page's timers take a second each in Firefox
          for (const viewport of [PHONE, WIDE]) {
            await ada.page.setViewport(viewport);
            await assertNoViolation(ada, `talk, ${viewport.width}`);
            if (viewport === PHONE) await assertSheetIsAccessible(ada);
            const details = await ada.byRole("button", "Connection details");
            await details.click();
            await assertNoViolation(ada, `details, ${viewport.width}`);
            await details.click();
          }
        }));
    }
  }
});

describe("axe-core finds nothing where there is no room to enter", () => {
  for (const dark of [false, true]) {
    test(dark ? "dark" : "light", () =>
      withBrowser("chromium", { dark }, async (open, browser) => {
        const ada = await open(browser, `${server.url}?roomId=a`, { dark });
        await ada.statusSays("perhaps the link was cut off");
        for (const viewport of [WIDE, PHONE]) {
          await ada.page.setViewport(viewport);
          await assertFitsWidth(ada, `refused, ${viewport.width}`);
          await assertNoViolation(ada, `refused, ${viewport.width}`);
        }
        await (await ada.byRole("button", "Open a new room")).click();
        await ada.statusSays("Nobody else is here yet");
      }),
    );
  }
});

describe("axe-core finds nothing while somebody is being reconnected", () => {
  for (const dark of [false, true]) {
    test(dark ? "dark" : "light", () =>
      withBrowser("chromium", { dark }, async (open, browser) => {
        const [ada, grace] = await openTwo(open, server, browser, browser, { dark });
        await crash(grace);
        await ada.statusSays("Reconnecting to Grace");
        for (const viewport of [WIDE, PHONE]) {
          await ada.page.setViewport(viewport);
          await assertNoViolation(ada, `reconnecting, ${viewport.width}`);
        }
      }),
    );
  }
});

describe("all twelve colours can be read", () => {
  for (const dark of [false, true]) {
    test(dark ? "dark" : "light", () =>
      withBrowser("chromium", { dark }, async (open, browser) => {
        const ada = await open(browser, server.url, { dark, name: "Ada" });
        await ada.say("a line to paint");
        await ada.reads("a line to paint");
        for (let colour = 0; colour < 12; colour++) {
          await ada.page.evaluate((wanted) => {
            for (const one of document.querySelectorAll("[data-colour]")) {
              one.dataset.colour = wanted;
            }
          }, String(colour));
          const rules = colour === 0 ? ALL_RULES : COLOUR_RULES;
          await assertNoViolation(ada, `colour ${colour}`, rules);
        }
      }),
    );
  }
});

describe("every message is a list item with its author and time", () => {
  for (const name of ["chromium", "firefox"]) {
    test(name, () =>
      withBrowser(name, {}, async (open, browser) => {
        const [ada, grace] = await openTwo(open, server, browser, browser);
        for (const text of ["one", "two"]) await grace.say(text); // the second one continues
        await ada.say("three");
        await ada.reads("two");
        await ada.reads("three");
        const log = await ada.page.$("#log");
        const list = await log.$$('aria/[role="list"]');
        assert.ok(list.length > 0);
        const labels = await ada.page.$$eval("#lines .said", (rows) =>
          rows.map(({ ariaLabel }) => ariaLabel),
        );
        assert.equal(labels.length, 3);
        for (const label of labels) {
          assert.match(label, /^(?:Ada|Grace), \d{1,2}:\d\d/);
          const found = await log.$$(`aria/${label}[role="listitem"]`);
          assert.ok(found.length > 0, `a list item '${label}'`);
        }
        await (await ada.byRole("button", "Send")).focus();
      }),
    );
  }
});

describe("many notes become one that counts and opens", () => {
  for (const name of ["chromium", "firefox"]) {
    test(name, () =>
      withBrowser(name, {}, async (open, browser) => {
        const [ada, grace] = await openTwo(open, server, browser, browser);
        for (const one of ["G", "Gr", "Gra", "Grac"]) {
          await grace.rename(one);
          await ada.readsNote(`${one === "G" ? "Grace" : one.slice(0, -1)} is now ${one}`);
        }
        await ada.until(
          () => document.querySelector("#lines summary")?.textContent === "1 joined, 4 new names",
        );
        await ada.page.bringToFront();
        const isShown = () =>
          document
            .querySelector("#lines .run .words")
            .checkVisibility({ contentVisibilityAuto: false });
        assert.equal(await ada.page.evaluate(isShown), false);
        await assertNoViolation(ada, "folded");
        await ada.page.focus("#lines summary");
        await ada.page.keyboard.press("Enter");
        await ada.until(isShown);
        await assertNoViolation(ada, "open");
      }),
    );
  }
});

describe("a phone of 360 pixels", () => {
  for (const name of ["chromium", "firefox"]) {
    test(name, () =>
      withBrowser(name, {}, async (open, browser) => {
        const touch = name === "chromium" ? { isMobile: true, hasTouch: true } : {};
        const viewport = { ...PHONE, ...touch };
        const ada = await open(browser, server.url, { viewport, name: "Ada" });
        await assertFitsWidth(ada, "alone");
        const grace = await open(browser, ada.page.url(), { viewport, name: "G".repeat(32) });
        await ada.connectedTo(1);
        await haveATalk(ada, [grace]);
        await assertFitsWidth(ada, "talk");
        for (const [role, label] of [
          ["button", "Copy invite link"],
          ["button", "Leave room"],
          ["button", "Connection details"],
          ["button", "Send"],
          ["textbox", "Message"],
          ["textbox", "Your name"],
        ]) {
          const box = await (await ada.byRole(role, label)).boundingBox();
          assert.ok(box.x >= 0 && box.x + box.width <= PHONE.width, `${label} is in view`);
          if (name !== "chromium") continue; // this Firefox has a mouse
          const least = Math.min(box.width, box.height);
          if (label !== "Message") assert.ok(least >= TOUCH_PX_MIN, `${label}: ${least} px`);
        }
        if (name === "chromium") await assertFieldsAreZoomFree(ada);
        await (await ada.byRole("button", "Connection details")).click();
        await assertFitsWidth(ada, "details");
      }),
    );
  }
});

async function assertFieldsAreZoomFree(person) {
  const sizes = await person.page.$$eval("input, textarea", (fields) =>
    fields.map((field) => parseFloat(getComputedStyle(field).fontSize)),
  );
  for (const size of sizes) assert.ok(size >= ZOOM_FREE_PX_MIN, `${size} px`);
}

/** The accessible name of the focused element, or its id. */
function focused(person) {
  return person.page.evaluate(() => {
    const { ariaLabel, innerText, title, id } = document.activeElement;
    return ariaLabel ?? (innerText?.trim() || title || id);
  });
}

/** Never past the page's ends, where headless browsers behave differently. */
async function tabTo(person, label, { back = false } = {}) {
  const { keyboard } = person.page;
  const passed = [];
  if (back) await keyboard.down("Shift");
  for (let i = 0; i < 12 && passed.at(-1) !== label; i++) {
    await keyboard.press("Tab");
    passed.push(await focused(person));
  }
  if (back) await keyboard.up("Shift");
  if (passed.at(-1) === label) return;
  assert.fail(`no way to ${label} by Tab: ${passed}`);
}

/** A key that belongs to an input method, as most browsers report it or as Safari does. */
function pressWhileComposing(person, selector, key, how) {
  const event = { key, bubbles: true, cancelable: true, ...how };
  return person.page.$eval(
    selector,
    (field, init) => field.dispatchEvent(new KeyboardEvent("keydown", init)),
    event,
  );
}

describe("keyboard only", () => {
  for (const name of ["chromium", "firefox"]) {
    test(name, () =>
      withBrowser(name, {}, async (open, browser) => {
        const [ada, grace] = await openTwo(open, server, browser, browser);
        await ada.page.bringToFront();
        const { keyboard } = ada.page;
        assert.equal(await focused(ada), "Message");
        await keyboard.type("typed");
        await keyboard.down("Shift");
        await keyboard.press("Enter");
        await keyboard.up("Shift");
        await keyboard.type("in two lines");
        await keyboard.press("Enter");
        await grace.reads("typed\nin two lines");
        assert.equal(await focused(ada), "Message");

        await keyboard.type("by the button");
        await pressWhileComposing(ada, "#message", "Enter", { isComposing: true });
        await pressWhileComposing(ada, "#message", "Enter", { keyCode: 229 });
        assert.equal(await ada.page.$eval("#message", (box) => box.value), "by the button");
        await tabTo(ada, "Send");
        await keyboard.press(" ");
        await grace.reads("by the button");

        await tabTo(ada, "Your name", { back: true });
        await keyboard.type("Count");
        for (const how of [{ isComposing: true }, { keyCode: 229 }])
          for (const key of ["Enter", "Escape"]) await pressWhileComposing(ada, "#name", key, how);
        assert.equal(await focused(ada), "Your name");
        await keyboard.type("ess");
        await keyboard.press("Enter");
        await grace.knows("Countess");
        assert.equal(await focused(ada), "Message");

        await tabTo(ada, "Messages", { back: true });
        await tabTo(ada, "Connection details", { back: true });
        await keyboard.press("Enter");
        await ada.until(() => !document.getElementById("details").hidden);
        await pressWhileComposing(ada, "#message", "Escape", { isComposing: true });
        assert.ok(await ada.page.$eval("#details", (panel) => !panel.hidden));
        await keyboard.press("Escape");
        await ada.until(() => document.getElementById("details").hidden);
        assert.equal(await focused(ada), "Connection details");

        await tabTo(ada, "Copy invite link", { back: true });
        await tabTo(ada, "Leave room", { back: true });
        await keyboard.press("Enter");
        await grace.readsNote("Countess left");
      }),
    );
  }
});

async function pressWithControl({ page }, key) {
  await page.keyboard.down("Control");
  await page.keyboard.press(key);
  await page.keyboard.up("Control");
}

describe("keyboard only, while a person is alone", () => {
  for (const name of ["chromium", "firefox"]) {
    test(name, () =>
      withBrowser(name, {}, async (open, browser) => {
        const ada = await open(browser, server.url, { name: "Ada" });
        await ada.statusSays("Nobody else is here yet");
        await ada.page.bringToFront();
        for (const label of ["Your name", "Messages", "Connection details"])
          await tabTo(ada, label, { back: true });
        await tabTo(ada, "Copy invite link", { back: true });
        await tabTo(ada, "link", { back: true });
        await pressWithControl(ada, "c");
        await tabTo(ada, "Leave room", { back: true });
        for (const label of ["link", "Copy invite link", "Connection details", "Message"])
          await tabTo(ada, label);
        await pressWithControl(ada, "v");
        const link = await ada.link();
        await ada.until((text) => document.getElementById("message").value === text, link);

        await tabTo(ada, "link", { back: true });
        await open(browser, link, { name: "Grace" });
        await ada.connectedTo(1);
        await ada.until(() => document.activeElement.id === "copy"); // the field is gone
      }),
    );
  }
});

/** Names and descriptions of controls, as the accessibility tree has them. */
async function controlsOf({ page }) {
  const session = await page.createCDPSession();
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const value = (field) => field?.value ?? "";
  return nodes
    .filter(({ ignored, role }) => !ignored && ["button", "textbox", "link"].includes(value(role)))
    .map(({ name, description }) => ({ name: value(name), description: value(description) }));
}

test("a control's name is said once", () =>
  withBrowser("chromium", {}, async (open, browser) => {
    const [ada] = await openTwo(open, server, browser, browser);
    for (const viewport of [WIDE, PHONE]) {
      await ada.page.setViewport(viewport);
      const controls = await controlsOf(ada);
      assert.ok(controls.some(({ name }) => name === "Send"));
      for (const { name, description } of controls) {
        assert.notEqual(name, "");
        assert.notEqual(description, name);
      }
    }
  }));

describe("a press on the own name selects all of it", () => {
  for (const name of ["chromium", "firefox"]) {
    test(name, () =>
      withBrowser(name, {}, async (open, browser) => {
        const ada = await open(browser, server.url);
        await ada.inRoom();
        for (const [at, wish] of [
          ["#name", "Ada"],
          [".pencil", "Countess"],
        ]) {
          await ada.page.click(at);
          await ada.page.keyboard.type(wish);
          await ada.page.keyboard.press("Enter");
          await ada.knows(wish);
        }
      }),
    );
  }
});
