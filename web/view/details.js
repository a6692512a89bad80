/** The panel with each connection's steps and times. */

import { disc, element, isComposing } from "./element.js";

const MS_IN_S = 1000;
const S_IN_MIN = 60;

export function createDetails(core) {
  const panel = document.getElementById("details");
  const button = document.getElementById("details-button");
  const close = document.getElementById("details-close");
  const list = document.getElementById("details-list");

  function setOpen(open) {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    document.body.toggleAttribute("data-details", open);
    if (open) draw(core.members());
    (open ? close : button).focus();
  }

  function draw(members) {
    const others = members
      .map((member, index) => ({ ...member, steps: core.steps(index) }))
      .filter(({ state }) => state !== "SELF");
    list.replaceChildren(...others.map(connection));
    if (others.length === 0)
      list.append(element("p", { className: "quiet" }, "Nobody else is here."));
  }

  button.onclick = () => setOpen(panel.hidden);
  close.onclick = () => setOpen(false);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden || event.defaultPrevented) return;
    if (!isComposing(event)) setOpen(false);
  });

  return {
    show(members) {
      if (!panel.hidden) draw(members);
    },
  };
}

function connection({ name, colour, stateText, reason, steps }) {
  return element(
    "section",
    { className: "connection" },
    element("h3", {}, disc(name, colour), element("bdi", {}, name)),
    element("p", { className: "quiet" }, stateText),
    ...(reason ? [element("p", { className: "reason" }, reason)] : []),
    element("ol", {}, ...steps.map(step)),
  );
}

/** "0.31 s", and after the first minute "12:05". */
function duration(ms) {
  const seconds = ms / MS_IN_S;
  if (seconds < S_IN_MIN) return `${seconds.toFixed(2)} s`;
  const rest = String(Math.floor(seconds % S_IN_MIN)).padStart(2, "0");
  return `${Math.floor(seconds / S_IN_MIN)}:${rest}`;
}

function step({ atMs, text }) {
  return element(
    "li",
    {},
    element("span", {}, text),
    " ",
    element("span", { className: "at" }, duration(atMs)),
  );
}
