/** The switch that hides one's own address from the others. */

import { setText } from "./element.js";

export function createHiding(core) {
  const hide = document.getElementById("hide");
  const note = document.getElementById("hide-note");
  hide.onchange = () => core.handle("HIDE", { code: Number(hide.checked) });
  return {
    show({ hiding, canHide, hidingText }) {
      hide.checked = hiding;
      hide.disabled = !canHide;
      setText(note, hidingText);
    },
  };
}
