/** HTTPS and WSS: protocol versions, the current certificate, and operators' mistakes. */

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get as getHttp } from "node:http";
import { Agent, get as getHttps, request as requestHttps } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { binary, enterRoom, freePort, startServer } from "./server.mjs";

const ALL_VERSIONS = { minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" };
const FLOOD = 300;
const dir = mkdtempSync(join(tmpdir(), "parley-tls-"));
const path = (name) => join(dir, name);

/** Makes NAME.key and NAME.crt, with "openssl ca", the only command that takes dates. */
function makeCertificate(name, { key = "EC", days = ["20200101000000Z", "20490101000000Z"] } = {}) {
  const kind =
    key === "EC" ? ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] : ["-newkey", key];
  writeFileSync(path("index"), "");
  writeFileSync(path("serial"), "01\n");
  writeFileSync(
    path("ca.cnf"),
    `[ca]\ndefault_ca=own\n[own]\ndatabase=${path("index")}\nserial=${path("serial")}\n` +
      `new_certs_dir=${dir}\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n`,
  );
  const openssl = (...args) => execFileSync("openssl", args, { stdio: "ignore" });
  const files = ["-keyout", path(`${name}.key`), "-out", path(`${name}.csr`)];
  openssl("req", "-new", ...kind, "-nodes", ...files, "-subj", "/CN=localhost");
  const signed = ["-selfsign", "-keyfile", path(`${name}.key`), "-in", path(`${name}.csr`)];
  const made = ["-out", path(`${name}.crt`), "-startdate", days[0], "-enddate", days[1]];
  openssl("ca", "-batch", "-notext", "-config", path("ca.cnf"), ...signed, ...made);
}

const tlsOptions = (name) => ["--tls-cert", path(`${name}.crt`), "--tls-key", path(`${name}.key`)];

/** The exit status and the single line of a server that must not start. */
const complaint = (...options) =>
  new Promise((resolve) => {
    execFile(binary, ["--port", "0", ...options], (error, _stdout, stderr) =>
      resolve({ status: error?.code, lines: stderr.split("\n").slice(0, -1) }),
    );
  });

/** Does a TLS handshake; rejects if the server does. */
function shakeHands(port, options = {}) {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      const seen = {
        version: socket.getProtocol(),
        cipher: socket.getCipher().standardName,
        certificate: socket.getPeerX509Certificate().fingerprint256,
      };
      socket.destroy();
      resolve(seen);
    });
  });
}

const fetchFrom = (get, url, options = {}) =>
  new Promise((resolve, reject) => {
    const request = get(url, { rejectUnauthorized: false, agent: false, ...options }, (reply) => {
      reply.resume();
      reply.once("end", () => resolve(reply));
    });
    request.once("error", reject);
  });

const enter = (port, room, origin = `https://127.0.0.1:${port}`) =>
  enterRoom(`wss://127.0.0.1:${port}/signal`, room, { origin, rejectUnauthorized: false });

const fingerprint = (name) =>
  execFileSync("openssl", ["x509", "-in", path(`${name}.crt`), "-noout", "-fingerprint", "-sha256"])
    .toString()
    .trim()
    .split("=")[1];

before(() => {
  makeCertificate("one");
  makeCertificate("two", { key: "rsa:2048" });
  makeCertificate("old", { days: ["20200101000000Z", "20210101000000Z"] });
  makeCertificate("future", { days: ["20480101000000Z", "20490101000000Z"] });
});

after(() => rmSync(dir, { recursive: true }));

test("TLS 1.2 and 1.3 with modern ciphers, nothing else", async () => {
  for (const name of ["one", "two"]) {
    const server = await startServer(...tlsOptions(name));
    for (const version of ["TLSv1.2", "TLSv1.3"]) {
      const seen = await shakeHands(server.port, { minVersion: version, maxVersion: version });
      assert.equal(seen.version, version);
      assert.match(seen.cipher, /_(AES_\d+_GCM|CHACHA20_POLY1305)_/);
      assert.equal(seen.certificate, fingerprint(name));
    }
    for (const maxVersion of ["TLSv1", "TLSv1.1"]) {
      await assert.rejects(shakeHands(server.port, { ...ALL_VERSIONS, maxVersion }), /protocol/i);
    }
    for (const ciphers of ["AES128-GCM-SHA256", "ECDHE+AES+SHA256", "DHE+AESGCM", "CAMELLIA"]) {
      const old = { maxVersion: "TLSv1.2", ciphers };
      await assert.rejects(shakeHands(server.port, old), /handshake failure/i, ciphers);
    }
    await server.stop();
  }
});

