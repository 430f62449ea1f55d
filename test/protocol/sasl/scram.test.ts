/** SCRAM-SHA-256: the example of its RFC, what its grammar forbids, and that only the password opens it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  openExchange,
  type SaslExchange,
  type SaslStep,
} from "../../../src/protocol/sasl/index.ts";
import { EXAMPLE, keysOf, ScramClient, verifierOf } from "./scram-client.ts";

const PENCIL = verifierOf(EXAMPLE.password);
const MALFORMED: SaslStep = { kind: "refuse", why: "malformed" };
const INTERCEPTED: SaslStep = { kind: "refuse", why: "intercepted" };
const BINDING: SaslStep = { kind: "refuse", why: "channel-binding" };
/** What both ends of a TLS connection have and nobody else. */
const EXPORTER = Buffer.from("0123456789abcdef0123456789abcdef");

const open = (): SaslExchange => openExchange("SCRAM-SHA-256");
const say = (exchange: SaslExchange, text: string): SaslStep => exchange.receive(Buffer.from(text));

/** The exchange after the server's first message, and what that was. */
function challenged(
  first: string,
  verifier = PENCIL,
  exchange = open(),
): { exchange: SaslExchange; said: string } {
  const asked = say(exchange, first);
  assert.equal(asked.kind === "ask" && asked.ask.kind, "verifier", JSON.stringify(asked));
  const step = exchange.answer({ kind: "verifier", verifier, nonce: EXAMPLE.serverNonce });
  assert.equal(step.kind, "challenge");
  return { exchange, said: step.kind === "challenge" ? step.message : "" };
}

/** What became of the proof: right, wrong, or the refusal. */
function proved(client: ScramClient, verifier = PENCIL): unknown {
  const { exchange, said } = challenged(client.first, verifier);
  const step = say(exchange, client.final(said));
  return step.kind === "ask" && step.ask.kind === "proof" ? step.ask.right : step;
}

test("RFC 7677's example, to the letter", () => {
  const exchange = open();
  assert.deepEqual(exchange.begin(), { kind: "challenge", message: "" });
  assert.deepEqual(say(exchange, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"), {
    kind: "ask",
    ask: { kind: "verifier", mechanism: "SCRAM-SHA-256", login: "user" },
  });
  const nonce = EXAMPLE.serverNonce;
  assert.deepEqual(exchange.answer({ kind: "verifier", verifier: PENCIL, nonce }), {
    kind: "challenge",
    message:
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  });
  const final =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
  assert.deepEqual(say(exchange, final), { kind: "ask", ask: { kind: "proof", right: true } });
  assert.deepEqual(exchange.answer({ kind: "authenticated" }), {
    kind: "challenge",
    message: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  });
  assert.deepEqual(say(exchange, ""), { kind: "done" });
});

test("the password that the verifier was made of is right, every other one is wrong", () => {
  const text = fc.string({ minLength: 1, unit: "grapheme" }).filter((some) => some.isWellFormed());
  const name = text.filter((some) => !some.includes("\0"));
  fc.assert(
    fc.property(
      name,
      text,
      text,
      fc.uint8Array({ minLength: 1 }),
      (login, password, other, salt) => {
        const verifier = { ...keysOf(password, salt, 2), salt, iterations: 2 };
        assert.equal(proved(new ScramClient(login, password), verifier), true);
        if (other.normalize() !== password.normalize())
          assert.equal(proved(new ScramClient(login, other), verifier), false);
      },
    ),
  );
});

test("a name keeps its commas and equals signs", () => {
  const exchange = open();
  assert.deepEqual(say(exchange, `n,,n=a=2Cb=3D=2C,r=x`), {
    kind: "ask",
    ask: { kind: "verifier", mechanism: "SCRAM-SHA-256", login: "a,b=," },
  });
});

test("clients without channel binding, whether they could have it or not; and acting as oneself", () => {
  for (const header of ["n,,", "y,,", "n,a=user,", "y,a=user,"])
    assert.equal(proved(new ScramClient("user", "pencil", header)), true, header);
});

