// The base of the browser tests: the server as a process, Chromium and Firefox, and a Person, which
// is one page in its own browser context. Conditions are waited for; nothing sleeps or retries.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import puppeteer from "puppeteer-core";
import { Pages } from "./pages.mjs";
import { copyProfile, makeProfile } from "./profile.mjs";

const root = new URL("../..", import.meta.url).pathname;
/** All servers, since a failed test does not stop those it started. */
const running = new Set();
process.once("exit", () => running.forEach((server) => server.kill("SIGKILL")));

const WAIT_MS_MAX = 60_000; // for what a busy machine does late, too
const POLL_MS = 25; // a page in the background draws no frames to wait on
const WIDE = { width: 1440, height: 900 };

/**
 * Starts the server on a free port, unless |options| name another.
 * @returns {{url, origin, port, output(), stop(), kill()}}
 */
export const startServer = (...options) => startServerIn({}, ...options);

/** The same in |networks|, as makeNetworks() returns, where their devices reach it. */
export async function startServerIn(networks, ...options) {
  const { serverCommand: within = [], serverAddress: address = "127.0.0.1" } = networks;
  const binary = process.env.PARLEY_BINARY ?? join(root, "build/release/parley");
  const [program, ...args] = [...within, binary, "--port", "0", "--host", address];
  // What most tests prove is about the paths between browsers.
  args.push("--ice-server", "none", "--relay", "off", ...options);
  const server = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  running.add(server);
  let output = "";
  const exited = new Promise((resolve) => server.once("exit", resolve));
  exited.then(() => running.delete(server));
  const port = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk;
      const found = /https?:\/\/[^\s/]+:(\d+)/.exec(output);
      if (found) resolve(Number(found[1]));
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
  });
  for (const one of [server, server.stdout, server.stderr]) one.unref();
  const scheme = options.includes("--tls-cert") ? "https" : "http";
  const end = (signal) => {
    server.ref();
    server.kill(signal);
    return exited;
  };
  return {
    port,
    origin: `${scheme}://${address}:${port}`,
    url: `${scheme}://${address}:${port}/`,
    output: () => output,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

// Each window of Chromium has processes of its own for the menus of its address bar, and one for the
// next page: together they work more than the page.
const ADDRESS_BAR_OFF =
  "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup";
const NEXT_PAGE_OFF = "--disable-features=SpareRendererForSitePerProcess";

/** Those of the benchmark's Chromium, too: people who follow a link have a window already. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  ADDRESS_BAR_OFF,
];

/** A name that is not in any DNS; browsers of the tests take it for 127.0.0.1. */
export const HOST_NAME = "tea.example";

// Outside loopback, browsers would replace addresses with names of the local network (mDNS).
const CHROMIUM_FLAGS_ON_DEVICE = ["--disable-features=WebRtcHideLocalIpsWithMdns"];
const FIREFOX_PREFS_ON_DEVICE = {
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  "network.manage-offline-status": true, // as everywhere but in tests
};

function chromiumOptions(device, { letterPx }) {
  return {
    browser: "chrome",
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      ...CHROMIUM_FLAGS,
      NEXT_PAGE_OFF,
      ...(device ? CHROMIUM_FLAGS_ON_DEVICE : []),
      `--host-resolver-rules=MAP ${HOST_NAME} 127.0.0.1`,
      ...(letterPx ? [`--blink-settings=defaultFontSize=${letterPx}`] : []),
    ],
  };
}

function firefoxOptions(device, { dark, letterPx, prefs }) {
  return {
    browser: "firefox",
    executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    args: [],
    extraPrefsFirefox: {
      "layout.css.prefers-color-scheme.content-override": dark ? 0 : 1,
      ...(device ? FIREFOX_PREFS_ON_DEVICE : {}),
      "network.dns.localDomains": HOST_NAME,
      ...(letterPx ? { "font.size.variable.x-western": letterPx } : {}),
      ...prefs,
    },
  };
}

