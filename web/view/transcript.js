/** The conversation, and the button that counts new messages below the view. */

import { setText } from "./element.js";
import { Lines } from "./lines.js";

const TITLE = "Parley";
const READ_OUT_AFTER_MS = 500; /* after the view is back at the end */

export function createTranscript(core) {
  const scroller = document.getElementById("log");
  const button = document.getElementById("news");
  const list = new Lines(core, scroller, document.getElementById("lines"));
  let unseen = 0; // below the lower edge
  let unread = 0; // while the page was hidden
  let readingOut = 0;
  let room = "";

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
    if (document.title !== shown) document.title = shown; // changing the title takes a browser a while
  }

  list.onStuckChange = () => {
    readOut(list.stuck);
    showCounts();
  };
  list.onLine = ({ kind, own }) => {
    if (kind !== "TEXT") return;
    if (own) list.stick();
    else if (!list.stuck) unseen++;
    if (!own && document.hidden) unread++;
  };
  list.onDrawn = showCounts;
  document.addEventListener("visibilitychange", showCounts);
  button.onclick = () => {
    list.scrollToEnd();
    document.getElementById("message").focus();
  };

  return {
    look: () => list.noticeScroll(),
    change: (sequence) => list.change(sequence),
    show: ({ lineFirst, lineEnd }) => list.draw(lineEnd, lineFirst),
    showRoom(name) {
      room = name;
      showCounts();
    },
  };
}
