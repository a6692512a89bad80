// A reporter for node's test runner: a line of JSON for each test without subtests, and one with
// node's own counts at the end. results.mjs reads it.
import { inspect } from "node:util";

const COUNTED = /^(pass|fail|cancelled|skipped|todo) (\d+)$/;
const WHY_LINES_MAX = 30;

/** The reason of a failed test, in a few lines; null: it did not fail. */
function whyOf({ error }) {
  if (!error) return null;
  const lines = inspect(error.cause ?? error).split("\n");
  const ours = lines.filter((line) => !line.includes("node:internal/"));
  return ours.slice(0, WHY_LINES_MAX).join("\n");
}

/** Names of the tests around the reported one, and whether they have subtests. */
class Place {
  #names = [];
  #isParent = [];

  enter({ nesting, name }) {
    this.#names.length = this.#isParent.length = nesting;
    this.#isParent.fill(true);
    this.#names.push(name);
    this.#isParent.push(false);
  }

  /** @returns {string[] | null} null: its subtests were reported instead */
  leave({ nesting, name, details }) {
    const isParent = this.#isParent[nesting] && details?.error?.failureType !== "hookFailed";
    const names = [...this.#names.slice(0, nesting), name];
    this.#names.length = this.#isParent.length = nesting;
    this.#isParent.fill(true);
    return isParent ? null : names;
  }
}

export default async function* report(source) {
  const place = new Place();
  const counts = {};
  for await (const { type, data } of source) {
    if (type === "test:start") place.enter(data);
    if (type === "test:pass" || type === "test:fail") {
      const names = place.leave(data);
      const seconds = (data.details?.duration_ms ?? 0) / 1000;
      const isWell = type === "test:pass";
      const why = isWell ? null : whyOf(data.details ?? {});
      if (names) yield `${JSON.stringify({ names, seconds, isWell, why })}\n`;
    }
    const [, what, count] = (type === "test:diagnostic" && COUNTED.exec(data.message)) || [];
    if (what && data.nesting === 0) counts[what] = Number(count);
  }
  yield `${JSON.stringify({ counts })}\n`;
}
