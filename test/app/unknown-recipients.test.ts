/** What `gatepost check` says of unknown recipients: the sentence of the setting, and the kinds of recipients that it makes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isUnusedHere, unknownRecipientsText } from "../../src/app/index.ts";
import { configSchema } from "../../src/config/schema.ts";
import { RECIPIENT_CLASSES } from "../../src/policy/routing/index.ts";

const PLAIN = { hostname: "mx.local.example", postmaster: "admin@local.example" };

test("by default whoever asks is refused, and no kind of recipient is there for reports", () => {
  const config = configSchema.parse(PLAIN);
  assert.match(unknownRecipientsText(config), /^refused in the session, whoever asks/);
  assert.deepEqual(
    RECIPIENT_CLASSES.filter((kind) => isUnusedHere(kind, config)),
    ["relay test's return", "unknown mailbox, to be reported", "unknown mailbox, sender undecided"],
  );
});

test("reports are for whom SPF verifies, in the numbers that are set", () => {
  const recipients = { unknown: "report", reported_recipients: 3, reports_per_hour: 5 };
  const config = configSchema.parse({ ...PLAIN, recipients });
  assert.equal(
    unknownRecipientsText(config),
    "taken from senders whom SPF verifies, never of a client on a private address, who are told by mail: 3 of a message, " +
      "5 messages of a domain in an hour; refused in the session for everybody else",
  );
  const tester = { domain: "tests.example" };
  const both = configSchema.parse({ ...PLAIN, recipients, tester });
  assert.ok(RECIPIENT_CLASSES.every((kind) => !isUnusedHere(kind, both)));
  const within = configSchema.parse({
    ...PLAIN,
    recipients,
    authentication: { private_clients: true },
  });
  assert.doesNotMatch(unknownRecipientsText(within), /private/);
});

test("reports without SPF are a mistake, and said to be one", () => {
  const authentication = { enabled: false };
  const recipients = { unknown: "report" };
  const read = configSchema.safeParse({ ...PLAIN, recipients, authentication });
  assert.match(read.error?.issues[0]?.message ?? "", /authentication\.enabled = false asks nobody/);
  assert.deepEqual(read.error?.issues[0]?.path, ["recipients", "unknown"]);
});
