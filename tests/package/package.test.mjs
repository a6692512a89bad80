// The Debian package: these tests build it, check it with linters, and use it on a machine of its
// own under systemd, in its sandbox, from installation to purge.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const run = promisify(execFile);
const EXPOSURE_MAX = 1.2; // of 10, as systemd-analyze counts it
const dir = mkdtempSync(join(tmpdir(), "package-"));
let deb;

// tools/package also runs lintian.
before(async () => {
  deb = (await run(join(root, "tools/package"))).stdout.trim();
  await run("dpkg-deb", ["-x", deb, join(dir, "unpacked")]);
});
after(() => rmSync(dir, { recursive: true }));

test("the package depends on what it needs at run time", async () => {
  const depends = (await run("dpkg-deb", ["-f", deb, "Depends"])).stdout;
  assert.match(depends, /libwebsockets-evlib-uv/); // loaded by name, not linked
  assert.match(depends, /libc6.*libcjson1.*libsodium23.*libssl3.*libuv1.*libwebsockets17/);
});

test("the unit is well-formed, and its sandbox is tight", async () => {
  const unit = join(dir, "unpacked/usr/lib/systemd/system/parley.service");
  const { stdout } = await run("systemd-analyze", ["security", "--offline=true", unit]);
  const [, exposure] = /Overall exposure level for parley.service: ([\d.]+)/.exec(stdout);
  assert.ok(Number(exposure) <= EXPOSURE_MAX, exposure);
});

test("the manual is well-formed", async () => {
  await run("mandoc", [
    "-T",
    "lint",
    "-W",
    "warning",
    join(dir, "unpacked/usr/share/man/man1/parley.1.gz"),
  ]);
});

test("an installation elsewhere has the right paths, and keeps the operator's options", async () => {
  const prefix = join(dir, "prefix");
  const install = ["--install", join(root, "build/release"), "--prefix", prefix];
  await run("cmake", install);
  const options = join(prefix, "etc/default/parley");
  execFileSync("sh", ["-c", `echo '# mine' > ${options}`]);
  await run("cmake", install);
  assert.equal(readFileSync(options, "utf8"), "# mine\n");
  const unit = readFileSync(join(prefix, "lib/systemd/system/parley.service"), "utf8");
  assert.match(unit, new RegExp(`^ExecStart=${prefix}/bin/parley$`, "m"));
  assert.match(unit, new RegExp(`^EnvironmentFile=-${options}$`, "m"));
  assert.doesNotMatch(unit, /@[A-Z_]+@/);
});

// Namespaces and mounts need root, and a machine that allows them.
function noMachine() {
  if (process.getuid() !== 0) return "needs root";
  try {
    execFileSync("unshare", ["--mount", "--pid", "--fork", "--cgroup", "--net", "true"]);
    return false;
  } catch {
    return "needs a machine that allows namespaces";
  }
}

describe("on a machine of its own", { skip: noMachine() }, () => {
  let seen;

  before(async () => {
    const share = mkdtempSync(join(dir, "share-"));
    copyFileSync(deb, join(share, "parley.deb"));
    copyFileSync(join(here, "check.mjs"), join(share, "check.mjs"));
    const command = [share, process.execPath, "/run/share/check.mjs"];
    const options = { timeout: 50000, killSignal: "SIGKILL" };
    const failure = await run(join(here, "machine.sh"), command, options).catch((error) => error);
    const output = readFileSync(join(share, "output"), "utf8").trim();
    if (failure instanceof Error) throw new Error(`${failure.message}\n${output}`);
    seen = JSON.parse(output.split("\n").at(-1));
  });

  test("it is installed and serves", () => {
    assert.equal(seen.install.status, 0, seen.install.said);
    const { active, enabled, health, page } = seen.serving;
    assert.deepEqual([active, enabled], ["active", "enabled"]);
    assert.deepEqual([health.status, JSON.parse(health.text).status], [200, "ok"]);
    assert.deepEqual([page.status, /<title>Parley/.test(page.text)], [200, true]);
    assert.equal(seen.man.status, 0, seen.man.said);
  });

  test("it runs as a dynamic user, without privileges, with enough file descriptors", () => {
    const { process, files } = seen.serving;
    assert.match(process.Uid, /^(6[1-5]\d{3})(\t\1){3}$/); // DynamicUser
    for (const set of ["CapEff", "CapPrm", "CapBnd", "CapAmb"])
      assert.match(process[set], /^0+$/, set);
    assert.equal(process.NoNewPrivs, "1");
    assert.equal(process.Seccomp, "2");
    assert.ok(Number(files) >= 10000, files); // for --connections-max
  });

  test("in its file system, even root can write or run nothing, and sees no homes", () => {
    assert.deepEqual(seen.writing, ["EROFS", "EROFS", "EROFS"]);
    assert.match(seen.running, /Permission denied/);
    assert.deepEqual(seen.homes, []);
  });

  test("a wrong option is reported in the journal, and the service is not restarted", () => {
    const { said, status, state } = seen.wrongOption;
    assert.match(said, /^parley: PARLEY_PORT: "many" is not a whole number from 0 to 65535$/m);
    assert.deepEqual([status, state], ["2", "failed"]);
  });

  test("options come from /etc/default/parley, and logs go to the journal", () => {
    assert.match(seen.journal, /^\{"time":.*"event":"start".*"port":3000/m);
  });

  test("an update starts the new program and keeps the operator's choices", () => {
    assert.equal(seen.update.status, 0, seen.update.said);
    const { before: old, mainPid, active, health, options } = seen.updated;
    assert.notEqual(mainPid, old);
    assert.deepEqual([active, health.status], ["active", 200]);
    assert.equal(options, "PARLEY_LOG_FORMAT=json\n");
    assert.equal(seen.disabledUpdate.status, 0, seen.disabledUpdate.said);
    assert.equal(seen.disabled, "disabled");
  });

  test("removal stops it and keeps its options; a purge leaves nothing", () => {
    assert.equal(seen.remove.status, 0, seen.remove.said);
    assert.deepEqual(seen.removed, { active: "inactive", options: true, program: false });
    assert.equal(seen.purge.status, 0, seen.purge.said);
    assert.deepEqual(seen.leftovers, []);
    assert.equal(seen.failedUnits, "");
  });
});
