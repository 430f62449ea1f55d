/**
 * One case of a submission: a message whose octets come in two ways. What is stored is what was sent without the fields that
 * must go, by another way of counting lines; and no reader finds an author whom we did not.
 */
import assert from "node:assert/strict";
import { displayDomain, type Author } from "../../../src/mail/index.ts";
import { Intake, type SubmissionHeader } from "../../../src/service/receive/intake.ts";
import type { MessageDraft } from "../../../src/store/index.ts";
import { Dice } from "../dice.ts";
import type { Scenario } from "../scenario.ts";
import { makeMessage } from "./generator.ts";
import { bodiesOf, linesOfFields, nameOf, readings } from "./readers.ts";

const HEADER_LIMIT = 100_000;

export function makeSubmission(seed: number): Scenario {
  const dice = new Dice(seed);
  const message = Uint8Array.from(Buffer.from(makeMessage(dice)));
  return { protocol: "submission", settings: 0, mood: dice.next(), happenings: [message] };
}

/** Throws when anything is not as it must be. */
export function trySubmission({ happenings, mood }: Scenario): void {
  const octets = Buffer.concat(happenings.filter((one) => typeof one !== "string"));
  const text = octets.toString("latin1");
  if (/\0|\r(?!\n)|(?<!\r)\n/.test(text)) return; // the framing does not let it through
  const whole = taken([octets]);
  assert.deepEqual(
    taken(pieces(octets, new Dice(mood))),
    whole,
    "octets in pieces lead to the same",
  );
  isCompleted(text, whole.stored, whole.header);
  const { authors } = whole.header;
  if (authors.kind === "read") namesNobodyElse(whole.stored, authors.authors);
}

interface Taken {
  readonly stored: string;
  readonly header: SubmissionHeader;
}

function taken(slices: readonly Uint8Array[]): Taken {
  const stored: Uint8Array[] = [];
  const draft: MessageDraft = {
    write: (slice: Uint8Array) => stored.push(Uint8Array.from(slice)) > 0,
    commit: () => assert.fail("nobody commits it"),
    abandon() {},
  };
  const intake = new Intake(draft, {
    headerLimitOctets: HEADER_LIMIT,
    hostname: "mx.own.example",
    leaves: false,
    kind: "submission",
  });
  for (const slice of slices) intake.take(Uint8Array.from(slice), () => {});
  intake.finish();
  assert.ok(intake.submission !== undefined);
  return { stored: Buffer.concat(stored).toString("latin1"), header: intake.submission };
}

function pieces(octets: Uint8Array, dice: Dice): readonly Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let from = 0; from < octets.length;) {
    const length = 1 + dice.below(20);
    cut.push(octets.subarray(from, from + length));
    from += length;
  }
  return cut;
}

const GONE = new Set(["bcc", "resent-bcc", "return-path"]);

function isCompleted(sent: string, stored: string, { missing }: SubmissionHeader): void {
  const { fields, rest } = linesOfFields(/^[ \t]/.test(sent) ? `\r\n${sent}` : sent);
  const left = fields.filter((field) => !GONE.has(nameOf(field)));
  assert.equal(stored, left.join("") + rest, "nothing else is changed");
  const names = new Set(left.map(nameOf));
  assert.deepEqual(missing, { date: !names.has("date"), messageId: !names.has("message-id") });
}

/** Whatever a reader finds in From is one of the authors. */
function namesNobodyElse(stored: string, authors: readonly Author[]): void {
  const froms = bodiesOf(stored, "from");
  assert.equal(froms.length, 1, "one From");
  const ours = new Set(
    authors.filter(({ field }) => field === "From").flatMap(({ address }) => spellings(address)),
  );
  for (const body of froms)
    for (const reading of readings(Buffer.from(body, "latin1").toString("utf8")))
      for (const found of reading)
        assert.ok(ours.has(found.toLowerCase()), `a reader finds ${found}`);
}

/** As readers show it; the generator's quoted names become "q" where a reader takes quotes away. */
function spellings({ local, host }: Author["address"]): readonly string[] {
  const domains =
    host.kind === "domain" ? [host.domain, displayDomain(host.domain)] : [`[${host.ip}]`];
  return domains.flatMap((domain) =>
    [local, `"${local}"`, "q", "qq"].map((name) => `${name}@${domain}`.toLowerCase()),
  );
}
