/** What is remembered of an inner host's recipients, what is taken while it cannot be asked, and how much it is asked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { configSchema } from "../../../src/config/schema.ts";
import { formatAddress, parseAddress, status, type Address } from "../../../src/mail/index.ts";
import { ManualClock, silentLog } from "../../../src/runtime/index.ts";
import {
  RecipientVerifier,
  UNREACHED_MS,
  type CalloutAnswer,
  type Known,
} from "../../../src/service/receive/index.ts";

const SITE = { hostname: "mx.local.example", postmaster: "admin@local.example" };
const DOMAINS = [
  { domain: "inner.example", host: "10.0.0.5" },
  { domain: "second.example", host: "10.0.0.5" },
  { domain: "other.example", host: "10.0.0.6" },
  { domain: "blind.example", host: "10.0.0.7", verify: false },
];

function address(text: string): Address {
  const parsed = parseAddress(text);
  return typeof parsed === "string" ? assert.fail(text) : parsed;
}

type Said = readonly [code: number, enhanced: string] | "away";

class Inner {
  readonly clock = new ManualClock();
  readonly asked: string[] = [];
  readonly events: string[] = [];
  /** What the hosts say to a recipient; "yes" unless it is here. */
  says: Said = [250, "2.1.5"];
  /** Instead of an answer at once: what lets it come. */
  held: (() => void)[] | undefined;
  readonly verifier: RecipientVerifier;

  constructor(relay: Readonly<Record<string, unknown>> = {}) {
    this.verifier = new RecipientVerifier({
      settings: configSchema.parse({ ...SITE, relay: { domains: DOMAINS, ...relay } }).relay,
      clock: this.clock,
      log: { ...silentLog, warn: (event) => this.events.push(event) },
      callout: async (_host, recipient) => {
        this.asked.push(formatAddress(recipient));
        const { held } = this;
        if (held !== undefined) await new Promise<void>((resolve) => held.push(resolve));
        return this.#answer();
      },
    });
  }

  /** "known", "unknown", or a deferral's codes. */
  async verify(recipient: string): Promise<string> {
    return words(await this.verifier.verify(address(recipient)));
  }

  #answer(): CalloutAnswer {
    if (this.says === "away")
      return { status: status(451, "4.4.1", "away", "test"), reached: false };
    const [code, enhanced] = this.says;
    return { status: status(code, enhanced, "said", "test"), reached: true };
  }
}

function words(known: Known): string {
  return typeof known === "string" ? known : `${known.undecided.code} ${known.undecided.enhanced}`;
}

test("what the host says to RCPT, and what follows from it", async () => {
  const answers: readonly (readonly [Said, string])[] = [
    [[250, "2.1.5"], "known"],
    [[251, "2.1.5"], "known"],
    [[550, "5.1.1"], "unknown"],
    [[550, "5.7.1"], "unknown"],
    [[554, "5.0.0"], "unknown"],
    [[450, "4.7.1"], "450 4.7.1"],
    [[552, "5.0.0"], "452 4.2.2"],
    [[550, "5.2.2"], "452 4.2.2"],
    ["away", "451 4.4.1"],
  ];
  for (const [says, expected] of answers) {
    const inner = new Inner();
    inner.says = says;
    assert.equal(await inner.verify("ann@inner.example"), expected);
  }
});

test("known is known for a day, and unknown for ten minutes; it is said at once", async () => {
  const inner = new Inner();
  await inner.verify("ann@inner.example");
  inner.says = [550, "5.1.1"];
  await inner.verify("nobody@inner.example");
  inner.says = "away";
  inner.clock.advance(599_000);
  assert.equal(inner.verifier.verify(address("ann@inner.example")), "known");
  assert.equal(inner.verifier.verify(address("nobody@inner.example")), "unknown");
  assert.equal(inner.asked.length, 2);
  inner.says = [250, "2.1.5"];
  inner.clock.advance(1000);
  assert.equal(await inner.verify("nobody@inner.example"), "known");
  inner.clock.advance(86_400_000 - 601_000);
  assert.equal(inner.verifier.verify(address("ann@inner.example")), "known");
  inner.clock.advance(1000);
  inner.says = [550, "5.1.1"];
  assert.equal(await inner.verify("ann@inner.example"), "unknown");
});

