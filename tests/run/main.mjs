// Runs the tests: tools/test starts this when all is built. main.mjs [PART [NAME [TEST]]]...
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { endAll, run } from "./job.mjs";
import { inLanes } from "./lanes.mjs";
import { parts } from "./parts.mjs";

const CORES_MAX = 2; // more would need other claims
const BROWSER_FILES_MAX = 4; // each has two browsers or more, of a gigabyte each
const SLOWEST = 10;
const LOGS = "build/logs";
const SECONDS_FILE = "build/test-seconds.json"; // how long each job took the last time

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

const titleOf = ({ part, name }) => `${part} ${name}`;

/** What a job came to. One that fails without a count, or counts nothing, has failed. */
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

/** All that a job printed, in one piece. */
function print({ job, ran, passed, failed, skipped }) {
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  const took = `${ran.seconds.toFixed(0)} s, ${ran.processor.toFixed(0)} s of a processor`;
  process.stdout.write(`\n=== ${titleOf(job)}: ${counts} (${took})\n${ran.output}`);
}

function printSlowest(done) {
  const all = done.flatMap(({ job, tests }) =>
    tests.map(({ name, seconds }) => ({ seconds, title: `${titleOf(job)}: ${name}` })),
  );
  all.sort((a, b) => b.seconds - a.seconds);
  console.log(`\nThe slowest tests:`);
  for (const { seconds, title } of all.slice(0, SLOWEST))
    console.log(`${seconds.toFixed(1).padStart(7)} s  ${title}`);
}

function printFailures(done) {
  for (const { job, failures } of done)
    for (const { name, again } of failures)
      console.log(`\nfailed: ${titleOf(job)}: ${name}\n  to see only that: ${again}`);
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
    const processor = total(({ ran }) => ran.processor, ofPart).toFixed(0);
    console.log(
      `${part.padEnd(8)} ${String(passed).padStart(5)} passed, ${failed} failed, ` +
        `${skipped} skipped (${seconds} s, ${processor} s of a processor)`,
    );
  }
}

async function main(words) {
  const wanted = wishes(words);
  const jobs = wanted.flatMap(([part, name = "", test]) => parts[part](name, test));
  const secondsOf = readSeconds();
  const done = [];
  const began = performance.now();
  mkdirSync(LOGS, { recursive: true });
  const capacity = {
    cores: Math.min(CORES_MAX, availableParallelism()),
    browsers: BROWSER_FILES_MAX,
  };
  await inLanes(
    jobs,
    capacity,
    (job) => secondsOf[titleOf(job)],
    async (job) => {
      console.error(`parley: testing: ${titleOf(job)}`);
      const log = join(LOGS, `test-${job.part}-${job.name}.log`);
      const one = judge(job, await run({ ...job, log }));
      done.push(one);
      secondsOf[titleOf(job)] = Math.round(one.ran.seconds);
      print(one);
    },
  );
  if (jobs.length === 0) console.log(`no test is called that: ${words.join(" ")}`);
  writeFileSync(SECONDS_FILE, JSON.stringify(secondsOf, null, 1));
  printSlowest(done);
  printFailures(done);
  printSummary([...new Set(wanted.map(([part]) => part))], done);
  const failed = done.reduce((sum, one) => sum + one.failed, 0);
  const passed = done.reduce((sum, one) => sum + one.passed, 0);
  const took = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`${passed} passed, ${failed} failed (${took} s)`);
  return failed === 0 && jobs.length > 0;
}

for (const name of ["SIGINT", "SIGTERM"])
  process.once(name, () => {
    endAll();
    process.exit(1);
  });

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
