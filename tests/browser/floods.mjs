// What a hostile member sends: texts that cost most to show, so many of each as to be too much.
// flood.test.mjs counts what a page does with them.

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

/** Sends texts to everybody past the page, as fast as the channels take them. */
export function pour(mallory, { count, text }) {
  return mallory.page.evaluate(
    (number, words) => {
      const open = window.channels.filter(({ readyState }) => readyState === "open");
      for (let i = 0; i < number; i++)
        for (const channel of open)
          if (channel.readyState === "open")
            channel.send(JSON.stringify({ type: "text", number: i, text: words }));
    },
    count,
    text,
  );
}
