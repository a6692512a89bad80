/** Elements for one line of the transcript, and for a run of notes. */

import { disc, element, once, segmenter, setText, textNodes } from "./element.js";
import { later } from "./frame.js";
import { linkNodes } from "./link.js";

const clock = once(
  () => new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" }),
);
const calendar = once(() => new Intl.DateTimeFormat(undefined, { dateStyle: "full" }));

const MS_IN_MIN = 60_000;
const MINUTES_MAX = 100; // whose wording is kept
const PIECE_UNITS_MAX = 400; // of what is folded away: characters of a script never seen take 40 ms
const PIECE_UNITS_MIN = 300; // where there is a space to end behind

const timeOf = ofMinute(clock);
const dayOf = ofMinute(calendar);

/** Words the minute of a line by the format that |get| makes, which takes 0.1 ms. */
function ofMinute(get) {
  const texts = new Map();
  return ({ iso }) => {
    const minute = Math.floor(Date.parse(iso) / MS_IN_MIN);
    if (!texts.has(minute)) {
      if (texts.size === MINUTES_MAX) texts.clear();
      texts.set(minute, get().format(minute * MS_IN_MIN));
    }
    return texts.get(minute);
  };
}

let unworded = []; // what waits for the words of a time; undefined when nothing waits any more

/** Calls |word| once times can be worded. Learning that takes a browser 30 ms, so it comes later. */
function whenWordable(word) {
  if (!unworded) word();
  else if (unworded.push(word) === 1) later(wordAll);
}

function wordAll() {
  const words = unworded;
  unworded = undefined;
  words.forEach((word) => word());
}

function dayElement(line) {
  const day = element("p", { className: "day" });
  whenWordable(() => (day.textContent = dayOf(line)));
  return day;
}

/**
 * @param line as core.line() gives it
 * @param {() => void} toggle opens or folds a long text; also called when the browser's search
 *   finds something in the folded part
 */
export function lineElement(line, toggle) {
  const row = line.kind === "TEXT" ? textLine(line, toggle) : noteLine(line);
  row.role = "listitem";
  row.dataset.sequence = line.sequence;
  if (line.newDay) row.prepend(dayElement(line));
  return row;
}

function textLine(line, toggle) {
  const { own, continues, colour, author, parts, folded, mark } = line;
  const classes = ["line", "said", own && "own", continues && "continues", folded && "folded"];
  const row = element("div", { className: classes.filter(Boolean).join(" "), data: { colour } });
  row.ariaLabel = author;
  whenWordable(() => (row.ariaLabel = `${author}, ${timeOf(line)}`));
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
 * The folded part, in pieces that open one by one. It is not laid out, but the browser's search
 * finds and shows it.
 */
function restElements({ rest }, toggle) {
  return piecesOf(rest).map((parts) => {
    const away = element("span", { className: "rest" }, ...parts.flatMap(partNodes));
    away.onbeforematch = toggle;
    away.setAttribute("hidden", "until-found");
    return away;
  });
}

/** |parts| in lists, each short enough for a browser to lay out within a frame. */
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

/** After a space near the end, else between two characters as people see them (UAX 29). */
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

/** True if |row| has a name and a day exactly if |line| now needs them. */
export const beginsAs = (row, { continues, newDay }) =>
  row.matches(".continues") === Boolean(continues) &&
  row.matches(":has(> .day)") === Boolean(newDay);

/**
 * Gives |row| the name and the day that |line| needs once another line is gone.
 * @returns false if it has one too many
 */
export function beginAs(row, line) {
  const isNamed = !row.matches(".continues");
  const hasDay = row.matches(":has(> .day)");
  if ((isNamed && line.continues) || (hasDay && !line.newDay)) return false;
  if (!isNamed && !line.continues) {
    row.classList.remove("continues");
    row.prepend(...headOf(line));
  }
  if (line.newDay && !hasDay) row.prepend(dayElement(line));
  return true;
}

/**
 * Opens a row without replacing it, since the browser may have highlighted something in it, and
 * shows the next piece.
 * @returns true if there is another one
 */
export function unfold(row, { mark }) {
  setMark(row, mark);
  row.classList.remove("folded");
  nameFold(row.querySelector(".more"), false);
  const [next, another] = row.querySelectorAll(".rest[hidden]");
  next?.removeAttribute("hidden");
  return another !== undefined;
}

/** True if part of |row| is folded away. */
export const isFolded = (row) => row.matches(".folded, :has(.rest[hidden])");

/** A note: somebody came, left, or messages were lost. */
function noteLine(line) {
  const words = element("span", { className: "words" }, ...line.parts.flatMap(partNodes));
  const data = { kind: line.kind.toLowerCase(), run: line.run };
  return element("div", { className: "line note", data }, words, " ", timeElement(line));
}

function timeElement(line) {
  const time = element("time", { dateTime: line.iso });
  whenWordable(() => Object.assign(time, { title: dayOf(line), textContent: timeOf(line) }));
  return time;
}

/**
 * A run of notes as one element that counts them and opens. Their blocks go into its
 * `.run-lines`.
 */
export function runElement(run) {
  const list = element("div", { className: "run-lines", role: "list" });
  const details = element("details", {}, element("summary", {}), list);
  return element("div", { className: "line run", role: "listitem", data: { run } }, details);
}

export function nameRun(run, text) {
  setText(run.querySelector("summary"), text);
}
