/**
 * A thread of the list server with an answerer of a test's own. It says "SERIAL QUESTION", and nothing to "hush"; "die" ends the thread; to "all" there is a transfer
 * of as many parts as the serial says.
 */
import { parentPort, workerData } from "node:worker_threads";
import {
  COUNTED,
  type AnswerCounts,
  type Tally,
} from "../../../../src/operate/listing/answering/index.ts";
import type { ThreadData } from "../../../../src/operate/listing/serving/messages.ts";
import type { ZoneAnswerer } from "../../../../src/operate/listing/serving/zone-answerer.ts";
import { ThreadWork } from "../../../../src/operate/listing/serving/thread-work.ts";

if (parentPort === null) throw new Error("runs as a thread only");

ThreadWork.begin(workerData as ThreadData, parentPort, (first): ZoneAnswerer => {
  let zones = first;
  let asked = 0;
  const out = Buffer.alloc(2000);
  const serial = (): number => zones[0]?.serial ?? 0;
  return {
    out,
    answer(query) {
      asked++;
      const text = Buffer.from(query).toString("latin1");
      if (text === "die") setImmediate(() => process.exit(3));
      return text === "hush" ? 0 : out.write(`${serial()} ${text}`);
    },
    transfer(query) {
      if (Buffer.from(query).toString("latin1") !== "all") return undefined;
      return Array.from({ length: serial() }, () => Buffer.alloc(16_000, 97));
    },
    replace: (next) => (zones = next),
    takeCounts(): AnswerCounts {
      const none = Object.fromEntries(COUNTED.map((what) => [what, 0])) as Tally;
      const listed = asked;
      asked = 0;
      const network = { network: "127.0.0.0/24", queries: listed, listed };
      const tallies = listed > 0 ? [["bl.example.org", { ...none, listed }] as const] : [];
      return { zones: new Map(tallies), networks: [network], others: 0 };
    },
  };
});
