/** Answers of HTTP that take a while: their order, what fails, and what ends meanwhile. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp } from "../../src/mail/index.ts";
import { HttpDialogue, type HttpRequest, type HttpResponse } from "../../src/net/index.ts";
import type { Wire } from "../../src/protocol/dialogue/index.ts";
import { silentLog } from "../../src/runtime/index.ts";
import { until } from "./echo.ts";
import { END, LIMITS, Site, statuses } from "./http-site.ts";

type Answer = PromiseWithResolvers<HttpResponse>;

/** A site whose answers a test gives, by their path. */
class Slow extends Site {
  readonly asked = new Map<string, Answer>();
  count = 0;
  override answer = ({ path }: HttpRequest): Promise<HttpResponse> => {
    const answer = Promise.withResolvers<HttpResponse>();
    this.asked.set(path, answer);
    this.count++;
    return answer.promise;
  };

  async comes(path: string): Promise<Answer> {
    await until(() => this.asked.has(path));
    return this.asked.get(path) ?? assert.fail(path);
  }

  async say(path: string): Promise<void> {
    (await this.comes(path)).resolve({ status: 200, fields: {}, body: `you: ${path}\n` });
  }
}

const get = (path: string, end = "\r\n"): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${end}`;

test("requests in one piece are answered in their order, one after the other", async (t) => {
  const site = await new Slow().listen(t);
  const client = site.client().send(get("/1") + get("/2") + get("/3", END));
  await site.comes("/1");
  assert.deepEqual([...site.asked.keys()], ["/1"]);
  for (const path of ["/1", "/2", "/3"]) await site.say(path);
  assert.deepEqual(statuses(await client.ends()), ["200", "200", "200 end"]);
  assert.match(client.text, /you: \/1\n[^]*you: \/2\n[^]*you: \/3\n$/);
  assert.equal(site.count, 3);
});

test("one that is known at once waits for the one before", async (t) => {
  const site = await new Slow().listen(t);
  const later = site.answer;
  const now = { status: 200, fields: {}, body: "you: at once\n" };
  Object.assign(site, {
    answer: (asked: HttpRequest) => (asked.path === "/now" ? now : later(asked)),
  });
  const client = site.client().send(get("/1") + get("/now", END));
  await site.say("/1");
  assert.match(await client.ends(), /you: \/1\n[^]*you: at once\n$/);
});

test("who has asked and closed his side is answered", async (t) => {
  const site = await new Slow().listen(t);
  const client = site.client();
  client.socket.end(get("/1") + get("/2"));
  await site.comes("/1");
  await new Promise((resolve) => setTimeout(resolve, 20)); // his end has come by now
  await site.say("/1");
  await site.say("/2");
  assert.match(await client.ends(), /you: \/1\n[^]*you: \/2\n$/);
});

test("one that fails, now or when it is said, is told to the operator; others are answered", async (t) => {
  const site = await new Slow().listen(t);
  const failing = site.client().send(get("/1") + get("/2", END));
  (await site.comes("/1")).reject(new Error("the store is gone"));
  await site.say("/2");
  assert.deepEqual(statuses(await failing.ends()), ["500", "200 end"]);
  const unsayable = site.client().send(get("/3"));
  (await site.comes("/3")).resolve({ status: 303, fields: { Location: "/\r\nX: y" }, body: "" });
  assert.equal(await unsayable.ends(), "");
  assert.deepEqual(site.log.events("error"), ["web request failed", "web request failed"]);
  const good = site.client().send(get("/4", END));
  await site.say("/4");
  assert.deepEqual(statuses(await good.ends()), ["200 end"]);
});

test("a stop lets the one be answered that is being answered, and no other", async (t) => {
  const site = await new Slow().listen(t);
  const client = site.client().send(get("/1") + get("/2"));
  await site.comes("/1");
  const stopped = site.net.stop(60_000);
  await site.say("/1");
  assert.deepEqual(statuses(await client.ends()), ["200 end"]);
  await stopped;
  assert.deepEqual([...site.asked.keys()], ["/1"]);
});

test("an answer to somebody who has gone is nobody's", async (t) => {
  const site = await new Slow().listen(t);
  const client = site.client().send(get("/1"));
  await site.comes("/1");
  client.socket.resetAndDestroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await site.say("/1");
  await until(() => site.net.connections === 0);
  assert.deepEqual(site.log.events("error"), []);
});

test("while it is being answered nobody's patience is at an end", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const site = await new Slow().listen(t);
  const client = site.client().send(get("/1"));
  await site.comes("/1");
  client.socket.write(get("/2", END));
  site.clock.advance(10 * LIMITS.requestMs);
  t.mock.timers.tick(1000);
  assert.equal(site.net.connections, 1);
  await site.say("/1");
  await site.say("/2");
  assert.deepEqual(statuses(await client.ends()), ["200", "200 end"]);
});

test("while it is being answered nothing more is read", async () => {
  const calls: string[] = [];
  const wire: Wire = {
    write: () => calls.push("write") > 0,
    startTls: () => assert.fail(),
    pause: () => void calls.push("pause"),
    resume: () => void calls.push("resume"),
    end: () => {},
  };
  const { promise, resolve } = Promise.withResolvers<HttpResponse>();
  const peer = { ip: parseIp("192.0.2.1") ?? assert.fail(), port: 1, listener: "http" };
  const parts = { answer: () => promise, limits: LIMITS, log: silentLog };
  const dialogue = new HttpDialogue(parts, peer, wire);
  dialogue.start();
  await new Promise((done) => setImmediate(done));
  calls.length = 0;
  dialogue.receive(Buffer.from(get("/1")));
  await new Promise((done) => setImmediate(done));
  assert.deepEqual(calls, ["pause"]);
  resolve({ status: 200, fields: {}, body: "" });
  await until(() => calls.includes("resume"));
  assert.deepEqual(calls, ["pause", "write", "resume"]);
});

test("with a body that is not read the answer is the last, however long it takes", async (t) => {
  const site = await new Slow().listen(t);
  const fields = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
  const client = site.client().send(`${fields}${"x".repeat(100_000)}${get("/2")}`);
  await site.say("/1");
  assert.deepEqual(statuses(await client.ends()), ["200 end"]);
  assert.equal(site.asked.size, 1);
});
