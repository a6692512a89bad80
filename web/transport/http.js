/**
 * Requests to the server, and messages between the pages of this browser. The core decides what to
 * request, when and how often.
 */

const CHANNEL = "parley.polling";

/**
 * Carries out HTTP_... and TAB_TELL.
 * @param {string} base the address that paths are relative to
 */
export function createHttp(core, base = location.href) {
  const requests = new Map(); // number -> AbortController
  let channel = null;

  /** A request that was given up is not reported. */
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

/** The answer, in the form of HTTP_ANSWERED. */
async function ask(url, options) {
  const always = { method: "POST", cache: "no-store", redirect: "manual" };
  const response = await fetch(url, { ...always, ...options });
  const { status: code, headers } = response;
  const a = headers.get("content-type") ?? "";
  return { code, a, b: secondsOf(headers.get("retry-after") ?? ""), c: await response.text() };
}

/** Retry-After may also be a date (RFC 9110, 10.2.3). */
function secondsOf(value) {
  if (/^\d*$/.test(value)) return value;
  return String(Math.ceil((Date.parse(value) - Date.now()) / 1000));
}
