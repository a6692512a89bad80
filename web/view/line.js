/** One line of the transcript as an element. */

import { disc, element } from "./element.js";

/**
 * @param line as core.line() gives it
 * @param {boolean} timeKnown the line before is a note of the same minute
 */
export function lineElement(line, timeKnown) {
  const row = line.kind === "TEXT" ? textLine(line) : noteLine(line, timeKnown);
  row.dataset.sequence = line.sequence;
  return row;
}

function textLine({ own, continues, colour, author, parts, time, iso }) {
  const classes = ["line", "said", own && "own", continues && "continues"];
  const row = element("div", { className: classes.filter(Boolean).join(" "), data: { colour } });
  if (!continues) {
    if (!own) row.append(disc(author, colour));
    row.append(
      element(
        "p",
        { className: "by" },
        element("bdi", { className: "author" }, author),
        " ",
        timeElement(time, iso),
      ),
    );
  }
  row.append(element("p", { className: "text", dir: "auto" }, ...parts.map(textPart)));
  return row;
}

function textPart({ text, link, name }) {
  if (name) return element("bdi", { className: "name" }, text);
  if (!link) return text;
  return element("a", { href: text, target: "_blank", rel: "noopener noreferrer" }, text);
}

/** What is no speech: who came, who left, what was lost. */
function noteLine({ kind, parts, time, iso }, timeKnown) {
  return element(
    "p",
    { className: "line note", data: { kind: kind.toLowerCase() } },
    element("span", {}, ...parts.map(textPart)),
    ...(timeKnown ? [] : [" ", timeElement(time, iso)]),
  );
}

function timeElement(time, iso) {
  return element("time", { dateTime: iso }, time);
}
