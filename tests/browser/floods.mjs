// Floods of a hostile member: too many of the texts that are most expensive to show. flood.test.mjs
// counts what a page does with them; tools/bench flood measures how long it takes.
import { openSilentMember } from "./silent-member.mjs";

const TEXT_MAX = 4000; // PEER_TEXT_CHARACTERS_MAX
const rowOf = (length, first, step) =>
  String.fromCodePoint(...Array.from({ length }, (_, i) => first + step * i));
const fill = (piece) => piece.repeat(TEXT_MAX / [...piece].length);

export const FLOODS = {
  "a base and 3,980 marks": { count: 300, text: `a${"\u0301".repeat(3980)}` },
  "letters that make no flag": { count: 300, text: fill("\u{1f1e6}\u{1f1e7}") },
  "three directions": { count: 1500, text: fill("a\u05d01b\u05d12") },
  "one letter": { count: 10_100, text: "x" },
  "1,990 lines": { count: 420, text: "x\n".repeat(1990) },
  "many scripts": { count: 1000, text: fill("a\u0431\u05e2\u0645\u4e2d\u0e44\u1785\u12a0") },
  "1,190 rare characters": { count: 200, text: rowOf(1190, 0x3400, 5) },
  links: { count: 1000, text: "http://a.example/b ".repeat(200) },
};

/** Other names, one after the other. */
export const RENAMES = { count: 5000, type: "name", text: rowOf(31, 0x3400, 5) };

/** For |before|: the page's channels are at hand. */
export function keepChannels() {
  const { createDataChannel } = RTCPeerConnection.prototype;
  window.channels = [];
  RTCPeerConnection.prototype.createDataChannel = function (...how) {
    const channel = createDataChannel.apply(this, how);
    window.channels.push(channel);
    return channel;
  };
}

/** Sends texts, or names, to everybody past the page, as fast as the channels take them. */
export function pour(mallory, { count, type = "text", text }) {
  return mallory.page.evaluate(
    (number, kind, words) => {
      const open = window.channels.filter(({ readyState }) => readyState === "open");
      const contentOf = (i) => (kind === "name" ? words.slice(i % 2) : words);
      for (let i = 0; i < number; i++)
        for (const channel of open)
          if (channel.readyState === "open")
            channel.send(JSON.stringify({ type: kind, number: i, [kind]: contentOf(i) }));
    },
    count,
    type,
    text,
  );
}

/** |count| strangers without a page come into the room, as the server lets them in, and go. */
export async function comeAndGo(mallory, server, count) {
  const room = await mallory.room();
  const one = async () => {
    const socket = await openSilentMember(server, room);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.send(JSON.stringify({ type: "leave" }));
    await closed;
  };
  await Promise.allSettled(Array.from({ length: count }, one));
}
