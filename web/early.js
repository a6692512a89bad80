/**
 * Stands first in the page and runs while the rest is still on its way: begins what takes a round trip,
 * or the browser a moment. app.js goes on with it. It decides nothing: what is not wanted is closed.
 *
 * A page that is prerendered is not yet opened by anybody, and perhaps never is: until it is shown it
 * only loads what it needs.
 */

import { loadModule } from "./core.js";
import { makeConnection } from "./transport/peers.js";
import { openSocket, signalUrl } from "./transport/signaling.js";

/** Undefined where the browser cannot do it; whoever needs it says so later. */
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

globalThis.parleyEarly = {
  module: attempt(() => WebAssembly && loadModule()),
  ...(document.prerendering ? {} : connect()),
};