test("an error in the files is one clear line", async () => {
  writeFileSync(path("nonsense"), "hello\n");
  execFileSync("mkfifo", [path("pipe")]);
  execFileSync("openssl", [
    ...["ec", "-in", path("one.key"), "-aes128", "-passout", "pass:x", "-out", path("locked.key")],
  ]);
  const cases = [
    [path("one.crt"), path("nowhere"), "--tls-key: .*nowhere: No such file or directory"],
    [path("nowhere"), path("one.key"), "--tls-cert: .*nowhere: No such file or directory"],
    [path("nonsense"), path("one.key"), "--tls-cert: .*nonsense: no usable certificate in PEM"],
    [path("one.crt"), path("nonsense"), "--tls-key: .*nonsense: no private key in PEM"],
    [path("one.crt"), dir, "--tls-key: .*: is a folder, not a file"],
    [path("one.crt"), path("pipe"), "--tls-key: .*pipe: is a pipe, not a file"],
    [path("pipe"), path("one.key"), "--tls-cert: .*pipe: is a pipe, not a file"],
    [path("one.crt"), "/dev/zero", "--tls-key: .*zero: is a device, not a file"],
    [
      path("one.crt"),
      path("one.crt"),
      "--tls-key: .*crt: no private key in PEM [(]the file has none",
    ],
    [path("one.crt"), path("locked.key"), "--tls-key: .*locked.key: has a pass phrase"],
    [path("one.crt"), path("two.key"), "--tls-key: .*two.key: not the key of the certificate"],
    [path("one.crt"), path("old.key"), "--tls-key: .*old.key: not the key of the certificate"],
  ];
  for (const [certificate, key, expected] of cases) {
    const { status, lines } = await complaint("--tls-cert", certificate, "--tls-key", key);
    assert.equal(status, 2, expected);
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.match(lines[0], new RegExp(`^parley: ${expected}`));
  }
});

test("a certificate that is not valid now is reported at start, and still served", async () => {
  for (const [name, expected] of [
    ["old", 'error certificate why="the certificate has expired'],
    ["future", 'error certificate why="the certificate is not valid yet'],
  ]) {
    const server = await startServer(...tlsOptions(name), "--log-level", "error");
    await server.says(expected);
    assert.equal((await shakeHands(server.port)).certificate, fingerprint(name));
    await server.stop();
  }
});

