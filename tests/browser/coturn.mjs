// A real relay: Debian's coturn, started with the file that server/README.md recommends, adapted to
// the networks of a test.
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const EXAMPLE = new URL("../../tools/install/turnserver.conf", import.meta.url).pathname;
const COMMAND = ["stdbuf", "-oL", "turnserver", "-c"]; // each line of its log at once
const PORT = 3479;
const SECRET = "a secret of two servers";

/** The example, adapted to the test's networks: our devices' addresses are private. */
function adapt(networks, directory, { port, quota }) {
  const addresses = networks.devices.map(({ address }) => `allowed-peer-ip=${address}`);
  const lines = readFileSync(EXAMPLE, "utf8")
    .replace("CHANGE-ME", SECRET)
    .replace(/^listening-port=.*$/m, `listening-port=${port}`)
    .replace(/^user-quota=.*$/m, (line) => (quota ? `user-quota=${quota}` : line))
    .replace(/^pidfile=.*$/m, `pidfile=${join(directory, "pid")}`)
    .replace(/^syslog$/m, "log-file=stdout\nsimple-log\nverbose");
  const server = networks.serverAddress;
  const here = [`listening-ip=${server}`, `relay-ip=${server}`, `allowed-peer-ip=${server}`];
  return [lines, ...here, ...addresses, `userdb=${join(directory, "users")}`, ""].join("\n");
}

/** Whether the relay leads from |device| to |peer|, according to its own client. */
async function leads(networks, device, peer) {
  const client = ["stdbuf", "-oL", "turnutils_uclient", "-v", "-W", SECRET, "-u", "somebody"];
  const where = ["-p", String(PORT), "-e", peer, networks.serverAddress];
  const asking = spawn("ip", ["netns", "exec", device.name, ...client, ...where]);
  let answer = "";
  for await (const chunk of asking.stdout) {
    answer += chunk;
    const [, result] = /cb response received:[^]*?(success|error 403)/.exec(answer) ?? [];
    if (result) return result === "success"; // the end of reading ends the client
  }
  throw new Error(answer);
}

/**
 * @param networks as makeNetworks() returns
 * @param changes where it listens, and how many addresses a user gets: by default the example's
 * @returns {{options: string[], says(pattern), leads(device, peer), kill(), restart(), stop()}} options: for the server, to offer
 *   it; says: waits for a line of its log
 */
export async function startCoturn(networks, transports = ["udp", "tcp"], changes = {}) {
  const { port = PORT, quota } = changes;
  const directory = mkdtempSync(join(tmpdir(), "parley-coturn-"));
  const configuration = join(directory, "turnserver.conf");
  const secret = join(directory, "secret");
  chmodSync(directory, 0o755); // coturn may give its rights up
  writeFileSync(configuration, adapt(networks, directory, { port, quota }));
  writeFileSync(secret, `${SECRET}\n`, { mode: 0o600 });
  let said;
  let onSaid = () => {};
  let process;
  let exited;

  async function start() {
    const [program, ...args] = [...networks.serverCommand, ...COMMAND, configuration];
    process = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    exited = new Promise((resolve) => process.once("exit", resolve));
    said = "";
    const read = (chunk) => {
      said += chunk;
      onSaid();
    };
    process.stdout.on("data", read);
    process.stderr.on("data", read);
    await Promise.race([
      Promise.all([says(/TCP listener opened on/), says(/UDP listener opened on/)]),
      exited.then((code) => Promise.reject(new Error(`coturn ended with ${code}:\n${said}`))),
    ]);
  }

  /** Waits for something in coturn's log since its last start. */
  function says(pattern) {
    return new Promise((resolve) => {
      const next = onSaid;
      onSaid = () => {
        next();
        if (pattern.test(said)) resolve();
      };
      onSaid();
    });
  }

  async function kill() {
    process.kill("SIGKILL"); // nothing where it is down already
    await exited;
  }

  await start();
  const urls = transports.map((transport) => [
    "--turn-url",
    `turn:${networks.serverAddress}:${port}?transport=${transport}`,
  ]);
  return {
    options: [...urls.flat(), "--turn-secret-file", secret],
    says,
    /** Kills the relay. */
    kill,
    leads: (device, peer) => leads(networks, device, peer),
    /** Restarts it without its state. */
    async restart() {
      await kill();
      await start();
    },
    async stop() {
      await kill();
      rmSync(directory, { recursive: true });
    },
  };
}
