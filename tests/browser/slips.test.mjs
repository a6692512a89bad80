// No gesture and no slip of the hand leads away from the page.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { setUp } from "./harness.mjs";

const { server, inEach } = await setUp();

const SENTENCE = "Files cannot be sent here, only text.";
const PHONE = { width: 360, height: 740 };

async function openAlone(open, browser, options) {
  const ada = await open(browser, server.url, { name: "Ada", ...options });
  await ada.statusSays("Nobody else is here yet");
  return ada;
}

inEach("a pull or a swipe moves what scrolls, never the page", async (open, browser) => {
  const ada = await openAlone(open, browser, { viewport: PHONE });
  await open(browser, ada.page.url(), { name: "Grace" });
  await ada.connectedTo(1);
  const lax = await ada.page.evaluate(() =>
    [...document.querySelectorAll("body *")]
      .filter((one) => {
        const { overflowX, overflowY, overscrollBehaviorY } = getComputedStyle(one);
        const scrolls = [overflowX, overflowY].some((how) => /auto|scroll/.test(how));
        return scrolls && overscrollBehaviorY === "auto";
      })
      .map((one) => one.id || one.className || one.tagName),
  );
  assert.deepEqual(lax, []);
  const ofPage = await ada.page.evaluate(
    () => getComputedStyle(document.documentElement).overscrollBehavior,
  );
  assert.equal(ofPage, "none");
});

/** Drags or drops something on the page. @returns whether the page prevents what follows */
function drops(person, selector, type, kind) {
  return person.page.$eval(
    selector,
    (target, wanted) => {
      const dataTransfer = new DataTransfer();
      if (wanted.kind === "file") dataTransfer.items.add(new File(["x"], "cake.txt"));
      else dataTransfer.setData(wanted.kind, "https://example.org/");
      const how = { dataTransfer, bubbles: true, cancelable: true };
      return !target.dispatchEvent(new DragEvent(wanted.type, how));
    },
    { type, kind },
  );
}

inEach("what is dropped opens in no browser's place of the page", async (open, browser) => {
  const ada = await openAlone(open, browser);
  for (const type of ["dragover", "drop"]) {
    for (const target of ["body", "#log", "#message", "#link"])
      assert.ok(await drops(ada, target, type, "file"), `${type} of a file on ${target}`);
    for (const target of ["body", "#log", "#link"])
      assert.ok(await drops(ada, target, type, "text/uri-list"), `${type} of a link on ${target}`);
    for (const target of ["#message", "#name"])
      assert.ok(!(await drops(ada, target, type, "text/plain")), `text may go to ${target}`);
  }
  await ada.until((words) => document.getElementById("left").textContent === words, SENTENCE);
  await ada.fill("#message", "never mind");
  assert.equal(await ada.page.$eval("#left", (left) => left.textContent), "");
});

inEach("a file that is really dropped leaves the page where it is", async (open, browser) => {
  if (browser.name !== "chromium") return; // WebDriver BiDi has no drop of files
  const ada = await openAlone(open, browser);
  const session = await ada.page.createCDPSession();
  const data = { items: [], files: [fileURLToPath(import.meta.url)], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"])
    await session.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  await ada.until((words) => document.getElementById("left").textContent === words, SENTENCE);
});

/** Whether the page prevents what the browser would do. */
function prevents(person, selector, event, type, how) {
  return person.page.$eval(
    selector,
    (target, wanted) =>
      !target.dispatchEvent(
        new globalThis[wanted.event](wanted.type, {
          bubbles: true,
          cancelable: true,
          ...wanted.how,
        }),
      ),
    { event, type, how },
  );
}

inEach("a middle button or a Backspace beside the fields does nothing", async (open, browser) => {
  const ada = await openAlone(open, browser);
  await ada.say("see https://example.org/");
  await ada.reads("see https://example.org/");
  const middle = ["PointerEvent", "auxclick", { button: 1 }];
  const back = ["KeyboardEvent", "keydown", { key: "Backspace" }];
  assert.ok(await prevents(ada, "#log", ...middle));
  assert.ok(await prevents(ada, "#log", ...back));
  assert.ok(await prevents(ada, "#link", ...back));
  assert.ok(!(await prevents(ada, "#message", ...middle)));
  assert.ok(!(await prevents(ada, "#lines a", ...middle)), "a link opens in a tab of its own");
  assert.ok(!(await prevents(ada, "#message", ...back)));
  assert.equal(await ada.page.$eval("#lines a", (link) => link.target), "_blank");
});