/** Lets a browser be started by |command|, through a script. */
function startBy(command, options, directory) {
  const script = join(directory, "browser");
  const words = command.map((word) => `'${word}'`);
  writeFileSync(script, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`, { mode: 0o755 });
  options.executablePath = script;
}

/** Browsers that tests/run started, of which this process uses each once at a time. */
const lent = JSON.parse(process.env.TEST_BROWSERS ?? "{}");

const HOW = {
  acceptInsecureCerts: true, // the tests make their own
  defaultViewport: null,
  protocolTimeout: 2 * WAIT_MS_MAX,
  timeout: 2 * WAIT_MS_MAX, // to start
};

async function borrow(name) {
  const endpoint = lent[name];
  delete lent[name];
  const protocol = name === "firefox" ? "webDriverBiDi" : "cdp";
  const browser = await puppeteer.connect({ browserWSEndpoint: endpoint, protocol, ...HOW });
  const pages = new Pages(browser);
  const close = async () => {
    await pages.close();
    await browser.disconnect();
    lent[name] = endpoint;
  };
  return { name, browser, pages, close };
}

async function start(name, { device, within, env = {}, ...wishes }) {
  const directory = mkdtempSync(join(tmpdir(), `parley-${name}-`));
  const place = await device?.makePlace();
  const make = name === "chromium" ? chromiumOptions : firefoxOptions;
  const options = make(device, wishes);
  const userDataDir = join(directory, "profile");
  if (name === "firefox") copyProfile(options.executablePath, userDataDir);
  if (place) {
    startBy([...place.command, options.executablePath], options, directory);
    options.args.push(`--remote-debugging-port=${place.port}`);
  }
  if (within) startBy(within([options.executablePath]), options, directory);
  const own = { userDataDir, env: { ...process.env, ...env } };
  const browser = await puppeteer.launch({ headless: true, ...own, ...HOW, ...options });
  // Remaining processes of a browser may still write.
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  const close = async () => {
    await browser.close();
    place?.stop();
    remove();
  };
  const pages = new Pages(browser, !device); // networks that were cut are nobody's to start from
  return { name, browser, pages, device, close, remove };
}

/**
 * @param {"chromium"|"firefox"} name
 * @param {{dark?: boolean, device?, within?, letterPx?: number, prefs?, env?}}
 *   options device: of makeNetworks(), to run on; within: (command) => the command that runs it
 *   elsewhere; letterPx: the size of letters that the person chose; prefs: Firefox's; env: more of
 *   the environment
 * @returns {{name, browser, pages, device?, close(), remove()}} remove: of one whose process has
 *   ended otherwise: its files
 */
export function launch(name, options = {}) {
  const isPlain = Object.values(options).every((wish) => !wish);
  return isPlain && lent[name] ? borrow(name) : start(name, options);
}

/** Lets later starts of Firefox begin with a profile that was used once. */
export function prepareStarts() {
  const options = firefoxOptions(null, {});
  return makeProfile(options.executablePath, async (userDataDir) => {
    const browser = await puppeteer.launch({ headless: true, userDataDir, ...HOW, ...options });
    await browser.close();
  });
}

function chooseName(name) {
  const key = "parley.name";
  if (location.host !== "" && !sessionStorage.getItem(key)) {
    sessionStorage.setItem(key, JSON.stringify({ name, code: 0 }));
  }
}

/**
 * In the page: waits until |check| is true of |args|, at most |msMax|. Checks that take long leave the
 * page some time of its own. @returns whether it is
 */
async function becomesTrue(check, args, pollMs, msMax) {
  for (const end = performance.now() + msMax; performance.now() < end;) {
    const began = performance.now();
    if (await check(...args)) return true;
    const checked = performance.now();
    const restMs = 4 * (checked - began);
    let observer;
    await new Promise((done) => {
      setTimeout(done, Math.max(pollMs, restMs));
      if (!document.hidden) return; // there Firefox' timers take a second
      const all = { childList: true, subtree: true, attributes: true, characterData: true };
      observer = new MutationObserver(() => performance.now() >= checked + restMs && done());
      observer.observe(document, all);
    });
    observer?.disconnect();
  }
  return false;
}

/** Browsers ask for this, sometimes late, on behalf of the page that an emptied one shows. */
const isOfEmptyPage = (url) => url?.endsWith("/favicon.ico");

/** One page in its own browser context, with what its user does and sees. */
export class Person {
  /** Errors on the console, exceptions, and what the content security policy refused. */
  faults = [];
  requests = [];
  /** Where pages reconnect for long: nothing turns in Chromium, which draws it sixty times a second. */
  static isStill = false;

  constructor(browserName, context, page) {
    this.browserName = browserName;
    this.context = context;
    this.page = page;
    page.on("console", (message) => {
      if (message.type() !== "error" || isOfEmptyPage(message.location().url)) return;
      this.faults.push(message.text());
    });
    page.on("pageerror", (error) => this.faults.push(String(error)));
    page.on("request", (request) => {
      if (!isOfEmptyPage(request.url())) this.requests.push(request.url());
    });
  }

  /**
   * @param browser as launch() returns
   * @param {string} url
   * @param {{viewport?, dark?: boolean, before?: Function, prepare?: Function, name?: string}}
   *   options before: runs in the page first; prepare: is given the page before it goes to |url|;
   *   name: chosen on an earlier visit
   */
  static async open(browser, url, { viewport = WIDE, dark = false, before, prepare, name } = {}) {
    const place = await browser.pages.take();
    const { context, page } = place;
    const person = new Person(browser.name, context, page);
    person.leave = () => browser.pages.giveBack(place);
    await page.setViewport(viewport);
    if (browser.name === "chromium") {
      const scheme = { name: "prefers-color-scheme", value: dark ? "dark" : "light" };
      const motion = { name: "prefers-reduced-motion", value: Person.isStill ? "reduce" : "" };
      await page.emulateMediaFeatures([scheme, motion]);
    }
    await page.evaluateOnNewDocument(() => {
      addEventListener("securitypolicyviolation", (event) =>
        console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`),
      );
    });
    if (before) await page.evaluateOnNewDocument(before);
    if (name) await page.evaluateOnNewDocument(chooseName, name);
    if (prepare) await prepare(page);
    await page.goto(url);
    if (name) await person.inRoom();
    return person;
  }

  /** Waits until a function of the page's is true of |args|. */
  async until(check, ...args) {
    const words = [check, JSON.stringify(args), POLL_MS, WAIT_MS_MAX];
    try {
      // All of it in one message; where the page goes elsewhere meanwhile, the driver's own wait.
      const isTrue = await this.page.evaluate(`(${becomesTrue})(${words})`).catch(() => null);
      assert.notEqual(isTrue, false);
      if (isTrue) return;
      await this.page.waitForFunction(check, { polling: POLL_MS, timeout: WAIT_MS_MAX }, ...args);
    } catch (error) {
      const shown = await this.page.evaluate(() => document.body.innerText);
      throw new Error(`never true: ${check} of ${JSON.stringify(args)}; shown:\n${shown}`, {
        cause: error,
      });
    }
  }

  inRoom() {
    return this.until(() => document.getElementById("link").value !== "");
  }

  /** The id of an open room; "#" and the secret of a sealed one. */
  room() {
    return this.page.evaluate(
      () => location.hash || new URLSearchParams(location.search).get("roomId"),
    );
  }

  /** The invite link. */
  link() {
    return this.page.$eval("#link", (field) => field.value);
  }

  /** Waits until |count| others are connected. */
  connectedTo(count) {
    return this.until(
      (wanted) =>
        document.querySelectorAll('#members [data-state="connected"]').length === wanted &&
        document.getElementById("count").textContent === String(wanted + 1),
      count,
    );
  }

  people() {
    return this.page.evaluate(() =>
      [...document.querySelectorAll("#members > li")].map((row) => ({
        name: row.querySelector(".person-name").textContent,
        state: row.dataset.state,
        colour: row.querySelector(".disc").dataset.colour,
      })),
    );
  }

  knows(name) {
    return this.until(
      (wanted) =>
        [...document.querySelectorAll("#members .person-name")].some(
          (one) => one.textContent === wanted,
        ),
      name,
    );
  }

  /** The transcript's texts that are in the document. */
  lines() {
    return this.page.evaluate(() =>
      [...document.querySelectorAll("#lines .line:not(.run)")].map((row) => ({
        kind: row.dataset.kind ?? "text",
        own: row.classList.contains("own"),
        author: row.querySelector(".author")?.textContent ?? "",
        text: row.querySelector(".text, .words").textContent,
      })),
    );
  }

  async texts() {
    return (await this.lines()).filter(({ kind }) => kind === "text").map(({ text }) => text);
  }

  async notes(kind) {
    return (await this.lines()).filter((line) => line.kind === kind).map(({ text }) => text);
  }

  reads(text) {
    return this.until(
      (wanted) =>
        [...document.querySelectorAll("#lines .text")].some((one) => one.textContent === wanted),
      text,
    );
  }

  /** Waits for a note, such as "Ada left". */
  readsNote(text) {
    return this.until(
      (wanted) =>
        [...document.querySelectorAll("#lines .note")].some(
          (one) => one.querySelector(".words").textContent === wanted,
        ),
      text,
    );
  }

  statusSays(part) {
    return this.until(
      (wanted) => document.getElementById("status").textContent.includes(wanted),
      part,
    );
  }

  /** Waits until somebody's row in the list has that state. */
  sees(name, state) {
    return this.until(
      (wantedName, wantedState) =>
        [...document.querySelectorAll("#members .person")].some(
          (row) =>
            row.querySelector(".person-name").textContent === wantedName &&
            row.dataset.state === wantedState,
        ),
      name,
      state,
    );
  }

  /** Waits until the page has nothing to say. */
  isQuiet() {
    return this.until(() => {
      const { dataset, textContent } = document.getElementById("status");
      return dataset.tone === "quiet" && textContent === "";
    });
  }

  /** Puts any text into the message box, as pasting does, and presses Enter. */
  async say(text) {
    await this.fill("#message", text, { focus: true });
    await this.page.keyboard.press("Enter");
  }

  async rename(name) {
    await this.fill("#name", name, { focus: true });
    await this.page.keyboard.press("Enter");
  }

  /** focus: the field is being edited from before to after that; the page leaves others not alone. */
  fill(selector, text, { focus = false } = {}) {
    return this.page.evaluate(
      (at, value, isEdited) => {
        const field = document.querySelector(at);
        if (isEdited) field.focus();
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      },
      selector,
      text,
      focus,
    );
  }

  /** The element of that role and accessible name, of which there must be exactly one, in |within|. */
  async byRole(role, name, within = "body") {
    const parts = this.browserName === "firefox" ? await this.#partsNamed(name, within) : [];
    const found = [];
    for (const part of parts.length > 0 ? parts : [within])
      found.push(...(await (await this.page.$(part)).$$(`aria/${name}[role="${role}"]`)));
    assert.equal(found.length, 1, `one ${role} '${name}'`);
    return found[0];
  }

  /**
   * Selectors of the controls in |within| that may have that name. Firefox draws the page twice for
   * each element that has no name, so it is asked only about these.
   */
  #partsNamed(name, within) {
    return this.page.evaluate(
      (wanted, place) => {
        const selectorOf = (one) => {
          const parent = one.parentElement;
          if (!parent) return ":root";
          return `${selectorOf(parent)} > :nth-child(${[...parent.children].indexOf(one) + 1})`;
        };
        const dense = (text) => text.replace(/\s+/g, ""); // spaces come from layout, too
        const namesOf = ({ innerText, ariaLabel, title, labels }) => [
          innerText,
          ariaLabel,
          title,
          ...[...(labels ?? [])].map((label) => label.innerText),
        ];
        return [...document.querySelectorAll(`${place} :is(a, button, input, textarea)`)]
          .filter((one) => one.checkVisibility({ visibilityProperty: true }))
          .filter((one) => namesOf(one).some((text) => dense(text ?? "").includes(dense(wanted))))
          .map(selectorOf);
      },
      name,
      within,
    );
  }

  /** Asserts that nothing failed except |expected|, and that no other host was contacted. */
  assertClean(origin, expected) {
    assert.deepEqual(
      this.faults.filter((fault) => fault !== expected),
      [],
    );
    const foreign = this.requests.filter((url) => !url.startsWith(origin));
    assert.deepEqual(
      foreign.filter((url) => !/^(?:about|data|ws):/.test(url)),
      [],
    );
  }

  close() {
    return this.context.close();
  }
}

