// Measures wasm/crypto as WebAssembly: its size, and the time that each function takes.
// Usage: node tools/bench-crypto.mjs [FOLDER WITH crypto.wasm AND password.wasm]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { CryptoModule } from "../tests/node/crypto-module.mjs";

const ROUNDS = 9; // the median counts
const ROUND_MICROSECONDS = 100_000;
const CALLS_AT_ONCE = 20;
const LONG_BYTES = 16 * 1024;
const PASSWORD_MEMORY_KIB = 64 * 1024;
const [folder = "build/wasm"] = process.argv.slice(2);

function packedBytes(file) {
  const bytes = readFileSync(join(folder, file));
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
}

/** Microseconds of processor time that this process has used: other programs do not disturb it. */
function usedMicroseconds() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Microseconds of one call. */
function measure(call) {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = usedMicroseconds();
    let calls = 0;
    while (usedMicroseconds() < start + ROUND_MICROSECONDS) {
      for (let i = 0; i < CALLS_AT_ONCE; i++) call();
      calls += CALLS_AT_ONCE;
    }
    return (usedMicroseconds() - start) / calls;
  });
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1];
}

const module = new CryptoModule(join(folder, "crypto.wasm"));
const { c } = module;
const bytes = (len) => module.put(Buffer.alloc(len, 7));
const [seed, publicKey, secretKey, signature, shared] = [32, 32, 64, 64, 32].map(bytes);
const [key, nonce, text, out] = [32, 24, LONG_BYTES + 16, 32].map(bytes);
const message = module.slice(Buffer.alloc(200, 7));
const long = module.slice(Buffer.alloc(LONG_BYTES, 7));

c.sign_key_pair(seed, publicKey, secretKey);
c.sign(secretKey, message, signature);
const calls = {
  "sign 200 bytes": () => c.sign(secretKey, message, signature),
  "verify 200 bytes": () => c.sign_verify(publicKey, message, signature),
  "X25519, a shared secret": () => c.exchange_agree(seed, publicKey, shared),
  "seal 16 KiB": () => c.seal(key, nonce, message, text, LONG_BYTES),
  "BLAKE2b of 16 KiB": () => c.hash_of(key, long, out, 32),
};

for (const file of ["crypto.wasm", "password.wasm"])
  console.log(`${file}: ${packedBytes(file)} bytes (brotli)`);
for (const [name, call] of Object.entries(calls))
  console.log(`${name}: ${measure(call).toFixed(1)} us`);

const start = usedMicroseconds();
const password = new CryptoModule(join(folder, "password.wasm"));
password.password(Buffer.from("a password"), Buffer.alloc(16), PASSWORD_MEMORY_KIB, 1);
console.log(`Argon2id, 64 MiB, one pass: ${((usedMicroseconds() - start) / 1000).toFixed(0)} ms`);
