/** One line of the transcript as an element, and how lines of the room's own become one. */

import { disc, element, setText, textNodes } from "./element.js";
import { linkNodes } from "./link.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });

const timeOf = ({ iso }) => clock.format(new Date(iso));
const dayOf = ({ iso }) => calendar.format(new Date(iso));

/**
 * @param line as core.line() gives it
 * @param {() => void} toggle opens a long text, or folds it; called, too, when the browser found
 *   something in what is folded away
 */
export function lineElement(line, toggle) {
  const row = line.kind === "TEXT" ? textLine(line, toggle) : noteLine(line);
  row.role = "listitem";
  row.dataset.sequence = line.sequence;
  if (line.newDay) row.prepend(element("p", { className: "day" }, dayOf(line)));
  return row;
}

function textLine(line, toggle) {
  const { own, continues, colour, author, parts, folded, mark } = line;
  const classes = ["line", "said", own && "own", continues && "continues", folded && "folded"];
  const row = element("div", { className: classes.filter(Boolean).join(" "), data: { colour } });
  row.ariaLabel = `${author}, ${timeOf(line)}`;
  if (!continues) row.append(...headOf(line));
  const text = element("p", { className: "text", dir: "auto" }, ...parts.flatMap(partNodes));
  if (folded) {
    text.append(restElement(line, toggle));
    text.dataset.ellipsis = /^\s/.test(line.rest[0].text) ? " \u2026" : "\u2026";
  }
  row.append(text);
  if (line.foldable) row.append(foldButton(folded, toggle));
  if (mark) row.append(element("p", { className: "unread" }, mark));
  return row;
}

function headOf(line) {
  const { own, author, colour } = line;
  const name = element("bdi", { className: "author" }, author);
  const by = element("p", { className: "by" }, name, " ", timeElement(line));
  return own ? [by] : [disc(author, colour), by];
}

function partNodes({ text, link, name }) {
  if (name) return [element("bdi", { className: "name" }, text)];
  return link ? linkNodes(text) : textNodes(text);
}

/** What is folded away: not laid out, but the browser's search finds it, and shows it then. */
function restElement({ rest }, toggle) {
  const how = { className: "rest", onbeforematch: toggle };
  const away = element("span", how, ...rest.flatMap(partNodes));
  away.setAttribute("hidden", "until-found");
  return away;
}

function foldButton(folded, toggle) {
  const button = element("button", { className: "more", type: "button", onclick: toggle });
  nameFold(button, folded);
  return button;
}

function nameFold(button, folded) {
  button.ariaExpanded = String(!folded);
  setText(button, folded ? "Show all" : "Show less");
}

/** True where |row| begins as |line| does now: with the name and the day, or without. */
export const beginsAs = (row, { continues, newDay }) =>
  row.matches(".continues") === Boolean(continues) &&
  row.matches(":has(> .day)") === Boolean(newDay);

/** True where the browser's search has just opened what was folded. */
export const isFound = (row) => row.matches(".folded:has(.rest:not([hidden]))");

/** Opens a found row as it stands, since the browser marks in it what it found. */
export function unfold(row) {
  row.classList.remove("folded");
  nameFold(row.querySelector(".more"), false);
}

/** What is no speech: who came, who left, what was lost. */
function noteLine(line) {
  const words = element("span", { className: "words" }, ...line.parts.flatMap(partNodes));
  const data = { kind: line.kind.toLowerCase(), run: line.run };
  return element("div", { className: "line note", data }, words, " ", timeElement(line));
}

function timeElement(line) {
  return element("time", { dateTime: line.iso, title: dayOf(line) }, timeOf(line));
}

/** Notes in a row, as one that counts and opens: blocks are put into its `.run-lines`. */
export function runElement(run) {
  const list = element("div", { className: "run-lines", role: "list" });
  const details = element("details", {}, element("summary", {}), list);
  return element("div", { className: "line run", role: "listitem", data: { run } }, details);
}

export function nameRun(run, text) {
  setText(run.querySelector("summary"), text);
}
