// Runs jobs side by side, as many as the processors and the memory carry.

/** The jobs in the order in which they are to begin: the longest first, and before them the unknown. */
function inOrder(jobs, secondsOf) {
  const length = (job) => secondsOf(job) ?? Infinity;
  return [...jobs].sort((a, b) => (length(a) === length(b) ? 0 : length(b) - length(a)));
}

const sum = (jobs, of) => [...jobs].reduce((all, job) => all + of(job), 0);

/**
 * Runs all |jobs|. A job begins when what it claims of the processors fits beside the others' claims,
 * and a lane of its kind is free. One that claims more than there is runs alone.
 * @param {{cores: number, browsers?: number}[]} jobs
 * @param {{cores: number, browsers: number}} capacity
 * @param {(job) => number | undefined} secondsOf how long a job will take; undefined: not known
 * @param {(job) => Promise<void>} run
 */
export async function inLanes(jobs, capacity, secondsOf, run) {
  const waiting = inOrder(jobs, secondsOf);
  const running = new Set();
  const fits = ({ cores, browsers = 0 }) =>
    running.size === 0 ||
    (sum(running, (job) => job.cores) + cores <= capacity.cores &&
      sum(running, (job) => job.browsers ?? 0) + browsers <= capacity.browsers);
  await new Promise((resolve, reject) => {
    const fill = () => {
      if (waiting.length === 0 && running.size === 0) resolve();
      for (let at; (at = waiting.findIndex(fits)) >= 0;) {
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
