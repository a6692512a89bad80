/** Wires the core to the page and to the outside. */

import { debug, putRoomIntoAddress, roomInAddress } from "./address.js";
import { createCore } from "./core.js";
import { createHttp } from "./transport/http.js";
import { createPeers } from "./transport/peers.js";
import { createSignaling, signalUrl } from "./transport/signaling.js";
import * as storage from "./transport/storage.js";
import { createView } from "./view/view.js";

/** The bytes for START: fresh random ones, then the tab's token and the device's secret. */
function randomAndKept(core, token, device) {
  const kept = new TextEncoder().encode(`${token}\n${device}`);
  const bytes = new Uint8Array(core.limits.randomBytes + kept.length);
  crypto.getRandomValues(bytes);
  bytes.set(kept, core.limits.randomBytes);
  return bytes;
}

function startCore(core) {
  const { name, code } = storage.loadName();
  const { NO_WEBRTC, POLLING, HIDE_ADDRESS } = core.enums.start;
  const hideAddress = storage.loadHideAddress() && HIDE_ADDRESS;
  const polling = storage.loadTransport() === core.enums.transport.POLLING;
  core.handle("START", {
    a: roomInAddress(),
    b: name,
    c: randomAndKept(core, storage.takeToken(), storage.loadDevice()),
    code:
      code |
      (typeof RTCPeerConnection === "function" ? 0 : NO_WEBRTC) |
      (polling && POLLING) |
      hideAddress,
  });
}

/** Keeps the tab's token in memory while the page lives: see storage.js. */
function keepToken() {
  let token = "";
  addEventListener("pagehide", () => storage.putBackToken(token));
  document.addEventListener("freeze", () => storage.putBackToken(token));
  document.addEventListener("resume", () => storage.takeToken());
  return (fresh) => (token = fresh);
}

function followPage(core) {
  addEventListener("pagehide", () => core.handle("UNLOAD"));
  // Start afresh after the back/forward cache, or when the address names another room.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  addEventListener("popstate", () => {
    if (roomInAddress() !== core.status().room) location.reload();
  });
}

/** Reports what may end a pause. */
function followDevice(core) {
  const { wake } = core.enums;
  const tell = (what) => () =>
    core.handle("WAKE", { code: wake[what], peer: Number(navigator.onLine === false) });
  const visible = tell("VISIBLE");
  document.addEventListener("visibilitychange", () => document.hidden || visible());
  document.addEventListener("resume", visible);
  addEventListener("online", tell("ONLINE"));
  addEventListener("offline", tell("OFFLINE"));
  navigator.connection?.addEventListener?.("change", tell("NETWORK"));
}

/** Resolves once the page is shown: a page that is only prerendered joins no room. */
async function isShown() {
  if (document.prerendering)
    await new Promise((resolve) => document.addEventListener("prerenderingchange", resolve));
}

async function main() {
  if (typeof WebAssembly !== "object") throw new Error("no WebAssembly");
  await isShown();
  const preload = globalThis.preloaded ?? {};
  const signaling = createSignaling(signalUrl(location), preload.socket);
  const core = await createCore(preload.module);
  const http = createHttp(core);
  const peers = createPeers(core, preload.connection);
  const holdToken = keepToken();
  let show = null;
  const handlers = {
    ...signaling.actions,
    ...http.actions,
    ...peers.actions,
    ROOM_NAMED: ({ a }) => putRoomIntoAddress(a),
    NAME_STORE: ({ a, code }) =>
      storage.storeName(a, code, (code & core.enums.start.NAME_SHARED) !== 0),
    TOKEN_STORE: ({ a }) => holdToken(a),
    DEVICE_STORE: ({ a }) => storage.storeDevice(a),
    TRANSPORT_STORE: ({ code }) => storage.storeTransport(code),
    HIDE_ADDRESS_STORE: ({ code }) => storage.storeHideAddress(code),
  };
  signaling.attach(core);
  core.onAction = (action) => (handlers[action.name] ?? show)?.(action);
  core.onDrained = () => peers.reportBuffered();
  core.onFatal = (error, place) => {
    showFatal(error, place);
    peers.closeAll(); // else the others would talk to a page that no longer reads
    signaling.drop();
  };
  if (debug) (await import("./debug.js")).traceToConsole(core);
  followPage(core);
  startCore(core);
  show = createView(core, () => core.handle("LEAVE"));
  followDevice(core);
  signaling.dropUnused();
}

/** The only sentences outside the core: it is gone, or never came. */
function showFatal(error, place) {
  console.error(error);
  if (document.body.dataset.server === "stopped") return; // the first error tells why
  const status = document.getElementById("status");
  status.dataset.tone = "warning";
  document.body.dataset.server = "stopped";
  status.textContent = whyFatal(place);
}

function whyFatal(place) {
  if (typeof WebAssembly !== "object")
    return "This browser has no WebAssembly, which Parley needs. Please try a newer one.";
  if (place || "started" in document.body.dataset)
    return `Parley stopped working${place ? ` (${place})` : ""}. Reload the page to go on.`;
  return "Parley could not start: a part of it did not arrive. Reload the page to try again.";
}

main().catch(showFatal);
