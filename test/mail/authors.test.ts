/** Who a header section names as its author: one From that everybody reads alike, and the fields beside it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AUTHOR_LIMIT, formatAddress, readAuthors } from "../../src/mail/index.ts";

/** "From a@b.example, Sender c@d.example", or why not. */
function told(section: string): string {
  const authors = readAuthors(Buffer.from(section, "latin1"));
  if (authors.kind === "unreadable") return `${authors.field}: ${authors.why}`;
  return authors.authors.map(({ field, address }) => `${field} ${formatAddress(address)}`).join();
}

test("From, Sender and those who sent it again are told, the author first", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["From: Ann <a@b.example>\r\n\r\n", "From a@b.example"],
    ["FROM:a@b.example", "From a@b.example"],
    ["Sender: s@b.example\r\nfrom: a@b.example\r\n", "From a@b.example,Sender s@b.example"],
    ["From: a@b.example,\r\n c@d.example\r\n\r\n", "From a@b.example,From c@d.example"],
    [
      "Resent-From: r@b.example\r\nResent-Sender: q@b.example\r\nResent-From: p@b.example\r\nFrom: a@b.example\r\n\r\n",
      "From a@b.example,Resent-From r@b.example,Resent-From p@b.example,Resent-Sender q@b.example",
    ],
    ["From: a@b.example\r\nReply-To: what ever\r\nFromage: x\r\n\r\n", "From a@b.example"],
  ];
  for (const [section, expected] of cases) assert.equal(told(section), expected, section);
});

test("a header section without one readable From has no author", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["", "From: there is no From field"],
    ["\r\n", "From: there is no From field"],
    ["Subject: From: a@b.example\r\n\r\n", "From: there is no From field"],
    ["X: y\r\n From: a@b.example\r\n\r\n", "From: there is no From field"],
    [" x\r\nFrom: a@b.example\r\n\r\n", "From: there is no From field"],
    ["\tx\r\nFrom: a@b.example\r\n\r\n", "From: there is no From field"],
    ["From: a@b.example\r\nfrom: a@b.example\r\n\r\n", "From: there are 2 From fields"],
    ["From : a@b.example\r\n\r\n", "From: the From field has blanks before its colon"],
    ["From: a@b.example\r\nFrom\t: c@d.example\r\n\r\n", "From: there are 2 From fields"],
    ["From:\r\n\r\n", "From: the From field cannot be read: it has no address"],
    [
      "From: <@x.example:a@b.example>\r\n\r\n",
      "From: the From field cannot be read: it has a source route in an address",
    ],
    [
      "From: a@b.example\r\nSender: s@b.example\r\nSender: s@b.example\r\n\r\n",
      "Sender: there are 2 Sender fields",
    ],
    [
      "From: a@b.example\r\nSender: s@b.example, t@b.example\r\n\r\n",
      "Sender: the Sender field has 2 addresses",
    ],
    [
      "From: a@b.example\r\nResent-From: x\r\n\r\n",
      "Resent-From: the Resent-From field cannot be read: it is no list of addresses (RFC 5322 3.4)",
    ],
  ];
  for (const [section, expected] of cases) assert.equal(told(section), expected, section);
});

test("all fields together name so many at most", () => {
  const again = (count: number) =>
    `From: a@b.example\r\n${"Resent-From: a@b.example\r\n".repeat(count)}`;
  assert.equal(told(again(AUTHOR_LIMIT - 1)).split(",").length, AUTHOR_LIMIT);
  assert.match(told(again(AUTHOR_LIMIT)), /^Resent-From: more than 100 addresses/);
});
