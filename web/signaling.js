/**
 * The connection to the server, beside the page: a WebSocket to "signal", or polling. Which of them,
 * the core says.
 */

import { PollingSocket } from "./polling.js";

/** Browsers let a page close a WebSocket with 1000 or a code of 3000 and up only. */
const CLOSE_NORMAL = 1000;
const CLOSE_CODE_OWN_MIN = 3000;

/** Beside the page, which need not be at the root of its host. */
export function signalUrl(location) {
  return new URL("signal", location.href).href.replace(/^http/, "ws");
}

/** Where to poll, of the server whose WebSockets are at |url|: beside it. */
function pollUrlOf(url) {
  return new URL("poll", url.replace(/^ws/, "http")).href;
}

/**
 * Carries out SERVER_... actions. The first socket is opened before the core is there: the server
 * says nothing before it is spoken to, and a socket that ended by then is opened again.
 * @param {string} url
 * @param {WebSocket} [spare] one to |url| that is opened already
 */
export function createSignaling(url, spare = openSocket(url)) {
  let core = null;
  let socket = null;

  function adopt(next) {
    const isCurrent = () => socket === next;
    next.onopen = () => isCurrent() && core.handle("SERVER_OPENED");
    next.onmessage = ({ data }) => isCurrent() && core.handle("SERVER_MESSAGE", { a: data });
    next.onclose = ({ code }) => {
      if (!isCurrent()) return;
      socket = null;
      core.handle("SERVER_CLOSED", { code });
    };
    if (next.readyState === WebSocket.OPEN) next.onopen();
  }

  function drop(code) {
    const closing = socket;
    socket = null;
    closing?.close(code >= CLOSE_CODE_OWN_MIN ? code : CLOSE_NORMAL);
  }

  function takeSpare() {
    const taken = isUsable(spare) ? spare : openSocket(url);
    spare = null;
    return taken;
  }

  function dropSpare() {
    spare?.close();
    spare = null;
  }

  function openPolling() {
    dropSpare();
    return new PollingSocket(pollUrlOf(url));
  }

  const actions = {
    SERVER_CONNECT({ code }) {
      drop(CLOSE_NORMAL);
      socket = code === core.enums.transport.POLLING ? openPolling() : takeSpare();
      if (socket) adopt(socket);
      else core.handle("SERVER_CLOSED", { code: 0 });
    },
    SERVER_SEND({ a }) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(a);
    },
    SERVER_CLOSE({ code }) {
      drop(code);
    },
  };

  return {
    actions,
    attach(toCore) {
      core = toCore;
    },
    /** Closes the connection, whatever the core thinks of it. */
    drop: () => drop(CLOSE_NORMAL),
    /** Nobody asked for the first socket: close it. */
    dropSpare,
  };
}

function isUsable(socket) {
  return socket?.readyState <= WebSocket.OPEN;
}

/** Null where the browser refuses. */
export function openSocket(url) {
  try {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    return socket;
  } catch (error) {
    console.warn(error);
    return null;
  }
}
