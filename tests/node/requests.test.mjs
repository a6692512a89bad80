/** Requests of every form, byte by byte: the answers of this server and of nginx. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { freePort, start, startServer } from "./server.mjs";

const dir = mkdtempSync(join(tmpdir(), "parley-requests-"));
const path = (name) => join(dir, name);

const HOST = "Host: localhost\r\n";
const END = "Connection: close\r\n\r\n";
const GET = `GET / HTTP/1.1\r\n${HOST}`;
const POST = `POST / HTTP/1.1\r\n${HOST}`;

// Requests, our answer, nginx's answer, and the reason if they differ. "-": the connection ends
// without an answer.
const ROWS = [
  ["a request", `${GET}${END}`, "200", "200"],
  ["lines that end with LF", "GET / HTTP/1.1\nHost: a\nConnection: close\n\n", "200", "200"],
  ["empty lines before it", `\r\n\r\n${GET}${END}`, "200", "200"],
  ["two at once", `${GET}\r\n${GET}${END}`, "200 200", "200 200"],
  ["HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "200", "200"],
  [
    "HTTP/1.0, kept",
    `GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${GET}${END}`,
    "200 200",
    "200 200",
  ],
  ["HTTP/1.9", `GET / HTTP/1.9\r\n${HOST}${END}`, "200", "200"],
  ["HTTP/2.0", `GET / HTTP/2.0\r\n${HOST}${END}`, "505", "505"],
  ["no version", "GET /\r\n\r\n", "400", "-", "nginx speaks HTTP/0.9"],
  ["http/1.1", `GET / http/1.1\r\n${HOST}${END}`, "400", "400"],
  ["two spaces", `GET  / HTTP/1.1\r\n${HOST}${END}`, "400", "200", "RFC 9112, 3: one space"],
  [
    "a method in lower case",
    `get / HTTP/1.1\r\n${HOST}${END}`,
    "501",
    "400",
    "RFC 9110, 9.1: 501 for an unknown one",
  ],
  ["an unknown method", `BREW / HTTP/1.1\r\n${HOST}${END}`, "501", "405", "the same"],
  [
    "OPTIONS *",
    `OPTIONS * HTTP/1.1\r\n${HOST}${END}`,
    "405",
    "400",
    "it asks for the server as a whole",
  ],
  ["HEAD", `HEAD / HTTP/1.1\r\n${HOST}${END}`, "200", "200"],
  ["TRACE", `TRACE / HTTP/1.1\r\n${HOST}${END}`, "501", "405", "RFC 9110, 15.6.2"],
  ["CONNECT", `CONNECT a:80 HTTP/1.1\r\n${HOST}${END}`, "501", "400", "unknown here, as TRACE is"],
  ["an absolute target", `GET http://b.example/ HTTP/1.1\r\n${HOST}${END}`, "200", "200"],
  [
    "another scheme",
    `GET ftp://a/ HTTP/1.1\r\n${HOST}${END}`,
    "400",
    "200",
    "no address of this server",
  ],
  ["a target of one word", `GET a HTTP/1.1\r\n${HOST}${END}`, "400", "400"],
  ["%00", `GET /%00 HTTP/1.1\r\n${HOST}${END}`, "400", "400"],
  ["a bad escape", `GET /%zz HTTP/1.1\r\n${HOST}${END}`, "400", "400"],
  ["a bad escape in the query", `GET /?100% HTTP/1.1\r\n${HOST}${END}`, "200", "200"],
  ["NUL in the target", `GET /\0 HTTP/1.1\r\n${HOST}${END}`, "400", "400"],
  ["a long target", `GET /${"x".repeat(9000)} HTTP/1.1\r\n${HOST}${END}`, "414", "414"],
  ["a target of 8000", `GET /?${"x".repeat(8000)} HTTP/1.1\r\n${HOST}${END}`, "200", "200"],
  ["a space before the colon", `${GET}Content-Length : 5\r\n\r\nhello`, "400", "400"],
  ["a tab before the colon", `${GET}X\t: 1\r\n${END}`, "400", "400"],
  ["no name", `${GET}: 1\r\n${END}`, "400", "400"],
  ["no colon", `${GET}X\r\n${END}`, "400", "200", "nginx passes over the line"],
  ["NUL in a name", `${GET}X\0: 1\r\n${END}`, "400", "400"],
  ["NUL in a value", `${GET}X: a\0b\r\n${END}`, "400", "400"],
  ["a bare CR", `${GET}X: a\rb\r\n${END}`, "400", "400"],
  ["a folded line", `${GET}X: a\r\n b\r\n${END}`, "400", "400"],
  ["no Host", `GET / HTTP/1.1\r\n${END}`, "400", "400"],
  ["two Hosts", `${GET}${HOST}${END}`, "400", "400"],
  ["an empty Host", `GET / HTTP/1.1\r\nHost:\r\n${END}`, "400", "400"],
  ["a Host that is none", `GET / HTTP/1.1\r\nHost: a/b\r\n${END}`, "400", "400"],
  ["an unknown Upgrade", `${GET}Upgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n`, "200", "200"],
  ["long cookies", `${GET}Cookie: ${"x".repeat(7500)}\r\n${END}`, "200", "200"],
  ["longer cookies", `${GET}Cookie: ${"x".repeat(40000)}\r\n${END}`, "431", "400", "RFC 6585, 5"],
  ["101 headers", `${GET}${"X: a\r\n".repeat(101)}${END}`, "431", "200", "nginx has no such limit"],
  ["two lengths", `${POST}Content-Length: 5\r\nContent-Length: 5\r\n${END}hello`, "400", "400"],
  ["a list of lengths", `${POST}Content-Length: 5, 5\r\n${END}hello`, "400", "400"],
  ["a negative length", `${POST}Content-Length: -1\r\n${END}`, "400", "400"],
  [
    "length and coding",
    `${POST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n${END}`,
    "400",
    "400",
  ],
  ["an unknown coding", `${POST}Transfer-Encoding: xchunked\r\n${END}`, "501", "501"],
  [
    "chunked twice",
    `${POST}Transfer-Encoding: chunked, chunked\r\n${END}`,
    "400",
    "501",
    "RFC 9112, 6.1: the framing is faulty",
  ],
  [
    "behind a chunked POST",
    `${POST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${GET}${END}`,
    "405",
    "405 200",
    "the connection of a body that nobody takes is closed",
  ],
  ["a chunked GET", `${GET}Transfer-Encoding: chunked\r\n${END}0\r\n\r\n`, "200", "200"],
  ["a GET with a body", `${GET}Content-Length: 5\r\n${END}hello`, "200", "200"],
  [
    "another expectation",
    `${POST}Content-Length: 1\r\nExpect: x\r\n${END}a`,
    "417",
    "405",
    "RFC 9110, 10.1.1",
  ],
  ["TLS where there is none", "\x16\x03\x01\x00\x05hello\r\n\r\n", "400", "400"],
];

/** The statuses of all answers to |bytes|, until the connection ends. */
function ask(socket, bytes) {
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  socket.on("error", () => {}); // a reset: some bytes came after the answer
  socket.write(bytes, "latin1");
  return new Promise((resolve) =>
    socket.once("close", () => {
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+) [A-Z]/g)].map(([, status]) => status);
      resolve(statuses.join(" ") || "-");
    }),
  );
}

