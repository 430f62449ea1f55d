/** What the server and its threads tell each other. Each message to a thread is the whole of what it is to be: nothing hangs on those before. */
import type { PortSharing, WantedPort } from "../../../net/index.ts";
import type { Fields, LogLevel } from "../../../runtime/index.ts";
import type { AnswerCounts, AnswerRules, PublishedZone } from "../answering/index.ts";

/** Given to a thread when it starts. */
export interface ThreadData {
  readonly over: "udp" | "tcp";
}

/** What is served, and where. */
export interface Serving {
  readonly zones: readonly PublishedZone[];
  readonly rules: AnswerRules;
  readonly limits: StreamSettings;
  readonly ports: readonly WantedPort[];
}

/** Of connections (TCP). */
export interface StreamSettings {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Milliseconds. */
  readonly idleMs: number;
  readonly crowdedMs: number;
}

export type ToThread =
  | { readonly kind: "serve"; readonly id: number; readonly serving: Serving }
  /** Milliseconds that connections may take to end. */
  | { readonly kind: "stop"; readonly graceMs: number };

export type FromThread =
  /** Ports in the order in which they were asked for. */
  | { readonly kind: "serving"; readonly id: number; readonly opened: Opened }
  /** Nothing has changed; in words for the operator. */
  | { readonly kind: "refused"; readonly id: number; readonly problem: string }
  /** Since the last ones. */
  | { readonly kind: "counts"; readonly counts: AnswerCounts }
  | {
      readonly kind: "log";
      readonly level: Exclude<LogLevel, "silent">;
      readonly event: string;
      readonly fields: Fields | undefined;
    };

export interface Opened {
  readonly ports: readonly number[];
  readonly sharing: PortSharing;
}
