// The benchmark: tools/bench starts this once everything is built. Its options are below, in USAGE.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { flood } from "./flood.mjs";
import { hostile } from "./hostile.mjs";
import { measureLines } from "./lines.mjs";
import { closeBrowser } from "./page.mjs";
import { chart, summarise, table } from "./report.mjs";
import { FULL, GROUPS, QUICK, measure, rowsFor } from "./rows.mjs";
import { SERVERS, copyPage } from "./servers.mjs";
import { soak } from "./soak.mjs";

const ROUNDS_MIN = 5;
const USAGE = `usage: tools/bench [--rounds NUMBER] [--quick] [--rows ROWS] [--servers SERVERS]
                   [--json FILE] [--svg FILE]
       tools/bench soak [--cycles NUMBER]
       tools/bench hostile [--seconds NUMBER]
       tools/bench lines [--rounds NUMBER]
       tools/bench flood [--rounds NUMBER] [KIND]...
  ROWS: some of ${GROUPS.join(",")}
  SERVERS: some of ${Object.keys(SERVERS).join(",")}
  --quick: one round with few clients, to see that it works; its figures are not significant
  soak: NUMBER (10^6) connect-join-leave cycles; the memory after the first 10^4 and at the end
  hostile: the server's CPU time for each connection that requests more than it reads, over NUMBER
  (2) seconds for each kind
  lines: the work of a key press and of a received message in a page with 10,000 lines, NUMBER (100)
  times each. The time of a first visit is measured by --rows page
  flood: the longest task of a page while a member floods its room, in Chromium and Firefox, NUMBER
  (1) times for each kind of flood, or for those with KIND in their name`;

const OPTIONS = {
  rounds: { type: "string" },
  quick: { type: "boolean", default: false },
  rows: { type: "string", default: GROUPS.join(",") },
  servers: { type: "string", default: Object.keys(SERVERS).join(",") },
  json: { type: "string" },
  svg: { type: "string" },
  cycles: { type: "string", default: "1000000" },
  seconds: { type: "string", default: "2" },
  help: { type: "boolean", default: false },
};

class UsageError extends Error {}

/** The names in a comma-separated list, all of which must be |known|. */
function namesIn(list, known) {
  const names = list.split(",");
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined) throw new UsageError(`"${wrong}" is not one of ${known.join(",")}`);
  return names;
}

function countIn(text, least) {
  const count = Number(text);
  if (!Number.isInteger(count) || count < least)
    throw new UsageError(`"${text}" is not a whole number of at least ${least}`);
  return count;
}

function machine() {
  const [{ model }, { length }] = [cpus()[0], cpus()];
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, ${model.trim()}, ${length} cores, Linux ${release()}, node ${process.version}`;
}

/** Each round measures every server in turn, every second round in reverse order. */
async function measureRounds(names, rounds, setup) {
  const all = [];
  for (let i = 0; i < rounds; i++) {
    const round = {};
    for (const name of i % 2 ? [...names].reverse() : names) {
      process.stderr.write(`round ${i + 1} of ${rounds}: ${name}\n`);
      round[name] = await measure(name, setup);
    }
    all.push(round);
  }
  return all;
}

async function compare(options, setup) {
  const sizes = options.quick ? QUICK : FULL;
  const groups = new Set(namesIn(options.rows, GROUPS));
  const names = namesIn(options.servers, Object.keys(SERVERS));
  const rounds = countIn(options.rounds ?? (options.quick ? 1 : ROUNDS_MIN), 1);
  await copyPage(setup);
  const all = await measureRounds(names, rounds, { ...setup, sizes, groups });
  const rows = rowsFor(sizes).filter(({ group }) => groups.has(group));
  const summary = summarise(rows, all);
  const caption = `${machine()}; medians of ${rounds}`;
  console.log(`${caption}\n\n${table(summary)}`);
  if (options.json)
    writeFileSync(
      options.json,
      `${JSON.stringify({ caption, rows: summary, rounds: all }, null, 2)}\n`,
    );
  if (options.svg) writeFileSync(options.svg, chart(summary, caption));
}

async function run(args) {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  if (values.help) return console.log(USAGE);
  const [part = "compare", ...kinds] = positionals;
  const isKnown = ["compare", "soak", "hostile", "lines", "flood"].includes(part);
  if (!isKnown || (kinds.length > 0 && part !== "flood"))
    throw new UsageError(`"${positionals.join(" ")}" is not understood`);
  const folder = mkdtempSync(join(tmpdir(), "parley-bench-"));
  const setup = {
    folder,
    parley: process.env.BENCH_PARLEY,
    load: process.env.BENCH_LOAD,
    floor: process.env.BENCH_FLOOR,
    chromium: process.env.CHROMIUM ?? "/usr/bin/chromium",
    nginx: process.env.BENCH_NGINX ?? "/usr/sbin/nginx",
  };
  try {
    if (part === "soak") await soak(countIn(values.cycles, 1), setup);
    else if (part === "hostile") await hostile(countIn(values.seconds, 1), setup);
    else if (part === "lines") await measureLines(countIn(values.rounds ?? "100", 1));
    else if (part === "flood") await flood(countIn(values.rounds ?? "1", 1), kinds);
    else await compare(values, setup);
  } finally {
    await closeBrowser();
    rmSync(folder, { recursive: true });
  }
  return undefined;
}

run(process.argv.slice(2)).then(
  () => process.exit(),
  (error) => {
    const usage = error instanceof UsageError || error.code?.startsWith("ERR_PARSE_ARGS");
    console.error(usage ? `bench: ${error.message}\n${USAGE}` : error);
    process.exit(usage ? 2 : 1);
  },
);
