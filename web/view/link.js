/** An address as a link, which says where it leads when its text could be taken for another place. */

import { element, textNodes } from "./element.js";

const DEFAULT_PORT = { "http:": "80", "https:": "443" };

/**
 * Where |address| leads, as the browser reads it: an address of somebody's choosing may name another
 * host before an `@`, in letters of another script, escaped, or as an odd number.
 * @returns the host in ASCII (punycode) where the text does not say just that, else ""; null where
 *   the browser goes nowhere
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

/** What stands in the page for |address|; from left to right, so that no path moves its host. */
export function linkNodes(address) {
  const host = hiddenHost(address);
  if (host === null) return textNodes(address);
  const how = { href: address, dir: "ltr", target: "_blank", rel: "noopener noreferrer" };
  const link = element("a", how, ...textNodes(address));
  if (host === "") return [link];
  return [link, element("bdi", { className: "host", dir: "ltr" }, ` (goes to ${host})`)];
}
