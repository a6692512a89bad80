// Does the server's memory return to its old value after a million clients have come and gone?
import { setTimeout as sleep } from "node:timers/promises";
import { startLoad } from "./processes.mjs";
import { printVerdict } from "./report.mjs";
import { begin } from "./servers.mjs";

const FIRST_CYCLES = 10000;
const WINDOW = 64;
const GROWTH_MAX = 0.01;
const SETTLE_MS = 1000; // until the last connections are closed

export async function soak(cycles, setup) {
  const server = await begin("parley", setup);
  const load = startLoad(setup.load, "parley", server);
  const go = async (count) => {
    const cost = await load.task(`cycle ${count} ${WINDOW}`);
    await sleep(SETTLE_MS);
    const bytes = await server.memoryBytes();
    const each = (cost.serverNs / count / 1000).toFixed(1);
    console.log(`${count} cycles: ${(bytes / 1024).toFixed(0)} KB then; ${each} µs CPU each`);
    return bytes;
  };
  const first = await go(Math.min(FIRST_CYCLES, cycles));
  const last = cycles > FIRST_CYCLES ? await go(cycles - FIRST_CYCLES) : first;
  await load.stop();
  await server.stop();
  const growth = last / first - 1;
  printVerdict(growth <= GROWTH_MAX, `grown by ${(100 * growth).toFixed(2)}% of at most 1%`);
}
