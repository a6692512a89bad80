/**
 * The connection to the server, beside the page: a WebSocket to "signal", or polling. Which of them,
 * the core says.
 */

import { PollingSocket } from "./polling.js";
import { createTabs } from "./tabs.js";

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
  const opener = createOpener(url, spare);
  let core = null;
  const sockets = []; // by transport
  const tabs = createTabs((code) => core.handle("POLL_TABS", { code }));
  let wait = [0, 0];

  function adopt(socket, code) {
    const isCurrent = () => sockets[code] === socket;
    sockets[code] = socket;
    socket.onopen = () => isCurrent() && core.handle("SERVER_OPENED", { code });
    socket.onmessage = ({ data: a }) => isCurrent() && core.handle("SERVER_MESSAGE", { code, a });
    socket.onclose = ({ reason }) => {
      if (!isCurrent()) return;
      forget(code);
      const a = code === core.enums.transport.POLLING ? reason : "";
      core.handle("SERVER_CLOSED", { code, a });
    };
    if (socket.readyState === WebSocket.OPEN) socket.onopen();
  }

  function forget(code) {
    if (sockets[code] instanceof PollingSocket) tabs.leave();
    sockets[code] = null;
  }

  function drop(code) {
    const closing = sockets[code];
    forget(code);
    closing?.close(CLOSE_NORMAL);
  }

  function openPolling() {
    tabs.enter();
    const socket = new PollingSocket(pollUrlOf(url), ...wait);
    socket.oncut = (code) => core.handle("POLL_CUT", { code });
    socket.onanswered = (code) => core.handle("POLL_ANSWERED", { code });
    return socket;
  }

  const actions = {
    SERVER_CONNECT({ code }) {
      const isPolling = code === core.enums.transport.POLLING;
      const socket = isPolling ? openPolling() : opener.open();
      if (socket) adopt(socket, code);
      else core.handle("SERVER_CLOSED", { code });
    },
    SERVER_SEND({ a, code }) {
      if (sockets[code]?.readyState === WebSocket.OPEN) sockets[code].send(a);
    },
    SERVER_CLOSE({ code }) {
      drop(code);
    },
    POLL_WAIT({ code, peer }) {
      wait = [code, peer];
      for (const socket of sockets) socket?.setWait?.(...wait);
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
    dropSpare: opener.dropSpare,
  };
}

/** Opens WebSockets, the first before anybody asked for it. */
function createOpener(url, spare) {
  return {
    open() {
      const taken = isUsable(spare) ? spare : openSocket(url);
      spare = null;
      return taken;
    },
    /** Once it is open, if it is not yet: browsers report a socket that is closed before. */
    dropSpare() {
      const dropped = spare;
      spare = null;
      if (!dropped) return;
      if (dropped.readyState !== WebSocket.CONNECTING) dropped.close();
      else dropped.addEventListener("open", () => dropped.close());
    },
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
