/** One small file in the clear: what counts as having it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import type { Ip } from "../../src/mail/index.ts";
import { fetchHttpFile, type FetchedFile } from "../../src/net/index.ts";

async function from(t: TestContext, respond: RequestListener): Promise<FetchedFile> {
  const server = createServer(respond).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  return fetchHttpFile({
    ip: "127.0.0.1" as Ip, // it is one
    port: (server.address() as AddressInfo).port,
    host: "mx.example.org",
    path: "/.well-known/gatepost-test",
    timeMs: 5000,
    octetsLimit: 100,
  });
}

test("it is asked for by its host and path", async (t) => {
  const file = await from(t, (request, response) =>
    response.end(`${request.headers.host} ${request.url}`),
  );
  assert.ok(file.kind === "fetched");
  assert.equal(Buffer.from(file.octets).toString(), "mx.example.org /.well-known/gatepost-test");
});

test("a redirection leads nowhere, and what is too large is none", async (t) => {
  const moved = await from(t, (_, response) => response.writeHead(302, { location: "/x" }).end());
  assert.deepEqual(moved, { kind: "failed", at: "answer", why: "the answer is 302, not 200" });
  const large = await from(t, (_, response) => response.end("x".repeat(101)));
  assert.deepEqual(large, { kind: "failed", at: "answer", why: "it has more than 100 octets" });
});
