/**
 * Postfix's smtp-sink at the far end of a relay: stores nothing and counts what it takes. It writes its counters into a file, of
 * which only the end is looked at, now and then: counting takes next to nothing from the servers.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { temporaryDirectory } from "../../test/interop/support/site.ts";
import { startChild } from "./child.ts";
import type { CountingSink } from "./peer.ts";
import { BACKLOG } from "./sink.ts";

/** Milliseconds between two looks at the counters, and at most until they say what they should. */
const LOOK_MS = 10;
const ARRIVAL_LIMIT_MS = 300_000;

/** More octets than one set of counters has: `sess=1 quit=1 mesg=1` and a CR, written anew after each message. */
const TAIL_OCTETS = 100;

export async function startCountingSink(port: number): Promise<CountingSink> {
  const counters = openSync(join(temporaryDirectory(), "counters"), "a+");
  const args = ["-c", "-u", "nobody", `127.0.0.1:${port}`, BACKLOG];
  const child = await startChild("smtp-sink", args, port, counters);
  return {
    name: "smtp-sink",
    pid: child.pid,
    smtp: port,
    messages: () => messagesIn(counters),
    reaches: (messages) => untilThereAre(messages, counters),
    async stop() {
      await child.stop();
      closeSync(counters);
    },
  };
}

function messagesIn(counters: number): number {
  const { size } = fstatSync(counters);
  const tail = Buffer.alloc(Math.min(size, TAIL_OCTETS));
  readSync(counters, tail, 0, tail.length, size - tail.length);
  return Number(/mesg=(\d+)\r$/.exec(tail.toString("latin1"))?.[1] ?? 0);
}

async function untilThereAre(messages: number, counters: number): Promise<void> {
  const until = performance.now() + ARRIVAL_LIMIT_MS;
  for (let now = messagesIn(counters); now < messages; now = messagesIn(counters)) {
    if (performance.now() > until)
      throw new Error(`${now} messages have arrived, ${messages} should have`);
    await setTimeout(LOOK_MS);
  }
}
