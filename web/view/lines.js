/**
 * The lines of the conversation, all of them in the document, so that the browser can find, select and
 * read out each. They lie in blocks that a browser lays out when they come near (CSS:
 * content-visibility); until then a block has the height that its texts suggest. A block ends where
 * laying it out at once would take long, and only so much is added before a frame is drawn.
 *
 * Whatever changes height, the row at the upper edge stays where it is, or, when one was at the end,
 * the end does.
 */

import { element } from "./element.js";
import { onceAFrame } from "./frame.js";
import { addToRun, lineElement, nameRun, runElement } from "./line.js";

const STUCK_PX = 24; // this near to the end counts as there
const BLOCK_ROWS_MAX = 24;
const BLOCK_WEIGHT_MAX = 1600; // in characters
const TURN_WEIGHT_MAX = 3200; // what is added before a frame,
const HIDDEN_TURN_WEIGHT_MAX = 100_000; // and to a hidden page, which draws none and rarely runs
const ROW_WEIGHT = 40; // beside its text
const ROW_PX = 18;
const TEXT_LINE_PX = 24;
const TEXT_LINE_CHARACTERS = 60;

export class Lines {
  /** True while the list stays at its end as rows come. */
  stuck = true;
  onStuckChange = () => {};
  /** Called with each line as it comes into the document, and when some have come. */
  onLine = () => {};
  onDrawn = () => {};

  #core;
  #scroller;
  #lines;
  #rows = new Map(); // by sequence, in order
  #changed = new Set();
  #next = 0; // the first that is not in the document
  #end = 0;
  #block = null; // the last one, {element, rows, weight, height}
  #run = null; // the last one
  #anchor = null;
  #lastTop = 0;
  #later = onceAFrame(() => this.draw(this.#end));

  constructor(core, scroller, lines) {
    this.#core = core;
    this.#scroller = scroller;
    this.#lines = lines;
    const settle = () => {
      this.noticeScroll();
      this.#settle();
    };
    scroller.addEventListener("scroll", settle, { passive: true });
    const observer = new ResizeObserver(settle);
    observer.observe(scroller);
    observer.observe(lines);
  }

  /** The line reads differently now, or is gone; drawn by the next draw(). */
  change(sequence) {
    this.#changed.add(sequence);
  }

  /** Lines up to |end| are there. |from|: the oldest that is. */
  draw(end, from = 0) {
    this.noticeScroll(); // lines may come before the browser says that one scrolled
    if (from >= this.#next && this.#rows.size > 0) this.#clear();
    this.#next = Math.max(this.#next, from);
    this.#end = end;
    for (const sequence of this.#changed) this.#redraw(sequence);
    this.#changed.clear();
    this.#addSome();
    this.#settle();
    this.onDrawn();
    if (this.#next < this.#end) this.#later();
  }

  /** The end is what is to be seen, from the next draw() on. */
  stick() {
    this.#setStuck(true);
  }

  scrollToEnd() {
    this.stick();
    this.#settle();
  }

  #addSome() {
    const weightMax = document.hidden ? HIDDEN_TURN_WEIGHT_MAX : TURN_WEIGHT_MAX;
    for (let weight = 0; this.#next < this.#end && weight < weightMax; this.#next++) {
      const line = this.#core.line(this.#next);
      if (!line) continue;
      weight += weightOf(line);
      this.#add(line);
      this.onLine(line);
    }
  }

  #element(line) {
    return lineElement(line, () => this.#core.handle("FOLD", { code: line.sequence }));
  }

  #add(line) {
    const row = this.#element(line);
    this.#rows.set(line.sequence, row);
    if (!line.runText) {
      this.#openBlock(line).append(row);
      return;
    }
    const run = this.#runOf(line);
    addToRun(run, row);
    nameRun(run, line.runText);
  }

  /** The element for the run of a note. It takes in those that came before, if they came one by one. */
  #runOf(line) {
    if (this.#run?.isConnected && this.#run.dataset.run === String(line.run)) return this.#run;
    const rows = [...this.#lines.querySelectorAll(`[data-run="${line.run}"]`)];
    this.#run = runElement(line.run);
    if (rows.length > 0) rows[0].before(this.#run);
    else this.#openBlock(line).append(this.#run);
    for (const row of rows) addToRun(this.#run, row);
    return this.#run;
  }

  #openBlock(line) {
    const weight = weightOf(line);
    const last = this.#block;
    if (!last || last.rows >= BLOCK_ROWS_MAX || last.weight + weight > BLOCK_WEIGHT_MAX) {
      this.#block = {
        element: element("div", { className: "block" }),
        rows: 0,
        weight: 0,
        height: 0,
      };
      this.#lines.append(this.#block.element);
    }
    const block = this.#block;
    block.rows++;
    block.weight += weight;
    block.height += heightOf(line);
    block.element.style.containIntrinsicBlockSize = `auto ${block.height}px`;
    return block.element;
  }

  #clear() {
    this.#lines.replaceChildren();
    this.#rows.clear();
    this.#block = this.#anchor = null;
    this.#setStuck(true);
  }

  /** A row that is gone leaves the next one to begin in its place. */
  #redraw(sequence) {
    const row = this.#rows.get(sequence);
    if (!row) return;
    const line = this.#core.line(sequence);
    if (line) this.#replace(row, line);
    else this.#remove(sequence, row);
  }