test("messages of any length arrive in both directions, and pages arrive complete", async () => {
  const server = await startServer(...tlsOptions("one"));
  const ann = await enter(server.port, "the-room");
  const bob = await enter(server.port, "the-room");
  assert.equal((await ann.next()).type, "joined");
  for (const length of [1, 1500, 1520, 4096, 12000]) {
    for (const [from, to] of [
      [ann, bob],
      [bob, ann],
    ]) {
      const sdp = "x".repeat(length);
      from.send({ type: "offer", to: to.you, sdp, connection: 1 });
      assert.equal((await to.next()).sdp, sdp);
    }
  }
  const page = await fetchFrom(getHttps, `https://127.0.0.1:${server.port}/`);
  assert.equal(page.statusCode, 200);
  assert.match(page.headers["content-security-policy"], / wss:\/\//);
  assert.doesNotMatch(page.headers["content-security-policy"], / ws:\/\//);
  assert.equal(page.headers["strict-transport-security"], undefined);
  await server.stop();
});

test("polls wait for messages over HTTPS too", async () => {
  const server = await startServer(...tlsOptions("one"));
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const origin = `https://127.0.0.1:${server.port}`;
  const post = (body, secret) =>
    new Promise((resolve, reject) => {
      const headers = { Origin: origin, "Content-Length": Buffer.byteLength(body) };
      if (secret) headers["Parley-Session"] = secret;
      const request = requestHttps(
        `${origin}/poll`,
        { method: "POST", agent, headers },
        (reply) => {
          let text = "";
          reply.on("data", (chunk) => (text += chunk));
          reply.once("end", () => resolve(text));
        },
      );
      request.once("error", reject);
      request.end(body);
    });
  const secret = (await post("open\n")).trim().split(" ")[1];
  const token = randomBytes(16).toString("base64url");
  const joining = JSON.stringify({ type: "join", version: 2, room: "the-room", token });
  assert.equal(await post(`send 0\n${joining}\n`, secret), "expect 1\n");
  assert.match(await post("poll 0\n", secret), /"type":"welcome"/);
  const news = post("poll 1\n", secret);
  await enter(server.port, "the-room");
  assert.match(await news, /"type":"joined"/);
  agent.destroy();
  await server.stop();
});

test("a page of the same host over HTTP may not connect", async () => {
  const server = await startServer(...tlsOptions("one"));
  await assert.rejects(enter(server.port, "the-room", `http://127.0.0.1:${server.port}`), /403/);
  await server.stop();
});

test("SIGHUP: a new certificate for new connections, and nobody is dropped", async () => {
  for (const type of ["crt", "key"]) copyFileSync(path(`one.${type}`), path(`live.${type}`));
  const server = await startServer(...tlsOptions("live"));
  const ann = await enter(server.port, "the-room");
  const stillThere = async () => {
    ann.send({ type: "ping" });
    assert.equal((await ann.next()).type, "pong");
  };
  assert.equal((await shakeHands(server.port)).certificate, fingerprint("one"));

  copyFileSync(path("two.crt"), path("live.crt"));
  server.hangUp();
  await server.says("certificate_kept");
  assert.equal((await shakeHands(server.port)).certificate, fingerprint("one"));
  await stillThere();

  copyFileSync(path("two.key"), path("live.key"));
  server.hangUp();
  await untilTrue(async () => (await shakeHands(server.port)).certificate === fingerprint("two"));
  await stillThere();
  await server.stop();
});

/** Repeats |check|: the server handles the signal in one of the next turns of its loop. */
async function untilTrue(check) {
  while (!(await check()));
}

test("HTTP redirects to HTTPS, and does nothing else", async () => {
  const redirect = await freePort();
  const server = await startServer(...tlsOptions("one"), "--http-redirect-port", String(redirect));
  const from = `http://127.0.0.1:${redirect}`;
  const to = `https://127.0.0.1:${server.port}`;
  for (const page of [
    "/",
    "/?roomId=tea&debug",
    "/?&&roomId=tea",
    "/healthz",
    "/signal",
    "/poll",
  ]) {
    const reply = await fetchFrom(getHttp, from + page);
    assert.equal(reply.statusCode, 308);
    assert.equal(reply.headers.location, to + page);
  }
  const long = await fetchFrom(getHttp, `${from}/?roomId=tea&x=${"x".repeat(1100)}`);
  assert.deepEqual([long.statusCode, long.headers.location], [400, undefined]); // no shortened location
  const headers = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13" };
  const keyless = await fetchFrom(getHttp, `${from}/signal`, { headers });
  headers["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ==";
  const whole = await fetchFrom(getHttp, `${from}/signal`, { headers });
  assert.deepEqual([keyless.statusCode, whole.statusCode], [400, 400]);
  const named = await fetchFrom(getHttps, `${to}/`, { headers: { Host: "redirect" } });
  assert.equal(named.statusCode, 200);
  assert.equal(named.headers["strict-transport-security"], "max-age=15552000");
  await server.stop();
});

// The beginning of a ClientHello of 512 bytes. The rest never comes.
const BEGUN = Buffer.from("16030102000100", "hex");
// A complete record that is not a valid ClientHello.
const NONSENSE = Buffer.from("160301000401000000", "hex");

/** A connection that sends |bytes| and then nothing. |end| resolves when it is over. */
async function mutter(port, bytes) {
  const socket = connect(port, "127.0.0.1");
  const end = new Promise((resolve) => socket.on("close", resolve));
  socket.on("error", () => {}); // a reset, if the server closes it before reading all
  socket.resume();
  await Promise.race([once(socket, "connect"), end]);
  socket.write(bytes);
  return { end, destroy: () => socket.destroy() };
}

const mutterTogether = (count, port, bytes) =>
  Promise.all(Array.from({ length: count }, () => mutter(port, bytes)));

test("handshakes are limited for each address", async () => {
  const limits = ["--trusted-proxy", "none", "--address-joins-per-minute", "1"];
  const server = await startServer(...tlsOptions("one"), ...limits);
  for (let i = 0; i < 2; i++) assert.equal((await shakeHands(server.port)).version, "TLSv1.3");
  await assert.rejects(shakeHands(server.port));
  await server.says("refused error=handshakes");
  assert.equal((await shakeHands(server.port, { localAddress: "127.0.0.2" })).version, "TLSv1.3");
  await server.stop();
});

test("connections without a handshake do not disturb others, and end", async () => {
  const server = await startServer(...tlsOptions("one"), "--request-seconds", "2");
  const silent = await mutterTogether(FLOOD / 2, server.port, "");
  const begun = await mutterTogether(FLOOD / 2, server.port, BEGUN);
  const ann = await enter(server.port, "the-room");
  assert.equal((await shakeHands(server.port)).version, "TLSv1.3");
  await Promise.all([...silent, ...begun].map(({ end }) => end));
  ann.send({ type: "ping" });
  assert.equal((await ann.next()).type, "pong");
  await server.stop();
});

test("connections without a ClientHello make way for others", async () => {
  const server = await startServer(...tlsOptions("one"), "--connections-max", "1");
  const begun = await mutterTogether(FLOOD, server.port, BEGUN);
  await enter(server.port, "the-room");
  await begun[0].end;
  await server.says("no_more_sockets");
  await server.stop();
});

test("failed connections are counted once, and no longer after they end", async () => {
  const options = ["--connections-max", "1", "--log-level", "info"];
  const server = await startServer(...tlsOptions("one"), ...options);
  for (let i = 0; i < 4; i++) {
    const failing = await mutterTogether(FLOOD / 4, server.port, NONSENSE);
    const others = await mutterTogether(FLOOD / 4, server.port, "GET / HTTP/1.1\r\n\r\n");
    await Promise.all([...failing, ...others].map(({ end }) => end));
  }
  await enter(server.port, "the-room");
  await server.stop();
  assert.doesNotMatch(await server.says("stop"), /no_more_sockets|refused/);
});

test("limits for each address apply over TLS, and to redirected clients", async () => {
  const redirect = await freePort();
  const limits = ["--trusted-proxy", "none", "--address-connections-max", "1"];
  const redirected = ["--http-redirect-port", String(redirect)];
  const server = await startServer(...tlsOptions("one"), ...limits, ...redirected);
  await enter(server.port, "the-room");
  const second = await enter(server.port, "the-room");
  assert.equal(second.first.code, "address_full");
  second.socket.terminate();
  // the limit is two for each person and 64 more, since browsers load pages over several
  const begun = await mutterTogether(33, server.port, BEGUN);
  const asking = await mutterTogether(33, redirect, "GET");
  const refused = [await mutter(server.port, BEGUN), await mutter(redirect, "GET")];
  await Promise.all(refused.map(({ end }) => end));
  for (const { destroy } of [...begun, ...asking]) destroy();
  await server.stop();
});

test("only clients that speak no TLS are disconnected", async () => {
  const server = await startServer(...tlsOptions("one"));
  const socket = connect(server.port, "127.0.0.1", () => socket.end());
  socket.resume();
  await once(socket, "close");
  for (let i = 0; i < 3; i++) {
    await assert.rejects(fetchFrom(getHttp, `http://127.0.0.1:${server.port}/`));
    await shakeHands(server.port);
  }
  await server.stop();
});

test("testssl.sh finds only problems of the test's certificate", async () => {
  const redirect = await freePort();
  const server = await startServer(...tlsOptions("one"), "--http-redirect-port", String(redirect));
  const found = path("testssl.json");
  const parts = ["-p", "-s", "-f", "-P", "-h", "-U"];
  const quiet = ["--quiet", "--color", "0", "--warnings", "off", "--jsonfile", found];
  await new Promise((resolve) => {
    execFile("testssl", [...parts, ...quiet, `localhost:${server.port}`], resolve);
  });
  const faults = JSON.parse(readFileSync(found))
    .filter(({ severity }) => /^(LOW|MEDIUM|HIGH|CRITICAL|FATAL)$/.test(severity))
    // BREACH applies to any compressed page; ours is the same for everybody, without secrets
    .filter(({ id }) => id !== "BREACH")
    .map(({ id, severity, finding }) => `${severity} ${id}: ${finding}`);
  assert.deepEqual(faults, []);
  const offered = JSON.parse(readFileSync(found)).filter(({ finding }) => /^offered/.test(finding));
  for (const id of ["TLS1_2", "TLS1_3", "PFS", "cipherlist_STRONG"]) {
    assert.ok(
      offered.some((one) => one.id === id),
      id,
    );
  }
  await server.stop();
});
