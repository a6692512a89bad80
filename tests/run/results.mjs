// Reads a job's output: how many tests passed, failed and were skipped, how long each one took, the
// command that runs only a failed test, and why it failed.
import { existsSync, readFileSync } from "node:fs";

/**
 * @typedef {{name: string, seconds: number}} Test a test without subtests
 * @typedef {{name: string, again: string, why?: string}} Failure again: the command that shows only
 *   that; why: the test's own message
 * @typedef {{passed: number, failed: number, skipped: number, tests: Test[], failures: Failure[]}}
 *   Results
 */

/** @returns {Results} */
const none = () => ({ passed: 0, failed: 0, skipped: 0, tests: [], failures: [] });

const quoted = (word) => (/^[\w./=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
export const commandOf = (...words) => words.map(quoted).join(" ");

const count = (text, pattern) =>
  [...text.matchAll(pattern)].reduce((sum, [, number]) => sum + Number(number), 0);

/**
 * ctest knows the programs, and which of them crashed; its log has the results of each one's cases.
 * @returns {Results}
 */
export function ofNative({ output }, casesLog) {
  const results = none();
  const cases = existsSync(casesLog) ? readFileSync(casesLog, "utf8") : "";
  const program = /Test +#\d+: (\S+) \.+ *(Passed|\S.*?) +([\d.]+) sec/g;
  for (const [, name, how, seconds] of output.matchAll(program)) {
    results.tests.push({ name, seconds: Number(seconds) });
    if (how === "Passed") continue;
    const again = commandOf("ctest", "--preset", "dev", "-R", `^${name}$`);
    results.failures.push({ name: `${name} (${how.replace(/^\*+/, "")})`, again });
  }
  results.passed = count(cases, /^\[ {2}PASSED {2}\] (\d+) test/gm);
  results.skipped = count(cases, /^\[ {2}SKIPPED \] (\d+) test/gm);
  const failed = count(cases, /^\[ {2}FAILED {2}\] (\d+) test/gm);
  results.failed = Math.max(failed, results.failures.length);
  return results;
}

/**
 * Each replayed world is a test; all random ones together are one.
 * @returns {Results}
 */
export function ofSimulator({ output, seconds }) {
  const results = none();
  results.passed = [...output.matchAll(/^seed \d+: well$/gm)].length;
  results.failed = count(output, /^\d+ worlds, (\d+) failed$/gm);
  for (const [, failed] of output.matchAll(/^\d+ worlds, (\d+) failed; /gm))
    if (Number(failed) > 0) results.failed++;
    else results.passed++;
  results.tests.push({ name: "simulated rooms", seconds });
  const seeds = new Set([...output.matchAll(/^seed (\d+): (?!well$)/gm)].map(([, seed]) => seed));
  for (const seed of seeds)
    results.failures.push({ name: `seed ${seed}`, again: `./tools/sim --seed ${seed} --trace` });
  return results;
}

/**
 * A fuzzer's target is a test.
 * @returns {Results}
 */
export function ofFuzzer({ status, seconds }, target, command) {
  const results = none();
  results.tests.push({ name: target, seconds });
  if (status === 0) results.passed = 1;
  else {
    results.failed = 1;
    results.failures.push({ name: target, again: commandOf(...command) });
  }
  return results;
}

/**
 * From the lines of reporter.mjs in the file |told|.
 * @param {(outermost: string) => string} again the command that shows only that test of the file
 * @returns {Results}
 */
export function ofNode(told, again) {
  const results = none();
  const lines = existsSync(told) ? readFileSync(told, "utf8").split("\n").filter(Boolean) : [];
  for (const { names, seconds, isWell, why, counts } of lines.map((line) => JSON.parse(line))) {
    if (counts) {
      results.passed = counts.pass ?? 0;
      results.failed = (counts.fail ?? 0) + (counts.cancelled ?? 0);
      results.skipped = (counts.skipped ?? 0) + (counts.todo ?? 0);
      continue;
    }
    const name = names.join(" > ");
    results.tests.push({ name, seconds });
    if (!isWell) results.failures.push({ name, again: again(names[0]), why });
  }
  return results;
}
