// Proxies in front of the server, as people set them up: nginx, HAProxy.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../node/server.mjs";

const START_MS_MAX = 10_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.end();
  });

/** nginx with |locations| in its one site, |conf| beside that. */
export const nginx = (locations, conf = "") => ({
  command: "nginx",
  args: (folder) => ["-p", folder, "-e", "stderr", "-c", join(folder, "config")],
  config: (port, folder) => `
    daemon off;
    master_process off;
    pid ${folder}/pid;
    events { worker_connections 256; }
    http {
      access_log off;
      client_body_temp_path ${folder}/body;
      proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi;
      scgi_temp_path ${folder}/scgi;
      ${conf}
      server {
        listen 127.0.0.1:${port};
        ${locations}
      }
    }`,
});

/** HAProxy in front of |server|, with |rule| for every request that has an Upgrade header. */
export const haproxy = (server, rule) => ({
  command: "haproxy",
  args: (folder) => ["-db", "-q", "-f", join(folder, "config")],
  config: (port) => `
    defaults
      mode http
      timeout connect 5s
      timeout client 60s
      timeout server 60s
      timeout tarpit 60s
    frontend page
      bind 127.0.0.1:${port}
      http-request ${rule} if { req.hdr(Upgrade) -m found }
      default_backend parley
    backend parley
      server one 127.0.0.1:${server.port}
`,
});

/** Runs |use| with a proxy in front of the server, which the harness uses like a server. */
export async function behind({ command, args, config }, use) {
  const folder = mkdtempSync(join(tmpdir(), `parley-${command}-`));
  const port = await freePort();
  writeFileSync(join(folder, "config"), config(port, folder));
  const proxy = spawn(command, args(folder), {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  });
  let complaints = "";
  proxy.stderr.on("data", (text) => (complaints += text));
  const ended = new Promise((resolve) => proxy.once("close", resolve).once("error", resolve));
  try {
    const deadline = Date.now() + START_MS_MAX;
    while (!(await accepts(port))) {
      assert.ok(Date.now() < deadline && proxy.exitCode === null, `${command}: ${complaints}`);
      await sleep(25);
    }
    await use({ origin: `http://127.0.0.1:${port}`, url: `http://127.0.0.1:${port}/`, port });
  } finally {
    proxy.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
