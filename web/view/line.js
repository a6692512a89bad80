/** One line of the transcript as an element, and how lines of the room's own become one. */

import { disc, element, once, segmenter, setText, textNodes } from "./element.js";
import { linkNodes } from "./link.js";

const clock = once(
  () => new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" }),
);
const calendar = once(() => new Intl.DateTimeFormat(undefined, { dateStyle: "full" }));

const PIECE_UNITS_MAX = 400; // of what is folded away: characters of a script never seen take 40 ms
const PIECE_UNITS_MIN = 300; // where there is a space to end behind

/** What the first line would wait for. */
export const prepare = () => clock();

const timeOf = ({ iso }) => clock().format(new Date(iso));
const dayOf = ({ iso }) => calendar().format(new Date(iso));

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
    text.append(...restElements(line, toggle));
    text.dataset.ellipsis = /^\s/.test(line.rest[0].text) ? " \u2026" : "\u2026";
  }
  row.append(text);
  if (line.foldable) row.append(foldButton(folded, toggle));
  setMark(row, mark);
  return row;
}

function setMark(row, mark) {
  row.querySelector(".unread")?.remove();
  if (mark) row.append(element("p", { className: "unread" }, mark));
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

/**
 * What is folded away, in pieces that open one by one: not laid out, but the browser's search finds it,
 * and shows it then.
 */
function restElements({ rest }, toggle) {
  return piecesOf(rest).map((parts) => {
    const away = element("span", { className: "rest" }, ...parts.flatMap(partNodes));
    away.onbeforematch = toggle;
    away.setAttribute("hidden", "until-found");
    return away;
  });
}

/** |parts| in lists of so much text that a browser lays one out before a frame. */
function piecesOf(parts) {
  const pieces = [];
  let room = 0;
  const put = (part) => {
    if (part.text.length > room) {
      pieces.push([]);
      room = PIECE_UNITS_MAX;
    }
    pieces.at(-1).push(part);
    room -= part.text.length;
  };
  for (const part of parts) {
    if (part.link || part.name) put(part);
    else for (const text of cut(part.text)) put({ ...part, text });
  }
  return pieces;
}

function cut(text) {
  const pieces = [];
  for (let at = 0, end; at < text.length; at = end) {
    end = at + PIECE_UNITS_MAX < text.length ? endOfPiece(text, at) : text.length;
    pieces.push(text.slice(at, end));
  }
  return pieces;
}

/** Behind a space near the end, else between two characters as people see them (UAX 29). */
function endOfPiece(text, start) {
  const from = start + PIECE_UNITS_MIN;
  const space = text.slice(from, start + PIECE_UNITS_MAX).search(/\s\S*$/);
  if (space >= 0) return from + space + 1;
  if (!segmenter()) return text.length;
  const near = text.slice(start, start + 2 * PIECE_UNITS_MAX);
  return start + (segmenter().segment(near).containing(PIECE_UNITS_MAX).index || near.length);
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

/**
 * Opens a row as it stands, since the browser may mark in it what it found, and shows the next piece.
 * @returns true where there is another one
 */
export function unfold(row, { mark }) {
  setMark(row, mark);
  row.classList.remove("folded");
  nameFold(row.querySelector(".more"), false);
  const [next, another] = row.querySelectorAll(".rest[hidden]");
  next?.removeAttribute("hidden");
  return another !== undefined;
}

/** True where something of |row| is folded away. */
export const isFolded = (row) => row.matches(".folded, :has(.rest[hidden])");

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
