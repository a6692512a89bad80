/**
 * The name kept on this device. A tab keeps its own for a reload; a new tab begins with the one that
 * was last chosen on the device. A browser that refuses storage only forgets.
 */

const KEY = "parley.name";

/** @returns {{name: string, code: number}} code: the bits that came with NAME_STORE */
export function loadName() {
  for (const storage of [() => sessionStorage, () => localStorage]) {
    try {
      const { name, code } = JSON.parse(storage().getItem(KEY)) ?? {};
      if (typeof name === "string" && Number.isInteger(code)) return { name, code };
    } catch {
      // refused, or not ours
    }
  }
  return { name: "", code: 0 };
}

/**
 * @param {string} name
 * @param {number} code
 * @param {boolean} chosen not made up: other tabs shall begin with it too
 */
export function storeName(name, code, chosen) {
  const storages = [() => sessionStorage];
  if (chosen) storages.push(() => localStorage);
  for (const storage of storages) {
    try {
      storage().setItem(KEY, JSON.stringify({ name, code }));
    } catch {
      // refused or full
    }
  }
}
