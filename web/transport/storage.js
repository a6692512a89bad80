/**
 * The browser keeps these from one page to the next. If a browser refuses storage, nothing is kept.
 *
 * A tab keeps its name through a reload; a new tab begins with the name last chosen on the device.
 * The transport and the draft are kept as long as the tab lives.
 *
 * The token makes a tab the same member after a reload, and no other tab may have it. A browser
 * copies sessionStorage into a duplicated tab, so the token must not be there while the page lives.
 * The page takes it out when it starts and puts it back when it goes (pagehide: a reload, a
 * navigation, a closed tab that may be reopened) or is frozen, since it may then be discarded
 * without notice. When thawed, it takes the token out again. A tab that is killed loses its token
 * and comes back as somebody else. Only a frozen tab can be duplicated with its token; the server
 * then gives its place to the copy.
 */

const NAME_KEY = "parley.name";
const DRAFT_KEY = "parley.draft";
const TOKEN_KEY = "parley.token";
const TRANSPORT_KEY = "parley.transport";
const DEVICE_KEY = "parley.device";
const HIDE_ADDRESS_KEY = "parley.hiding";

const tab = () => sessionStorage;
const device = () => localStorage;

function load(storage, key) {
  try {
    return JSON.parse(storage().getItem(key));
  } catch {
    return null; // refused, or not JSON of ours
  }
}

function store(storage, key, value) {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, JSON.stringify(value));
  } catch {
    // refused or full
  }
}

/** @returns {{name: string, code: number}} code: the bits that came with NAME_STORE */
export function loadName() {
  for (const storage of [tab, device]) {
    const { name, code } = load(storage, NAME_KEY) ?? {};
    if (typeof name === "string" && Number.isInteger(code)) return { name, code };
  }
  return { name: "", code: 0 };
}

/**
 * @param {string} name
 * @param {number} code
 * @param {boolean} shared with new tabs
 */
export function storeName(name, code, shared) {
  store(tab, NAME_KEY, { name, code });
  if (shared) store(device, NAME_KEY, { name, code });
}

/** The code of TRANSPORT_STORE; null: none. */
export function loadTransport() {
  return load(tab, TRANSPORT_KEY);
}

export function storeTransport(code) {
  store(tab, TRANSPORT_KEY, code);
}

/** The code of HIDE_ADDRESS_STORE, for all tabs of the device. */
export function loadHideAddress() {
  return load(device, HIDE_ADDRESS_KEY) === 1;
}

export function storeHideAddress(code) {
  store(device, HIDE_ADDRESS_KEY, code);
}

/** The secret of this person's identities in all rooms. @returns {string} "" where there is none */
export function loadDevice() {
  const secret = load(device, DEVICE_KEY);
  return typeof secret === "string" ? secret : "";
}

export function storeDevice(secret) {
  store(device, DEVICE_KEY, secret);
}

/** The text in the message box. @param {string} text "" for nothing */
export function storeDraft(text) {
  store(tab, DRAFT_KEY, text || null);
}

/** @returns {string} */
export function loadDraft() {
  const draft = load(tab, DRAFT_KEY);
  return typeof draft === "string" ? draft : "";
}

/** Takes the token out of the tab's storage. @returns {string} "" where there is none */
export function takeToken() {
  const token = load(tab, TOKEN_KEY);
  store(tab, TOKEN_KEY, null);
  return typeof token === "string" ? token : "";
}

export function putBackToken(token) {
  if (token) store(tab, TOKEN_KEY, token);
}
