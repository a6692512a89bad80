/**
 * The lines of the conversation, all of them in the document, so that the browser can find, select and
 * read out each. They lie in blocks that a browser lays out when they come near (CSS:
 * content-visibility); until then a block has the height that its texts suggest. A block ends where
 * laying it out at once would take long, and only so much is added, and redrawn, before a frame is
 * drawn.
 *
 * Whatever changes height, the row at the upper edge stays where it is, or, when one was at the end,
 * the end does.
 */

import { element } from "./element.js";
import { onceAFrame } from "./frame.js";
import { beginsAs, isFolded, lineElement, nameRun, runElement, unfold } from "./line.js";

const STUCK_PX = 24; // this near to the end counts as there
const BLOCK_ROWS_MAX = 24;
const BLOCK_WEIGHT_MAX = 1600; // in letters, which take up to 8 us each (weight.h)
const TURN_WEIGHT_MAX = 3200; // what is added before a frame, and half of it for what changed,
const HIDDEN_TURN_WEIGHT_MAX = 100_000; // and to a hidden page, which draws none and rarely runs
const ROW_WEIGHT = 60; // beside its text
const COLD_WEIGHT_MIN = 200; // of a block, beside its letters
const OPENED_WEIGHT = 1600; // of a piece of a long text that opens
const REST_WEIGHT = 1 / 8; // of what is folded away, a character
const ROW_PX = 18;
const TEXT_LINE_PX = 24;
const TEXT_LINE_CHARACTERS = 60;
const RUN_COST = { weight: ROW_WEIGHT, height: TEXT_LINE_PX + ROW_PX, rare: 0 }; // while it is closed

