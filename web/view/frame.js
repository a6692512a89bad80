/** When to draw. */

/** A page that is hidden draws no frames; it falls behind by no more than this. */
const HIDDEN_DELAY_MS_MAX = 200;
/** So late is the frame of a busy page at most, or nobody sees it: more must not gather for one frame. */
const FRAME_DELAY_MS_MAX = 2000;

/**
 * A function that lets |draw| run once before the next frame, however often it is called.
 * @param {boolean} soon where the last frame had nothing to draw, it runs as soon as what goes on has ended
 */
export function onceAFrame(draw, soon = false) {
  let frame = 0;
  let timer = 0;
  let wanted = false;

  function drawNow() {
    wanted = false;
    draw();
  }

  function run() {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = timer = 0;
    if (!wanted) return;
    if (soon) plan();
    drawNow();
  }

  function plan() {
    frame = requestAnimationFrame(run);
    timer = setTimeout(run, document.hidden ? HIDDEN_DELAY_MS_MAX : FRAME_DELAY_MS_MAX);
  }

  return () => {
    wanted = true;
    if (frame) return;
    plan();
    if (soon) queueMicrotask(drawNow);
  };
}
