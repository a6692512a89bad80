// The CPU time that a job uses, with all that it starts: in a control group of its own (cgroup v2),
// which the browsers do not leave. There is none where this process may not make one.
import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";

const JOIN = 'echo 0 > "$0" && exec "$@"';

let count = 0;

/** The folder of this process' own group; throws where there is none. */
function ownFolder() {
  const mounts = readFileSync("/proc/self/mounts", "utf8");
  const [, mounted] = /^\S+ (\S+) cgroup2 /m.exec(mounts);
  const [, path] = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"));
  return join(mounted, path);
}

/**
 * @returns {{within(command: string[]): string[], seconds(): number | null, close()}} within: the
 *   command that runs |command| in the group; seconds: of CPU time so far, null where it is unknown
 */
export function openGroup() {
  let folder;
  try {
    folder = join(ownFolder(), `parley-test-${process.pid}-${count++}`);
    mkdirSync(folder);
  } catch {
    return { within: (command) => command, seconds: () => null, close() {} };
  }
  return {
    within: (command) => ["sh", "-c", JOIN, join(folder, "cgroup.procs"), ...command],
    seconds() {
      const used = readFileSync(join(folder, "cpu.stat"), "utf8");
      return Number(/^usage_usec (\d+)$/m.exec(used)[1]) / 1e6;
    },
    close() {
      try {
        rmdirSync(folder);
      } catch (error) {
        if (error.code !== "EBUSY") throw error; // something still ends, and its group stays
      }
    },
  };
}
