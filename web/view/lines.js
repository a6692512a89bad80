/**
 * The lines of the conversation, all of them in the document, so that the browser can find, select
 * and read out each. They are in blocks that a browser lays out when they come near the view (CSS
 * content-visibility); until then a block's height is estimated. Blocks are small enough to be laid
 * out quickly, and only so much is added and redrawn before each frame.
 *
 * When heights change, the row at the upper edge stays in place or, if the view was at the end, the
 * end does.
 */

import { element } from "./element.js";
import { onceAFrame } from "./frame.js";
import { beginAs, beginsAs, isFolded, lineElement, nameRun, runElement, unfold } from "./line.js";

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
  /** True while the list stays at its end when rows come. */
  stuck = true;
  onStuckChange = () => {};
  /** Called with each line that is added to the document, and after some were added. */
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

  /** The line has changed or is gone; the next draw() shows that. */
  change(sequence) {
    this.#changed.add(sequence);
  }

  /**
   * Draws lines up to |end|; |from| is the oldest kept. Call it after noticeScroll() and after
   * everything else is drawn.
   */
  draw(end, from = 0) {
    if (from >= this.#next && this.#rows.size > 0) this.#clear();
    this.#next = Math.max(this.#next, from);
    this.#end = end;
    if (this.#due) return;
    const hadTurn = this.#turnAt === document.timeline.currentTime && !document.hidden;
    if (hadTurn) this.#soon();
    else this.#drawSome();
  }

  /** One turn; a frame has at most one. */
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

  /** Stays at the end from the next draw() on. */
  stick() {
    this.#setStuck(true);
  }

  scrollToEnd() {
    this.stick();
    this.#settle();
  }

  /** Adds the next line, and more as long as all weigh at most |weightMax|. */
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

  /** @returns the weight of the redrawn rows; the others wait for the next draw() */
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
   * Blocks with rare characters are laid out once even if far from the view, so that a jump to many
   * of them does not take long: the blocks of this turn or, after the page was hidden, the newest
   * one.
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

  /**
   * The element for the run of a note. It takes in the run's earlier notes if they were drawn one
   * by one.
   */
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

  /** Takes a row out, and its block or run if that is empty afterwards. */
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

  /** A block that lost a row forgets the height of its last layout. */
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
   * When a row goes, the next one may need a name and a day. Calls |again| if one turn is not
   * enough.
   * @returns its weight
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

  /** @returns the weight of the next row if that is redrawn */
  #remove(sequence, row) {
    const next = this.#rowAfter(sequence);
    const line = next && this.#core.line(Number(next.dataset.sequence));
    const run = row.closest(".run");
    if (row.contains(document.activeElement)) this.#scroller.focus({ preventScroll: true });
    const suits = !line || beginsAs(next, line);
    const begins = !suits && beginAs(next, line);
    if (begins) this.#weigh(next, line);
    this.#take(row);
    this.#rows.delete(sequence);
    if (run?.isConnected) this.#recount(run);
    if (suits || begins) return 0;
    this.#replace(next, line);
    return weightOf(line);
  }

  /** A run that lost a line counts anew; if it is too short, its notes stand alone again. */
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
   * Reads the scroll position, since lines may come before the browser's scroll event. Call it
   * before anything is drawn: reading it later would cost a layout.
   */
  noticeScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (scrollTop === this.#lastTop) return;
    const atEnd = scrollHeight - clientHeight - scrollTop <= STUCK_PX;
    // Only scrolling up leaves the end: a smaller view or a taller list does not.
    if (atEnd || scrollTop < this.#lastTop) this.#setStuck(atEnd);
    // Firefox may have laid out anew already, so the held row's position is computed.
    if (this.#anchor) this.#anchor.top -= scrollTop - this.#lastTop;
    this.#lastTop = scrollTop;
  }

  /** If the held row is gone, holds the first one after it that stays. */
  #holdWhatStays() {
    let row = this.#anchor?.row;
    for (let at; row && this.#changed.has((at = Number(row.dataset.sequence)));) {
      if (this.#core.line(at)) break;
      row = this.#rowAfter(at);
    }
    if (row !== this.#anchor?.row) this.#hold(row, this.#astray());
  }

  /** |astray|: how far it is from where it belongs. */
  #hold(row, astray = 0) {
    this.#anchor = row && { row, top: row.getBoundingClientRect().top - astray };
  }

  /**
   * The first row below the upper edge, also inside an open run; or its block if that is not laid
   * out.
   */
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

  /** Heights may have changed: restores the position of what must not move. */
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

/** The cost of drawing a line. */
function weightOf({ weight, rest }) {
  return ROW_WEIGHT + weight + lengthOf(rest) * REST_WEIGHT;
}

/** The cost of a line in a block; |rare|: of rare characters, beyond that of its letters. */
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

/** The first of |elements|, one below the other, that ends below |edge| by more than rounding. */
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
