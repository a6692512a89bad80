// Fails where a WebAssembly module imports anything: ours must run wherever its bytes are loaded.
// Usage: node check-wasm.mjs FILE.wasm
import { readFile, rm } from "node:fs/promises";

const file = process.argv[2];
const module = new WebAssembly.Module(await readFile(file));
const imports = WebAssembly.Module.imports(module).map(({ module, name }) => `${module}.${name}`);
if (imports.length > 0) {
  await rm(file); // or the next build would take it for finished
  console.error(`${file} must have no imports, but has: ${imports.join(", ")}`);
  process.exit(1);
}
