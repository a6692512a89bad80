// The page's hash: what the program prints, what the server answers, and what anybody can compute
// from the files with other tools, as server/README.md describes it.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { binary, startServer } from "./server.mjs";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const pageHash = (program) => execFileSync(program, ["--page-hash"], { encoding: "utf8" });
const printed = pageHash(binary);
const [hash] = printed.split("\n", 1);
const list = printed.slice(hash.length + 1);
const files = [...list.matchAll(/^([0-9a-f]{64}) {2}(\/.*)\n/gm)].map(([, of, path]) => ({
  of,
  path,
}));

const dir = mkdtempSync(join(tmpdir(), "page-hash-"));
after(() => rmSync(dir, { recursive: true }));

const readme = readFileSync(new URL("../../server/README.md", import.meta.url), "utf8");
const [, command] = /### Checking the page\n[^]*?```sh\n[^]*?\n([^]*?)```/.exec(readme);

/** What the README's command says of the server at |url|, without its first line, the variables. */
async function check(url) {
  const env = { ...process.env, parley: binary, url };
  return (await promisify(execFile)("bash", ["-c", command], { env })).stdout;
}

test("the first line is the hash of the others, which name every file with its hash", async () => {
  const { port, stop } = await startServer();
  const get = async (path, options) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, options);
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
  };
  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.equal(sha256(list), hash);
  assert.equal(files.map(({ of, path }) => `${of}  ${path}\n`).join(""), list);
  assert.equal(files[0].path, "/");
  for (const { of, path } of files)
    for (const coding of ["br", "gzip", "identity"]) {
      const { status, bytes } = await get(path, { headers: { "accept-encoding": coding } });
      assert.deepEqual([status, sha256(bytes)], [200, of], `${path}, ${coding}`);
    }
  const page = (await get("/")).bytes.toString();
  const named = [...page.matchAll(/"\.?(\/[^"]+\.[0-9a-f]{12}\.\w+)"/g)].map(([, path]) => path);
  assert.ok(named.length > 2);
  for (const path of named)
    assert.ok(
      files.some((file) => file.path === path),
      path,
    );
  assert.equal((await get("/page-hash.txt")).bytes.toString(), printed);
  await stop();
});

test("every build has the same page", () => {
  assert.equal(pageHash(process.env.PARLEY_BINARY), printed);
});

test("a page from a folder has no hash", async () => {
  writeFileSync(join(dir, "index.html"), "<!doctype html><title>Parley</title>");
  const { port, stop } = await startServer("--web-root", dir);
  assert.equal((await fetch(`http://127.0.0.1:${port}/page-hash.txt`)).status, 404);
  await stop();
});

test("the command of the README finds the file that another server has changed", async () => {
  const { port, stop } = await startServer();
  const changed = files.at(-1).path;
  const liar = createServer(async (request, response) => {
    const answer = await fetch(`http://127.0.0.1:${port}${request.url}`);
    response.write(Buffer.from(await answer.arrayBuffer()));
    response.end(request.url === changed ? " " : "");
  }).listen(0, "127.0.0.1");
  const same = files.map(({ path }) => `same: ${path}\n`);
  assert.equal(await check(`http://127.0.0.1:${port}`), same.join(""));
  const found = [...same.slice(0, -1), `DIFFERENT: ${changed}\n`];
  assert.equal(await check(`http://127.0.0.1:${liar.address().port}`), found.join(""));
  liar.close();
  await stop();
});
