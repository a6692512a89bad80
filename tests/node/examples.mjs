// The installed examples for nginx, Caddy and HAProxy, as proxies in front of a server.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { start } from "./server.mjs";

/**
 * @typedef {{dir: string, certificate: string, key: string, address?: string, within?: string[]}}
 * Place where a proxy runs: the folder of its files; the certificate and key for the address on
 * which it listens, by default 127.0.0.1; and the command within which it runs.
 */

function startIn({ within = [] }, program, args, options) {
  const [first, ...rest] = [...within, program, ...args];
  return start(first, rest, options);
}

/** The text of an example with |changes|, each of which must apply. */
function example(name, changes) {
  const file = fileURLToPath(new URL(`../../tools/install/${name}`, import.meta.url));
  return changes.reduce(
    (text, [from, to]) => {
      assert.ok(text.includes(from), `${name}: ${from}`);
      return text.replace(from, () => to);
    },
    readFileSync(file, "utf8"),
  );
}

/** @param {Place} place */
export function nginx(port, upstream, place) {
  const { dir, certificate, key, address = "127.0.0.1" } = place;
  const site = example("nginx.conf", [
    ["listen 443 ssl;", `listen ${address}:${port} ssl;`],
    ["listen [::]:443 ssl;", ""],
    ["chat.example.org;", "localhost;"],
    ["/etc/letsencrypt/live/chat.example.org/fullchain.pem", certificate],
    ["/etc/letsencrypt/live/chat.example.org/privkey.pem", key],
    ["127.0.0.1:3000", `127.0.0.1:${upstream}`],
    ["/var/log/nginx/access.log", join(dir, "access.log")],
    ["/var/log/nginx/error.log", join(dir, "error.log")],
  ]);
  const kept = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${dir}/${name};`)
    .join(" ");
  const config = join(dir, "nginx.conf");
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${dir}/nginx.pid;
    events {} http { access_log off; ${kept}\n${site}}`,
  );
  return startIn(place, "/usr/sbin/nginx", ["-p", dir, "-e", "stderr", "-c", config]);
}

/** @param {Place} place */
export function caddy(port, upstream, place) {
  const { dir, certificate, key, address = "127.0.0.1" } = place;
  const hosts = ["localhost", "chat.example.org", address];
  const names = hosts.map((host) => `https://${host}:${port}`).join(", ");
  const site = example("Caddyfile", [
    ["chat.example.org {", `${names} {\n\ttls ${certificate} ${key}`],
    ["127.0.0.1:3000", `127.0.0.1:${upstream}`],
  ]);
  const config = join(dir, "Caddyfile");
  writeFileSync(config, `{\n\tadmin off\n\tauto_https off\n\tdefault_sni localhost\n}\n${site}`);
  const env = { ...process.env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir };
  return startIn(place, "caddy", ["run", "--adapter", "caddyfile", "--config", config], { env });
}

/** @param {Place} place */
export function haproxy(port, upstream, place) {
  const { dir, certificate, key, address = "127.0.0.1" } = place;
  const both = join(dir, "both.pem");
  writeFileSync(both, readFileSync(certificate, "utf8") + readFileSync(key, "utf8"));
  const site = example("haproxy.cfg", [
    ["bind :443", `bind ${address}:${port}`],
    ["/etc/haproxy/chat.example.org.pem", both],
    ["127.0.0.1:3000", `127.0.0.1:${upstream}`],
  ]);
  const config = join(dir, "haproxy.cfg");
  writeFileSync(config, site);
  return startIn(place, "/usr/sbin/haproxy", ["-db", "-f", config]);
}
