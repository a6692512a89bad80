// Puts the page's scripts and styles into the page itself, bundled and minified by esbuild, so that
// a first visit waits for two answers, the page and parley.wasm, instead of two dozen. With
// --web-root the files are served as they are; nothing in them depends on the bundle.
import { spawnSync } from "node:child_process";
import { posix } from "node:path";

const PAGE = "/index.html";
const PRELOAD = /<script type="module" src="\.(?<path>\/preload\.js)"><\/script>/g;
const SCRIPT = /<script type="module" src="\.(?<path>\/[^"]+)"><\/script>/g;
const STYLE = /<link rel="stylesheet" href="\.(?<path>\/[^"]+)"\/>/g;
const LATER = /\bimport\(\s*"(?<ref>\.{1,2}\/[^"]+)"\s*\)/g;
const ESBUILD = [
  "--bundle",
  "--minify",
  "--charset=utf8",
  "--target=es2022",
  "--log-level=warning",
];

function esbuild(webDir, input, ...options) {
  const command = { cwd: webDir, input, encoding: "utf8", maxBuffer: 2 ** 26 };
  const { error, status, stdout, stderr } = spawnSync("esbuild", [...ESBUILD, ...options], command);
  if (error) throw new Error(`esbuild: ${error.message}`);
  if (status !== 0) throw new Error(`esbuild failed:\n${stderr}`);
  return stdout.trim();
}

/** The modules that are loaded later, if ever: each is a file, with all that it needs in it. */
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

/** The text with the first match replaced by |whole|, and the others removed. */
function replaceAllBy(html, pattern, whole) {
  let isFirst = true;
  return html.replace(pattern, () => {
    const text = isFirst ? whole : "";
    isFirst = false;
    return text;
  });
}

/** |files| of |webDir|, path to bytes, with everything that the page loads at once in one file. */
export function bundlePage(webDir, files) {
  const later = laterModules(files);
  const external = [...later].map((path) => `--external:.${path}`);
  const inline = (html, pattern, open, close, keyword, ...options) => {
    const paths = pathsIn(html, pattern);
    if (paths.length === 0) return html;
    const text = esbuild(webDir, importAll(paths, keyword), ...options);
    if (text.includes(close)) throw new Error(`a text would end its element: ${close}`);
    return replaceAllBy(html, pattern, `${open}${text}${close}`);
  };
  let html = files.get(PAGE).toString("utf8");
  html = html.replace(/\n\s+/g, "\n").replace(/\s\/>/g, "/>"); // these spaces are only for readers
  // Not a module: it must run where it stands, before the parser goes on.
  html = inline(html, PRELOAD, "<script>", "</script>", "import", "--format=iife", ...external);
  html = inline(
    html,
    SCRIPT,
    '<script type="module">',
    ...["</script>", "import", "--format=esm", ...external],
  );
  html = inline(html, STYLE, "<style>", "</style>", "@import", "--loader=css");
  const kept = [...files].filter(([path]) => !/\.(?:js|css)$/.test(path));
  const bundled = [...later].map((path) => [
    path,
    Buffer.from(esbuild(webDir, "", `.${path}`, "--format=esm"), "utf8"),
  ]);
  return new Map([...kept, ...bundled, [PAGE, Buffer.from(html, "utf8")]]);
}
