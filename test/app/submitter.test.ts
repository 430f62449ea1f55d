/** A message handed to a submission port: over TLS that is trusted, with a login, and what is said when it comes to nothing. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test, type TestContext } from "node:test";
import { NetSubmitter } from "../../src/app/index.ts";
import { parseAddress, type Address } from "../../src/mail/index.ts";
import type {
  ServerTrust,
  Submission,
  SubmissionServer as Target,
  Submitted,
} from "../../src/operate/sendmail/index.ts";
import { LOGIN, SubmissionServer, type Script } from "../support/submission-server.ts";

const LOOPBACK: ServerTrust = { kind: "loopback" };
const CONTENT = "From: ann@example.org\r\n\r\n.dots\r\n";

function addressOf(text: string): Address {
  const address = parseAddress(text);
  assert.ok(typeof address !== "string", text);
  return address;
}

function message(parts: Partial<Submission> = {}): Submission {
  return {
    reversePath: addressOf("ann@example.org"),
    recipients: [addressOf("bob@example.net")],
    body: "7BIT",
    content: Buffer.from(CONTENT),
    ...parts,
  };
}

async function started(t: TestContext, script: Partial<Script> = {}): Promise<SubmissionServer> {
  const server = await SubmissionServer.start({ tls: "starttls", ...script });
  t.after(() => server.stop());
  return server;
}

function submit(
  server: { port: number },
  parts: Partial<Target> = {},
  mail = message(),
): Promise<Submitted> {
  const target = {
    host: "127.0.0.1",
    port: server.port,
    tls: "starttls",
    trust: LOOPBACK,
    ...LOGIN,
  } as const;
  return new NetSubmitter().submit({ ...target, ...parts }, mail);
}

async function refusal(submitted: Promise<Submitted>) {
  const result = await submitted;
  assert.ok(result.kind === "not submitted");
  return result;
}

for (const tls of ["starttls", "implicit"] as const)
  test(`a message is handed over, TLS by ${tls}`, async (t) => {
    const server = await started(t, { tls });
    const result = await submit(server, { tls });
    assert.ok(result.kind === "answered");
    assert.deepEqual(
      result.outcomes.map(({ reply }) => reply?.lines),
      [["250 2.0.0 accepted"]],
    );
    const commands = [`MAIL FROM:<ann@example.org>`, "RCPT TO:<bob@example.net>"];
    assert.deepEqual(server.submitted, [{ commands, content: CONTENT }]);
  });

test("the login is said over TLS alone", async (t) => {
  const server = await started(t, { tls: "none" });
  const { why, status } = await refusal(submit(server));
  assert.equal(why, "not reached");
  assert.match(status.text, /TLS/);
  assert.ok(!server.said.some((line) => line.startsWith("AUTH")));
});

test("what was asked of reports, and 8BITMIME, go along", async (t) => {
  const server = await started(t);
  await submit(
    server,
    {},
    message({ notify: ["SUCCESS", "DELAY"], ret: "HDRS", envid: "a b", body: "8BITMIME" }),
  );
  await submit(server, {}, message({ notify: ["NEVER"], reversePath: null }));
  assert.deepEqual(
    server.submitted.map(({ commands }) => commands),
    [
      [
        "MAIL FROM:<ann@example.org> BODY=8BITMIME RET=HDRS ENVID=a+20b",
        "RCPT TO:<bob@example.net> NOTIFY=SUCCESS,DELAY",
      ],
      ["MAIL FROM:<>", "RCPT TO:<bob@example.net> NOTIFY=NEVER"],
    ],
  );
});

test("each recipient has an outcome of its own", async (t) => {
  const server = await started(t, { recipients: { "no@example.net": "550 5.1.1 nobody" } });
  const recipients = ["no@example.net", "bob@example.net"].map(addressOf);
  const result = await submit(server, {}, message({ recipients }));
  assert.ok(result.kind === "answered");
  assert.deepEqual(
    result.outcomes.map(({ status }) => status.enhanced),
    ["5.1.1", "2.0.0"],
  );
});

test("a login that is refused is told from one that the server cannot take now", async (t) => {
  const server = await started(t);
  const wrong = await refusal(submit(server, { password: "wrong" }));
  assert.equal(wrong.why, "login refused");
  assert.match(wrong.status.text, /535 5\.7\.8 wrong login/);
  const busy = await started(t, { login: "454 4.7.0 not now" });
  assert.equal((await refusal(submit(busy))).why, "not reached");
});

test("a certificate is trusted by its authority and name, or as the pinned one", async (t) => {
  const server = await started(t, { name: "localhost" });
  const { fingerprint256 } = new X509Certificate(server.certificate);
  const sha256 = fingerprint256.replaceAll(":", "").toLowerCase();
  const pinned = await submit(server, { trust: { kind: "pin", sha256 } });
  assert.equal(pinned.kind, "answered");
  const trust: ServerTrust = { kind: "authority", ca: server.certificate };
  assert.equal((await submit(server, { host: "localhost", trust })).kind, "answered");
  const { why, status } = await refusal(submit(server, { host: "127.0.0.1", trust }));
  assert.equal(why, "not trusted", "the certificate is another name's");
  assert.ok(status.text.includes(`pin = "sha256:${sha256}"`), status.text);
});

for (const tls of ["starttls", "implicit"] as const)
  test(`nothing is said to a server that is not trusted, TLS by ${tls}`, async (t) => {
    const server = await started(t, { tls });
    const pin = { kind: "pin", sha256: "0".repeat(64) } as const;
    for (const trust of [pin, { kind: "authority" } as const])
      assert.equal((await refusal(submit(server, { tls, trust }))).why, "not trusted");
    assert.ok(!server.said.some((line) => line.startsWith("AUTH")));
    assert.deepEqual(server.submitted, []);
  });

test("a server that is not there, or has no address, is not reached", async (t) => {
  const server = await started(t);
  await server.stop();
  const { why, status } = await refusal(submit(server));
  assert.equal(why, "not reached");
  assert.match(status.text, /connection refused/);
  assert.match((await refusal(submit(server, { host: "no host" }))).status.text, /is no host name/);
});
