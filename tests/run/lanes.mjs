// Runs jobs side by side, as many as the processors and the memory allow.

const sum = (jobs, of) => [...jobs].reduce((all, job) => all + of(job), 0);

/**
 * The index in |waiting| of the first job that may start beside |running|; -1: there is none.
 * Smaller jobs that could not run beside a job that waits for processors do not overtake it.
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
 * Runs all |jobs|, the longest first. A job starts when the processors that it claims are free, and
 * a lane of its kind too. A job that claims more than there are runs alone.
 * @param {{cores: number, browsers?: number}[]} jobs
 * @param {{cores: number, browsers: number}} capacity
 * @param {(job) => number} secondsOf how long a job takes, roughly
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
