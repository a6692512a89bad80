// Browsers that files use one after the other, because starting Chromium and Firefox takes longer
// than many a file. A file has a set of browsers for itself, and creates its own browser contexts.
import { launch, prepareStarts } from "../browser/harness.mjs";
import { openGroup } from "./cpu.mjs";

const NAMES = ["chromium", "firefox"];

/** All sets that run, and those of them that nobody uses now. */
const started = new Set();
const idle = [];

/** Resolves when later starts cost less. */
let prepared = null;

const hasEnded = ({ exitCode, signalCode }) => exitCode !== null || signalCode !== null;

async function startOne(name, group) {
  const { browser, remove } = await launch(name, { within: group.within });
  const child = browser.process();
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const endpoint = browser.wsEndpoint();
  await browser.disconnect(); // Firefox has one driver at a time
  return { endpoint, child, exited, remove };
}

async function startSet() {
  await (prepared ??= prepareStarts().catch(console.warn)); // then each start costs as before
  const set = { browsers: {}, group: openGroup() };
  started.add(set);
  try {
    for (const name of NAMES) set.browsers[name] = await startOne(name, set.group);
    return set;
  } catch (error) {
    await endSet(set);
    throw error;
  }
}

function kill(set) {
  started.delete(set);
  for (const { child } of Object.values(set.browsers))
    if (!hasEnded(child)) process.kill(-child.pid, "SIGKILL"); // with its own children
}

async function endSet(set) {
  kill(set);
  for (const { exited, remove } of Object.values(set.browsers)) {
    await exited;
    remove();
  }
  set.group.close();
}

/** An idle set that still runs, or a new one. */
async function takeSet() {
  while (idle.length > 0) {
    const set = idle.pop();
    if (!Object.values(set.browsers).some(({ child }) => hasEnded(child))) return set;
    await endSet(set);
  }
  return startSet();
}

/**
 * Runs |use| with the environment in which launch() finds the browsers of a set, and with a function
 * for the seconds of CPU time that they have used since. If it does not resolve to true, these
 * browsers are not used again.
 */
export async function withBrowsers(use) {
  const set = await takeSet();
  const endpoints = Object.fromEntries(NAMES.map((name) => [name, set.browsers[name].endpoint]));
  const before = set.group.seconds();
  const cpuSeconds = () => set.group.seconds() - before;
  let isWell = false;
  try {
    isWell = await use({ TEST_BROWSERS: JSON.stringify(endpoints) }, cpuSeconds);
  } finally {
    if (isWell) idle.push(set);
    else await endSet(set);
  }
}

/** Ends all at once, even those in use. */
export function killBrowsers() {
  for (const set of started) kill(set);
}

export async function endBrowsers() {
  for (const set of idle.splice(0)) await endSet(set);
}
