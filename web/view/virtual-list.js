/**
 * A long list of rows of any height of which only those near the visible part are in the document.
 *
 * Rows have sequence numbers; [first, end) are kept. Those in the document lie in normal flow between
 * two paddings that stand for the rest, so that text can be selected and read as in any page. Heights
 * are measured; until then a row counts with the mean of those that were, and idle time is used to
 * measure the rest. Whatever changes, the row at the upper edge stays where it is, or, when one was
 * at the end, the end does.
 */

const STUCK_PX = 24; /* this near to the end counts as there */
const ROUNDS_MAX = 6; /* of placing and measuring until heights agree */
const KEPT_ROWS_MAX = 400; /* in the document for the sake of a selection */
const HEIGHT_GUESS_PX = 44;
const IDLE_ROWS = 32; /* measured at a time */

const whenIdle = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 50));

export class VirtualList {
  /** True while the list stays at its end as rows come. */
  stuck = true;
  onStuckChange = () => {};

  #scroller;
  #lines;
  #measurer;
  #render;
  #first = 0;
  #heights = []; // of row first + i
  #sure = []; // whether that height was measured at this width
  #rows = new Map(); // those in the document, by sequence, in order
  #lastTop = 0;
  #width = 0;
  #idle = false;

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} lines in it, empty, for the rows
   * @param {(sequence: number) => HTMLElement} render
   */
  constructor(scroller, lines, render) {
    this.#scroller = scroller;
    this.#lines = lines;
    this.#render = render;
    this.#measurer = lines.cloneNode(false);
    this.#measurer.removeAttribute("id");
    this.#measurer.classList.add("measurer");
    this.#measurer.ariaHidden = "true";
    scroller.parentElement.append(this.#measurer);
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(scroller);
  }

  /** Rows [first, end) are kept now. |toEnd|: go to the end whatever was shown. */
  setRange(first, end, toEnd) {
    const anchor = this.#anchor();
    const startsAnew = this.#heights.length > 0 && first >= this.#end;
    const gone = Math.min(first - this.#first, this.#heights.length);
    this.#heights.splice(0, gone);
    this.#sure.splice(0, gone);
    this.#first = first;
    const guess = this.#meanHeight();
    while (this.#heights.length < end - first) {
      this.#heights.push(guess);
      this.#sure.push(false);
    }
    if (toEnd || startsAnew) this.#setStuck(true);
    this.#update(this.stuck ? null : anchor);
  }

  scrollToEnd() {
    this.#setStuck(true);
    this.#update(null);
  }

  get #end() {
    return this.#first + this.#heights.length;
  }

  #meanHeight() {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < this.#heights.length; i++) {
      if (!this.#sure[i]) continue;
      sum += this.#heights[i];
      count++;
    }
    return count ? sum / count : HEIGHT_GUESS_PX;
  }

  /** Distance of a row's upper edge from the list's. */
  #topOf(sequence) {
    let top = 0;
    for (let i = 0; i < sequence - this.#first; i++) top += this.#heights[i];
    return top;
  }

  /** The row at that distance, the last one beyond the end. */
  #rowAt(y) {
    let i = 0;
    for (let top = 0; i < this.#heights.length - 1; i++) {
      top += this.#heights[i];
      if (top > y) break;
    }
    return this.#first + i;
  }

  /** What stays in its place: the row at the upper edge and how much of it is above. */
  #anchor() {
    this.noticeScroll();
    if (this.stuck || this.#heights.length === 0) return null;
    const y = this.#scroller.scrollTop - this.#lines.offsetTop;
    const sequence = this.#rowAt(y);
    return { sequence, gap: y - this.#topOf(sequence) };
  }

  #update(anchor) {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      this.#place(...this.#wanted(anchor));
      if (!this.#measure()) break;
    }
    this.#pad();
    this.#scrollTo(anchor);
    this.#measureRestWhenIdle();
  }

  /** The rows to have in the document: those in view and as much again on both sides. */
  #wanted(anchor) {
    const view = this.#scroller.clientHeight || innerHeight;
    const total = this.#topOf(this.#end);
    let y = total - view;
    if (anchor) y = this.#topOf(Math.max(anchor.sequence, this.#first)) + anchor.gap;
    let from = this.#rowAt(y - view);
    let to = Math.min(this.#rowAt(y + 2 * view) + 1, this.#end);
    const held = this.#heldRows();
    const heldFrom = Math.min(from, ...held);
    const heldTo = Math.max(to, ...held.map((sequence) => sequence + 1));
    if (heldTo - heldFrom <= KEPT_ROWS_MAX) [from, to] = [heldFrom, heldTo];
    return [from, to];
  }

  /** Rows with the focus or an end of the selection must not vanish. */
  #heldRows() {
    const selection = getSelection();
    const nodes = [document.activeElement];
    if (selection && !selection.isCollapsed) nodes.push(selection.anchorNode, selection.focusNode);
    return nodes
      .filter((node) => node && node !== this.#lines && this.#lines.contains(node))
      .map((node) => (node.closest ? node : node.parentElement).closest("[data-sequence]"))
      .map((row) => Number(row?.dataset.sequence))
      .filter((sequence) => sequence >= this.#first && sequence < this.#end);
  }

  #place(from, to) {
    for (const [sequence, row] of this.#rows) {
      if (sequence >= from && sequence < to) continue;
      if (row.contains(document.activeElement)) this.#scroller.focus({ preventScroll: true });
      row.remove();
      this.#rows.delete(sequence);
    }
    let next = this.#lines.firstChild;
    for (let sequence = from; sequence < to; sequence++) {
      let row = this.#rows.get(sequence);
      if (row) {
        next = row.nextSibling;
      } else {
        row = this.#render(sequence);
        this.#rows.set(sequence, row);
        this.#lines.insertBefore(row, next);
      }
    }
  }

  /** Measures the rows in the document. True if any was of another height than thought. */
  #measure() {
    let changed = false;
    for (const [sequence, row] of this.#rows) {
      changed = this.#learn(sequence, row) || changed;
    }
    return changed;
  }

  #learn(sequence, row) {
    const { height } = row.getBoundingClientRect();
    const i = sequence - this.#first;
    const changed = Math.abs(this.#heights[i] - height) > 0.01;
    this.#heights[i] = height;
    this.#sure[i] = true;
    return changed;
  }

  #pad() {
    let [from, to] = [this.#end, this.#first];
    for (const sequence of this.#rows.keys()) {
      from = Math.min(from, sequence);
      to = Math.max(to, sequence + 1);
    }
    const above = this.#topOf(from);
    const below = this.#topOf(this.#end) - this.#topOf(to);
    this.#lines.style.paddingTop = `${above}px`;
    this.#lines.style.paddingBottom = `${Math.max(0, below)}px`;
  }

  #scrollTo(anchor) {
    const scroller = this.#scroller;
    let target = scroller.scrollHeight - scroller.clientHeight;
    if (anchor) {
      const dropped = anchor.sequence < this.#first;
      target = this.#topOf(anchor.sequence) + (dropped ? 0 : anchor.gap) + this.#lines.offsetTop;
    }
    if (Math.abs(target - scroller.scrollTop) >= 1) scroller.scrollTop = target;
    this.#lastTop = scroller.scrollTop;
  }

  #scrolled() {
    this.noticeScroll();
    if (!this.#covers(this.#scroller.scrollTop)) this.#update(this.#anchor());
  }

  /** Looks where one has scrolled to; rows may come before the browser says that one did. */
  noticeScroll() {
    if (this.#rows.size === 0) return; // looking costs a layout
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (scrollTop === this.#lastTop) return;
    const atEnd = scrollHeight - clientHeight - scrollTop <= STUCK_PX;
    // Only going up leaves the end: a smaller view or a taller list does not.
    if (atEnd || scrollTop < this.#lastTop) this.#setStuck(atEnd);
    this.#lastTop = scrollTop;
  }

  /** Whether the rows in the document reach half a view beyond both edges. */
  #covers(scrollTop) {
    const { clientHeight } = this.#scroller;
    const y = scrollTop - this.#lines.offsetTop;
    const from = this.#rowAt(y - clientHeight / 2);
    const to = this.#rowAt(y + 1.5 * clientHeight);
    return this.#rows.has(from) && this.#rows.has(to);
  }

  #resized() {
    const anchor = this.#anchor();
    const width = this.#lines.clientWidth;
    if (width !== this.#width) this.#sure.fill(false);
    this.#width = width;
    this.#update(anchor);
  }

  #setStuck(stuck) {
    if (this.stuck === stuck) return;
    this.stuck = stuck;
    this.onStuckChange();
  }

  #measureRestWhenIdle() {
    if (this.#idle || !this.#sure.includes(false)) return;
    this.#idle = true;
    whenIdle(() => {
      this.#idle = false;
      this.#measureSome();
    });
  }

  /** Measures a few unsure rows, the last first: that is where one scrolls from. */
  #measureSome() {
    const anchor = this.#anchor();
    this.#measurer.style.width = `${this.#lines.getBoundingClientRect().width}px`;
    const rows = new Map();
    let i = this.#sure.lastIndexOf(false);
    for (; i >= 0 && rows.size < IDLE_ROWS; i = i > 0 ? this.#sure.lastIndexOf(false, i - 1) : -1) {
      rows.set(this.#first + i, this.#render(this.#first + i));
    }
    this.#measurer.append(...rows.values());
    for (const [sequence, row] of rows) this.#learn(sequence, row);
    this.#measurer.replaceChildren();
    this.#update(anchor);
  }
}
