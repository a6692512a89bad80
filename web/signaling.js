/**
 * The connection to the server, beside the page: a WebSocket to "signal", or polling. Which of them,
 * the core says.
 */

import { PollingSocket } from "./polling.js";

const CLOSE_NORMAL = 1000; // RFC 6455, 7.4.1

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
  const sockets = []; // by transport

  function adopt(socket, code) {
    const isCurrent = () => sockets[code] === socket;
    sockets[code] = socket;
    socket.onopen = () => isCurrent() && core.handle("SERVER_OPENED", { code });
    socket.onmessage = ({ data: a }) => isCurrent() && core.handle("SERVER_MESSAGE", { code, a });
    socket.onclose = ({ reason }) => {
      if (!isCurrent()) return;
      sockets[code] = null;
      const a = code === core.enums.transport.POLLING ? reason : "";
      core.handle("SERVER_CLOSED", { code, a });
    };
    if (socket.readyState === WebSocket.OPEN) socket.onopen();
  }

  function drop(code) {
    const closing = sockets[code];
    sockets[code] = null;
    closing?.close(CLOSE_NORMAL);
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

  const actions = {
    SERVER_CONNECT({ code }) {
      const isPolling = code === core.enums.transport.POLLING;
      const socket = isPolling ? new PollingSocket(pollUrlOf(url)) : takeSpare();
      if (socket) adopt(socket, code);
      else core.handle("SERVER_CLOSED", { code });
    },
    SERVER_SEND({ a, code }) {
      if (sockets[code]?.readyState === WebSocket.OPEN) sockets[code].send(a);
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
    /** Closes the connections, whatever the core thinks of them. */
    drop: () => sockets.forEach((_, code) => drop(code)),
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
