// The build is reproducible: in another folder, with another clock and no cache, the same sources give
// the same bytes, of the page's files and of the program. So a page can be compared with a build of
// one's own (parley --page-hash).
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const SOURCES = ["CMakeLists.txt", "CMakePresets.json", "server", "tools", "wasm", "web"];
const LIBRARIES = ["cjson", "libsodium"];
const OTHER = { TZ: "Pacific/Kiritimati", SOURCE_DATE_EPOCH: "1", LC_ALL: "C" };
const FROM_NOTHING = { CCACHE_DISABLE: "1", CMAKE_C_COMPILER_LAUNCHER: "" };
const ONE_BY_ONE = { CMAKE_BUILD_PARALLEL_LEVEL: "1" }; // as many processors as the test claims

const other = mkdtempSync(join(tmpdir(), "parley-in-another-folder-"));
after(() => rmSync(other, { recursive: true }));

/** Copies the sources and, where they were fetched for the build, those of the libraries. */
function copySources() {
  const filter = (path) => !path.endsWith("node_modules");
  const copy = (path) => cpSync(join(root, path), join(other, path), { filter, recursive: true });
  SOURCES.forEach(copy);
  mkdirSync(join(other, "build/deps"), { recursive: true });
  for (const library of LIBRARIES) {
    const path = join("build/deps", library);
    if (existsSync(join(root, path))) copy(path);
  }
}

/** The options that say where the sources of the libraries are, as the release build got them. */
function libraryOptions() {
  const cache = readFileSync(join(root, "build/release/CMakeCache.txt"), "utf8");
  const options = cache.matchAll(/^(PARLEY_\w+_SOURCE_DIR):PATH=(.*)$/gm);
  return [...options].map(([, name, value]) => `-D${name}=${value}`);
}

test("a build in another folder has the same bytes", async () => {
  copySources();
  const env = { ...process.env, ...OTHER, ...FROM_NOTHING, ...ONE_BY_ONE };
  const cmake = (...args) => promisify(execFile)("cmake", args, { cwd: other, env });
  await cmake("--preset", "release", ...libraryOptions());
  await cmake("--build", "--preset", "release", "--target", "parley");

  const path = "build/release/parley";
  const pages = [root, other].map((of) => execFileSync(join(of, path), ["--page-hash"]).toString());
  assert.equal(pages[1], pages[0]);
  const programs = [root, other].map((of) => readFileSync(join(of, path)));
  assert.ok(programs[1].equals(programs[0]), "the programs differ");
});
