/**
 * Stands first in the page and runs while the rest is loading: starts what takes a round trip, or
 * the browser some time. app.js takes it over and closes what is not needed.
 *
 * A page that is prerendered may never be opened: until it is shown, it loads only the module.
 */

import { loadModule } from "./core.js";
import { makeConnection } from "./transport/peers.js";
import { openSocket, signalUrl } from "./transport/signaling.js";

/** Undefined if the browser fails; the core reports that later. */
function attempt(begin) {
  try {
    return begin();
  } catch (error) {
    console.warn(error);
    return undefined;
  }
}

const connect = () => ({
  socket: attempt(() => openSocket(signalUrl(location))),
  connection: attempt(makeConnection),
});

globalThis.preloaded = {
  module: attempt(() => WebAssembly && loadModule()),
  ...(document.prerendering ? {} : connect()),
};
