/** Questions over TCP as a service of `net`: its limits and its patience are those of all connections. */
import type { Service } from "../../../net/index.ts";
import type { Clock, Log } from "../../../runtime/index.ts";
import type { StreamSettings } from "./messages.ts";
import { DnsDialogue } from "./stream.ts";
import type { ZoneAnswerer } from "./zone-answerer.ts";

export interface StreamServiceDeps {
  /** By whom the next question is answered. */
  readonly answers: () => ZoneAnswerer;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: () => StreamSettings;
}

/** Milliseconds of a connection in all. A transfer of the largest zone takes a minute to who reads slowly. */
const SESSION_MS = 3_600_000;

export function streamService({ answers, clock, log, limits }: StreamServiceDeps): Service {
  return {
    open: (peer, wire) => new DnsDialogue({ answers, clock, limits: limits() }, peer, wire),
    busy: () => "", // the DNS has no words for it: who asks tries again, or elsewhere
    environment: () => ({
      clock,
      log,
      handshakeMs: 0,
      crowdedMs: limits().crowdedMs,
      sessionMs: SESSION_MS,
      secureContext: undefined,
    }),
  };
}
