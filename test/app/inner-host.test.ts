/**
 * The way to an inner host, over real sockets: which of its addresses is taken, what is said when there is none. And the whole
 * question: the inner host is a Gatepost of its own, asked by our client about its mailboxes.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { innerHosts, recipientVerifier } from "../../src/app/index.ts";
import { configSchema } from "../../src/config/schema.ts";
import { parseAddress, parseIp, type Ip } from "../../src/mail/index.ts";
import { NetDialler } from "../../src/net/index.ts";
import { nameOfDomain, ScriptedResolver } from "../../src/protocol/dns/index.ts";
import { silentLog, systemClock } from "../../src/runtime/index.ts";
import type { CalloutDeps } from "../../src/service/receive/index.ts";
import { MemoryLog } from "../net/echo.ts";
import { newSite, portOf, USER } from "../e2e/site.ts";
import { domainOf } from "../support/memory-directory.ts";
import { ScriptedServer } from "../support/scripted-server.ts";

const NAME = nameOfDomain(domainOf("inner.example.net"));

function ip(text: string): Ip {
  return parseIp(text) ?? assert.fail(text);
}

function dialler(t: TestContext): NetDialler {
  const made = new NetDialler({
    clock: systemClock,
    log: silentLog,
    handshakeMs: 10_000,
    sessionMs: 60_000,
  });
  t.after(() => made.stop(0));
  return made;
}

function reachedBy(
  t: TestContext,
  resolver: ScriptedResolver,
  isOurs = (_ip: Ip, _port: number): boolean => false,
): CalloutDeps["reach"] {
  return innerHosts({ dialler: dialler(t), resolver, isOurs, connectMs: 10_000 });
}

/** Asks a host for a recipient through all of it; the answer in words. */
function asking(
  t: TestContext,
  resolver: ScriptedResolver,
  where: { readonly host: string } | { readonly mailboxes: string },
  more: Partial<Parameters<typeof recipientVerifier>[1]> = {},
): (recipient: string) => Promise<string> {
  const config = configSchema.parse({
    hostname: "mx.outer.example",
    postmaster: "admin@outer.example",
    relay: {
      domains: [{ domain: "local.example", ...where }],
      unknown_seconds: 0,
      known_seconds: 0,
    },
  });
  const verifier = recipientVerifier(config, {
    dialler: dialler(t),
    resolver,
    isOurs: () => false,
    clock: systemClock,
    log: silentLog,
    ...more,
  });
  return async (recipient) => {
    const address = parseAddress(recipient);
    if (typeof address === "string") throw new Error(address);
    const known = await verifier.verify(address);
    return typeof known === "string"
      ? known
      : `${known.undecided.code} ${known.undecided.enhanced}`;
  };
}

test("an inner server is asked: who is there, who is not, and nobody when it is gone", async (t) => {
  const site = await newSite();
  t.after(() => site.remove());
  const server = await site.serve();
  const ask = asking(t, new ScriptedResolver().has(NAME, "A", [ip("127.0.0.2"), ip("127.0.0.1")]), {
    host: `smtp://inner.example.net:${portOf(server, "smtp")}`,
  });
  try {
    assert.equal(await ask(USER), "known");
    assert.equal(await ask("nobody@local.example"), "unknown");
    assert.equal(await ask("postmaster@local.example"), "known");
  } finally {
    await server.stop();
  }
  assert.equal(await ask("nobody@local.example"), "451 4.4.1");
  assert.equal(await ask(USER), "known"); // as it was when it could be asked
});

/** A port that nobody listens on any more. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : assert.fail();
}

test("why there was no connection, in words", async (t) => {
  const problem = async (reach: CalloutDeps["reach"], host: string, port = 25) =>
    reach(
      { protocol: "smtp", host: domainOf(host), port },
      () => assert.fail("a conversation"),
      new AbortController().signal,
    );
  const nowhere = reachedBy(t, new ScriptedResolver());
  assert.equal(await problem(nowhere, "inner.example.net"), "inner.example.net has no address");

  const failing = new ScriptedResolver().fails(NAME, "A", "timeout");
  const failed = reachedBy(t, failing);
  assert.equal(
    await problem(failed, "inner.example.net"),
    "inner.example.net: the DNS says timeout",
  );

  const there = new ScriptedResolver().has(NAME, "A", [ip("127.0.0.1")]);
  const port = await closedPort();
  assert.equal(
    await problem(reachedBy(t, there), "inner.example.net", port),
    "127.0.0.1: connection refused",
  );
  const ourselves = reachedBy(t, there, (at, on) => at === "127.0.0.1" && on === port);
  assert.equal(
    await problem(ourselves, "inner.example.net", port),
    `127.0.0.1 port ${port} is this server itself`,
  );
});

test("a store behind a socket is asked there, though everything were ours; when it is gone, why", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "gatepost-inner-"));
  t.after(() => rmSync(home, { recursive: true }));
  const socket = join(home, "lmtp");
  const answer = (command: string) => (command.includes("nobody") ? "550 5.1.1 who" : undefined);
  const store = await ScriptedServer.open(t, { protocol: "lmtp", answer }, { socket });
  const log = new MemoryLog();
  const ask = asking(
    t,
    new ScriptedResolver(),
    { mailboxes: `lmtp:${socket}` },
    { isOurs: () => true, log },
  );
  assert.equal(await ask("ann@local.example"), "known");
  assert.equal(await ask("nobody@local.example"), "unknown");
  assert.equal(store.commands[0], "LHLO mx.outer.example");
  store.close();
  assert.equal(await ask("bob@local.example"), "451 4.4.1");
  assert.equal(await ask("ann@local.example"), "known");
  const [line] = log.lines;
  assert.equal(line?.event, "gateway host not asked");
  assert.match(String(line.fields["problem"]), /there is no such socket$/);
});