/**
 * Runs |use| with people who are all closed afterwards, and whose pages must have been clean.
 * @param {{faultsAllowed?: boolean, expected?: string}} options expected: the fault that they may have
 */
export async function withPeople(server, use, { faultsAllowed = false, expected } = {}) {
  const people = [];
  const open = async (browser, url, options) => {
    const person = await Person.open(browser, url, options);
    people.push(person);
    return person;
  };
  let isWell = false;
  try {
    await use(open);
    if (!faultsAllowed) for (const person of people) person.assertClean(server.origin, expected);
    isWell = true;
  } finally {
    const end = (person) => (isWell ? person.leave() : person.close().catch(() => {}));
    await Promise.all(people.map(end));
  }
}

/**
 * A server and one browser of each kind for all tests of a file, and inEach(), which makes a test for
 * each browser.
 */
export async function setUp(...options) {
  const server = await startServer(...options);
  const browsers = {};
  after(async () => {
    for (const browser of Object.values(browsers)) await browser.close();
    await server.stop();
  });
  for (const name of ["chromium", "firefox"]) browsers[name] = await launch(name);
  const inEach = (what, use) =>
    describe(what, () => {
      for (const name of Object.keys(browsers))
        test(name, () => withPeople(server, (open) => use(open, browsers[name])));
    });
  return { server, browsers, inEach };
}

