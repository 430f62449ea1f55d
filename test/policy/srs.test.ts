/** Return addresses of forwards: made, folded on the way, read; and whatever else somebody writes is none of ours. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  foldAscii,
  formatAddress,
  formatReversePath,
  LOCAL_PART_LIMIT,
  parseAddress,
  type Address,
} from "../../src/mail/index.ts";
import {
  dayOf,
  forwardedReversePath,
  readReturn,
  RETURN_DAYS,
  returnKey,
  type ReturnMaker,
} from "../../src/policy/routing/index.ts";
import { domainOf } from "../support/memory-directory.ts";

const OURS = domainOf("local.example");
const KEY = returnKey(new Uint8Array(32).fill(7));
const TODAY = dayOf(Date.UTC(2026, 10, 28));
const MAKER: ReturnMaker = {
  domain: OURS,
  key: KEY,
  today: TODAY,
  isOurs: (domain) => domain === OURS,
};

function address(text: string): Address {
  const parsed = parseAddress(text);
  return typeof parsed === "string" ? assert.fail(`${text}: ${parsed}`) : parsed;
}

function forwarded(text: string, maker = MAKER): Address {
  return forwardedReversePath(address(text), maker) ?? assert.fail();
}

/** What the local part says, in one line. */
function read(local: string, { keys = [KEY], today = TODAY, domain = OURS } = {}): string {
  const reading = readReturn(local, domain, keys, today);
  return "original" in reading
    ? `${reading.kind}: ${formatAddress(reading.original)}`
    : reading.kind;
}

// ---- Made ----

test("a sender is written into an address of the alias's domain, which leads back to him", () => {
  for (const sender of [
    "bob@foreign.example",
    "a+tag=b@foreign.example",
    "x@xn--bcher-kva.example",
    "übung@foreign.example",
    '"john doe"@foreign.example',
    '"a..b"@foreign.example',
  ]) {
    const there = forwarded(sender);
    assert.equal(formatAddress(there).endsWith(`@${OURS}`), true);
    assert.match(there.local, /^SRS0=[a-z2-7]{8}=[a-z2-7]{2}=/);
    assert.equal(read(there.local), `valid: ${sender}`);
  }
});

test("another host's return is not wrapped again: the report goes straight to the first host that rewrote", () => {
  for (const [sender, first] of [
    ["SRS0=HHH=TT=a.example=bob@two.example", "SRS0=HHH=TT=a.example=bob@two.example"],
    ["srs0+HHH=TT=a.example=b@two.example", "SRS0+HHH=TT=a.example=b@two.example"],
    ["SRS1=GGG=two.example==HHH=TT=a.example=b@c.example", "SRS0=HHH=TT=a.example=b@two.example"],
    ["SRS1=GGG=two.example=-HHH=TT=a.example=b@c.example", "SRS0-HHH=TT=a.example=b@two.example"],
  ] as const) {
    const there = forwarded(sender);
    assert.match(there.local, /^SRS1=[a-z2-7]{10}=two\.example=[-+=]HHH=/);
    assert.equal(read(there.local), `valid: ${first}`);
  }
});

test("what only looks like another host's return is a sender like any other", () => {
  for (const sender of ["SRS1=x@a.example", "SRS1=x=y@a.example", "SRS0@a.example"])
    assert.equal(read(forwarded(sender).local), `valid: ${sender}`);
});

test("the null path stays null, and our own senders stay themselves", () => {
  assert.equal(forwardedReversePath(null, MAKER), null);
  assert.equal(formatAddress(forwarded("Ann@local.example")), "Ann@local.example");
});

test("a sender that cannot be written so leaves in the postmaster's name", () => {
  for (const sender of [
    `${"b".repeat(40)}@news.foreign.example`,
    "bob@[192.0.2.1]",
    "a/b@foreign.example",
    '"a@b"@foreign.example',
    `SRS0=HHHH=TT=${"a".repeat(20)}.example=bob@two.example`,
    "SRS1=GGG=no_host==HHH=TT=a.example=b@c.example",
  ])
    assert.equal(formatReversePath(forwarded(sender)), "<postmaster@local.example>", sender);
});

test("the longest that fits is written out, one more is not", () => {
  const overhead = "SRS0=mmmmmmmm=dd==".length + "foreign.example".length;
  const longest = "b".repeat(LOCAL_PART_LIMIT - overhead);
  assert.equal(forwarded(`${longest}@foreign.example`).local.length, LOCAL_PART_LIMIT);
  assert.equal(forwarded(`${longest}b@foreign.example`).local, "postmaster");
});

// ---- Read ----

test("nothing else of ours is a return", () => {
  for (const local of ["bob", "SRS", "SRS0", "SRS2=a=b=c=d", "xSRS0=a=b=c=d", "SRS01=a", "srs"])
    assert.equal(read(local), "no return", local);
});

