// The benchmark runs: every row gets a value from real servers, and wrong arguments are reported at
// once.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chart, summarise, table } from "../../tools/benchmark/report.mjs";
import { GROUPS, QUICK, rowsFor } from "../../tools/benchmark/rows.mjs";

const built = join("build", "dev", "tools", "benchmark");

function bench(...args) {
  const env = {
    ...process.env,
    BENCH_PARLEY: process.env.PARLEY_DEV_BINARY,
    BENCH_LOAD: join(built, "bench_load"),
    BENCH_FLOOR: join(built, "bench_floor"),
  };
  const { status, stdout, stderr } = spawnSync("node", ["tools/benchmark/run.mjs", ...args], {
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test("a quick round measures every row of Parley and the floor", () => {
  const folder = mkdtempSync(join(tmpdir(), "parley-bench-test-"));
  const [json, svg] = [join(folder, "bench.json"), join(folder, "bench.svg")];
  const result = bench("--quick", "--servers=parley,floor", `--json=${json}`, `--svg=${svg}`);
  assert.equal(result.status, 0, result.stderr);
  const { rows } = JSON.parse(readFileSync(json, "utf8"));
  assert.deepEqual([...new Set(rows.map(({ group }) => group))], GROUPS);
  for (const { key, group, values } of rows) {
    if (group === "memory" || /^(?:p\d\d|trips)/.test(key)) continue; // too few samples
    assert.ok(values.parley > 0, key);
    const isFloorless = group === "pages" || ["far", "bytes"].includes(key);
    assert.ok(isFloorless || values.floor > 0, key);
  }
  assert.match(readFileSync(svg, "utf8"), /^<svg[^]*<\/svg>\n$/);
  assert.match(result.stdout, /\| server CPU per join +\| [\d.]+ µs/);
  rmSync(folder, { recursive: true });
});

test("a soak reports how much memory stays in use after clients have come and gone", () => {
  const { stdout, stderr } = bench("soak", "--cycles=300");
  assert.match(stdout, /^300 cycles: \d+ KB then/, stderr);
  assert.match(stdout, /^pass: grown by 0.00%/m);
});

test("connections that request more than they read do not occupy a core of the server", () => {
  const { status, stdout, stderr } = bench("hostile", "--seconds=1");
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /^HTTPS, 60 requests and the end: [\d.]+% of a core each$/m);
  assert.match(stdout, /^pass: at the worst /m);
});

test("unknown arguments give an error of one line and the usage", () => {
  for (const args of [
    ["--rows=speed"],
    ["--servers=apache"],
    ["--rounds=0"],
    ["fast"],
    ["page"],
    ["--no"],
  ]) {
    const { status, stderr } = bench(...args);
    assert.equal(status, 2, args[0]);
    assert.match(stderr, /^bench: .+\nusage: /, args[0]);
  }
});

test("marks are judged by ratios of one round", () => {
  const rows = rowsFor(QUICK).filter(({ key }) => ["relay", "relay-idle", "join"].includes(key));
  const round = (ours, idle, floor) => ({
    parley: { relay: ours, "relay-idle": idle, join: 101 },
    floor: { relay: floor, "relay-idle": floor, join: 30 },
  });
  const rounds = [round(12, 13, 10), round(24, 25, 20), round(14, 90, 10)];
  const [relay, idle, join_] = summarise(rows, rounds);
  assert.deepEqual(relay.verdict, { most: 1.3, ours: 1.2, unit: "x the floor", passed: true });
  assert.ok(idle.verdict.passed && idle.verdict.ours < 1.09);
  assert.equal(join_.verdict.passed, false);
  assert.equal(relay.ratios.parley, 1.2);
  assert.match(
    table([relay, idle, join_]),
    /pass: 1.20 of 1.3 x the floor[^]*SHORT: 101 of 100 µs/,
  );
  assert.match(chart([relay], "today"), /today/);
});
