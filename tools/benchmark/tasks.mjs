// A page's long tasks, as its browser traces them: in wall-clock time and in the thread's CPU time.
// The difference is the time for which other programs had the processor.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "../../tests/browser/harness.mjs";

const LONG_MS = 50; // Firefox marks longer tasks (W3C, Long Tasks, 1)

/** @typedef {{wallMs: number, cpuMs: number}} Task */

async function traceChromium() {
  const browser = await launch("chromium");
  return {
    browser,
    begin: (page) => page.tracing.start({ categories: ["-*", "toplevel"] }),
    async end(page) {
      const { traceEvents } = JSON.parse(Buffer.from(await page.tracing.stop()));
      await browser.close();
      return tasksOfTrace(traceEvents);
    },
  };
}

function tasksOfTrace(events) {
  const keyOf = ({ pid, tid }) => `${pid} ${tid}`;
  const threads = events.filter(({ args }) => args?.name === "CrRendererMain").map(keyOf);
  if (threads.length === 0) throw new Error("the trace has no page");
  const tasks = events.filter(({ name, ph }) => ph === "X" && name.endsWith("RunTask"));
  return tasks
    .filter((task) => threads.includes(keyOf(task)) && task.dur > 1000 * LONG_MS)
    .map(({ dur, tdur }) => ({ wallMs: dur / 1000, cpuMs: tdur / 1000 }));
}

async function traceFirefox() {
  const folder = mkdtempSync(join(tmpdir(), "parley-trace-"));
  const file = join(folder, "profile.json");
  const env = {
    MOZ_PROFILER_STARTUP: "1",
    MOZ_PROFILER_STARTUP_ENTRIES: "50000000",
    MOZ_PROFILER_STARTUP_INTERVAL: "1", // ms between the samples of the thread's own clock
    MOZ_PROFILER_STARTUP_FEATURES: "cpu",
    MOZ_PROFILER_STARTUP_FILTERS: "GeckoMain",
    MOZ_PROFILER_SHUTDOWN: file,
  };
  const browser = await launch("firefox", { env });
  let [from, to] = [0, Infinity];
  const now = (page) => page.evaluate(() => performance.timeOrigin + performance.now());
  return {
    browser,
    async begin(page) {
      from = await now(page);
    },
    async end(page) {
      to = await now(page);
      await browser.close(); // Firefox has five seconds to write the profile
      const text = readFileSync(file, "utf8");
      rmSync(folder, { recursive: true });
      if (!text.trimEnd().endsWith("}"))
        throw new Error("too busy for Firefox to write its profile");
      return tasksOfProfile(JSON.parse(text), from, to);
    },
  };
}

/** The long tasks of pages between two times. */
function tasksOfProfile({ processes }, from, to) {
  const isPages = ({ processType, processName }) =>
    processType === "tab" && / ?Web Content$/.test(processName);
  const pages = processes.flatMap(({ meta, threads }) =>
    threads.filter(isPages).map((thread) => ({ thread, startTime: meta.startTime })),
  );
  if (pages.length === 0) throw new Error("the profile has no page");
  return pages.flatMap(({ thread, startTime }) =>
    tasksOfThread(thread, from - startTime, to - startTime),
  );
}

function tasksOfThread({ markers, samples, stringTable }, from, to) {
  const { time, threadCPUDelta: worked } = samples.schema;
  const cpuMs = (start, end) =>
    samples.data
      .filter((sample) => sample[time] > start && sample[time] <= end)
      .reduce((sum, sample) => sum + (sample[worked] ?? 0) / 1e6, 0);
  const { name, startTime, endTime } = markers.schema;
  return markers.data
    .filter((marker) => stringTable[marker[name]] === "LongTask")
    .map((marker) => [marker[startTime], marker[endTime]])
    .filter(([start, end]) => start >= from && end <= to)
    .map(([start, end]) => ({ wallMs: end - start, cpuMs: cpuMs(start, end) }));
}

const TRACERS = { chromium: traceChromium, firefox: traceFirefox };

/**
 * Starts a browser that traces its pages from begin(page) to end(page). end closes the browser, and
 * resolves to the tasks of all its pages that took longer than LONG_MS of wall-clock time.
 * @param {"chromium"|"firefox"} name
 * @returns {Promise<{browser, begin(page): Promise, end(page): Promise<Task[]>}>}
 */
export const trace = (name) => TRACERS[name]();

/** The longest by |what|, in ms; null: no task took longer than LONG_MS of wall-clock time. */
export const longest = (tasks, what) =>
  tasks.length === 0 ? null : Math.max(...tasks.map((task) => task[what]));