function startNginx(port) {
  mkdirSync(path("www"));
  writeFileSync(join(path("www"), "index.html"), "hello\n");
  const kept = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const paths = kept.map((name) => `${name}_temp_path ${path(name)};`).join(" ");
  writeFileSync(
    path("nginx.conf"),
    `daemon off; master_process off; pid ${path("nginx.pid")}; events {}
     http { access_log off; ${paths}
       server { listen 127.0.0.1:${port}; location / { root ${path("www")}; } } }`,
  );
  return start("/usr/sbin/nginx", ["-p", dir, "-e", "stderr", "-c", path("nginx.conf")]);
}

before(() => {
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];
  const files = ["-keyout", path("a.key"), "-out", path("a.crt"), "-subj", "/CN=localhost"];
  execFileSync("openssl", ["req", "-x509", ...kind, ...files], { stdio: "ignore" });
});

after(() => rmSync(dir, { recursive: true }));

async function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => resolve(true) ?? socket.destroy());
  });
}

test("every request gets its answer, from Parley and from nginx", async (t) => {
  const port = await freePort();
  const nginx = startNginx(port);
  const plain = await startServer();
  const encrypted = await startServer("--tls-cert", path("a.crt"), "--tls-key", path("a.key"));
  while (!(await accepts(port))) assert.equal(nginx.program.exitCode, null, nginx.output());
  for (const [name, bytes, ours, theirs, why = ""] of ROWS) {
    const seen = [
      await ask(connect(plain.port, "127.0.0.1"), bytes),
      await ask(connectTls({ port: encrypted.port, rejectUnauthorized: false }), bytes),
      await ask(connect(port, "127.0.0.1"), bytes),
    ];
    t.diagnostic([name, ...seen, why].join(" | "));
    assert.deepEqual(seen, [ours, ours, theirs], name);
  }
  nginx.program.kill("SIGTERM");
  await nginx.ended;
  await plain.stop();
  await encrypted.stop();
});

/** Reads from |socket| until |wanted| has arrived, and returns all of it. */
async function readUntil(socket, wanted) {
  let text = "";
  while (!wanted.test(text)) text += String((await once(socket, "data"))[0]);
  return text;
}

test("only a client that waits for 100 Continue gets it", async () => {
  const options = ["--tls-cert", path("a.crt"), "--tls-key", path("a.key")];
  for (const scheme of ["http", "https"]) {
    const server = await startServer(...(scheme === "http" ? [] : options));
    const host = `127.0.0.1:${server.port}`;
    const head =
      `POST /poll HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${scheme}://${host}\r\n` +
      "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    const target = { port: server.port, host: "127.0.0.1", rejectUnauthorized: false };
    const socket = scheme === "http" ? connect(target) : connectTls(target);
    for (let i = 0; i < 2; i++) {
      socket.write(head);
      assert.equal(await readUntil(socket, /\r\n\r\n/), "HTTP/1.1 100 Continue\r\n\r\n");
      socket.write("open\n");
      assert.match(await readUntil(socket, /session \w+\n/), /^HTTP\/1\.1 200 OK\r\n/);
    }
    socket.write(`${head}open\n`); // this client does not wait
    assert.match(await readUntil(socket, /session \w+\n/), /^HTTP\/1\.1 200 OK\r\n/);
    socket.write(head.replace("POST", "PUT")); // a request that may not have a body
    assert.match(await readUntil(socket, /\r\n\r\n/), /^HTTP\/1\.1 40[05] /);
    socket.destroy();
    await server.stop();
  }
});