  #replace(row, line) {
    const fresh = this.#element(line);
    const focused = row.contains(document.activeElement);
    if (this.#anchor?.row === row) this.#anchor.row = fresh;
    row.replaceWith(fresh);
    this.#rows.set(line.sequence, fresh);
    if (focused) fresh.querySelector("button")?.focus({ preventScroll: true });
  }

  #remove(sequence, row) {
    const next = this.#rowAfter(row);
    if (this.#anchor?.row === row) this.#hold(next);
    if (row.contains(document.activeElement)) this.#scroller.focus({ preventScroll: true });
    const homes = [row.closest(".run"), row.closest(".block")];
    row.remove();
    this.#rows.delete(sequence);
    for (const home of homes) if (home && !home.querySelector(".line:not(.run)")) home.remove();
    if (homes[1] === this.#block?.element && !homes[1].isConnected) this.#block = null;
    const line = next && this.#core.line(Number(next.dataset.sequence));
    if (line) this.#replace(next, line);
    if (line?.runText && next.closest(".run")) nameRun(next.closest(".run"), line.runText);
  }

  #rowAfter(row) {
    const block = row.closest(".block");
    const rows = [...block.querySelectorAll("[data-sequence]")];
    const next = rows[rows.indexOf(row) + 1];
    return next ?? block.nextElementSibling?.querySelector("[data-sequence]") ?? null;
  }

  /** Looks where one has scrolled to. */
  noticeScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (scrollTop === this.#lastTop) return;
    const atEnd = scrollHeight - clientHeight - scrollTop <= STUCK_PX;
    // Only going up leaves the end: a smaller view or a taller list does not.
    if (atEnd || scrollTop < this.#lastTop) this.#setStuck(atEnd);
    // Firefox may have laid out anew already: what is held is known to have gone by this much.
    if (this.#anchor) this.#anchor.top -= scrollTop - this.#lastTop;
    this.#lastTop = scrollTop;
  }

  /** |astray|: by how much it is not where it belongs. */
  #hold(row, astray = 0) {
    this.#anchor = row && { row, top: row.getBoundingClientRect().top - astray };
  }

  /** The first row below the upper edge; its block, where that is not laid out. */
  #rowAtEdge() {
    const edge = this.#scroller.getBoundingClientRect().top;
    const block = firstBelow(this.#lines.children, edge);
    return (block && firstBelow(block.children, edge)) ?? block;
  }

  /** Heights may have changed: puts back what must not move. */
  #settle() {
    const scroller = this.#scroller;
    if (this.stuck) {
      const end = scroller.scrollHeight - scroller.clientHeight;
      if (Math.abs(end - scroller.scrollTop) >= 1) scroller.scrollTop = end;
      this.#anchor = null;
    } else {
      if (Math.abs(this.#astray()) >= 1) scroller.scrollTop += this.#astray();
      this.#hold(this.#rowAtEdge(), this.#astray()); // else what rounding leaves would add up
    }
    this.#lastTop = scroller.scrollTop;
  }

  #astray() {
    if (!this.#anchor?.row.isConnected) return 0;
    return this.#anchor.row.getBoundingClientRect().top - this.#anchor.top;
  }

  #setStuck(stuck) {
    if (this.stuck === stuck) return;
    this.stuck = stuck;
    this.onStuckChange();
  }
}

function weightOf({ text }) {
  return text.length + ROW_WEIGHT;
}

function heightOf({ kind, text, continues }) {
  let lines = kind === "TEXT" && !continues ? 1 : 0;
  for (const one of text.split("\n")) lines += Math.ceil(one.length / TEXT_LINE_CHARACTERS) || 1;
  return lines * TEXT_LINE_PX + ROW_PX;
}

/** The first of elements, one below the other, that ends below |edge|, by more than rounding. */
function firstBelow(elements, edge) {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (elements[middle].getBoundingClientRect().bottom <= edge + 1) low = middle + 1;
    else high = middle;
  }
  return elements[low];
}