test("who was unknown is not taken for known when the host cannot be asked", async () => {
  const inner = new Inner();
  inner.says = [550, "5.1.1"];
  await inner.verify("nobody@inner.example");
  inner.says = "away";
  inner.clock.advance(600_000);
  assert.equal(await inner.verify("nobody@inner.example"), "451 4.4.1");
});

test("while the host cannot be asked, who was known is taken for a week, and nobody else", async () => {
  const inner = new Inner();
  await inner.verify("ann@inner.example");
  for (const says of ["away", [451, "4.3.0"]] as const) {
    inner.says = says;
    inner.clock.advance(86_400_000);
    assert.equal(await inner.verify("ann@inner.example"), "known");
    assert.notEqual(await inner.verify("bob@inner.example"), "known");
  }
  inner.clock.advance(5 * 86_400_000);
  assert.equal(await inner.verify("ann@inner.example"), "451 4.3.0");
});

test("a host that is away is not asked for each recipient, and others are asked all the same", async () => {
  const inner = new Inner();
  inner.says = "away";
  await inner.verify("ann@inner.example");
  for (const local of ["bob", "carol"]) {
    assert.equal(await inner.verify(`${local}@inner.example`), "451 4.4.1");
    assert.equal(await inner.verify(`${local}@second.example`), "451 4.4.1");
  }
  assert.deepEqual(inner.asked, ["ann@inner.example"]);
  assert.deepEqual(inner.events, ["gateway host not asked"]);
  inner.says = [250, "2.1.5"];
  assert.equal(await inner.verify("ann@other.example"), "known");
  inner.clock.advance(UNREACHED_MS);
  assert.equal(await inner.verify("bob@inner.example"), "known");
});

test("a recipient about whom the host says nothing clear does not make it away", async () => {
  const inner = new Inner();
  inner.says = [451, "4.4.2"];
  await inner.verify("odd@inner.example");
  inner.says = [250, "2.1.5"];
  assert.equal(await inner.verify("ann@inner.example"), "known");
});

test("the same recipient is asked about once at a time", async () => {
  const inner = new Inner();
  inner.held = [];
  const both = [inner.verify("ann@inner.example"), inner.verify("ann@inner.example")];
  inner.held.forEach((go) => go());
  assert.deepEqual(await Promise.all(both), ["known", "known"]);
  assert.equal(inner.asked.length, 1);
});

test("so many are asked about at once, so many wait, the rest is deferred; another host has its own", async () => {
  const inner = new Inner({ questions: 2 });
  inner.held = [];
  const open = Array.from({ length: 10 }, (_, i) =>
    inner.verify(`r${i}@${i % 2 === 0 ? "inner" : "second"}.example`),
  );
  assert.equal(await inner.verify("late@inner.example"), "451 4.3.2");
  assert.deepEqual(inner.asked, ["r0@inner.example", "r1@second.example"]);
  open.push(inner.verify("ann@other.example"));
  assert.equal(inner.asked.length, 3);
  const { held } = inner;
  inner.held = undefined;
  held.forEach((go) => go());
  assert.deepEqual(new Set(await Promise.all(open)), new Set(["known"]));
});

test("so many are remembered, the oldest forgotten first", async () => {
  const inner = new Inner({ remembered_recipients: 2 });
  for (const local of ["a", "b", "c"]) await inner.verify(`${local}@inner.example`);
  inner.asked.length = 0;
  for (const local of ["c", "b", "a"]) await inner.verify(`${local}@inner.example`);
  assert.deepEqual(inner.asked, ["a@inner.example"]);
});

test("a domain that is not to be verified takes everybody; one that is no gateway nobody", async () => {
  const inner = new Inner();
  assert.equal(await inner.verify("x@blind.example"), "known");
  assert.equal(await inner.verify("x@foreign.example"), "451 4.3.0");
  assert.equal(await inner.verify("x@sub.inner.example"), "451 4.3.0");
  assert.equal(await inner.verify("x@[10.0.0.5]"), "451 4.3.0");
  assert.deepEqual(inner.asked, []);
});
