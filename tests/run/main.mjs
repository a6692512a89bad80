// Runs the tests: tools/test starts this after the build. main.mjs [PART [NAME [TEST]]]...
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { endAll, run } from "./job.mjs";
import { inLanes } from "./lanes.mjs";
import { parts } from "./parts.mjs";

const CORES_MAX = 2; // more would need other claims
const BROWSER_FILES_MAX = 3; // each has two browsers or more, of a gigabyte each
const MOST = 10; // of the slowest
const TICKS_IN_SECOND = 100; // of /proc/stat
const LOGS = "build/logs";
const SECONDS_FILE = "build/test-seconds.json"; // what each job took the last time

/** PART [NAME [TEST]]..., as [part, name, test]. */
function wishes(words) {
  const all = [];
  for (const word of words) {
    if (parts[word]) all.push([word]);
    else all.at(-1).push(word);
  }
  return all;
}

function readSeconds() {
  try {
    return JSON.parse(readFileSync(SECONDS_FILE, "utf8"));
  } catch {
    return {}; // none yet
  }
}

/** Seconds of CPU time that this machine has used, for all programs. */
function workedSeconds() {
  const [, user, nice, system, , , irq, softirq] = readFileSync("/proc/stat", "utf8")
    .split("\n", 1)[0]
    .split(/ +/)
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS_IN_SECOND;
}

const titleOf = ({ part, name }) => `${part} ${name}`;

/** The result of a job. A job that fails without a count, or counts nothing, has failed. */
function judge(job, ran) {
  const results = job.results(ran);
  const { passed, failed, failures } = results;
  const hasNone = passed + failed === 0;
  if (failed === 0 && (ran.status !== 0 || ran.isLate || hasNone)) results.failed = 1;
  if (results.failed > 0 && failures.length === 0) {
    const why = ran.isLate ? `no end after ${job.secondsMax} s` : `status ${ran.status}`;
    failures.push({ name: why, again: `./tools/test ${titleOf(job)}` });
  }
  return { ...results, job, ran };
}

/** browsers.mjs, loaded only if needed, because it needs npm's packages. */
let pool = null;

/** Runs a job, with shared browsers if it uses them, and returns its result. */
async function runJob(job) {
  if (job.told) rmSync(job.told, { force: true }); // an earlier run's
  const log = join(LOGS, `test-${job.part}-${job.name}.log`);
  if (!job.borrows) return judge(job, await run({ ...job, log }));
  let one;
  try {
    pool ??= await import("./browsers.mjs");
    await pool.withBrowsers(async (env, cpuSeconds) => {
      const ran = await run({ ...job, env: { ...job.env, ...env }, log });
      if (ran.cpuSeconds !== null) ran.cpuSeconds += cpuSeconds();
      one = judge(job, ran);
      return one.failed === 0;
    });
  } catch (error) {
    const nothing = { status: 1, isLate: false, seconds: 0, cpuSeconds: null };
    const ran = { ...nothing, output: `${error.stack}\n` };
    one ??= judge(job, ran); // no browser starts
  }
  return one;
}

const round = (seconds) => seconds && Math.round(seconds);
const andCpu = (cpuSeconds) => (cpuSeconds === null ? "" : `, CPU ${cpuSeconds.toFixed(0)} s`);

/** Prints a job's output, in one piece. */
function print({ job, ran, passed, failed, skipped }) {
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  const took = `${ran.seconds.toFixed(0)} s${andCpu(ran.cpuSeconds)}`;
  process.stdout.write(`\n=== ${titleOf(job)}: ${counts} (${took})\n${ran.output}`);
}

/** @param {{seconds: number, title: string}[]} all */
function printMost(what, all) {
  all.sort((a, b) => b.seconds - a.seconds);
  console.log(`\n${what}:`);
  for (const { seconds, title } of all.slice(0, MOST))
    console.log(`${seconds.toFixed(1).padStart(7)} s  ${title}`);
}

function printSlowest(done) {
  const tests = done.flatMap(({ job, tests: ofJob }) =>
    ofJob.map(({ name, seconds }) => ({ seconds, title: `${titleOf(job)}: ${name}` })),
  );
  const jobs = done.map(({ job, ran }) => ({ seconds: ran.cpuSeconds, title: titleOf(job) }));
  const known = jobs.filter(({ seconds }) => seconds !== null);
  if (known.length > 1) printMost("What used most CPU time", known);
  printMost("The slowest tests", tests);
}

function printFailures(done) {
  for (const { job, failures } of done)
    for (const { name, again, why } of failures) {
      console.log(`\nfailed: ${titleOf(job)}: ${name}\n  to see only that: ${again}`);
      if (why) console.log(why.replace(/^/gm, "    "));
    }
}

function printSummary(names, done) {
  const total = (of, all = done) => all.reduce((sum, one) => sum + of(one), 0);
  console.log("");
  for (const part of names) {
    const ofPart = done.filter(({ job }) => job.part === part);
    const [passed, failed, skipped] = ["passed", "failed", "skipped"].map((what) =>
      total((one) => one[what], ofPart),
    );
    const seconds = total(({ ran }) => ran.seconds, ofPart).toFixed(0);
    const isKnown = ofPart.every(({ ran }) => ran.cpuSeconds !== null);
    const cpuSeconds = isKnown ? total(({ ran }) => ran.cpuSeconds, ofPart) : null;
    console.log(
      `${part.padEnd(8)} ${String(passed).padStart(5)} passed, ${failed} failed, ` +
        `${skipped} skipped (${seconds} s${andCpu(cpuSeconds)})`,
    );
  }
}

async function main(words) {
  const wanted = wishes(words);
  const jobs = wanted.flatMap(([part, name = "", test]) => parts[part](name, test));
  const last = readSeconds();
  const done = [];
  const [began, workedBefore] = [performance.now(), workedSeconds()];
  mkdirSync(LOGS, { recursive: true });
  const capacity = {
    cores: Math.min(CORES_MAX, availableParallelism()),
    browsers: BROWSER_FILES_MAX,
  };
  await inLanes(
    jobs,
    capacity,
    (job) => last[titleOf(job)]?.seconds ?? job.seconds,
    async (job) => {
      console.error(`parley: testing: ${titleOf(job)}`);
      const one = await runJob(job);
      done.push(one);
      const { seconds, cpuSeconds } = one.ran;
      last[titleOf(job)] = { seconds: round(seconds), cpuSeconds: round(cpuSeconds) };
      print(one);
    },
  );
  await pool?.endBrowsers();
  if (jobs.length === 0) console.log(`no test is called that: ${words.join(" ")}`);
  writeFileSync(SECONDS_FILE, JSON.stringify(last, null, 1));
  printSlowest(done);
  printFailures(done);
  printSummary([...new Set(wanted.map(([part]) => part))], done);
  const failed = done.reduce((sum, one) => sum + one.failed, 0);
  const passed = done.reduce((sum, one) => sum + one.passed, 0);
  const took = ((performance.now() - began) / 1000).toFixed(0);
  const worked = (workedSeconds() - workedBefore).toFixed(0);
  console.log(`${passed} passed, ${failed} failed (${took} s; the processors worked ${worked} s)`);
  return failed === 0 && jobs.length > 0;
}

function giveUp() {
  endAll();
  pool?.killBrowsers();
  process.exit(1);
}

for (const name of ["SIGINT", "SIGTERM"]) process.once(name, giveUp);

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  console.error(error);
  giveUp();
}
