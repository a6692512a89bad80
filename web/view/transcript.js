/** The conversation: lines in a virtual list, and the button that counts what came below. */

import { element, setText } from "./element.js";
import { lineElement } from "./line.js";
import { VirtualList } from "./virtual-list.js";

const TITLE = "Parley";
const READ_OUT_AFTER_MS = 500; /* that are back at the end */

export function createTranscript(core) {
  const scroller = document.getElementById("log");
  const button = document.getElementById("news");
  const list = new VirtualList(scroller, document.getElementById("lines"), (sequence) => {
    const line = core.line(sequence);
    const before = core.line(sequence - 1);
    const timeKnown = before !== null && before.kind !== "TEXT" && before.time === line?.time;
    return line ? lineElement(line, timeKnown) : element("div", {}); // it went; the next drawing knows
  });
  let lineEnd = 0;
  let unseen = 0; // below the lower edge
  let unread = 0; // while the page was hidden
  let readingOut = 0;
  let room = "";

  function count(from, to) {
    let said = 0;
    let ownLast = false;
    for (let sequence = from; sequence < to; sequence++) {
      const { kind, own } = core.line(sequence);
      if (kind === "TEXT" && !own) said++;
      if (kind === "TEXT") ownLast = own === 1;
    }
    return { said, ownLast };
  }

  /** New lines at the end are read out; lines that scrolling brings back are not. */
  function readOut(atEnd) {
    clearTimeout(readingOut);
    if (!atEnd) scroller.ariaLive = "off";
    else readingOut = setTimeout(() => (scroller.ariaLive = "polite"), READ_OUT_AFTER_MS);
  }

  function showCounts() {
    if (list.stuck) unseen = 0;
    if (!document.hidden) unread = 0;
    button.hidden = unseen === 0;
    setText(button.lastElementChild, `${unseen} new ${unseen === 1 ? "message" : "messages"}`);
    const title = room ? `${room} \u2013 ${TITLE}` : TITLE;
    const shown = unread ? `(${unread}) ${title}` : title;
    if (document.title !== shown) document.title = shown; // it is the browser's, too: changing it takes a while
  }

  list.onStuckChange = () => {
    readOut(list.stuck);
    showCounts();
  };
  document.addEventListener("visibilitychange", showCounts);
  button.onclick = () => {
    list.scrollToEnd();
    document.getElementById("message").focus();
  };

  return {
    show(status) {
      room = status.room;
      const { said, ownLast } = count(Math.max(lineEnd, status.lineFirst), status.lineEnd);
      lineEnd = status.lineEnd;
      list.noticeScroll(); // lines may come before the browser says that one scrolled
      if (!list.stuck) unseen += said;
      if (document.hidden) unread += said;
      list.setRange(status.lineFirst, status.lineEnd, ownLast);
      showCounts();
    },
  };
}
