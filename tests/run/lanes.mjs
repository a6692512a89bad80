// Runs jobs side by side, as many as the processors and the memory carry.

const sum = (jobs, of) => [...jobs].reduce((all, job) => all + of(job), 0);

/**
 * The place in |waiting| of the first job that may begin beside |running|; -1: there is none. One that
 * waits for processors is not kept waiting by smaller ones that could not run beside it.
 */
function nextOf(waiting, running, capacity) {
  const coresFree = capacity.cores - sum(running, ({ cores }) => cores);
  const lanesFree = capacity.browsers - sum(running, ({ browsers = 0 }) => browsers);
  let coresMax = running.size === 0 ? Infinity : coresFree;
  for (const [i, { cores, browsers = 0 }] of waiting.entries()) {
    if (cores <= coresMax && browsers <= lanesFree) return i;
    if (cores > coresMax) coresMax = Math.min(coresMax, capacity.cores - cores);
  }
  return -1;
}

/**
 * Runs all |jobs|, the longest first. A job begins when what it claims of the processors fits beside
 * the others' claims, and a lane of its kind is free. One that claims more than there is runs alone.
 * @param {{cores: number, browsers?: number}[]} jobs
 * @param {{cores: number, browsers: number}} capacity
 * @param {(job) => number} secondsOf how long a job will take, about
 * @param {(job) => Promise<void>} run
 */
export async function inLanes(jobs, capacity, secondsOf, run) {
  const waiting = [...jobs].sort((a, b) => secondsOf(b) - secondsOf(a));
  const running = new Set();
  await new Promise((resolve, reject) => {
    const fill = () => {
      if (waiting.length === 0 && running.size === 0) resolve();
      for (let at; (at = nextOf(waiting, running, capacity)) >= 0;) {
        const [job] = waiting.splice(at, 1);
        running.add(job);
        run(job)
          .then(() => running.delete(job) && fill())
          .catch(reject);
      }
    };
    fill();
  });
}
