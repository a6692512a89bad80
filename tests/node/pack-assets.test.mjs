// tools/pack-assets.mjs: names depend on contents, references have the new names, and errors are
// reported.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { bundlePage } from "../../tools/bundle-page.mjs";
import { formatC, packAssets, readPage } from "../../tools/pack-assets.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

const PAGE = `<!doctype html><html><head>
<link rel="stylesheet" href="style.css"><link rel="icon" href="/icon.svg">
<script type="module" src="./main.js"></script>
</head><body><a href="https://example.org/">out</a><a href="/">home</a><a href="#x">x</a></body></html>`;

const FILES = {
  "index.html": PAGE,
  "style.css": "a { background: url(icon.svg) }\n",
  "icon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
  "main.js": `import { show } from "./view/show.js";
export * from './core.js';
const later = () => import("./later.js");
show(later, "from ./nowhere");\n`,
  "core.js": 'export const wasm = new URL("./parley.wasm", import.meta.url);\n',
  "later.js": "export default 1;\n",
  "view/show.js": 'import "../core.js";\nexport const show = (...a) => a;\n',
  "robots.txt": "User-agent: *\n",
};

let dir;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pack-assets-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

function writePage(changes = {}) {
  const web = join(dir, "web");
  for (const [name, text] of Object.entries({ ...FILES, ...changes })) {
    mkdirSync(dirname(join(web, name)), { recursive: true });
    writeFileSync(join(web, name), text);
  }
  writeFileSync(join(dir, "parley.wasm"), Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  return web;
}

function pack(changes = {}, bundle = (_, page) => page) {
  const web = writePage(changes);
  const packed = packAssets(bundle(web, readPage(web)), join(dir, "parley.wasm"));
  const find = (sourcePath) => packed.assets.find((a) => a.sourcePath === sourcePath);
  return { ...packed, find, text: (sourcePath) => find(sourcePath).identity.toString() };
}

test("all but the page and the fixed names get immutable names with a content hash", () => {
  const { assets } = pack();
  assert.equal(assets.length, Object.keys(FILES).length + 2); // and the core, and the page's hash
  const names = { "/index.html": "/" };
  for (const path of ["/robots.txt", "/page-hash.txt"]) names[path] = path;
  for (const { path, sourcePath, immutable, etag } of assets) {
    const fixed = names[sourcePath];
    if (fixed) assert.equal(path, fixed);
    else assert.match(path, /^\/(view\/)?[a-z]+\.[0-9a-f]{12}\.[a-z]+$/);
    assert.equal(immutable, !fixed);
    assert.match(etag, /^"[0-9a-f]{16}"$/);
  }
});

test("references have the new names", () => {
  const { find, text } = pack();
  const name = (sourcePath) => find(sourcePath).path;
  assert.ok(text("/index.html").includes(`src=".${name("/main.js")}"`));
  assert.ok(text("/index.html").includes(`href="${name("/style.css").slice(1)}"`));
  assert.ok(text("/index.html").includes(`rel="icon" href="${name("/icon.svg")}"`));
  assert.ok(text("/index.html").includes('href="https://example.org/"'));
  assert.ok(text("/style.css").includes(`url(${name("/icon.svg").slice(1)})`));
  assert.ok(text("/main.js").includes(`from ".${name("/view/show.js")}"`));
  assert.ok(text("/main.js").includes(`from '.${name("/core.js")}'`));
  assert.ok(text("/main.js").includes(`import(".${name("/later.js")}")`));
  assert.ok(text("/main.js").includes('"from ./nowhere"'));
  assert.ok(text("/view/show.js").includes(`import "..${name("/core.js")}"`));
  assert.ok(text("/core.js").includes(`new URL(".${name("/parley.wasm")}", import.meta.url)`));
});

test("the page's hash is that of a list of all files but itself, in the order of their names", () => {
  const { assets, text } = pack();
  const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
  const others = assets.filter(({ path }) => path !== "/page-hash.txt");
  const identities = Object.fromEntries(others.map(({ path, identity }) => [path, identity]));
  const paths = Object.keys(identities).sort();
  const list = paths.map((path) => `${sha256(identities[path])}  ${path}\n`).join("");
  assert.equal(text("/page-hash.txt"), `${sha256(list)}\n${list}`);
});

test("a change in a file renames the files that depend on it, and no others", () => {
  const before = pack();
  const after = pack({ "core.js": "export const wasm = 2;\n" });
  const changed = after.assets.filter((a) => before.find(a.sourcePath).path !== a.path);
  assert.deepEqual(changed.map((a) => a.sourcePath).sort(), [
    "/core.js",
    "/main.js",
    "/view/show.js",
  ]);
  assert.notEqual(before.find("/index.html").etag, after.find("/index.html").etag);
});

test("a first visit loads what the page refers to, not what is loaded later", () => {
  const paths = pack().firstVisit.map(({ path }) => path);
  assert.ok(paths.includes("/parley.wasm") && paths.includes("/view/show.js"));
  assert.ok(!paths.includes("/later.js"));
});

const BUNDLED = {
  "index.html": PAGE.replace('href="style.css">', 'href="./style.css" />').replace(
    "<link",
    '<script type="module" src="./preload.js"></script>\n<link',
  ),
  "style.css": "a { color: red }\n",
  "preload.js": 'import "./core.js";\nglobalThis.preload = document.baseURI;\n',
};

test("a bundled page contains its scripts and styles, and waits only for the WASM", () => {
  const { assets, firstVisit, text, find } = pack(BUNDLED, bundlePage);
  const html = text("/index.html");
  assert.deepEqual(assets.map(({ sourcePath }) => sourcePath).sort(), [
    "/icon.svg",
    "/index.html",
    "/later.js",
    "/page-hash.txt",
    "/parley.wasm",
    "/robots.txt",
  ]);
  assert.doesNotMatch(html, /<script[^>]* src=|rel="stylesheet"/);
  assert.ok(html.includes(`import(".${find("/later.js").path}")`));
  assert.ok(html.includes(`new URL(".${find("/parley.wasm").path}",import.meta.url)`));
  assert.ok(html.includes("<style>a{color:red}</style>"));
  assert.match(html, /<head>\n<script>[^<]*globalThis\.preload/); // before everything else
  assert.deepEqual(firstVisit.map(({ path }) => path).sort(), [
    "/icon.svg",
    "/index.html",
    "/parley.wasm",
  ]);
});

test("the policy has the hashes of the page's inline scripts and styles", () => {
  const { text, policy } = pack(BUNDLED, bundlePage);
  const hashOf = (tag) => {
    const [, inside] = new RegExp(`<${tag}>([^]*?)</`).exec(text("/index.html"));
    return ` 'sha256-${createHash("sha256").update(inside).digest("base64")}'`;
  };
  assert.deepEqual(policy, {
    script: hashOf("script") + hashOf('script type="module"'),
    style: hashOf("style"),
  });
  assert.deepEqual(pack().policy, { script: "", style: "" });
});

test("anything that esbuild cannot bundle fails the build", () => {
  const unreadable = { "core.js": "export const = 1;\n" };
  const pictured = { "style.css": FILES["style.css"] }; // a bundle has no separate name for a picture
  for (const wrong of [unreadable, pictured]) {
    const web = writePage({ ...BUNDLED, ...wrong });
    assert.throws(() => bundlePage(web, readPage(web)), /esbuild failed/);
  }
});

test("compressed forms are kept where they are smaller, and decompress to the same", () => {
  const { find } = pack({ "later.js": "export default 1;\n".repeat(99) });
  const { identity, gzip, brotli } = find("/later.js");
  assert.deepEqual(gunzipSync(gzip), identity);
  assert.deepEqual(brotliDecompressSync(brotli), identity);
  assert.equal(find("/parley.wasm").gzip, null);
});

test("a circle of imports is an error that names it", () => {
  const circle = { "core.js": 'import "./later.js";\n', "later.js": 'import "./core.js";\n' };
  assert.throws(() => pack(circle), /circle: web\/core\.js -> web\/later\.js -> web\/core\.js/);
});

test("a reference to a missing file is an error that names it", () => {
  assert.throws(
    () => pack({ "core.js": 'import "./gone.js";' }),
    /core\.js refers to \.\/gone\.js/,
  );
});

test("files for readers of the source are not packed", () => {
  const { assets } = pack({ "README.md": "# The page\n", "view/README.md": "# Its view\n" });
  assert.deepEqual(assets, pack().assets);
});

test("a file of unknown kind is an error that names it", () => {
  assert.throws(() => pack({ "a.xyz": "" }), /a\.xyz has no known content type/);
});

test("the C source contains every byte", () => {
  const everyByte = Buffer.from([...Array(256).keys()]);
  const packed = pack({ "bytes.png": everyByte });
  const wanted = packed.assets.find((a) => a.sourcePath === "/bytes.png");
  writeFileSync(join(dir, "assets_data.c"), formatC(packed));
  writeFileSync(
    join(dir, "main.c"),
    `#include "assets.h"
#include <stdio.h>
#include <string.h>
int main(void) {
    for (size_t i = 0; i < assets_count; i++)
        if (strcmp(assets_table[i].source_path, "/bytes.png") == 0)
            fwrite(assets_table[i].identity.bytes, 1, assets_table[i].identity.bytes_len, stdout);
    return 0;
}`,
  );
  const includes = ["server/http", "wasm/base"].map((name) => `-I${join(root, name)}`);
  execFileSync("cc", [...includes, "-o", "out", "main.c", "assets_data.c"], { cwd: dir });
  assert.deepEqual(execFileSync(join(dir, "out")), wanted.identity);
});
