/**
 * The far end of a relay that offers STARTTLS, which smtp-sink cannot: a program of the bench that takes everything, counts
 * messages, handshakes and sessions resumed, and keeps the newest messages, for whoever wants to see one.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { setTimeout } from "node:timers/promises";
import type { Certificate } from "./certificate.ts";
import type { CountingSink } from "./peer.ts";

const PROGRAM = fileURLToPath(new URL("tls-sink-program.ts", import.meta.url));

/** Milliseconds between two looks at the counters, and at most until they say what they should. */
const LOOK_MS = 10;
const ARRIVAL_LIMIT_MS = 300_000;

export interface SinkSettings {
  readonly port: number;
  /** Left out: no STARTTLS. */
  readonly certificate?: Certificate;
  /** Whether a session can be resumed; where not, its tickets are worth nothing. */
  readonly resumable: boolean;
}

export interface SinkCounters {
  readonly messages: number;
  readonly connections: number;
  readonly handshakes: number;
  /** Of these. */
  readonly resumed: number;
}

export type Told =
  | { readonly kind: "listening" }
  | ({ readonly kind: "counters" } & SinkCounters)
  /** In latin1. */
  | { readonly kind: "newest"; readonly messages: readonly string[] };

export interface TlsSink extends CountingSink {
  counters(): SinkCounters;
  /** The messages that came last, a few. */
  newest(): Promise<readonly Buffer[]>;
}

export async function startTlsSink(settings: SinkSettings): Promise<TlsSink> {
  const child = fork(PROGRAM, [JSON.stringify(settings)]);
  let counters: SinkCounters = { messages: 0, connections: 0, handshakes: 0, resumed: 0 };
  child.on("message", (told: Told) => {
    if (told.kind === "counters") counters = told;
  });
  await hears(child, "listening");
  return {
    name: "sink",
    pid: child.pid ?? 0,
    smtp: settings.port,
    messages: () => counters.messages,
    counters: () => counters,
    async reaches(messages) {
      const until = performance.now() + ARRIVAL_LIMIT_MS;
      while (counters.messages < messages) {
        if (performance.now() > until)
          throw new Error(`${counters.messages} messages have arrived, ${messages} should have`);
        await setTimeout(LOOK_MS);
      }
    },
    async newest() {
      child.send("newest");
      const { messages } = await hears(child, "newest");
      return messages.map((message) => Buffer.from(message, "latin1"));
    },
    async stop() {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

/** The next thing of this kind that it says. */
function hears<Kind extends Told["kind"]>(
  child: ChildProcess,
  kind: Kind,
): Promise<Told & { kind: Kind }> {
  return new Promise((resolve, reject) => {
    const hear = (said: Told): void => {
      if (!isOf(said, kind)) return;
      child.off("message", hear).off("exit", ended);
      resolve(said);
    };
    const ended = (code: number | null): void => reject(new Error(`the sink ended with ${code}`));
    child.on("message", hear).once("exit", ended);
  });
}

function isOf<Kind extends Told["kind"]>(told: Told, kind: Kind): told is Told & { kind: Kind } {
  return told.kind === kind;
}