test("extensions that may be passed over are, and are signed with the rest", () => {
  const client = new ScramClient("user", "pencil");
  const { exchange, said } = challenged(client.first);
  const step = say(exchange, client.final(said, ",x=some thing"));
  assert.deepEqual(step, { kind: "ask", ask: { kind: "proof", right: true } });
  assert.equal(say(open(), "n,,n=user,r=abc,x=1").kind, "ask");
});

test("nobody acts as somebody else, and channel binding was not offered", () => {
  const refused: [string, string][] = [
    ["n,a=root,n=user,r=abc", "other-identity"],
    ["n,a=User,n=user,r=abc", "other-identity"],
    ["p=tls-exporter,,n=user,r=abc", "channel-binding"],
    ["p=tls-unique,,n=user,r=abc", "channel-binding"],
  ];
  for (const [first, why] of refused)
    assert.deepEqual(say(open(), first), { kind: "refuse", why }, first);
});

test("first messages that the grammar does not know", () => {
  const wrong = [
    "",
    "n",
    "n,,",
    "n,,n=user",
    "n,,n=user,r=",
    "n,,n=,r=abc",
    "n,,r=abc,n=user",
    "n,n=user,r=abc",
    "x,,n=user,r=abc",
    "p=,,n=user,r=abc",
    "p=tls exporter,,n=user,r=abc",
    "N,,n=user,r=abc",
    "n,user,n=user,r=abc",
    "n,a=,n=user,r=abc",
    "n,,m=ext,n=user,r=abc", // an extension that the server must know
    "n,,n=user,r=abc,m=ext",
    "n,,n=user,r=abc,",
    "n,,n=user,r=abc,x",
    "n,,n=user,r=abc,x=",
    "n,,n=user,r=abc,x=a\0b",
    "n,,n=user,r=abc,1=x",
    "n,,n=user,r=abc,r=def",
    "n,,n=us=er,r=abc",
    "n,,n=us=2cer,r=abc",
    "n,,n=user=,r=abc",
    "n,,n=us\0er,r=abc",
    "n,,n=user,r=a bc",
    "n,,n=user,r=äbc",
    "n,,n=user,r=abc\n",
    `n,,n=user,r=${"x".repeat(257)}`,
  ];
  for (const first of wrong) assert.deepEqual(say(open(), first), MALFORMED, JSON.stringify(first));
  assert.equal(say(open(), `n,,n=user,r=${"x".repeat(256)}`).kind, "ask");
  assert.deepEqual(open().receive(Buffer.from("n,,n=\xff,r=abc", "latin1")), MALFORMED);
});

test("final messages that do not go with what was said before", () => {
  const client = new ScramClient("user", "pencil");
  const { said } = challenged(client.first);
  const final = client.final(said);
  const [, nonce = ""] = /,r=([^,]+),/.exec(final) ?? [];
  const wrong = [
    "",
    final.replace(nonce, nonce.slice(0, -1)), // less than the server's nonce
    final.replace(nonce, `${nonce}x`),
    final.replace(nonce, EXAMPLE.clientNonce),
    final.replace(nonce, EXAMPLE.serverNonce),
    final.replace("c=biws", "c=biws="),
    final.replace("c=biws,", ""),
    final.replace(",p=", ",m=x,p="),
    final.replace(",p=", ",q="),
    final.replace("p=", "p=AAAA"),
    final.replace(/.$/, ""),
    `${final},x=y`,
    ` ${final}`,
  ];
  for (const text of wrong) {
    const { exchange } = challenged(client.first);
    assert.deepEqual(say(exchange, text), MALFORMED, text);
  }
});

test("a header that is not the first message's: somebody has changed one of them", () => {
  const client = new ScramClient("user", "pencil");
  const { said } = challenged(client.first);
  for (const header of ["eSws", "", "biwsAA=="]) {
    const { exchange } = challenged(client.first);
    const final = client.final(said).replace("c=biws", `c=${header}`);
    assert.deepEqual(say(exchange, final), INTERCEPTED, header);
  }
});

const openPlus = (exporter: Uint8Array = EXPORTER): SaslExchange =>
  openExchange("SCRAM-SHA-256-PLUS", exporter);

