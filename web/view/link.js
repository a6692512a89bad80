/** An address as a link. It names its host if its text could be mistaken for another. */

import { element, textNodes } from "./element.js";

const DEFAULT_PORT = { "http:": "80", "https:": "443" };

/**
 * Where |address| leads, as the browser reads it. An address may hide its host: another name before
 * an `@`, letters of another script, escapes, or an odd number.
 * @returns the host in ASCII (punycode) if the text does not show exactly that, else ""; null if it
 *   is no address for the browser
 */
export function hiddenHost(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  const said = /^https?:\/\/([^/?#]*)/i.exec(address)?.[1].toLowerCase();
  const port = DEFAULT_PORT[url.protocol];
  return said === url.host || said === `${url.host}:${port}` ? "" : url.host;
}

/** The nodes for |address|, left to right, so that no path displaces its host. */
export function linkNodes(address) {
  const host = hiddenHost(address);
  if (host === null) return textNodes(address);
  const how = { href: address, dir: "ltr", target: "_blank", rel: "noopener noreferrer" };
  const link = element("a", how, ...textNodes(address));
  if (host === "") return [link];
  return [link, element("bdi", { className: "host", dir: "ltr" }, ` (goes to ${host})`)];
}
