/** Small helpers to make elements. Text goes in as text only. */

/**
 * @param {string} tag
 * @param {Object} properties of the element; `data` sets data-... attributes
 * @param {...(Node|string)} children
 */
export function element(tag, { data = {}, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  Object.assign(made.dataset, data);
  made.append(...children);
  return made;
}

/**
 * |text| as nodes: a long row of flags may break after every eighth. Chromium takes time that grows
 * with the square of its length where letters that are no flag make one with their neighbours, and
 * draws it beyond the edge.
 */
export function textNodes(text) {
  const pieces = text.split(/((?:\p{RI}[\p{DI}\p{M}]*){16})/u);
  return pieces.flatMap((piece, i) => (i % 2 ? [piece, element("wbr")] : piece));
}

/** Sets text only when it changed, so that live regions stay silent. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Makes |items| the children of |parent|; those that stand right stay: what moves is laid out anew. */
export function arrange(parent, items) {
  const kept = new Set(items);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const item of items) {
    if (item === next) next = next.nextElementSibling;
    else parent.insertBefore(item, next);
  }
}

/** While an input method composes, Enter and Escape belong to it (keyCode 229 in Safari). */
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

/** Runs |change|, after which what had the focus may be hidden: then |next| gives the heir. */
export function keepFocus(change, next) {
  const before = document.activeElement;
  change();
  if (!before || before === document.body) return; // looking costs a layout
  const gone = before.getClientRects().length === 0;
  if (gone) next(before)?.focus();
}

/** A function that makes something when it is first called: what Intl has takes a browser some 20 ms. */
export function once(make) {
  let made;
  return () => (made ??= make());
}

/** Cuts texts into characters as people count them; undefined where there is none (Firefox before 125). */
export const segmenter = once(() => Intl.Segmenter && new Intl.Segmenter());

function firstCharacter(text) {
  if (/^[ -\u02ff]{2}/.test(text)) return text[0]; // what follows begins no mark that combines
  const first = segmenter()?.segment(text)[Symbol.iterator]().next().value;
  return first?.segment ?? [...text][0] ?? "";
}

/** What stands in a person's disc. */
export const initialOf = (name) => firstCharacter(name).toLocaleUpperCase();

/** A person's disc; decoration only, so its letter is drawn by CSS. */
export function disc(name, colour) {
  return element("span", {
    className: "disc",
    ariaHidden: "true",
    data: { initial: initialOf(name), colour },
  });
}
