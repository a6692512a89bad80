// The results: medians, ratios and marks, as a table, as an object for JSON, and as a chart.
import { SERVERS } from "./servers.mjs";

/** The value below which a |share| of the values lie: 0.5 is the median. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (at % 1) * (above - below);
}

const wordOf = (passed) => (passed ? "pass" : "SHORT");

/** Prints whether one part of the benchmark met its mark, and sets the exit status. */
export function printVerdict(passed, text) {
  console.log(`${wordOf(passed)}: ${text}`);
  if (!passed) process.exitCode = 1;
}

/** The quantile of |of(round)| over all rounds; undefined if a round lacks it. */
function quantileOf(rounds, share, of) {
  const values = rounds.map(of);
  return values.every(Number.isFinite) ? quantile(values, share) : undefined;
}

/**
 * The ratio of |of| to |beside|: the median of the rounds' ratios or, with a |share|, the ratio of
 * the quantiles.
 */
function ratioOf(rounds, share, of, beside) {
  if (share === undefined) return quantileOf(rounds, 0.5, (round) => of(round) / beside(round));
  return quantileOf(rounds, share, of) / quantileOf(rounds, share, beside);
}

/** Parley's mark in a row: the limit, the result, and whether it passes. */
function judge({ key, unit, mark, share }, rounds) {
  if (mark === undefined) return undefined;
  const { factor, server = "parley", key: other = key } = mark;
  const beside = factor === undefined ? () => 1 : (round) => round[server]?.[other];
  const ours = ratioOf(rounds, share, (round) => round.parley?.[key], beside);
  const most = factor ?? mark;
  const besides = server === "parley" ? "its own" : SERVERS[server].title;
  const of = factor === undefined ? unit : `x ${besides}`;
  return Number.isFinite(ours) ? { most, ours, unit: of, passed: ours <= most } : undefined;
}

/** Rounds are {server: {key: value}}; gives the rows with {values, ratios} by server. */
export function summarise(rows, rounds) {
  const names = Object.keys(SERVERS).filter((name) => rounds[0][name]);
  const byServer = (of) => Object.fromEntries(names.map((name) => [name, of(name)]));
  return rows.map((row) => {
    const { key, base, share } = row;
    const valueOf = (name) => (round) => round[name]?.[key];
    return {
      ...row,
      values: byServer((name) => quantileOf(rounds, share ?? 0.5, valueOf(name))),
      ratios: byServer((name) => ratioOf(rounds, share, valueOf(name), valueOf(base))),
      verdict: judge(row, rounds),
    };
  });
}

function number(value) {
  if (value >= 1000) return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ",");
  return value.toPrecision(3);
}

function cell(row, name) {
  const value = row.values[name];
  const ratio = row.ratios[name];
  if (value === undefined) return "";
  const suffix = !Number.isFinite(ratio) || name === row.base ? "" : ` (${ratio.toFixed(2)}x)`;
  return `${number(value)} ${row.unit}${suffix}`;
}

function verdictCell({ verdict }) {
  if (!verdict) return "";
  const { most, ours, unit, passed } = verdict;
  const limit = Number(most.toPrecision(3));
  return `${wordOf(passed)}: ${number(ours)} of ${limit} ${unit}`;
}

/** A Markdown table. The ratios are to the floor; those of static pages are to nginx. */
export function table(summary) {
  const names = Object.keys(summary[0].values);
  const head = ["", ...names.map((name) => SERVERS[name].title), "mark"];
  const body = summary.map((row) => [
    row.title,
    ...names.map((name) => cell(row, name)),
    verdictCell(row),
  ]);
  const widths = head.map((_, i) => Math.max(3, ...[head, ...body].map((line) => line[i].length)));
  const line = (cells) => `| ${cells.map((text, i) => text.padEnd(widths[i])).join(" | ")} |`;
  return [head, widths.map((width) => "-".repeat(width)), ...body].map(line).join("\n");
}

/* --- the chart: bars on a logarithmic scale, a block for each row ------------------------------ */

const COLOURS = {
  parley: "#2a7f62",
  socketio: "#8a8f98",
  peerserver: "#b0b5bd",
  nginx: "#c9ced6",
  floor: "#dfe3e8",
};
const LABEL_PX = 150;
const BAR_PX = 420;
const LINE_PX = 18;
const TITLE_PX = 30;
const VALUE_PX = 130;

function bar(row, name, y, widest) {
  const length = Math.max(2, (BAR_PX * Math.log1p(row.values[name])) / Math.log1p(widest));
  return (
    `<text x="${LABEL_PX - 8}" y="${y + 12}" text-anchor="end">${SERVERS[name].title}</text>` +
    `<rect x="${LABEL_PX}" y="${y + 2}" width="${length.toFixed(1)}" height="${LINE_PX - 5}" ` +
    `fill="${COLOURS[name]}"/>` +
    `<text x="${(LABEL_PX + length + 6).toFixed(1)}" y="${y + 12}">${cell(row, name)}</text>`
  );
}

function block(row, top) {
  const names = Object.keys(row.values).filter((name) => row.values[name] !== undefined);
  const widest = Math.max(...names.map((name) => row.values[name]));
  const title = `<text x="8" y="${top + 20}" font-weight="bold">${row.title}</text>`;
  const bars = names.map((name, i) => bar(row, name, top + TITLE_PX + i * LINE_PX, widest));
  return { svg: [title, ...bars].join("\n"), height: TITLE_PX + names.length * LINE_PX };
}

export function chart(summary, caption) {
  let top = TITLE_PX;
  const blocks = summary.map((row) => {
    const { svg, height } = block(row, top);
    top += height;
    return svg;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${LABEL_PX + BAR_PX + VALUE_PX}" \
height="${top + 10}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="8" y="20">${caption}; bars are logarithmic</text>
${blocks.join("\n")}
</svg>
`;
}
