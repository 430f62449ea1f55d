/** A conversation in memory: what came, silence at once, the end; and it waits for a server that thinks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryConnection } from "../../../src/operate/relaytest/index.ts";
import type { Dialogue, Wire } from "../../../src/protocol/dialogue/index.ts";

/** Says what it hears, in its own time; "." ends it, "TLS" begins TLS. */
class Echo implements Dialogue {
  readonly #wire: Wire;
  #thinking = false;
  secure = false;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  start(): void {
    this.#wire.write("hello");
  }

  receive(bytes: Uint8Array): void {
    this.#thinking = true;
    setImmediate(() => {
      this.#thinking = false;
      const said = Buffer.from(bytes).toString("latin1");
      if (said === "TLS") this.#wire.startTls();
      else if (said === ".") this.#wire.end();
      else if (said !== "") this.#wire.write(said);
    });
  }

  secured(): void {
    this.secure = true;
  }

  patienceMs(): number | undefined {
    return this.#thinking ? undefined : 1000;
  }

  progress(): number {
    return 0;
  }

  drained(): void {}
  finished(): void {}
  timeout(): void {}
  shutdown(): void {}
  closed(): void {}
}

test("what came, in order; then silence", async () => {
  const connection = new MemoryConnection((wire) => new Echo(wire));
  assert.deepEqual(await connection.read(), { kind: "octets", octets: "hello" });
  assert.deepEqual(await connection.read(), { kind: "silence" });
  connection.write("\xff\0");
  assert.deepEqual(await connection.read(), { kind: "octets", octets: "\xff\0" });
});

test("a server that thought and has nothing to say is silent", async () => {
  const connection = new MemoryConnection((wire) => new Echo(wire));
  await connection.read();
  connection.write("");
  assert.deepEqual(await connection.read(), { kind: "silence" });
});

test("the end, after what was said before it", async () => {
  const connection = new MemoryConnection((wire) => new Echo(wire));
  connection.write(".");
  assert.deepEqual(await connection.read(), { kind: "octets", octets: "hello" });
  assert.deepEqual(await connection.read(), { kind: "closed" });
});

test("TLS stands only if the server began it", async () => {
  const made: Echo[] = [];
  const secure = () => made.map((echo) => echo.secure);
  const connection = new MemoryConnection((wire) => {
    const echo = new Echo(wire);
    made.push(echo);
    return echo;
  });
  await connection.read();
  assert.equal(await connection.startTls(), false);
  assert.deepEqual(secure(), [false]);
  connection.write("TLS");
  assert.deepEqual(await connection.read(), { kind: "silence" });
  assert.equal(await connection.startTls(), true);
  assert.deepEqual(secure(), [true]);
});
