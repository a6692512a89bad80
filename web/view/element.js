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

/** Sets text only when it changed, so that live regions stay silent. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Runs |change|, after which what had the focus may be hidden: then |next| gives the heir. */
export function keepFocus(change, next) {
  const before = document.activeElement;
  change();
  const gone = before && before !== document.body && before.getClientRects().length === 0;
  if (gone) next(before)?.focus();
}

let segmenter; // made with the first person: it takes a moment

/** What stands in a person's disc: the first character of the name as people count them. */
export function initialOf(name) {
  segmenter ??= Intl.Segmenter ? new Intl.Segmenter() : null;
  const first = segmenter ? segmenter.segment(name)[Symbol.iterator]().next().value : null;
  return (first?.segment ?? [...name][0] ?? "").toLocaleUpperCase();
}

/** A person's disc; decoration only, so its letter is drawn by CSS. */
export function disc(name, colour) {
  return element("span", {
    className: "disc",
    ariaHidden: "true",
    data: { initial: initialOf(name), colour },
  });
}
