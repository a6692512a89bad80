/** The WebSocket to the server, at "signal" beside the page. The core decides when to open it. */

const CLOSE_NORMAL = 1000; // RFC 6455, 7.4.1

/** The socket's address, beside the page, which need not be at the root of its host. */
export function signalUrl(location) {
  return new URL("signal", location.href).href.replace(/^http/, "ws");
}

/**
 * Carries out SERVER_... actions. The first socket is opened before the core is ready. The server
 * sends nothing before the page does, and a socket that has ended by then is opened again.
 * @param {string} url
 * @param {WebSocket} [prepared] one to |url| that is opened already
 */
export function createSignaling(url, prepared = openSocket(url)) {
  let core = null;
  let socket = null;

  function adopt(adopted) {
    const report = (name, a) => socket === adopted && core.handle(name, { a });
    socket = adopted;
    socket.onopen = () => report("SERVER_OPENED");
    socket.onmessage = ({ data }) => report("SERVER_MESSAGE", data);
    socket.onclose = () => report("SERVER_CLOSED");
    if (socket.readyState === WebSocket.OPEN) socket.onopen();
  }

  function drop() {
    const closing = socket;
    socket = null;
    closing?.close(CLOSE_NORMAL);
  }

  return {
    actions: {
      SERVER_CONNECT() {
        const opened = isUsable(prepared) ? prepared : openSocket(url);
        prepared = null;
        if (opened) adopt(opened);
        else core.handle("SERVER_CLOSED");
      },
      SERVER_SEND({ a }) {
        if (socket?.readyState === WebSocket.OPEN) socket.send(a);
      },
      SERVER_CLOSE: drop,
    },
    attach(toCore) {
      core = toCore;
    },
    /** Closes the connection, whatever the core thinks of it. */
    drop,
    /**
     * Closes the first socket if the core did not ask for it: once it is open, since browsers report
     * a socket that is closed before.
     */
    dropUnused() {
      const dropped = prepared;
      prepared = null;
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
