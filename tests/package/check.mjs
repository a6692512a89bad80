// Runs as root on a machine of its own (machine.sh): installs the package, uses its service, and
// updates, removes and purges it. Prints its observations as JSON; package.test.mjs checks them.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const OPTIONS = "/etc/default/parley";
const PACKAGE = "/run/share/parley.deb";
const seen = {};

const run = (command, ...args) => execFileSync(command, args, { encoding: "utf8" }).trim();
const attempt = (command, ...args) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  return { status, said: `${stdout}${stderr}`.trim() };
};
const property = (name) => run("systemctl", "show", "--value", "-p", name, "parley");
const paths = () => run("find", "/run/changes", "-iname", "*parley*").split("\n").filter(Boolean);

// The journal's lines of the service's last start, until it serves or has failed.
async function journal() {
  const invocation = `_SYSTEMD_INVOCATION_ID=${property("InvocationID")}`;
  const args = ["--follow", "--lines=all", "--output=cat", "--no-pager", invocation];
  const reader = spawn("journalctl", [...args, "+", `INVOCATION_ID=${property("InvocationID")}`]);
  const lines = [];
  for await (const line of createInterface(reader.stdout)) {
    lines.push(line);
    if (/Parley is ready|Failed with result/.test(line)) break;
  }
  reader.kill();
  return lines.join("\n");
}

async function page(path) {
  const response = await fetch(`http://127.0.0.1:3000${path}`);
  return { status: response.status, text: await response.text() };
}

// The error that root gets for |action| in the service's file system.
function refusal(action) {
  try {
    action(`/proc/${property("MainPID")}/root`);
    return "none";
  } catch (error) {
    return error.code;
  }
}

async function serving() {
  await journal();
  const proc = (name) => readFileSync(`/proc/${property("MainPID")}/${name}`, "utf8");
  const fields = [...proc("status").matchAll(/^(\w+):\s*(.*)$/gm)];
  return {
    active: attempt("systemctl", "is-active", "parley").said,
    enabled: attempt("systemctl", "is-enabled", "parley").said,
    health: await page("/healthz"),
    page: await page("/"),
    process: Object.fromEntries(fields.map(([, name, value]) => [name, value])),
    files: /^Max open files\s+(\d+)/m.exec(proc("limits"))[1],
    mainPid: property("MainPID"),
  };
}

// Starts the service with |options|; returns how it failed, and what it logged.
async function failing(options) {
  writeFileSync(OPTIONS, options);
  attempt("systemctl", "restart", "parley");
  const said = await journal();
  return { said, status: property("ExecMainStatus"), state: property("ActiveState") };
}

seen.install = attempt("dpkg", "-i", PACKAGE);
seen.serving = await serving();
const folders = ["/usr/bin", "/etc", "/var"];
seen.writing = folders.map((dir) => refusal((root) => writeFileSync(`${root}${dir}/x`, "")));
seen.running = attempt("nsenter", "-m", "-t", property("MainPID"), "/bin/true").said;
seen.homes = readdirSync(join("/proc", property("MainPID"), "root", "home"));
seen.man = attempt("man", "--warnings", "--path", "1", "parley");

seen.wrongOption = await failing("PARLEY_PORT=many\n");
writeFileSync(OPTIONS, "PARLEY_LOG_FORMAT=json\n");
run("systemctl", "start", "parley");
seen.journal = await journal();

const before = property("MainPID");
seen.update = attempt("dpkg", "-i", PACKAGE);
seen.updated = { ...(await serving()), before, options: readFileSync(OPTIONS, "utf8") };

run("systemctl", "disable", "--now", "parley");
seen.disabledUpdate = attempt("dpkg", "-i", PACKAGE);
seen.disabled = attempt("systemctl", "is-enabled", "parley").said;
run("systemctl", "enable", "--now", "parley");

seen.remove = attempt("dpkg", "-r", "parley");
seen.removed = {
  active: attempt("systemctl", "is-active", "parley").said,
  options: existsSync(OPTIONS),
  program: existsSync("/usr/bin/parley"),
};
seen.purge = attempt("dpkg", "-P", "parley");
seen.leftovers = paths().filter((path) => !run("stat", "-c", "%F", path).startsWith("character"));
seen.failedUnits = run("systemctl", "list-units", "--failed", "--plain", "--no-legend", "parley*");
console.log(`\n${JSON.stringify(seen)}`);
