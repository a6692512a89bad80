// How much work do a key press and a received message cause in a page with the maximum number of
// lines?
import { setTimeout as sleep } from "node:timers/promises";
import { launch, startServer, withPeople } from "../../tests/browser/harness.mjs";
import { inBackground } from "./flood.mjs";
import { printVerdict, quantile } from "./report.mjs";

const LINES = 10_000;
const SAID_AT_ONCE = 500;
const SETTLED_MS = 100; // some frames after
const SCRIPT_MS_MAX = 1;
const LAYOUTS_MAX = 1;

/** The browser's counters of a page (Chrome DevTools Protocol, Performance). */
const METRICS = {
  script: { name: "ScriptDuration", scale: 1000 },
  style: { name: "RecalcStyleDuration", scale: 1000 },
  layout: { name: "LayoutDuration", scale: 1000 },
  layouts: { name: "LayoutCount", scale: 1 },
};

async function read(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  const valueOf = (wanted) => metrics.find(({ name }) => name === wanted).value;
  return Object.fromEntries(
    Object.entries(METRICS).map(([key, { name, scale }]) => [key, scale * valueOf(name)]),
  );
}

/** The median costs of |act| in the page of |session|, measured once everything is drawn. */
async function measure(session, samples, act) {
  const all = [];
  for (let i = 0; i < samples; i++) {
    const before = await read(session);
    await act(i);
    await sleep(SETTLED_MS);
    const after = await read(session);
    all.push({ before, after });
  }
  const median = (key) => {
    const taken = all.map(({ before, after }) => after[key] - before[key]);
    return quantile(taken, 0.5);
  };
  return Object.fromEntries(Object.keys(METRICS).map((key) => [key, median(key)]));
}

/** Says |count| lines through the page's own form. */
function fill(page, count, atOnce) {
  return page.evaluate(
    async (total, some) => {
      for (let i = 0; i < total; i++) {
        document.getElementById("message").value = `line ${i} ${"word ".repeat(i % 40)}`;
        document.getElementById("composer").requestSubmit();
        if (i % some === 0) await new Promise(requestAnimationFrame);
      }
    },
    count,
    atOnce,
  );
}

const hasAll = (count) => document.querySelectorAll("#lines .said").length >= count - 1;

async function measurePage(open, browser, others, server, samples) {
  const ada = await open(browser, server.url, { name: "Ada" });
  await fill(ada.page, LINES, SAID_AT_ONCE);
  await ada.until(hasAll, LINES);
  const grace = await open(others, ada.page.url(), { name: "Grace" });
  await ada.connectedTo(1);
  await ada.page.bringToFront();
  const session = await ada.page.createCDPSession();
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await ada.page.focus("#message");
  await sleep(1000); // the work after connecting
  return {
    "a key press": await measure(session, samples, () => ada.page.keyboard.press("a")),
    "a message that comes": await measure(session, samples, (i) => grace.say(`message ${i}`)),
  };
}

/** Prints both costs; fails if one misses its mark. @param {number} samples of each */
export async function measureLines(samples) {
  const server = await startServer();
  const browser = await launch("chromium");
  const others = await launch("chromium", inBackground);
  let results;
  await withPeople(server, async (open) => {
    results = await measurePage(open, browser, others, server, samples);
  });
  console.log(`with ${LINES} lines, the page's thread in ms; medians of ${samples}`);
  for (const [what, { script, style, layout, layouts }] of Object.entries(results)) {
    const [a, b, c] = [script, style, layout].map((ms) => ms.toFixed(2));
    printVerdict(
      script <= SCRIPT_MS_MAX && layouts <= LAYOUTS_MAX,
      `${what}: script ${a} of at most ${SCRIPT_MS_MAX}, ` +
        `style ${b}, layout ${c} in ${layouts} of at most ${LAYOUTS_MAX}`,
    );
  }
  await others.close();
  await browser.close();
  await server.stop();
}
