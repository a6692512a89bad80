/** When to draw. */

/** A hidden page draws no frames; it must not fall behind by more than this. */
const DRAW_DELAY_MS_MAX = 200;

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
    timer = setTimeout(run, DRAW_DELAY_MS_MAX);
  };
}
