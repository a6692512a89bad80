// A middlebox between browsers and the server: it passes requests on, and treats connections as a
// test tells it to.
import { createHash } from "node:crypto";
import { createServer, request as ask } from "node:http";
import { connect } from "node:net";

/**
 * @param {{port: number}} server
 * @param {{idleMs?: number, deny?: boolean, silent?: boolean, pages?: Object<string, string>}} habits
 *   idleMs: every connection with nothing to pass on for so long is cut, both ways;
 *   deny: no WebSocket is opened;
 *   silent: a WebSocket is opened, by the box itself, and no frame passes;
 *   pages: HTML of the box's own, by path
 * @returns {{origin, url, port, requests: {path, purpose, swallowing}[], cuts: number, habits,
 *   until(), close()}} swallowing: how many WebSockets in which no frame passes were open just then;
 *   until(condition): resolves when it holds; looks after each request and cut
 */
export async function startMiddlebox(server, habits = {}) {
  const box = { requests: [], cuts: 0, swallowing: 0, habits, watchers: new Set() };
  box.until = (condition) =>
    new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        box.watchers.delete(look);
        resolve();
      };
      box.watchers.add(look);
      look();
    });
  const sockets = new Set();
  const http = createServer((request, response) => answer(box, server, request, response));
  http.keepAliveTimeout = 0;
  http.requestTimeout = 0;
  http.on("connection", (socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.on("close", () => sockets.delete(socket));
  });
  http.on("upgrade", (request, socket, head) => {
    note(box, request);
    if (box.habits.deny) socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    else if (box.habits.silent) openAndSwallow(box, request, socket);
    else tunnel(box, server, request, socket, head);
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  box.port = http.address().port;
  box.origin = `http://127.0.0.1:${box.port}`;
  box.url = `${box.origin}/`;
  box.close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => http.close(resolve));
  };
  return box;
}

function note(box, { url, headers }) {
  const { swallowing } = box;
  box.requests.push({ path: url, purpose: headers["sec-purpose"] ?? "", swallowing });
  for (const look of box.watchers) look();
}

function cutWhenIdle(box, one, other) {
  if (!box.habits.idleMs) return;
  const cut = () => {
    box.cuts++;
    one.destroy();
    other.destroy();
    for (const look of box.watchers) look();
  };
  one.setTimeout(box.habits.idleMs, cut);
}

function answer(box, server, request, response) {
  note(box, request);
  const page = box.habits.pages?.[request.url];
  if (page !== undefined) {
    response.setHeader("content-type", "text/html");
    response.end(page);
    return;
  }
  const { method, url: path, headers } = request;
  const onward = ask({ port: server.port, host: "127.0.0.1", method, path, headers }, (reply) => {
    response.writeHead(reply.statusCode, reply.headers);
    reply.pipe(response);
  });
  onward.on("error", () => response.destroy());
  cutWhenIdle(box, onward, response.socket);
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}

/** The bytes of the request, as it came, and everything after it. */
function tunnel(box, server, request, socket, head) {
  const onward = connect(server.port, "127.0.0.1");
  const lines = [`${request.method} ${request.url} HTTP/1.1`];
  for (let i = 0; i < request.rawHeaders.length; i += 2)
    lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
  onward.write(`${lines.join("\r\n")}\r\n\r\n`);
  onward.write(head);
  onward.on("error", () => socket.destroy());
  socket.on("close", () => onward.destroy());
  onward.on("close", () => socket.destroy());
  cutWhenIdle(box, onward, socket);
  onward.pipe(socket).pipe(onward);
}

/** RFC 6455, 4.2.2, and nothing after it. */
function openAndSwallow(box, request, socket) {
  box.swallowing++;
  socket.on("close", () => box.swallowing--);
  const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.resume();
}