const listOf = (run) => run.querySelector(".run-lines");
const lengthOf = (parts) => parts.reduce((sum, { text }) => sum + text.length, 0);

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
  #run = null; // the last one
  #costs = new WeakMap(); // of a row, or a run: {weight, height, rare}
  #sums = new WeakMap(); // of what is in a block: {rows, weight, height, rare}
  #cold = []; // blocks with characters that the browser may not have drawn yet
  #drawn = []; // those that were cold, and that it has drawn since
  #anchor = null;
  #lastTop = 0;
  #due = false; // a turn is, by #later
  #turnAt = -1; // the frame of the last one
  #later = onceAFrame(() => {
    this.noticeScroll();
    this.#drawSome();
  });
  /** Hears of a block that is warm once a frame has it, and the browser remembers its height. */
  #whenDrawn = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      this.#whenDrawn.unobserve(target);
      this.#drawn.push(target);
    }
    this.#soon();
  });

  constructor(core, scroller, lines) {
    this.#core = core;
    this.#scroller = scroller;
    this.#lines = lines;
    const settle = () => {
      this.noticeScroll();
      this.#settle();
    };
    scroller.addEventListener("scroll", settle, { passive: true });
    document.addEventListener("visibilitychange", () => this.#soon()); // what is cold waits for that
    const observer = new ResizeObserver(settle);
    observer.observe(scroller);
    observer.observe(lines);
  }

  /** The line reads differently now, or is gone; drawn by the next draw(). */
  change(sequence) {
    this.#changed.add(sequence);
  }

  /** Lines up to |end| are there. |from|: the oldest that is. After noticeScroll(), and what else is drawn. */
  draw(end, from = 0) {
    if (from >= this.#next && this.#rows.size > 0) this.#clear();
    this.#next = Math.max(this.#next, from);
    this.#end = end;
    if (this.#due) return;
    const hadTurn = this.#turnAt === document.timeline.currentTime && !document.hidden;
    if (hadTurn) this.#soon();
    else this.#drawSome();
  }

  /** One turn, of which a frame has one. */
  #drawSome() {
    const wasStuck = this.stuck;
    this.#due = false;
    this.#turnAt = document.timeline.currentTime;
    for (const block of this.#drawn.splice(0)) block.classList.remove("warm");
    this.#holdWhatStays();
    const weightMax = document.hidden ? HIDDEN_TURN_WEIGHT_MAX : TURN_WEIGHT_MAX;
    const coldBefore = this.#cold.length;
    this.#addSome(weightMax - this.#redrawSome(weightMax / 2));
    this.#warmSome(coldBefore);
    if (!wasStuck || !this.stuck) this.#settle(); // else the observer does, after the frame's one layout
    this.onDrawn();
    const hasCold = this.#cold.length > 0 && !document.hidden;
    if (this.#changed.size > 0 || this.#next < this.#end || hasCold) this.#soon();
  }

  #soon() {
    this.#due = true;
    this.#later();
  }

  /** The end is what is to be seen, from the next draw() on. */
  stick() {
    this.#setStuck(true);
  }

  scrollToEnd() {
    this.stick();
    this.#settle();
  }

  /** Adds what comes next, and more of it where that weighs no more than |weightMax| in all. */
  #addSome(weightMax) {
    for (let weight = 0; this.#next < this.#end; this.#next++) {
      const line = this.#core.line(this.#next);
      if (!line) continue;
      const before = weight;
      weight += weightOf(line);
      if (before > 0 && weight > weightMax) return;
      this.#add(line);
      this.onLine(line);
    }
  }

  /** @returns what the redrawn rows weigh; the others wait for the next draw() */
  #redrawSome(weightMax) {
    let weight = 0;
    const more = [];
    for (const sequence of this.#changed) {
      if (weight >= weightMax) break;
      this.#changed.delete(sequence);
      weight += this.#redraw(sequence, () => more.push(sequence));
    }
    for (const sequence of more) this.#changed.add(sequence);
    return weight;
  }

  /**
   * Blocks of rare characters are laid out once, wherever they are, so that no jump to many of them
   * takes long: those that came in this turn, or of those that came to a hidden page the newest one.
   */
  #warmSome(coldBefore) {
    if (document.hidden) return;
    for (const block of this.#cold.splice(Math.min(coldBefore, this.#cold.length - 1))) {
      block.classList.replace("cold", "warm");
      this.#whenDrawn.unobserve(block); // or it would not hear of one that it knew
      this.#whenDrawn.observe(block);
    }
  }

  #element(line) {
    const row = lineElement(line, () => this.#core.handle("FOLD", { code: line.sequence }));
    this.#rows.set(line.sequence, row);
    this.#costs.set(row, costOf(line));
    return row;
  }

  #add(line) {
    const row = this.#element(line);
    const run = line.runText ? this.#runOf(line) : null;
    this.#put(row, run ? listOf(run) : this.#lines);
    if (run) nameRun(run, line.runText);
  }

  /** The element for the run of a note. It takes in those that came before, if they came one by one. */
  #runOf(line) {
    if (this.#run?.isConnected && this.#run.dataset.run === String(line.run)) return this.#run;
    const rows = [...this.#lines.querySelectorAll(`[data-run="${line.run}"]`)];
    const run = runElement(line.run);
    this.#costs.set(run, RUN_COST);
    if (rows.length > 0) this.#insert(run, rows[0]);
    else this.#put(run, this.#lines);
    for (const row of rows) {
      this.#take(row);
      this.#put(row, listOf(run));
    }
    return (this.#run = run);
  }

  /** Puts a row at the end of a list of blocks. */
  #put(row, list) {
    let block = list.lastElementChild;
    const sum = this.#sums.get(block);
    const cost = this.#costs.get(row);
    if (!sum || sum.rows >= BLOCK_ROWS_MAX || sum.weight + cost.weight > BLOCK_WEIGHT_MAX) {
      block = element("div", { className: "block" });
      this.#sums.set(block, { rows: 0, weight: 0, height: 0, rare: 0 });
      list.append(block);
    }
    block.append(row);
    this.#count(block, cost, 1);
    if (this.#sums.get(block).rare < COLD_WEIGHT_MIN || block.matches(".cold")) return;
    block.classList.add("cold");
    this.#cold.push(block);
  }

  #insert(row, next) {
    next.before(row);
    this.#count(next.parentElement, this.#costs.get(row), 1);
  }

  /** Takes a row out, and its block or run where that is empty then. */
  #take(row) {
    const block = row.parentElement;
    row.remove();
    this.#count(block, this.#costs.get(row), -1);
    if (block.childElementCount > 0) return;
    const run = block.closest(".run");
    this.#whenDrawn.unobserve(block);
    block.remove();
    if (run && listOf(run).childElementCount === 0) this.#take(run);
  }

  /** A block that lost something forgets how high it was when it was last laid out. */
  #count(block, { weight, height, rare }, times) {
    const sum = this.#sums.get(block);
    sum.rows += times;
    sum.weight += times * weight;
    sum.height += times * height;
    sum.rare += times * rare;
    block.style.containIntrinsicBlockSize = `${times > 0 ? "auto " : ""}${sum.height}px`;
  }

  #clear() {
    this.#lines.replaceChildren();
    this.#rows.clear();
    this.#changed.clear();
    this.#cold = [];
    this.#drawn = [];
    this.#whenDrawn.disconnect();
    this.#anchor = null;
    this.#setStuck(true);
  }

  /**
   * A row that is gone leaves the next one to begin in its place. Calls |again| where one turn is not
   * enough.
   * @returns what it weighs
   */
  #redraw(sequence, again) {
    const row = this.#rows.get(sequence);
    if (!row) return 0;
    const line = this.#core.line(sequence);
    if (!line) return ROW_WEIGHT + this.#remove(sequence, row);
    if (!line.folded && isFolded(row) && beginsAs(row, line)) {
      this.#weigh(row, line);
      if (unfold(row, line)) again();
      return OPENED_WEIGHT;
    }
    this.#replace(row, line);
    return weightOf(line);
  }

  #weigh(row, line) {
    const block = row.parentElement;
    this.#count(block, this.#costs.get(row), -1);
    this.#costs.set(row, costOf(line));
    this.#count(block, this.#costs.get(row), 1);
  }

  #replace(row, line) {
    const focused = row.contains(document.activeElement);
    const block = row.parentElement;
    this.#count(block, this.#costs.get(row), -1);
    const fresh = this.#element(line);
    if (this.#anchor?.row === row) this.#anchor.row = fresh;
    row.replaceWith(fresh);
    this.#count(block, this.#costs.get(fresh), 1);
    if (focused) fresh.querySelector("button")?.focus({ preventScroll: true });
  }

  /** @returns what the next row weighs, where it is redrawn */
  #remove(sequence, row) {
    const next = this.#rowAfter(sequence);
    if (row.contains(document.activeElement)) this.#scroller.focus({ preventScroll: true });
    const run = row.closest(".run");
    this.#take(row);
    this.#rows.delete(sequence);
    if (run?.isConnected) this.#recount(run);
    const line = next && this.#core.line(Number(next.dataset.sequence));
    if (!line || beginsAs(next, line)) return 0;
    this.#replace(next, line);
    return weightOf(line);
  }

  /** A run that lost a line counts anew; too short, it is no run any more. */
  #recount(run) {
    const first = run.querySelector("[data-sequence]");
    const line = this.#core.line(Number(first.dataset.sequence));
    if (!line) return; // it goes next
    if (line.runText) {
      nameRun(run, line.runText);
      return;
    }
    for (const row of run.querySelectorAll("[data-sequence]")) this.#insert(row, run);
    this.#take(run);
  }

  #rowAfter(sequence) {
    for (let at = sequence + 1; at < this.#next; at++)
      if (this.#rows.has(at)) return this.#rows.get(at);
    return null;
  }

  /**
   * Looks where one has scrolled to, since lines may come before the browser says so. Before anything
   * is drawn: looking costs a layout of what was.
   */
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

  /** Where the held row is gone, the first one after it that stays is held in its place. */
  #holdWhatStays() {
    let row = this.#anchor?.row;
    for (let at; row && this.#changed.has((at = Number(row.dataset.sequence)));) {
      if (this.#core.line(at)) break;
      row = this.#rowAfter(at);
    }
    if (row !== this.#anchor?.row) this.#hold(row, this.#astray());
  }

  /** |astray|: by how much it is not where it belongs. */
  #hold(row, astray = 0) {
    this.#anchor = row && { row, top: row.getBoundingClientRect().top - astray };
  }

  /** The first row below the upper edge, in an open run, too; its block, where that is not laid out. */
  #rowAtEdge() {
    const edge = this.#scroller.getBoundingClientRect().top;
    let found = null;
    for (let list = this.#lines; list;) {
      const block = firstBelow(list.children, edge);
      const row = block?.matches(":not(.cold)") && firstBelow(block.children, edge);
      found = row || block || found;
      list = row ? row.querySelector("[open] > .run-lines") : null;
    }
    return found;
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

/** What it takes to draw a line. */
function weightOf({ weight, rest }) {
  return ROW_WEIGHT + weight + lengthOf(rest) * REST_WEIGHT;
}

/** What it takes in a block; |rare|: beside its letters. */
function costOf({ kind, parts, continues, weight, author }) {
  let lines = kind === "TEXT" && !continues ? 1 : 0;
  const shown = parts.map(({ text }) => text).join("");
  for (const one of shown.split("\n")) lines += Math.ceil(one.length / TEXT_LINE_CHARACTERS) || 1;
  return {
    weight: weight + ROW_WEIGHT,
    height: lines * TEXT_LINE_PX + ROW_PX,
    rare: weight - shown.length - (continues ? 0 : author.length),
  };
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
