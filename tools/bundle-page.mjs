// Puts the page's scripts and styles into the page itself, bundled and minified by esbuild, so that a
// first visit waits for two answers, the page and parley.wasm, not for two dozen. While the page is
// developed (--web-root) its files are served as they are; nothing in them depends on this.
import { execFileSync } from "node:child_process";
import { posix } from "node:path";

const PAGE = "/index.html";
const SCRIPT = /<script type="module" src="\.(?<path>\/[^"]+)"><\/script>/g;
const STYLE = /<link rel="stylesheet" href="\.(?<path>\/[^"]+)" \/>/g;
const LATER = /\bimport\(\s*"(?<ref>\.{1,2}\/[^"]+)"\s*\)/g;
const ESBUILD = [
  "--bundle",
  "--minify",
  "--charset=utf8",
  "--target=es2022",
  "--log-level=warning",
];

function esbuild(webDir, input, ...options) {
  try {
    const command = { cwd: webDir, input, encoding: "utf8", maxBuffer: 2 ** 26 };
    return execFileSync("esbuild", [...ESBUILD, ...options], command).trim();
  } catch (error) {
    throw new Error(error.code === "ENOENT" ? "esbuild is not installed" : "esbuild failed", {
      cause: error,
    });
  }
}

/** The modules that are asked for later, if ever: they stay files. */
function laterModules(files) {
  const found = new Set();
  for (const [path, bytes] of files) {
    if (!path.endsWith(".js")) continue;
    for (const { groups } of bytes.toString("utf8").matchAll(LATER))
      found.add(posix.resolve(posix.dirname(path), groups.ref));
  }
  return found;
}

const pathsIn = (html, pattern) => [...html.matchAll(pattern)].map(({ groups }) => groups.path);
const importAll = (paths, keyword) => paths.map((path) => `${keyword} ".${path}";\n`).join("");

/** The text with |whole| in place of the first match, and nothing in place of the others. */
function replaceAllBy(html, pattern, whole) {
  let isFirst = true;
  return html.replace(pattern, () => {
    const text = isFirst ? whole : "";
    isFirst = false;
    return text;
  });
}

/** |files| of |webDir|, path to bytes, with one page for all that it loads at once. */
export function bundlePage(webDir, files) {
  const html = files.get(PAGE).toString("utf8");
  const later = laterModules(files);
  const external = [...later].map((path) => `--external:.${path}`);
  const script = esbuild(
    webDir,
    importAll(pathsIn(html, SCRIPT), "import"),
    ...["--format=esm", "--loader=js", ...external],
  );
  const style = esbuild(webDir, importAll(pathsIn(html, STYLE), "@import"), "--loader=css");
  if (/<\/(?:script|style)/i.test(script + style)) throw new Error("a text would end its element");
  const page = replaceAllBy(
    replaceAllBy(html, SCRIPT, `<script type="module">${script}</script>`),
    STYLE,
    `<style>${style}</style>`,
  );
  const kept = [...files].filter(([path]) => !/\.(?:js|css)$/.test(path) || later.has(path));
  return new Map([...kept, [PAGE, Buffer.from(page, "utf8")]]);
}
