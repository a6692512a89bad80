/** The connection to the server: a WebSocket to /signal, on the host the page came from. */

/** Browsers let a page close a WebSocket with 1000 or a code of 3000 and up only. */
const CLOSE_NORMAL = 1000;
const CLOSE_CODE_OWN_MIN = 3000;

export function signalUrl(location) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}/signal`;
}

/**
 * Carries out SERVER_... actions. The first socket opens at once, while the core is still loading:
 * the server says nothing before it is spoken to, and a socket that ended by then is opened again.
 * @param {string} url
 */
export function createSignaling(url) {
  let core = null;
  let socket = null;
  let spare = openSocket(url);

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

  const actions = {
    SERVER_CONNECT() {
      drop(CLOSE_NORMAL);
      socket = isUsable(spare) ? spare : openSocket(url);
      spare = null;
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
    dropSpare() {
      spare?.close();
      spare = null;
    },
  };
}

function isUsable(socket) {
  return socket?.readyState <= WebSocket.OPEN;
}

function openSocket(url) {
  try {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    return socket;
  } catch (error) {
    console.warn(error);
    return null;
  }
}
