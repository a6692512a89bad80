// Devices with their own networks (Linux network namespaces), so that a test can really cut the
// network between two of them. One more namespace is the internet: it routes between them, and the
// server runs in it. The machine's own network is not touched. Needs root, or CAP_SYS_ADMIN and
// CAP_NET_ADMIN.
import { execFile, execFileSync, spawn } from "node:child_process";
import { createServer } from "node:net";
import { promisify } from "node:util";

const PREFIX = `parley-${process.pid}`;
const INTERNET = `${PREFIX}-internet`;
const SERVER_ADDRESS = "10.73.0.1";

const runQuietly = promisify(execFile);
const split = (command) => [command.split(" ")[0], command.split(" ").slice(1)];
const run = (command) => runQuietly(...split(command));

/** Connects what is on standard input to a port of the namespace that it runs in. */
const INTO_NAMESPACE = `
  const socket = require("node:net").connect(Number(process.argv[1]), "127.0.0.1");
  process.stdin.pipe(socket).pipe(process.stdout);
  socket.on("error", () => process.exit(1)).on("close", () => process.exit());`;

const inInternet = (command) => run(`ip netns exec ${INTERNET} ${command}`);

/** Why no networks can be made here; "" where they can. */
export function whyNoNetworks() {
  const name = `${PREFIX}-try`;
  const commands = [
    `ip netns add ${name}`,
    `ip -n ${name} link add one type veth peer name other`,
    `ip netns exec ${name} iptables -A FORWARD -p udp -j DROP`,
    `ip netns delete ${name}`,
  ];
  for (const command of commands) {
    try {
      execFileSync(...split(command), { stdio: "pipe" });
    } catch (error) {
      if (command !== commands[0]) execFileSync("ip", ["netns", "delete", name]);
      const said = String(error.stderr || error.message).trim();
      return `no network namespaces (root?): ${command}: ${said.split("\n")[0]}`;
    }
  }
  return "";
}

/** A device, identified by |number| (1 to 254). */
class Device {
  constructor(number) {
    this.name = `${PREFIX}-${number}`;
    this.address = `10.73.${number}.2`;
    this.gateway = `10.73.${number}.1`;
    this.cable = `to${number}`;
  }

  async connect() {
    const { name, address, gateway, cable } = this;
    await run(`ip netns add ${name}`);
    await run(`ip -n ${INTERNET} link add ${cable} type veth peer name eth0 netns ${name}`);
    await run(`ip -n ${INTERNET} address add ${gateway}/24 dev ${cable}`);
    await run(`ip -n ${INTERNET} link set ${cable} up`);
    await run(`ip -n ${name} link set lo up`);
    await run(`ip -n ${name} address add ${address}/24 dev eth0`);
    await this.goOnline();
  }

  /** Puts a router in between, as most homes have: from now on others see |publicAddress|. */
  async goBehindRouter() {
    this.publicAddress = this.address.replace(/2$/, "77");
    const source = `-p udp -o eth0 -j SNAT --to-source ${this.publicAddress}`;
    await run(`ip netns exec ${this.name} iptables -w -t nat -A POSTROUTING ${source}`);
    await run(`ip -n ${INTERNET} route add ${this.publicAddress}/32 via ${this.address}`);
  }

  async goOffline() {
    await run(`ip -n ${this.name} link set eth0 down`);
  }

  async goOnline() {
    await run(`ip -n ${this.name} link set eth0 up`);
    await run(`ip -n ${this.name} route add default via ${this.gateway}`);
  }

  /**
   * A place for a browser on this device: a program that is started instead of it, and the port on
   * which it, there, and this process, here, find each other.
   * @returns {{command: string[], port: number, stop()}}
   */
  async makePlace() {
    const command = ["ip", "netns", "exec", this.name];
    const listener = createServer((outside) => {
      const { port } = listener.address();
      const args = [...command.slice(1), process.execPath, "-e", INTO_NAMESPACE, String(port)];
      const inside = spawn(command[0], args, { stdio: ["pipe", "pipe", "ignore"] });
      outside.pipe(inside.stdin).on("error", () => outside.destroy());
      inside.stdout.pipe(outside).on("error", () => inside.kill());
    });
    await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
    return { command, port: listener.address().port, stop: () => listener.close() };
  }
}

const rule = (verb, from, to) =>
  run(
    `ip netns exec ${INTERNET} iptables -w ${verb} FORWARD -p udp -s ${from.address} ` +
      `-d ${to.address} -j DROP`,
  );

/** Each of two devices loses every UDP packet of the other's. */
export async function cutBetween(one, other) {
  await rule("-A", one, other);
  await rule("-A", other, one);
}

export async function mendBetween(one, other) {
  await rule("-D", one, other);
  await rule("-D", other, one);
}

/** Blocks all UDP of these devices. Returns a function that ends that. */
export async function blockUdp(devices) {
  const change = async (verb) => {
    for (const chain of ["INPUT", "FORWARD"]) {
      for (const { cable } of devices) {
        await inInternet(`iptables -w ${verb} ${chain} -p udp -i ${cable} -j DROP`);
      }
    }
  };
  await change("-A");
  return () => change("-D");
}

/** Counts the packets, of whatever kind, that go straight from one device to the other. */
export async function countBetween(one, other) {
  const comment = `${one.address}-${other.address}`;
  const ways = [
    [one, other],
    [other, one],
  ];
  const change = async (verb) => {
    for (const [from, to] of ways) {
      const match = `-s ${from.address} -d ${to.address} -m comment --comment ${comment}`;
      await inInternet(`iptables -w ${verb} FORWARD ${match}`);
    }
  };
  await change("-I");
  return {
    async read() {
      const { stdout } = await inInternet("iptables -w -nvxL FORWARD");
      const ours = stdout.split("\n").filter((line) => line.includes(comment));
      return ours.reduce((sum, line) => sum + Number.parseInt(line, 10), 0);
    },
    stop: () => change("-D"),
  };
}

/**
 * The internet with |count| devices.
 * @returns {{devices: Device[], serverCommand: string[], serverAddress: string, stop()}}
 */
export async function makeNetworks(count) {
  await run(`ip netns add ${INTERNET}`);
  await run(`ip -n ${INTERNET} link set lo up`);
  await run(`ip -n ${INTERNET} address add ${SERVER_ADDRESS}/32 dev lo`);
  const forward = "echo 1 > /proc/sys/net/ipv4/ip_forward";
  await runQuietly("ip", ["netns", "exec", INTERNET, "sh", "-c", forward]);
  const devices = Array.from({ length: count }, (_, i) => new Device(i + 1));
  for (const device of devices) await device.connect();
  return {
    devices,
    serverCommand: ["ip", "netns", "exec", INTERNET],
    serverAddress: SERVER_ADDRESS,
    async stop() {
      for (const { name } of devices) await run(`ip netns delete ${name}`);
      await run(`ip netns delete ${INTERNET}`);
    },
  };
}
