/** When to draw. */

/** A hidden page draws no frames; it must not fall behind by more than this. */
const HIDDEN_DELAY_MS_MAX = 200;
/** So late is the frame of a busy page at most, or nobody sees it: more must not gather for one frame. */
const FRAME_DELAY_MS_MAX = 2000;

/** A function that lets |draw| run once before the next frame, however often it is called. */
export function onceAFrame(draw) {
  let frame = 0;
  let timer = 0;
  const run = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = timer = 0;
    draw();
  };
  return () => {
    if (frame) return;
    frame = requestAnimationFrame(run);
    timer = setTimeout(run, document.hidden ? HIDDEN_DELAY_MS_MAX : FRAME_DELAY_MS_MAX);
  };
}
