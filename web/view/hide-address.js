/** The switch 'Hide my address'. */

import { setText } from "./element.js";

export function createHideAddress(core) {
  const hide = document.getElementById("hide");
  const note = document.getElementById("hide-note");
  hide.onchange = () => core.handle("HIDE_ADDRESS", { code: Number(hide.checked) });
  return {
    show({ hideAddress, canHideAddress, hideAddressText }) {
      hide.checked = hideAddress;
      hide.disabled = !canHideAddress;
      setText(note, hideAddressText);
    },
  };
}
