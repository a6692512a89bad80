// The tree's shape: who may know whom, how long things may be, what may not be in a file.
import assert from "node:assert/strict";
import { basename, dirname, posix } from "node:path";
import { test } from "node:test";
import { files, read, run, withExtension } from "./tree.mjs";

const FILE_LINES_MAX = 600;
const FUNCTION_LINES_MAX = 70;
const LINE_COLUMNS_MAX = 100;
const FRONT_PAGE_LINES_MAX = 150;
const PARTS = ["server", "tests", "tools", "wasm", "web"];

// Layers and single files that do no I/O and read no clock, and layers that know the event loop.
const IS_SANS_IO =
  /^(?:wasm|server\/(?:hub|limits|polling|stun\/stun\.|observe\/metrics(?:_text)?\.))/;
const KNOWS_LOOP = /^server(?:\/(?:net|stun|lws|http|signal))?$/;
const OUTSIDE =
  /^(?:libwebsockets|uv|time|signal|unistd|pthread|poll|fcntl|netdb|sys\/|net|arpa\/)/;
const LOOP = /^(?:libwebsockets|uv)/;

const programFiles = withExtension("c", "h").filter((file) => /^(?:wasm|server)\//.test(file));
const none = (faults) => assert.ok(faults.length === 0, `\n${faults.join("\n")}`);

function includesOf(file, pattern) {
  return [...read(file).matchAll(pattern)].map((match) => match[1]);
}

// parley_layer lets a folder's files find the headers of the layers that it may know, and no other:
// an include that goes up does not compile, unless it names a folder.
test("no include names a folder", () => {
  none(
    programFiles.flatMap((file) =>
      includesOf(file, /^\s*#\s*include\s+"([^"]+)"/gm)
        .filter((include) => include.includes("/"))
        .map((include) => `${file}: "${include}"`),
    ),
  );
});

test("every folder is a layer, and the order of the layers stands once", () => {
  for (const area of ["wasm", "server"]) {
    const layers = [...read(`${area}/CMakeLists.txt`).matchAll(/^parley_layer\((\w+)/gm)];
    const folders = new Set(programFiles.map(dirname).filter((dir) => dir.startsWith(`${area}/`)));
    assert.deepEqual(layers.map(([, folder]) => `${area}/${folder}`).sort(), [...folders].sort());
  }
});

test("no two files of the program have one name", () => {
  const names = programFiles.map((file) => basename(file));
  none(names.filter((name, i) => names.indexOf(name) !== i));
});

test("no two structs, unions or enums of the program have one name", () => {
  const tags = programFiles.flatMap((file) =>
    includesOf(file, /^(?:static |const )*(?:struct|union|enum) (\w+) \{/gm),
  );
  none(tags.filter((tag, i) => tags.indexOf(tag) !== i));
});

test("only some layers touch the outside", () => {
  const faults = programFiles.flatMap((file) =>
    includesOf(file, /^\s*#\s*include\s+<([^>]+)>/gm)
      .filter(
        (include) =>
          (IS_SANS_IO.test(file) && OUTSIDE.test(include)) ||
          (!KNOWS_LOOP.test(dirname(file)) && LOOP.test(include)),
      )
      .map((include) => `${file}: <${include}>`),
  );
  none(faults);
});

test("only wasm/crypto knows libsodium", () => {
  const others = withExtension("c", "h").filter((file) => !file.startsWith("wasm/crypto/"));
  const includes = /^\s*#\s*include\s*[<"]((?:sodium\b|crypto_|randombytes)[^>"]*)/gm;
  none(
    others.flatMap((file) => includesOf(file, includes).map((include) => `${file}: ${include}`)),
  );
});

// Debug views are for tests. VIEW_debug.h is filled in by VIEW.c or VIEW_debug.c.
test("the program does not look through its debug views", () => {
  const others = (file) =>
    includesOf(file, /^\s*#\s*include\s+"(\w+)_debug\.h"/gm).filter(
      (view) => !["", "_debug"].some((end) => basename(file) === `${view}${end}.c`),
    );
  none(programFiles.filter((file) => others(file).length > 0));
});

// A call of libwebsockets' that stands in for another one has its reason in server/lws.
test("workarounds for libwebsockets are in server/lws", () => {
  const calls =
    /\b(?:lws_cancel_service|lws_service_fd|lws_context_destroy|lws_hdr_copy_fragment|LWS_TO_KILL_|LWS_WRITE_PING|LWS_WRITE_HTTP)/;
  none(programFiles.filter((file) => !file.startsWith("server/lws/") && calls.test(read(file))));
});

// process_stats.c reads a file of the kernel's.
test("texts are parsed with slice.h", () => {
  const others = /\b(?:strto(?:k|l|ll|ul|ull|d)|sscanf|ato[il])\(/;
  none(programFiles.filter((file) => !file.endsWith("process_stats.c") && others.test(read(file))));
});

test("no file is too long", () => {
  const lines = (file) => read(file).split("\n").length - 1;
  none(withExtension("c", "h", "js", "mjs").filter((file) => lines(file) > FILE_LINES_MAX));
});

// Calls find(line) on each line of the files; lists where it is true.
function linesWhere(names, find) {
  return names.flatMap((file) =>
    read(file)
      .split("\n")
      .flatMap((line, i) => (find(line) ? [`${file}:${i + 1}`] : [])),
  );
}

test("no line of C is too wide", () => {
  none(linesWhere(withExtension("c", "h"), (line) => [...line].length > LINE_COLUMNS_MAX));
});

// clang-format gives a function's last brace, and little else, a line of its own without indent.
// JavaScript's functions are eslint's to count.
function functionsOf(source) {
  const found = [];
  let start = null;
  source.split("\n").forEach((line, i) => {
    if (/^\w.*\(/.test(line)) start = i;
    if (line !== "}" || start === null) return;
    found.push({ line: start + 1, lines: i - start + 1 });
    start = null;
  });
  return found;
}

test("no C function is too long", () => {
  const faults = withExtension("c").flatMap((file) =>
    functionsOf(read(file))
      .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
      .map(({ line, lines }) => `${file}:${line}: ${lines} lines`),
  );
  none(faults);
});

test("no file knows the machine it was written on", () => {
  const places = ["home", "root", "work", "Users"].join("|");
  const elsewhere = new RegExp(`(?<![\\w.])/(?:${places})/[a-z]`, "i");
  const text = files.filter((name) => !/\.(?:png|ico|woff2)$/.test(name));
  none(linesWhere(text, (line) => elsewhere.test(line)));
});

const readmes = files.filter((file) => basename(file) === "README.md");
const withoutCode = (file) => read(file).replace(/^```[^]*?^```$|^ {4}.*$/gm, "");

// GitHub's anchors for headings.
function anchorsOf(file) {
  const headings = withoutCode(file).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  );
}

function leadsSomewhere(file, link) {
  const [path, anchor] = link.split("#");
  const to = path === "" ? file : posix.join(dirname(file), path);
  const isThere = files.includes(to) || files.some((other) => other.startsWith(`${to}/`));
  return isThere && (anchor === undefined || anchorsOf(to).includes(anchor));
}

test("every link of a README leads somewhere", () => {
  const isOurs = (link) => !/^[a-z]+:/.test(link);
  const linksOf = (file) =>
    [...withoutCode(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter(isOurs);
  assert.ok(linksOf("README.md").length > 0);
  none(
    readmes.flatMap((file) =>
      linksOf(file)
        .filter((link) => !leadsSomewhere(file, link))
        .map((link) => `${file}: ${link}`),
    ),
  );
});

test("the README of a part names each of its folders", () => {
  const foldersOf = (part) => {
    const inside = files.filter((file) => file.startsWith(`${part}/`)).map((f) => f.split("/"));
    return new Set(inside.filter(({ length }) => length > 2).map(([, folder]) => folder));
  };
  none(
    PARTS.flatMap((part) =>
      [...foldersOf(part)]
        .filter((folder) => !read(`${part}/README.md`).includes(`| \`${folder}/\``))
        .map((folder) => `${part}/README.md: ${folder}/`),
    ),
  );
});

test("the front page is short", () => {
  const lines = read("README.md").split("\n").length - 1;
  assert.ok(lines <= FRONT_PAGE_LINES_MAX, `README.md: ${lines} lines`);
});

test("every native test is built", () => {
  const registered = new Set(read("tests/CMakeLists.txt").split(/[\s()]+/));
  const names = files.flatMap((f) => f.match(/^tests\/native\/(\w+)_test\.c$/)?.[1] ?? []);
  none(names.filter((name) => !registered.has(name)));
});

test("scripts pass shellcheck", async () => {
  const scripts = files.filter((f) =>
    /^#(!.*\bbash|\s*shellcheck shell=)/.test(read(f).slice(0, 80)),
  );
  assert.ok(scripts.length > 0);
  await run("shellcheck", ["-x", ...scripts]);
});
