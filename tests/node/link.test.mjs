// The text of a link: readers always see the host that the browser goes to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hiddenHost } from "../../web/view/link.js";

// Each address, and the host that its text hides: "": none; null: it is no link.
const ADDRESSES = [
  ["https://bank.example", ""],
  ["HTTPS://Bank.Example/Login?a=b#c", ""],
  ["http://bank.example:8080/", ""],
  ["https://bank.example:443/", ""],
  ["http://bank.example:80", ""],
  ["http://bank.example:443/", ""],
  ["http://127.0.0.1:3000/?roomId=tea_", ""],
  ["http://[::1]:3000/", ""],
  ["https://evil.example/@bank.example", ""],
  ["https://evil.example?@bank.example", ""],
  ["https://evil.example#@bank.example", ""],
  ["https://xn--mnchen-3ya.example/", ""],
  ["https://bank.example@evil.example", "evil.example"],
  ["https://bank.example:443@evil.example/", "evil.example"],
  ["https://bank.example%2F@evil.example/", "evil.example"],
  ["https://ada:secret@bank.example/", "bank.example"],
  ["https://evil.example\\@bank.example", "evil.example"],
  ["https://bank.example\\evil.example", "bank.example"],
  ["https://m\u00fcnchen.example/", "xn--mnchen-3ya.example"],
  ["https://b\u0430nk.example", "xn--bnk-6cd.example"], // Cyrillic
  ["https://\u0431\u0430\u043d\u043a.example", "xn--80ab2al.example"],
  ["https://\u05d0.bank.example/", "xn--4db.bank.example"], // from right to left
  ["https://bank.example\u3002evil.example/", "bank.example.evil.example"],
  ["https://bank.example\uff0eevil.example/", "bank.example.evil.example"],
  ["https://\uff42ank.example", "bank.example"],
  ["https://%65vil.example", "evil.example"],
  ["http://2130706433/", "127.0.0.1"],
  ["http://0x7f.1/", "127.0.0.1"],
  ["http://[0:0::1]/", "[::1]"],
  ["https://bank.example\uff0fevil.example/", null],
  ["https://bank.example%40evil.example", null],
  ["https://bank.example:99999/", null],
  ["https://bank.example:443.evil.example/", null],
  ["https://a b.example".replace(" ", "%20"), null],
  ["https://[bank.example]/", null],
];

test("the host that the browser goes to is in the text, or shown beside it", () => {
  for (const [address, host] of ADDRESSES) assert.equal(hiddenHost(address), host, address);
});