test("what looks like a return and is not whole is forged", () => {
  for (const local of [
    "SRS0=",
    "SRS0=aaaaaaaa",
    "SRS0=aaaaaaaa=tt=a.example",
    "SRS0=aaaaaaaa=tt=a.example=",
    "SRS0=aaaaaaaa=t!=a.example=bob",
    "SRS0==tt=a.example=bob",
    "SRS0=aaaaaaaa=tt=a.example=bob",
    "SRS0+aaaaaaaa=tt=a.example=bob",
    "SRS1=",
    "SRS1=aaaaaaaatt=a.example=",
    "SRS1=aaaaaaaatt=a.example==x",
    "SRS1=tt=a.example==x",
  ])
    assert.equal(read(local), "forged", local);
});

test("a return is good for its days and not a day longer; a clock may be a day behind", () => {
  const { local } = forwarded("bob@foreign.example");
  assert.equal(read(local, { today: TODAY + RETURN_DAYS }), "valid: bob@foreign.example");
  assert.equal(read(local, { today: TODAY + RETURN_DAYS + 1 }), "expired: bob@foreign.example");
  assert.equal(read(local, { today: TODAY - 1 }), "valid: bob@foreign.example");
  assert.equal(read(local, { today: TODAY - 2 }), "forged");
  const { local: later } = forwarded("SRS0=HHH=TT=a.example=b@two.example");
  assert.match(read(later, { today: TODAY + RETURN_DAYS + 1 }), /^expired: SRS0=/);
});

test("when the letters of its day come round again it is forged", () => {
  const { local } = forwarded("bob@foreign.example");
  assert.equal(read(local, { today: TODAY + 1022 }), "expired: bob@foreign.example");
  for (const today of [TODAY + 1023, TODAY + 1024, TODAY + 1030])
    assert.equal(read(local, { today }), "forged");
});

test("the first key makes; each of the given ones reads", () => {
  const old = returnKey(new Uint8Array(32).fill(8));
  const { local } = forwarded("bob@foreign.example", { ...MAKER, key: old });
  assert.equal(read(local, { keys: [KEY, old] }), "valid: bob@foreign.example");
  assert.equal(read(local, { keys: [KEY] }), "forged");
  assert.equal(read(local, { keys: [] }), "forged");
});

test("a return of one of our domains is none of another", () => {
  const { local } = forwarded("bob@foreign.example");
  assert.equal(read(local, { domain: domainOf("other.example") }), "forged");
});

test("keys of two stores differ, and are not the stores' secrets", () => {
  const secret = new Uint8Array(32).fill(7);
  assert.notDeepEqual(returnKey(secret), secret);
  assert.notDeepEqual(returnKey(secret), returnKey(new Uint8Array(32).fill(8)));
});

// ---- Whatever the sender is called ----

const atext = "abcXYZ019.+-_='#&ü".split("");
const local = fc
  .array(fc.constantFrom(...atext), { minLength: 1, maxLength: 60 })
  .map((letters) => letters.join(""));
const domain = fc.constantFrom("a.example", "foreign.example", "xn--bcher-kva.example");
const sender = fc
  .tuple(local, domain)
  .map(([name, host]) => parseAddress(`"${name}"@${host}`))
  .filter((parsed) => typeof parsed !== "string");
const letterCase = fc.func(fc.boolean());

test("any sender comes back, however the case of letters was changed on the way", () => {
  fc.assert(
    fc.property(sender, letterCase, (original, upper) => {
      const there = forwardedReversePath(original, MAKER) ?? assert.fail();
      assert.ok(Buffer.byteLength(formatAddress(there).split("@")[0] ?? "") <= LOCAL_PART_LIMIT);
      if (there.local === "postmaster") return;
      const recased = there.local
        .split("")
        .map((letter, i) => (upper(i) ? asciiUpper(letter) : foldAscii(letter)))
        .join("");
      const back = readReturn(recased, OURS, [KEY], TODAY);
      assert.ok(back.kind === "valid");
      assert.equal(foldAscii(formatAddress(back.original)), foldAscii(formatAddress(original)));
    }),
  );
});

test("a return that was changed in any letter is never valid", () => {
  fc.assert(
    fc.property(
      sender,
      fc.nat(),
      fc.constantFrom(...atext, "2", "7", ""),
      (original, where, put) => {
        const made = forwardedReversePath(original, MAKER)?.local ?? "";
        const at = where % made.length;
        const changed = made.slice(0, at) + put + made.slice(at + 1);
        if (foldAscii(changed) === foldAscii(made) || made === "postmaster") return;
        assert.notEqual(readReturn(changed, OURS, [KEY], TODAY).kind, "valid");
      },
    ),
  );
});

test("no text is a return that was not made", () => {
  const fields = fc.array(fc.constantFrom("a", "tt", "aaaaaaaa", "a.example", "", "SRS0", "bob"), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(
      fields,
      fc.constantFrom("0", "1"),
      fc.constantFrom("=", "+", "-"),
      (parts, n, by) => {
        const reading = readReturn(`SRS${n}${by}${parts.join("=")}`, OURS, [KEY], TODAY);
        assert.equal(reading.kind, "forged");
      },
    ),
  );
});

function asciiUpper(letter: string): string {
  return /^[a-z]$/.test(letter) ? letter.toUpperCase() : letter;
}
