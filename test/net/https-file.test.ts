/** One small file over HTTPS: what counts as having it, and what is told apart where it cannot be had. */
import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import type { Ip } from "../../src/mail/index.ts";
import { fetchHttpsFile, type FetchedFile } from "../../src/net/index.ts";
import { makeCertificate, type Made } from "../support/certificates.ts";
import { openWeb, POLICY_HOST, ROOT, text, WEB } from "../support/policy-web.ts";

const LIMIT = 100;
const LOOPBACK = "127.0.0.1" as Ip; // it is one

function fetched(port: number, host = POLICY_HOST): Promise<FetchedFile> {
  return fetchHttpsFile({
    ip: LOOPBACK,
    port,
    host,
    path: "/.well-known/mta-sts.txt",
    timeMs: 500,
    octetsLimit: LIMIT,
    authorities: [ROOT.pem],
  });
}

async function from(
  t: TestContext,
  respond: Parameters<typeof openWeb>[1],
  shown: Made = WEB,
): Promise<FetchedFile> {
  return fetched((await openWeb(t, respond, shown)).port);
}

test("it is asked for by its host and path, and comes with its media type", async (t) => {
  const web = await openWeb(t, text("words", "Text/Plain; charset=utf-8"));
  assert.deepEqual(await fetched(web.port), {
    kind: "fetched",
    octets: Buffer.from("words"),
    mediaType: "text/plain",
  });
  assert.deepEqual(web.asked, [`${POLICY_HOST} /.well-known/mta-sts.txt`]);
});

test("any answer but 200 is none, and a redirection leads nowhere", async (t) => {
  for (const code of [204, 301, 302, 404, 500]) {
    const web = await openWeb(t, (response) =>
      response.writeHead(code, { location: "https://mta-sts.foreign.example/other" }).end(),
    );
    const why = `the answer is ${code}, not 200`;
    assert.deepEqual(await fetched(web.port), { kind: "failed", at: "answer", why });
    assert.equal(web.asked.length, 1);
  }
});

test("a certificate of another name, an expired one, one of nobody: the file is not read", async (t) => {
  const wrong = [
    await makeCertificate({ names: ["other.example"], by: ROOT }),
    await makeCertificate({ names: [POLICY_HOST], by: ROOT, expired: true }),
    await makeCertificate({ names: [POLICY_HOST] }),
  ];
  for (const shown of wrong) {
    const web = await openWeb(t, text("words"), shown);
    const file = await fetched(web.port);
    assert.ok(file.kind === "failed", shown.x509.subject);
    assert.equal(file.at, "certificate", file.why);
    assert.deepEqual(web.asked, []);
  }
});

test("too long, too slow, cut off, no web server, nobody", async (t) => {
  const long = await from(t, text("x".repeat(LIMIT + 1)));
  assert.deepEqual(long, { kind: "failed", at: "answer", why: "it has more than 100 octets" });
  assert.equal((await from(t, text("x".repeat(LIMIT)))).kind, "fetched");
  const slow = await from(t, (response) => response.writeHead(200).write("x"));
  assert.deepEqual(slow, { kind: "failed", at: "way", why: "no file within 500 ms" });
  const cut = await from(t, (response) => {
    response.writeHead(200, { "content-length": 50 }).write("x", () => response.destroy());
  });
  assert.equal(cut.kind, "failed");
  const plain = createServer((socket) => socket.end("220 mx.foreign.example\r\n"));
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const { port } = plain.address() as AddressInfo; // a TCP server's address is an AddressInfo
  const none = await fetched(port);
  assert.ok(none.kind === "failed" && none.at === "way", JSON.stringify(none));
  plain.close();
  const nobody = await fetched(port);
  assert.ok(nobody.kind === "failed" && nobody.at === "way");
});
