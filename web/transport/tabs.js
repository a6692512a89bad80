/**
 * How many pages of this browser poll: they share its few connections to one host. Each says that it
 * does when it begins, when it meets one that it did not know, and from time to time.
 */

const CHANNEL = "parley.polling";
const AGAIN_MS = 20_000;
const GONE_MS = 70_000; // a hidden page's timers run once a minute

/** @param {(count: number) => void} onCount this page included; called where it has changed */
export function createTabs(onCount) {
  const id = Math.random();
  const others = new Map(); // id -> when it was last heard of
  let channel = null;
  let timer = null;
  let counted = 1;

  function count() {
    for (const [other, heard] of others)
      if (performance.now() - heard > GONE_MS) others.delete(other);
    if (others.size + 1 === counted) return;
    counted = others.size + 1;
    onCount(counted);
  }

  function say(polls) {
    channel.postMessage({ id, polls });
  }

  function hear({ data }) {
    const isNew = !others.has(data.id);
    if (data.polls) others.set(data.id, performance.now());
    else others.delete(data.id);
    if (isNew && data.polls) say(true);
    count();
  }

  return {
    enter() {
      if (channel || typeof BroadcastChannel !== "function") return;
      channel = new BroadcastChannel(CHANNEL);
      channel.onmessage = hear;
      say(true);
      timer = setInterval(() => {
        say(true);
        count();
      }, AGAIN_MS);
    },
    leave() {
      if (!channel) return;
      clearInterval(timer);
      say(false);
      channel.close();
      channel = null;
      others.clear();
      counted = 1;
    },
  };
}
