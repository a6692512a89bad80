// The measured servers: how to start each, and which dialect the load generator speaks to it.
import { mkdirSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, startServer } from "./processes.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const rival = (name, ...args) => ["node", "--expose-gc", join(here, "rivals", name), ...args];
const CONNECTIONS_MAX = 12000;

function nginxConfiguration(folder, port) {
  return `daemon off; master_process off; worker_processes 1; error_log stderr crit;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; types { text/html html; } keepalive_requests 100000000;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}; root ${folder}/page; }
}
`;
}

async function nginxCommand({ folder, nginx }) {
  const port = await freePort();
  const file = join(folder, "nginx.conf");
  writeFileSync(file, nginxConfiguration(folder, port));
  return { port, command: [nginx, "-e", "stderr", "-p", folder, "-c", file] };
}

// |relays|: it has rooms and signals. |serves|: it has a page. |meets|: page.mjs lets people meet
// there. |dialect|: only if it is not the server's name.
export const SERVERS = {
  parley: {
    title: "Parley",
    relays: true,
    serves: true,
    meets: true,
    command: ({ parley }) => ({
      command: [
        parley,
        "--host=127.0.0.1",
        "--port=0",
        "--log-level=error",
        "--ice-server=none",
        `--connections-max=${CONNECTIONS_MAX}`,
        "--member-messages-per-second=0", // loopback has no limits by address
      ],
    }),
  },
  socketio: {
    title: "Socket.IO, Express",
    relays: true,
    serves: true,
    meets: true,
    command: ({ folder }) => ({
      command: rival("socketio.mjs", join(folder, "page")),
      collectsGarbage: true,
    }),
  },
  peerserver: {
    title: "PeerServer",
    relays: true,
    command: () => ({ command: rival("peerserver.mjs"), collectsGarbage: true }),
  },
  nginx: { title: "nginx", serves: true, dialect: "floor", command: nginxCommand },
  floor: {
    title: "the floor",
    relays: true,
    meets: true,
    command: ({ floor }) => ({ command: [floor] }),
  },
};

/** Starts the server called |name| with the binaries and the folder of |setup|. */
export async function begin(name, setup) {
  return startServer(await SERVERS[name].command(setup));
}

function fetchBytes(port) {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path: "/", agent: false }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks)));
    }).on("error", reject);
  });
}

/** Puts Parley's page, byte for byte, where the others serve it from. */
export async function copyPage(setup) {
  const server = await begin("parley", setup);
  const page = await fetchBytes(server.port);
  await server.stop();
  mkdirSync(join(setup.folder, "page"), { recursive: true });
  writeFileSync(join(setup.folder, "page", "index.html"), page);
}
