/** The panel with the log of each connection. */

import { arrange, disc, element, isComposing } from "./element.js";
import { onceAFrame } from "./frame.js";

const MS_IN_S = 1000;
const S_IN_MIN = 60;
const HASH_GROUP = /.{8}/g; // a line may break between these
const SECTIONS_IN_TURN_MAX = 3; // looked at before a frame: each has a name and up to 40 entries

export function createDetails(core) {
  const panel = document.getElementById("details");
  const button = document.getElementById("details-button");
  const close = document.getElementById("details-close");
  const list = document.getElementById("details-list");
  const quiet = element("p", { className: "quiet" }, "Nobody else is here.");
  const page = createPageHash();
  const sections = new Map(); // by member
  const stale = new Set(); // members, who has waited longest first
  const later = onceAFrame(() => panel.hidden || draw(core.members()));

  function setOpen(open) {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    document.body.toggleAttribute("data-details", open);
    if (open) {
      show(core.members());
      page.ask();
    }
    (open ? close : button).focus();
  }

  function show(members) {
    for (const { peer } of members) stale.add(peer);
    draw(members);
  }

  function draw(members) {
    const others = new Map(members.map((member, index) => [member.peer, { ...member, index }]));
    for (const [peer, { state }] of others) if (state === "SELF") others.delete(peer);
    for (const peer of [...stale, ...sections.keys()]) if (!others.has(peer)) forget(peer);
    for (const peer of [...stale].slice(0, SECTIONS_IN_TURN_MAX)) drawSection(others.get(peer));
    const drawn = [...others.keys()].flatMap((peer) => sections.get(peer) ?? []);
    arrange(list, [...(others.size === 0 ? [quiet] : drawn), page.section]);
    if (stale.size > 0) later();
  }

  function drawSection({ index, ...member }) {
    const fresh = connection({ ...member, log: core.connectionLog(index) });
    if (!sections.get(member.peer)?.isEqualNode(fresh)) sections.set(member.peer, fresh);
    stale.delete(member.peer);
  }

  function forget(peer) {
    stale.delete(peer);
    sections.delete(peer);
  }

  button.onclick = () => setOpen(panel.hidden);
  close.onclick = () => setOpen(false);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden || event.defaultPrevented) return;
    if (!isComposing(event)) setOpen(false);
  });

  return {
    show(members) {
      if (!panel.hidden) show(members);
    },
  };
}

/** The page's hash as the server tells it, in groups of digits; null if it does not. */
async function loadPageHash() {
  const answer = await fetch("page-hash.txt");
  return answer.ok ? (await answer.text()).split("\n", 1)[0].match(HASH_GROUP) : null;
}

/**
 * The hash to compare with that of a build of one's own. It is for convenience: a server that
 * serves another page can lie here too.
 */
function createPageHash() {
  const words = element("p", { className: "quiet" }, "Asking for its hash");
  const title = element("h3", {}, "This page");
  let groups = null;

  async function ask() {
    groups ??= await loadPageHash().catch(() => null);
    if (!groups) return words.replaceChildren("The server does not tell its hash.");
    const pieces = groups.flatMap((group) => [group, element("wbr")]);
    return words.replaceChildren("SHA-256, as the server says: ", ...pieces);
  }

  return { ask, section: element("section", { className: "connection" }, title, words) };
}

function connection({ name, colour, stateText, reason, log }) {
  return element(
    "section",
    { className: "connection" },
    element("h3", {}, disc(name, colour), element("bdi", {}, name)),
    element("p", { className: "quiet" }, stateText),
    ...(reason ? [element("p", { className: "reason" }, reason)] : []),
    element("ol", {}, ...log.map(logEntry)),
  );
}

/** "0.31 s", and after the first minute "12:05". */
function duration(ms) {
  const seconds = ms / MS_IN_S;
  if (seconds < S_IN_MIN) return `${seconds.toFixed(2)} s`;
  const rest = String(Math.floor(seconds % S_IN_MIN)).padStart(2, "0");
  return `${Math.floor(seconds / S_IN_MIN)}:${rest}`;
}

function logEntry({ atMs, text }) {
  return element(
    "li",
    {},
    element("span", {}, text),
    " ",
    element("span", { className: "at" }, duration(atMs)),
  );
}
