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
 * |text| as nodes. A long row of flags gets a break after every eighth: otherwise Chromium draws it
 * beyond the edge, and takes quadratic time if the letters form no flags.
 */
export function textNodes(text) {
  const pieces = text.split(/((?:\p{RI}[\p{DI}\p{M}]*){16})/u);
  return pieces.flatMap((piece, i) => (i % 2 ? [piece, element("wbr")] : piece));
}

/** Sets text only when it changed, so that live regions stay silent. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * Makes |items| the children of |parent|. Those in the right place stay, since what moves is laid
 * out anew.
 */
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

/**
 * Runs |change|. If it hides the focused element, the focus moves to what |next| returns. That is
 * looked up in the next frame, which lays the page out in any case.
 */
export function keepFocus(change, next) {
  const before = document.activeElement;
  change();
  if (!before || before === document.body) return;
  const look = () => {
    const moved = ![before, document.body].includes(document.activeElement);
    if (!moved && before.getClientRects().length === 0) next(before)?.focus();
  };
  if (document.hidden)
    look(); // which gets no frames
  else requestAnimationFrame(look);
}

/** A function that makes something when first called: an Intl object takes a browser some 20 ms. */
export function once(make) {
  let made;
  return () => (made ??= make());
}

/** Cuts texts into characters as people count them; undefined in Firefox before 125. */
export const segmenter = once(() => Intl.Segmenter && new Intl.Segmenter());

function firstCharacter(text) {
  if (/^[ -\u02ff]{2}/.test(text)) return text[0]; // what follows begins no mark that combines
  const first = segmenter()?.segment(text)[Symbol.iterator]().next().value;
  return first?.segment ?? [...text][0] ?? "";
}

/** The letter in a person's disc. */
export const initialOf = (name) => firstCharacter(name).toLocaleUpperCase();

/** A person's disc. It is decoration, so CSS draws its letter. */
export function disc(name, colour) {
  return element("span", {
    className: "disc",
    ariaHidden: "true",
    data: { initial: initialOf(name), colour },
  });
}
