// Fails where a WebAssembly module imports anything: ours must run wherever its bytes are loaded.
// Usage: node check-wasm.mjs FILE.wasm
import { readFile, rm } from "node:fs/promises";

const file = process.argv[2];
const found = WebAssembly.Module.imports(new WebAssembly.Module(await readFile(file)));
if (found.length > 0) {
  await rm(file); // otherwise the next build would use it
  const names = found.map((entry) => `${entry.module}.${entry.name}`);
  console.error(`${file} must have no imports, but has: ${names.join(", ")}`);
  process.exit(1);
}
