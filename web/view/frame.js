/** When to draw. */

/** A hidden page gets no frames; it falls behind by at most this. */
const HIDDEN_DELAY_MS_MAX = 200;
/**
 * If a frame comes later than this, the page draws without it, so that not too much gathers for
 * one frame.
 */
const FRAME_DELAY_MS_MAX = 2000;
const LATER_MS = 300;

/** Runs |work| a moment later, since a page that has just connected has its first message to show. */
export const later = (work) => setTimeout(work, LATER_MS);

/**
 * A function that lets |draw| run once before the next frame, however often it is called.
 * @param {boolean} soon draw at the end of the current task if the last frame had nothing to draw
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