test("a login that is bound to this TLS connection is right, one for another connection is not", () => {
  const header = "p=tls-exporter,,";
  const client = new ScramClient("user", "pencil", header, EXAMPLE.clientNonce, EXPORTER);
  const exchange = openPlus();
  assert.deepEqual(say(exchange, client.first), {
    kind: "ask",
    ask: { kind: "verifier", mechanism: "SCRAM-SHA-256-PLUS", login: "user" },
  });
  const right = challenged(client.first, PENCIL, openPlus());
  const final = client.final(right.said);
  assert.deepEqual(say(right.exchange, final), {
    kind: "ask",
    ask: { kind: "proof", right: true },
  });
  // Somebody in between has two connections, and passes on what the client says.
  for (const other of [Buffer.alloc(32), EXPORTER.subarray(0, 31), Buffer.alloc(0)]) {
    const there = challenged(client.first, PENCIL, openPlus(other));
    assert.deepEqual(say(there.exchange, final), INTERCEPTED);
  }
  const unbound = new ScramClient("user", "pencil", header);
  const without = challenged(unbound.first, PENCIL, openPlus());
  assert.deepEqual(say(without.exchange, unbound.final(without.said)), INTERCEPTED);
});

test("what a client may say of channel binding follows from what it chose and what was offered", () => {
  const first = (flag: string): string => `${flag},,n=user,r=abc`;
  const bare = (): SaslExchange => openExchange("SCRAM-SHA-256", EXPORTER);
  for (const flag of ["n", "y", "p=tls-unique", "p=tls-server-end-point", "p=TLS-EXPORTER"])
    assert.deepEqual(say(openPlus(), first(flag)), BINDING, flag);
  assert.equal(say(openPlus(), first("p=tls-exporter")).kind, "ask");
  assert.equal(say(bare(), first("n")).kind, "ask");
  assert.deepEqual(say(bare(), first("p=tls-exporter")), BINDING);
  // RFC 5802 §6: it can bind and did not see our offer.
  assert.deepEqual(say(bare(), first("y")), INTERCEPTED);
  assert.deepEqual(say(openExchange("SCRAM-SHA-256-PLUS"), first("p=tls-exporter")), BINDING);
});

test("a signed message is signed as a whole", () => {
  const client = new ScramClient("user", "pencil");
  const { exchange, said } = challenged(client.first);
  const tampered = client.final(said, ",x=a").replace(",x=a", ",x=b");
  assert.deepEqual(say(exchange, tampered), { kind: "ask", ask: { kind: "proof", right: false } });
});

test("the client says nothing to the server's signature", () => {
  const client = new ScramClient("user", "pencil");
  const { exchange, said } = challenged(client.first);
  say(exchange, client.final(said));
  const last = exchange.answer({ kind: "authenticated" });
  assert.deepEqual(last, { kind: "challenge", message: client.serverFinal });
  assert.deepEqual(say(exchange, "x"), MALFORMED);
});

test("nobody gets in without the proof, whatever the desk says", () => {
  const client = new ScramClient("user", "wrong");
  const { exchange, said } = challenged(client.first);
  assert.deepEqual(say(exchange, client.final(said)), {
    kind: "ask",
    ask: { kind: "proof", right: false },
  });
  assert.throws(() => exchange.answer({ kind: "authenticated" }), /wrong proof/);
});

test("any octets at any place: a refusal or the next step, never an exception", () => {
  const part = fc.constantFrom(
    "n",
    "y",
    "p=x",
    "a=user",
    "n=user",
    "r=abc",
    "c=biws",
    "m=1",
    "x=1",
    "p=AAAA",
    "",
    "=2C",
  );
  const message = fc.oneof(
    fc.array(part).map((parts) => Buffer.from(parts.join(","))),
    fc.uint8Array().map((octets) => Buffer.from(octets)),
  );
  fc.assert(
    fc.property(message, message, (first, final) => {
      const exchange = open();
      if (exchange.receive(first).kind === "ask")
        exchange.answer({ kind: "verifier", verifier: PENCIL, nonce: EXAMPLE.serverNonce });
      else return;
      const step = exchange.receive(final);
      assert.ok(
        step.kind === "refuse" ||
          (step.kind === "ask" && step.ask.kind === "proof" && !step.ask.right),
      );
    }),
    { numRuns: 2000 },
  );
});
