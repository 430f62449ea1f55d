/** What an operator types, and the filter that it becomes, or the words that it is answered with. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  readConditions,
  readName,
  type QueueConditions,
} from "../../../src/operate/queue/index.ts";
import type { QueueFilter } from "../../../src/store/index.ts";
import { domainOf } from "../../support/memory-directory.ts";
import { HOUR, idOf, message, MINUTE, NOW } from "./rows.ts";

const READ: readonly (readonly [QueueConditions, QueueFilter])[] = [
  [{}, {}],
  [{ sender: "ann@example.org" }, { reversePath: "ann@example.org" }],
  [{ sender: "<Ann@EXAMPLE.org>" }, { reversePath: "Ann@example.org" }],
  [{ sender: "<>" }, { reversePath: "" }],
  [{ sender: "" }, { reversePath: "" }],
  [{ recipient: "bob@bücher.example" }, { forwardPath: "bob@xn--bcher-kva.example" }],
  [{ domain: "EXAMPLE.net" }, { domain: domainOf("example.net") }],
  [{ login: "Ann@Example.org" }, { login: "ann@example.org" }],
  [{ message: "uv04j8ros3m6-2" }, { message: message(2) }],
  [{ destination: "Hub.example" }, { destination: "hub.example" }],
  [{ olderThan: "2h" }, { acceptedBefore: NOW - 2 * HOUR }],
  [{ newerThan: "90 min" }, { acceptedFrom: NOW - 90 * MINUTE }],
  [
    { olderThan: "1d", newerThan: "1w" },
    { acceptedBefore: NOW - 24 * HOUR, acceptedFrom: NOW - 168 * HOUR },
  ],
  [
    { held: true, domain: "example.net" },
    { held: true, domain: domainOf("example.net") },
  ],
  [{ held: false }, {}],
];
for (const [said, filter] of READ)
  test(`${JSON.stringify(said)} is ${JSON.stringify(filter)}`, () => {
    assert.deepEqual(readConditions(said, NOW), filter);
  });

const NOT_READ: readonly (readonly [QueueConditions, RegExp])[] = [
  [{ sender: "ann" }, /"ann" is no address: it has no domain/],
  [{ recipient: "<>" }, /is no address/],
  [{ domain: "a b" }, /"a b" is no domain name/],
  [{ message: "1042" }, /names nothing in a queue/],
  [{ olderThan: "2" }, /"2" is no age; expected one such as 30m, 2h or 3d/],
  [{ newerThan: "-2h" }, /is no age/],
  [{ newerThan: "2 years" }, /is no age/],
];
for (const [said, words] of NOT_READ)
  test(`${JSON.stringify(said)} is answered: ${words.source}`, () => {
    const answer = readConditions(said, NOW);
    assert.ok(typeof answer === "string");
    assert.match(answer, words);
  });

test("a name is a row's number or a message's id; a session's id alone is none", () => {
  assert.deepEqual(readName("1042"), { id: idOf(1042) });
  assert.deepEqual(readName("uv04j8ros3m6-1"), { message: message(1) });
  const notNamed = (text: string): string => {
    const answer = readName(text);
    assert.ok(typeof answer === "string", text);
    return answer;
  };
  assert.match(notNamed("uv04j8ros3m6"), /its messages are uv04j8ros3m6-1, uv04j8ros3m6-2/);
  assert.match(notNamed("123456789012"), /names a session/);
  for (const text of ["", "x", "4F2B1C", "uv04j8ros3m6-0", "--all"])
    assert.match(notNamed(text), /names nothing in a queue/, text);
});
