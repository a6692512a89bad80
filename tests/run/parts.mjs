// The parts of the tests, as jobs: their commands, time limits and claims.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { commandOf, ofFuzzer, ofNative, ofNode, ofSimulator } from "./results.mjs";

const SIM_SECONDS = 45;
const SIM_WORLDS_MIN = 5000;
const FUZZ_TARGET_SECONDS = 15;
const NATIVE_SECONDS_MAX = 900;
const SIM_SECONDS_MAX = 900;
const FUZZ_SECONDS_MAX = 600;
const NODE_FILE_SECONDS_MAX = 900;
const BROWSER_FILE_SECONDS_MAX = 600;
const PACKAGE_SECONDS_MAX = 300;

/**
 * The processors that a job claims; 1 means a processor of its own, roughly. A claim is not a
 * measurement: it determines which jobs may run side by side. main.mjs has the limit of the sum.
 */
const CORES = { all: 2, whole: 1, waiting: 0.5 };

/** Rough seconds of the long jobs, which start early, until a run has measured them. */
const SECONDS = {
  "access.test.mjs": 90,
  "flood.test.mjs": 240,
  "layout.test.mjs": 90,
  "recovery-cut.test.mjs": 240,
  "replay.test.mjs": 40,
  "reproducible.test.mjs": 75,
  "tls.test.mjs": 180,
};

/** Browser files that put a page under load, and so run alone, and those that mostly wait for a clock. */
const BROWSER_CORES = {
  "flood.test.mjs": CORES.all,
  "lines.test.mjs": CORES.all,
  "many.test.mjs": CORES.all,
  "adaptation.test.mjs": CORES.waiting,
  "goodbye.test.mjs": CORES.waiting,
  "polling.test.mjs": CORES.waiting,
  "reach.test.mjs": CORES.waiting,
  "recovery-cut.test.mjs": CORES.waiting,
  "recovery-page.test.mjs": CORES.waiting,
  "relay.test.mjs": CORES.waiting,
  "turn.test.mjs": CORES.waiting,
};

/** Node's files that mostly wait: for other programs, or for the time in which nothing may happen. */
const NODE_CORES = { "bench.test.mjs": CORES.waiting, "tls.test.mjs": CORES.waiting };

/**
 * @typedef {{part: string, name: string, command: string[], env?: object, secondsMax: number,
 *   seconds: number, cores: number, browsers?: number, borrows?: boolean, told?: string,
 *   results(ran): Results}} Job
 *   seconds: how long it takes, roughly, until a run has measured it; browsers: browser lanes that
 *   it needs; borrows: it uses the shared browsers; told: the file to which node's reporter writes
 */

const logs = "build/logs";
const plain = (text) => text.replace(/[^\w]/g, "\\$&");

/** The job of one file of node's tests; |name| leaves out the tests that it does not match. */
function fileJob(part, file, name, more) {
  const told = join(logs, `${part}-${file}.tests`);
  const reporters = [
    ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
    ...["--test-reporter=./tests/run/reporter.mjs", `--test-reporter-destination=${told}`],
  ];
  const pattern = name ? [`--test-name-pattern=${plain(name)}`] : [];
  const again = (outermost) => commandOf("./tools/test", part, file, outermost);
  return {
    ...{ part, name: file, secondsMax: NODE_FILE_SECONDS_MAX, cores: CORES.whole },
    seconds: SECONDS[file] ?? 20,
    command: ["node", "--test", ...reporters, ...pattern, join("tests", part, file)],
    told,
    results: () => ofNode(told, again),
    ...more,
  };
}

function filesOf(part, filter, name, more = () => ({})) {
  const files = readdirSync(join("tests", part)).filter((file) => file.endsWith(".test.mjs"));
  const wanted = files.filter((file) => file.includes(filter));
  return wanted.sort().map((file) => fileJob(part, file, name, more(file)));
}

const native = (filter) => [
  {
    ...{ part: "native", name: "ctest", secondsMax: NATIVE_SECONDS_MAX, seconds: 90 },
    cores: CORES.whole,
    command: ["ctest", "--preset", "dev", ...(filter ? ["-R", filter] : [])],
    env: { ASAN_OPTIONS: "detect_leaks=1" }, // a sanitizer's finding fails the test, and leaks count
    results: (ran) => ofNative(ran, "build/dev/Testing/Temporary/LastTest.log"),
  },
];

const simulator = () => {
  const drawn = ["--seconds", String(SIM_SECONDS), "--at-least", String(SIM_WORLDS_MIN)];
  const script = `"$PARLEY_SIM" --replay tests/sim/seeds.txt; replayed=$?
    "$PARLEY_SIM" --seeds 1..1000000000 ${drawn.join(" ")} && exit "$replayed"`;
  return [
    {
      ...{ part: "sim", name: "rooms", secondsMax: SIM_SECONDS_MAX, seconds: 75 },
      cores: CORES.whole,
      command: ["bash", "-c", script],
      results: ofSimulator,
    },
  ];
};

const fuzzers = (filter) =>
  process.env.FUZZ_TARGETS.split(" ")
    .filter((target) => target.includes(filter))
    .map((target) => {
      const command = ["tools/fuzz", target, String(FUZZ_TARGET_SECONDS)];
      return {
        ...{ part: "fuzz", name: target, secondsMax: FUZZ_SECONDS_MAX, command },
        ...{ seconds: FUZZ_TARGET_SECONDS, cores: CORES.whole },
        // One process: the result does not depend on the number of processors.
        env: { FUZZ_WORKERS: "1", FUZZ_BUILT: "1" },
        results: (ran) => ofFuzzer(ran, target, command),
      };
    });

/** Files whose browsers are on networks of their own, or use much memory. */
const OWN_BROWSERS = ["flood", "many", "recovery-cut", "turn"];

const ofBrowser = (file) => ({
  borrows: !OWN_BROWSERS.some((name) => file === `${name}.test.mjs`),
  secondsMax: BROWSER_FILE_SECONDS_MAX,
  seconds: SECONDS[file] ?? (file in BROWSER_CORES ? 120 : 40), // waiting files take long
  cores: BROWSER_CORES[file] ?? CORES.whole,
  browsers: 1,
});

/** By part: the jobs of those files, fuzzers or programs whose names contain |filter|. */
export const parts = {
  native,
  sim: simulator,
  fuzz: fuzzers,
  node: (filter, name) =>
    filesOf("node", filter, name, (file) => ({ cores: NODE_CORES[file] ?? CORES.whole })),
  browser: (filter, name) => filesOf("browser", filter, name, ofBrowser),
  package: (filter, name) =>
    filesOf("package", filter, name, () => ({
      secondsMax: PACKAGE_SECONDS_MAX,
      cores: CORES.whole,
    })),
  style: (filter, name) => filesOf("style", filter, name, () => ({ cores: CORES.whole })),
};
