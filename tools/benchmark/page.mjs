// The benchmark of a first visit: the time from following a link to reading a message that came
// from browser to browser, and the bytes loaded; and the same with a distant server.
//
// Ada is in the room. Another browser context, with an empty cache, follows the link. As soon as
// Ada's page shows that somebody is connected, it says something through its own form. The time
// runs from the newcomer's navigation until that text is in the newcomer's document.
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { CHROMIUM_FLAGS } from "../../tests/browser/harness.mjs";
import { startDelay } from "./delay.mjs";
import { begin } from "./servers.mjs";
import { startServer } from "./processes.mjs";

const WORDS = "Good morning";
const ROOM = "benchmark";
export const TRIP_MS = 100; // to a server that is far away, and back
const rivals = fileURLToPath(new URL("rivals/", import.meta.url));

/* --- in the pages ----------------------------------------------------------------------------- */

/** In Ada's page: says |words| once, when the element |where| shows |sign|, of a connection. */
function greet(words, where, sign) {
  const observer = new MutationObserver(() => {
    if (!document.querySelector(where)?.textContent.includes(sign)) return;
    observer.disconnect();
    const field = document.querySelector("#message, #input");
    field.value = words;
    field.form.requestSubmit();
  });
  observer.observe(document, { childList: true, subtree: true, characterData: true });
}

/** In the newcomer's page: notes when |words| are there, in ms since its navigation began. */
function notice(words) {
  globalThis.firstMessageMs = new Promise((resolve) => {
    new MutationObserver((_, observer) => {
      if (!document.body?.textContent.includes(words)) return;
      observer.disconnect();
      resolve(performance.now());
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
}

/* --- one visit -------------------------------------------------------------------------------- */

async function countBytes(page) {
  const session = await page.createCDPSession();
  let bytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await session.send("Network.enable");
  return () => bytes;
}

async function follow(within, url, prepare, ...args) {
  const context = await within.createBrowserContext();
  const page = await context.newPage();
  await page.evaluateOnNewDocument(prepare, WORDS, ...args);
  const bytes = await countBytes(page);
  await page.goto(url, { waitUntil: "domcontentloaded" });
  return { context, page, bytes };
}

async function visit(within, url) {
  const { context, page, bytes } = await follow(within, url, notice);
  const first = await page.evaluate(() => globalThis.firstMessageMs);
  await page.waitForNetworkIdle({ idleTime: 100, concurrency: 2 }); // a polling page is never idle
  await context.close();
  return { first, bytes: bytes() / 1024 };
}

/** Ada waits until |isIn| is true in her page. Then a newcomer visits, whom |sign| shows her. */
async function meet(within, url, isIn, sign) {
  const ada = await follow(within, url, greet, ...sign);
  await ada.page.waitForFunction(isIn, { polling: "mutation" });
  const seen = await visit(within, url);
  await ada.context.close();
  return seen;
}

/* --- the measured servers --------------------------------------------------------------------- */

/** The targets of a visit: |isIn| and |sign| as meet() needs them. */
const ROOMS = {
  parley: {
    start: (setup) => begin("parley", setup),
    isIn: () => /Nobody else/.test(document.getElementById("status").textContent),
    sign: ["#people", "connected"],
  },
  socketio: {
    start: () =>
      startServer({
        command: ["node", "--expose-gc", join(rivals, "socketio.mjs"), join(rivals, "page")],
      }),
    isIn: () => document.title === "Chat: in the room",
    sign: ["#messages", "connected"],
  },
};

/** One newcomer, with the server a round trip of |tripMs| away; 0: here. */
async function come(within, name, setup, tripMs) {
  const { start, isIn, sign } = ROOMS[name];
  const server = await start(setup);
  const far = tripMs > 0 ? await startDelay(server.port, tripMs) : null;
  const url = `http://127.0.0.1:${(far ?? server).port}/?roomId=${ROOM}`;
  const seen = await meet(within, url, isIn, sign);
  far?.stop();
  await server.stop();
  return seen;
}

async function visitFloor(within) {
  const server = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html");
    createReadStream(join(rivals, "floor", "index.html")).pipe(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { first } = await visit(within, `http://127.0.0.1:${server.address().port}/`);
  server.close();
  return { first };
}

let browser = null;

/** The browser of all visits. Its own start is not measured. */
async function launched(setup) {
  if (browser) return browser;
  const { default: puppeteer } = await import("puppeteer-core");
  browser = await puppeteer.launch({
    executablePath: setup.chromium,
    args: CHROMIUM_FLAGS,
    defaultViewport: null,
  });
  await visitFloor(browser);
  return browser;
}

/**
 * One newcomer at the server |name|, and one more with the server far away.
 * @returns {Promise<{first: number, bytes?: number, far?: number, trips?: number}>} first, far: in ms;
 *   bytes: in KB; trips: the round trips to the server that the first message waited for
 */
export async function measureVisit(name, setup) {
  const within = await launched(setup);
  if (name === "floor") return visitFloor(within);
  const { first, bytes } = await come(within, name, setup, 0);
  const { first: far } = await come(within, name, setup, TRIP_MS);
  return { first, bytes, far, trips: (far - first) / TRIP_MS };
}

export async function closeBrowser() {
  await browser?.close();
}
