// Packs the page into C: every file of web/ and parley.wasm, under content-hashed names, compressed.
// Usage: node pack-assets.mjs WEB_DIR PARLEY_WASM OUTPUT.c
//
// A hashed name may be cached for ever, so all references follow the names: files are renamed leaf
// first, after what they refer to. The output defines what server/http/assets.h declares.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { bundlePage } from "./bundle-page.mjs";

const FIRST_VISIT_BYTES_MAX = 81_600;
const PAGE = "/index.html";
const WASM = "/parley.wasm";
const PAGE_HASH = "/page-hash.txt";
const FIXED_NAMES = new Set([PAGE, PAGE_HASH, "/robots.txt", "/favicon.ico"]);
const CONTENT_TYPES = new URL("../server/http/content_types.def", import.meta.url);
const typed = [...readFileSync(CONTENT_TYPES, "utf8").matchAll(/^CONTENT_TYPE\("(\.\w+)"/gm)];
const TYPED_EXTENSIONS = new Set(typed.map(([, extension]) => extension));

// How a file refers to others; the group `ref` is rewritten. A first visit does not load lazy
// references.
const RELATIVE = String.raw`(?<quote>["'])(?<ref>\.{1,2}/[^"']+)\k<quote>`;
const SCRIPT_REFERENCES = [
  { pattern: new RegExp(String.raw`\b(?:from|import)\s*${RELATIVE}`, "g") },
  { pattern: new RegExp(String.raw`\bimport\s*\(\s*${RELATIVE}`, "g"), lazy: true },
  {
    pattern: new RegExp(
      String.raw`\bnew URL\(\s*${RELATIVE}\s*,\s*(?:import\.meta\.url|document\.baseURI)`,
      "g",
    ),
  },
];
const REFERENCES = {
  ".js": SCRIPT_REFERENCES,
  ".html": [
    { pattern: /\s(?:href|src)\s*=\s*(?<quote>["'])(?<ref>[^"']+)\k<quote>/g },
    ...SCRIPT_REFERENCES,
  ],
  ".css": [
    { pattern: /\burl\(\s*(?<quote>["']?)(?<ref>[^"')]+)\k<quote>\s*\)/g },
    { pattern: /@import\s+(?<quote>["'])(?<ref>[^"']+)\k<quote>/g },
  ],
};

// Not one of our files: a fragment, a query, the root, another scheme or host.
const isForeign = (ref) => /^(?:[#?]|\/$|\.\/$|\/\/|[a-z][a-z0-9+.-]*:)/i.test(ref);

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const sha256Base64 = (text) => createHash("sha256").update(text).digest("base64");

function readTree(dir, prefix = "/") {
  const files = new Map();
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (/^\.|\.md$/.test(entry.name)) continue;
    const path = prefix + entry.name;
    const full = join(dir, entry.name);
    if (entry.isDirectory()) readTree(full, `${path}/`).forEach((v, k) => files.set(k, v));
    else files.set(path, readFileSync(full));
  }
  return files;
}

function resolve(files, from, ref) {
  const path = posix.resolve(posix.dirname(from), ref.replace(/[?#].*$/, ""));
  if (!files.has(path)) throw new Error(`web${from} refers to ${ref}, which does not exist`);
  return path;
}

// Calls replace(ref) for each reference in the text and puts its result in the reference's place.
function rewrite(text, { pattern }, replace) {
  return text.replace(pattern, (match, ...rest) => {
    const { ref } = rest.at(-1);
    if (isForeign(ref)) return match;
    const at = match.lastIndexOf(ref);
    return match.slice(0, at) + replace(ref) + match.slice(at + ref.length);
  });
}

function findReferences(files, path) {
  const found = [];
  const text = files.get(path).toString("utf8");
  for (const kind of REFERENCES[extname(path)] ?? []) {
    rewrite(text, kind, (ref) => {
      found.push({ to: resolve(files, path, ref), lazy: kind.lazy === true });
      return ref;
    });
  }
  return found;
}

// Every file after those that it refers to.
function leafFirst(graph) {
  const order = new Set();
  const visit = (path, trail) => {
    if (order.has(path)) return;
    if (trail.includes(path)) {
      const circle = [...trail.slice(trail.indexOf(path)), path].map((p) => `web${p}`);
      throw new Error(`files must not refer to each other in a circle: ${circle.join(" -> ")}`);
    }
    for (const { to } of graph.get(path)) visit(to, [...trail, path]);
    order.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return [...order];
}

// The files that a first visit loads, in the order in which it finds them.
function reachedFrom(graph, start) {
  const reached = new Set([start]);
  for (const path of reached) {
    for (const { to, lazy } of graph.get(path)) if (!lazy) reached.add(to);
  }
  return [...reached];
}

function hashedName(path, content) {
  if (path === PAGE) return "/";
  if (FIXED_NAMES.has(path)) return path;
  const extension = extname(path);
  return `${path.slice(0, -extension.length)}.${sha256(content).slice(0, 12)}${extension}`;
}

function rewriteFile(files, path, graph, names) {
  const kinds = REFERENCES[extname(path)];
  if (!kinds) return files.get(path);
  let text = files.get(path).toString("utf8");
  for (const kind of kinds) {
    text = rewrite(text, kind, (ref) => {
      const name = posix.basename(names.get(resolve(files, path, ref)));
      return ref.replace(/[^/?#]+(?=[?#]|$)/, () => name);
    });
  }
  return Buffer.from(text, "utf8");
}

/**
 * The windows and blocks to try with Brotli, as powers of two; with a block of 0, Brotli
 * chooses.
 */
const BROTLI_WAYS = [
  { window: 22, block: 0 },
  { window: 16, block: 17 },
];

function compressByBrotli(bytes, { window, block }) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    [constants.BROTLI_PARAM_LGWIN]: window,
    [constants.BROTLI_PARAM_LGBLOCK]: block,
  };
  return brotliCompressSync(bytes, { params });
}

const smallest = (all) => all.reduce((one, other) => (other.length < one.length ? other : one));

function compress(identity) {
  const onlyIfSmaller = (bytes) => (bytes.length < identity.length ? bytes : null);
  return {
    identity,
    gzip: onlyIfSmaller(gzipSync(identity, { level: 9 })),
    brotli: onlyIfSmaller(smallest(BROTLI_WAYS.map((way) => compressByBrotli(identity, way)))),
  };
}

function makeAsset(sourcePath, path, content) {
  if (!TYPED_EXTENSIONS.has(extname(sourcePath)))
    throw new Error(`web${sourcePath} has no known content type`);
  return {
    path,
    sourcePath,
    etag: `"${sha256(content).slice(0, 16)}"`,
    immutable: !FIXED_NAMES.has(sourcePath),
    ...compress(content),
  };
}

/** The sources for a Content-Security-Policy of the contents of all <|tag|> elements. */
function inlineSources(html, tag) {
  const texts = html.matchAll(new RegExp(`<${tag}(?: [^>]*)?>([^]*?)</${tag}>`, "g"));
  const hashes = [...texts].filter(([, text]) => text !== "").map(([, text]) => sha256Base64(text));
  return hashes.map((hash) => ` 'sha256-${hash}'`).join("");
}

/**
 * What anybody can compare with a build of their own: a line "SHA-256  path" for each file as it is
 * served, uncompressed, in the order of the paths; before them the SHA-256 of these lines.
 */
function pageHash(assets) {
  const files = [...assets].sort((a, b) => (a.path < b.path ? -1 : 1));
  const lines = files.map(({ path, identity }) => `${sha256(identity)}  ${path}\n`).join("");
  return Buffer.from(`${sha256(lines)}\n${lines}`, "utf8");
}

/** The files of a folder, path to bytes, without hidden ones and Markdown. */
export function readPage(webDir) {
  const files = readTree(webDir);
  if (!files.has(PAGE)) throw new Error(`no ${PAGE} in ${webDir}`);
  return files;
}

/**
 * Returns {assets, firstVisit: [{path, bytes}], policy: {script, style}}; throws an Error that says
 * what is wrong.
 */
export function packAssets(page, wasmFile) {
  const files = new Map(page);
  files.set(WASM, readFileSync(wasmFile));

  const graph = new Map([...files.keys()].sort().map((p) => [p, findReferences(files, p)]));
  const names = new Map();
  const assets = new Map();
  for (const path of leafFirst(graph)) {
    const content = rewriteFile(files, path, graph, names);
    names.set(path, hashedName(path, content));
    assets.set(path, makeAsset(path, names.get(path), content));
  }
  const firstVisit = reachedFrom(graph, PAGE).map((path) => {
    const { brotli, identity } = assets.get(path);
    return { path, bytes: (brotli ?? identity).length };
  });
  const html = assets.get(PAGE).identity.toString("utf8");
  const policy = { script: inlineSources(html, "script"), style: inlineSources(html, "style") };
  // It cannot contain its own hash, so it is made last, and left out of it.
  const list = makeAsset(PAGE_HASH, PAGE_HASH, pageHash([...assets.values()]));
  return { assets: [...assets.values(), list], firstVisit, policy };
}

const BYTES_A_LINE = 64;

// A string compiles much faster than a list of numbers.
function cBytes(bytes) {
  const escape = (byte) =>
    byte >= 0x20 && byte < 0x7f && !'"\\?'.includes(String.fromCharCode(byte))
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, "0")}`;
  const lines = [];
  for (let at = 0; at < bytes.length; at += BYTES_A_LINE) {
    lines.push(`    "${Array.from(bytes.subarray(at, at + BYTES_A_LINE), escape).join("")}"`);
  }
  return lines.length > 0 ? lines.join("\n") : '    ""';
}

const cString = (text) => JSON.stringify(text);

/** The C source that defines what assets.h declares. */
export function formatC({ assets, policy }) {
  const arrays = [];
  const encoding = (bytes, name) => {
    if (bytes === null) return "{NULL, 0}";
    arrays.push(`static const unsigned char ${name}[] =\n${cBytes(bytes)};\n`);
    return `{${name}, ${bytes.length}}`;
  };
  const rows = assets.map((asset, i) =>
    [
      `    {${cString(asset.path)}, ${cString(asset.sourcePath)},`,
      `     ${cString(asset.etag)}, ${asset.immutable},`,
      `     ${encoding(asset.identity, `identity_${i}`)}, ${encoding(asset.gzip, `gzip_${i}`)},`,
      `     ${encoding(asset.brotli, `brotli_${i}`)}},`,
    ].join("\n"),
  );
  return [
    "/* Made by tools/pack-assets.mjs. */",
    '#include "assets.h"\n\n#include <stdbool.h>\n#include <stddef.h>\n',
    ...arrays,
    `const struct asset assets_table[] = {\n${rows.join("\n")}\n};\n`,
    `const size_t assets_count = ${assets.length};\n`,
    `const char assets_script_sources[] = ${cString(policy.script)};`,
    `const char assets_style_sources[] = ${cString(policy.style)};\n`,
  ].join("\n");
}

function main([webDir, wasmFile, outFile]) {
  const packed = packAssets(bundlePage(webDir, readPage(webDir)), wasmFile);
  const { firstVisit } = packed;
  writeFileSync(outFile, formatC(packed));
  const total = firstVisit.reduce((sum, { bytes }) => sum + bytes, 0);
  const summary = `first visit: ${total} bytes with brotli (at most ${FIRST_VISIT_BYTES_MAX})`;
  console.log(summary);
  if (total <= FIRST_VISIT_BYTES_MAX) return;
  const biggestFirst = firstVisit.sort((a, b) => b.bytes - a.bytes);
  throw new Error([summary, ...biggestFirst.map((f) => `  ${f.bytes} ${f.path}`)].join("\n"));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(`pack-assets: ${error.message}`);
    process.exitCode = 1;
  }
}
