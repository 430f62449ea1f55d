/** What the operator reads of rows and of the queue's shape: lists of a given width, a message whole, and JSON. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { status } from "../../../src/mail/index.ts";
import {
  LIST_HEAD,
  messageLines,
  rowJson,
  rowLines,
  shapeJson,
  shapeLines,
  type WholeShape,
} from "../../../src/operate/queue/index.ts";
import type { LeavingRow, QueueRow } from "../../../src/store/index.ts";
import { HOUR, MINUTE, NOW, queueRow } from "./rows.ts";

process.env["TZ"] = "Asia/Kolkata"; // half an hour off, so that nothing is right by accident

const DEFERRED: NonNullable<QueueRow["last"]> = {
  at: NOW - 18 * MINUTE,
  outcome: {
    status: status(451, "4.7.1", "greylisted", "remote"),
    reply: {
      host: "mx.example.net",
      lines: ["451-4.7.1 greylisted,", "451 4.7.1 come back\x1b[2J later"],
    },
  },
};

function listed(parts: Partial<LeavingRow> = {}, width = Infinity): string {
  return [LIST_HEAD, ...rowLines(queueRow(parts), NOW, width)].join("\n");
}

test("a row is two lines, and what was said to it a third", () => {
  const first = `     ID  SIZE      AGE     NEXT TRY   RECIPIENT
   1042  4.0 KiB   3 h     in 12 min  bob@example.net
         uv04j8ros3m6-1 from ann@example.org`;
  assert.equal(listed(), first);
  const words = "         mx.example.net: 451 4.7.1 greylisted, come back?[2J later";
  assert.equal(listed({ last: DEFERRED }), `${first}\n${words}`);
  const ours = { at: NOW, outcome: { status: status(451, "4.4.1", "no answer", "delivery") } };
  assert.equal(listed({ last: ours }), `${first}\n         451 4.4.1 no answer`);
  const why = { at: NOW, outcome: { status: { ...ours.outcome.status, reason: "refused" } } };
  assert.equal(listed({ last: why }), `${first}\n         451 4.4.1 no answer (refused)`);
});

test("only what was said is cut to the width: addresses are copied from here", () => {
  const forwardPath = `${"long".repeat(20)}@example.net`;
  const lines = listed({ forwardPath, last: DEFERRED }, 40).split("\n");
  assert.ok(lines.some((line) => line.endsWith(forwardPath)));
  assert.equal(lines.at(-1), "         mx.example.net: 451 4.7.1 grey…");
  assert.equal(lines.at(-1)?.length, 40);
});

test("a list says what comes next, and what must be known before", () => {
  const owner = "one";
  const underWay = { kind: "under way", owner, until: NOW + MINUTE } as const;
  const states: readonly (readonly [Partial<LeavingRow>, RegExp])[] = [
    [{ state: { kind: "waiting", dueAt: NOW } }, / now {8}bob@/],
    [{ state: { kind: "held" } }, / held {7}bob@/],
    [{ state: { ...underWay, wish: "send" } }, / under way {2}bob@[^\n]*\n[^\n]*$/],
    [{ state: { ...underWay, wish: "hold" } }, /\n +will be held when this attempt has ended$/],
    [
      { state: { ...underWay, wish: "remove" } },
      /\n +will be removed when this attempt has ended$/,
    ],
    [{ inDoubt: true }, /\n +in doubt: it may have been delivered already$/],
    [{ reversePath: "" }, / from <> /],
  ];
  for (const [parts, form] of states) assert.match(listed(parts), form);
});

test("a message is shown with all that is known of it, in local time", () => {
  const row = queueRow({
    last: DEFERRED,
    attempts: 2,
    delayReported: true,
    inDoubt: true,
    parameters: {
      smtputf8: true,
      body: "8BITMIME",
      ret: "HDRS",
      envid: "QQ",
      notify: ["DELAY", "FAILURE"],
      orcpt: "rfc822;b@example.net",
    },
  });
  const held = queueRow({
    ...row,
    forwardPath: "carol@example.net",
    state: { kind: "held" },
    attempts: 0,
  });
  const carrier = {
    host: "mx.example.net",
    ip: "198.51.100.2",
    tls: { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" },
    security: { level: "dane", why: "TLSA records of mx.example.net" },
    certificate: { sha256: "ab12", why: "DANE: TLSA 3 1 1 fits its own certificate" },
  } as const;
  const carrierOf = ({ id }: QueueRow) => (id === row.id ? carrier : undefined);
  const text = messageLines([row, held], NOW, carrierOf).join("\n");
  const expected = `message    uv04j8ros3m6-1, 4.0 KiB
accepted   2026-01-31 14:30:00 +0530, 3 h ago
sender     ann@example.org
login      ann@example.org
reports    of failures and delays go to the sender, a user of ours
asked for  body 8BITMIME, SMTPUTF8 yes, RET HDRS, ENVID QQ

recipient  bob@example.net, 1042 in the queue
state      waiting for the next attempt, 2026-01-31 17:42:00 +0530, in 12 min
note       in doubt: it may have been delivered already
attempts   2, the last at 2026-01-31 17:12:00 +0530, 18 min ago
outcome    451 4.7.1 greylisted
by         mx.example.net
it said    451-4.7.1 greylisted,
           451 4.7.1 come back?[2J later
server     mx.example.net [198.51.100.2], TLSv1.3 TLS_AES_256_GCM_SHA384
security   DANE, TLSA records of mx.example.net
           certificate sha256:ab12: DANE: TLSA 3 1 1 fits its own certificate
next hop   example.net
may leave  by the login ann@example.org, to example.net only
delay      has been reported
asked for  NOTIFY DELAY,FAILURE, ORCPT rfc822;b@example.net

recipient  carol@example.net`;
  assert.equal(text.slice(0, expected.length), expected);
  assert.match(text, /\nstate {6}held until `gatepost queue release`\n/);
});

test("scripts get a row as one object, with moments in UTC and nothing that was not asked for", () => {
  const row = rowJson(queueRow({ last: DEFERRED, attempts: 2 }));
  assert.deepEqual(JSON.parse(JSON.stringify(row)), {
    id: 1042,
    message: "uv04j8ros3m6-1",
    octets: 4096,
    sender: "ann@example.org",
    login: "ann@example.org",
    recipient: "bob@example.net",
    destination: "example.net",
    grant: { basis: "login", holder: "ann@example.org", domain: "example.net" },
    settled: null,
    tell: "own user",
    evidence: null,
    parameters: { smtputf8: false },
    acceptedAt: "2026-01-31T09:00:00.000Z",
    state: "waiting",
    nextAttemptAt: "2026-01-31T12:12:00.000Z",
    wish: "send",
    attempts: 2,
    last: { at: "2026-01-31T11:42:00.000Z", ...DEFERRED.outcome },
    delayReported: false,
    inDoubt: false,
  });
});

const SHAPE: WholeShape = {
  destinations: 3,
  rows: 12,
  byAge: [1, 2, 3, 0, 0, 6, 0],
  largest: [
    {
      destination: "a.rather.long.name.example.net",
      rows: 10,
      byAge: [0, 2, 2, 0, 0, 6, 0],
      last: DEFERRED,
    },
    { destination: "b.example", rows: 1, byAge: [1, 0, 0, 0, 0, 0, 0] },
  ],
};

test("the shape is a table that fits its width; a name that is too long has a line of its own", () => {
  const text = shapeLines(SHAPE, 80).join("\n");
  const table = `NEXT HOP                    ALL   ≤15m    ≤1h    ≤4h   ≤12h    ≤1d    ≤3d  older
TOTAL                        12      1      2      3      0      0      6      0
a.rather.long.name.example.net
                             10      0      2      2      0      0      6      0
    mx.example.net: 451 4.7.1 greylisted, come back?[2J later
b.example                     1      1      0      0      0      0      0      0

and 1 more next hops with fewer; --all shows them`;
  assert.ok(text.endsWith(table), text);
  assert.match(shapeLines(SHAPE, 120).join("\n"), /^a\.rather\.long\.name\.example\.net {5}10 /m);
});

test("scripts get the shape with ages in seconds, the last without an end", () => {
  const [first] = shapeJson(SHAPE) as readonly { readonly byAge: readonly object[] }[];
  assert.deepEqual(first?.byAge.slice(-2), [
    { upToSeconds: (72 * HOUR) / 1000, rows: 6 },
    { upToSeconds: null, rows: 0 },
  ]);
});
