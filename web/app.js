/** Wires the core to the page and to the outside. */

import { createCore, fetchModule } from "./core.js";
import { createPeers } from "./peers.js";
import { createSignaling, signalUrl } from "./signaling.js";
import { loadName, storeName } from "./storage.js";
import { createView } from "./view/view.js";

const query = new URLSearchParams(location.search);
const debug = query.has("debug");

/** The name of the room in the address bar, "" where there is none. */
function roomInAddress() {
  return new URLSearchParams(location.search).get("roomId") ?? "";
}

function putRoomIntoAddress(room) {
  const parts = [room && `roomId=${room}`, debug && "debug"].filter(Boolean);
  const address = parts.length ? `?${parts.join("&")}` : location.pathname;
  if (room) history.replaceState(null, "", address);
  else history.pushState(null, "", address); // so that Back leads into the room that was left
}

function startCore(core) {
  const { name, code } = loadName();
  const { NO_WEBRTC } = core.enums.start;
  core.handle("START", {
    a: roomInAddress(),
    b: name,
    c: crypto.getRandomValues(new Uint8Array(core.limits.randomBytes)),
    code: code | (typeof RTCPeerConnection === "function" ? 0 : NO_WEBRTC),
  });
}

function followPage(core) {
  addEventListener("pagehide", () => core.handle("UNLOAD"));
  // Out of the back/forward cache, or to another room by the address: start afresh.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  addEventListener("popstate", () => {
    if (roomInAddress() !== core.status().room) location.reload();
  });
}

async function main() {
  if (typeof WebAssembly !== "object") throw new Error("no WebAssembly");
  const signaling = createSignaling(signalUrl(location));
  const core = await createCore(fetchModule());
  const peers = createPeers(core);
  const view = createView(core, () => core.handle("LEAVE"));
  const handlers = {
    ...signaling.actions,
    ...peers.actions,
    ...view.actions,
    ROOM_NAMED: ({ a }) => putRoomIntoAddress(a),
    NAME_STORE: ({ a, code }) => storeName(a, code, !(code & core.enums.start.NAME_GENERATED)),
  };
  signaling.attach(core);
  core.onAction = (action) => handlers[action.name](action);
  core.onDrained = () => peers.reportBuffered();
  core.onFatal = (error) => {
    showFatal(error);
    peers.closeAll(); // the others shall not talk to a page that hears nothing
    signaling.drop();
  };
  if (debug) (await import("./debug.js")).traceToConsole(core);
  followPage(core);
  startCore(core);
  signaling.dropSpare();
}

/** Without the core nobody else has words for it. */
function showFatal(error) {
  console.error(error);
  const status = document.getElementById("status");
  status.dataset.tone = "warning";
  status.textContent =
    typeof WebAssembly === "object"
      ? "Parley stopped working. Reload the page to go on."
      : "This browser has no WebAssembly, which Parley needs. Please try a newer one.";
}

main().catch(showFatal);
