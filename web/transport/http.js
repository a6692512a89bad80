/**
 * Requests to the server, and what the pages of this browser tell each other. What is asked, when and
 * how often, the core says.
 */

const CHANNEL = "parley.polling";

/** Carries out HTTP_... and TAB_TELL. @param {string} base beside which the server answers */
export function createHttp(core, base = location.href) {
  const requests = new Map(); // number -> AbortController
  let channel = null;

  /** Nothing is handed in of one that was given up. */
  async function post(number, path, options) {
    const stop = new AbortController();
    requests.set(number, stop);
    const asked = ask(new URL(path, base), { ...options, signal: stop.signal });
    const answer = await asked.catch(() => null);
    if (!requests.delete(number)) return;
    core.handle(answer ? "HTTP_ANSWERED" : "HTTP_FAILED", { ...answer, peer: number });
  }

  function openChannel() {
    channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = ({ data: { peer, code } }) => core.handle("TAB_HEARD", { peer, code });
  }

  return {
    actions: {
      HTTP_POST({ peer, code, a: body, b: field, c: path }) {
        const headers = field ? [field.split(": ")] : [];
        post(peer, path, { body, headers, keepalive: code === 1 });
      },
      HTTP_ABORT({ peer }) {
        requests.get(peer)?.abort();
        requests.delete(peer);
      },
      TAB_TELL({ peer, code }) {
        if (typeof BroadcastChannel !== "function") return;
        if (!channel) openChannel();
        channel.postMessage({ peer, code });
        if (code) return;
        channel.close();
        channel = null;
      },
    },
  };
}

/** The answer, as HTTP_ANSWERED has it. */
async function ask(url, options) {
  const always = { method: "POST", cache: "no-store", redirect: "manual" };
  const response = await fetch(url, { ...always, ...options });
  const { status: code, headers } = response;
  const a = headers.get("content-type") ?? "";
  return { code, a, b: secondsOf(headers.get("retry-after") ?? ""), c: await response.text() };
}

/** Retry-After may be a date as well (RFC 9110, 10.2.3). */
function secondsOf(value) {
  if (/^\d*$/.test(value)) return value;
  return String(Math.ceil((Date.parse(value) - Date.now()) / 1000));
}