/**
 * Browsers for all tests of a file, each started when it is first asked for.
 * @returns {(name: string, options?: object) => Promise} as launch() does
 */
export function browsersOnDemand() {
  const started = new Map();
  after(async () => {
    for (const browser of started.values()) await (await browser).close();
  });
  return (name, { dark = false, ...others } = {}) => {
    const options = name === "firefox" ? { dark, ...others } : others; // Chromium's pages are told
    const key = JSON.stringify([name, options]);
    if (!started.has(key)) started.set(key, launch(name, options));
    return started.get(key);
  };
}

/** Two people who are connected, in a new room. */
/** The address of an open room on |server|; each |name| is another room of this run. */
export const inOpenRoom = (server, name) => ({ ...server, url: `${server.url}?roomId=${name}` });

export async function openTwo(open, server, first, second, options) {
  const ada = await open(first, server.url, { name: "Ada", ...options });
  const grace = await open(second, ada.page.url(), { name: "Grace", ...options });
  await ada.connectedTo(1);
  await grace.connectedTo(1);
  await ada.knows("Grace");
  await grace.knows("Ada");
  return [ada, grace];
}

export async function everybodyReads(people, text) {
  for (const person of people) await person.reads(text);
}

/** Asserts that nobody saw anybody come or go. */
export async function assertNobodyMoved(people) {
  for (const person of people) {
    assert.deepEqual(await person.notes("left"), []);
    const joined = await person.notes("joined");
    assert.equal(joined.length, new Set(joined).size);
  }
}
