/** Several addresses, one connection: whom silence and refusal cost nothing. */
import assert from "node:assert/strict";
import { Socket } from "node:net";
import { test } from "node:test";
import type { Connected, Endpoint, NotConnected } from "../../../src/net/index.ts";
import { firstConnected, type Connect } from "../../../src/service/delivery/first-connected.ts";
import { ip } from "./rig.ts";

const FIRST = { ip: ip("2001:db8::1"), port: 25 };
const SECOND = { ip: ip("192.0.2.1"), port: 25 };
const THIRD = { ip: ip("192.0.2.2"), port: 25 };

/** Addresses that behave as told; what was tried, and which sockets were made. */
class Network {
  readonly tried: string[] = [];
  readonly sockets: Socket[] = [];
  readonly #manners: ReadonlyMap<Endpoint, "silent" | "refuses" | "answers" | "answers anyway">;

  constructor(manners: readonly [Endpoint, "silent" | "refuses" | "answers" | "answers anyway"][]) {
    this.#manners = new Map(manners);
  }

  readonly connect: Connect = (endpoint, { signal }) => {
    assert.ok("ip" in endpoint);
    this.tried.push(endpoint.ip);
    const failed: NotConnected = { kind: "failed", endpoint, why: "connection refused" };
    const connected = (): Connected => {
      const socket = new Socket();
      this.sockets.push(socket);
      return { kind: "connected", endpoint, socket };
    };
    switch (this.#manners.get(endpoint)) {
      case "answers":
        return Promise.resolve(connected());
      case "refuses":
        return Promise.resolve(failed);
      case "answers anyway": // after the abort, as a connection may that is being made
        return new Promise((resolve) =>
          signal.addEventListener("abort", () => resolve(connected())),
        );
      case "silent":
      case undefined:
        return new Promise((resolve) => signal.addEventListener("abort", () => resolve(failed)));
    }
  };
}

const never = new AbortController().signal;
const options = (nextMs: number) => ({
  timeMs: 1000,
  nextMs,
  from: () => undefined,
  stopping: never,
});

test("the first that answers is taken, and nobody else is asked", async () => {
  const network = new Network([[FIRST, "answers"]]);
  const { connected } = await firstConnected([FIRST, SECOND], network.connect, options(60_000));
  assert.equal(connected?.endpoint, FIRST);
  assert.deepEqual(network.tried, [FIRST.ip]);
});

test("one that refuses is followed at once", async () => {
  const network = new Network([
    [FIRST, "refuses"],
    [SECOND, "answers"],
  ]);
  const { connected, failed } = await firstConnected(
    [FIRST, SECOND],
    network.connect,
    options(60_000),
  );
  assert.equal(connected?.endpoint, SECOND);
  assert.deepEqual(
    failed.map(({ endpoint }) => endpoint),
    [FIRST],
  );
});

test("one that is silent is passed soon, given up, and not held against it", async () => {
  const network = new Network([
    [FIRST, "silent"],
    [SECOND, "answers"],
  ]);
  const { connected, failed } = await firstConnected(
    [FIRST, SECOND, THIRD],
    network.connect,
    options(1),
  );
  assert.equal(connected?.endpoint, SECOND);
  assert.deepEqual(failed, []);
  assert.deepEqual(network.tried, [FIRST.ip, SECOND.ip]);
});

test("of two that answer one is dropped", async () => {
  const network = new Network([
    [FIRST, "answers anyway"],
    [SECOND, "answers"],
  ]);
  const { connected } = await firstConnected([FIRST, SECOND], network.connect, options(1));
  assert.equal(connected?.endpoint, SECOND);
  assert.deepEqual(
    network.sockets.map(({ destroyed }) => destroyed),
    [false, true],
  );
});

test("when all fail, all are told", async () => {
  const network = new Network([
    [FIRST, "refuses"],
    [SECOND, "refuses"],
  ]);
  const { connected, failed } = await firstConnected([FIRST, SECOND], network.connect, options(1));
  assert.equal(connected, undefined);
  assert.equal(failed.length, 2);
});

test("when all is given up, nobody else is tried", async () => {
  const stopping = new AbortController();
  const network = new Network([[FIRST, "silent"]]);
  const first = firstConnected([FIRST, SECOND], network.connect, {
    ...options(60_000),
    stopping: stopping.signal,
  });
  stopping.abort();
  const { connected, failed } = await first;
  assert.equal(connected, undefined);
  assert.equal(failed.length, 1);
  assert.deepEqual(network.tried, [FIRST.ip]);
});
