/** Whether lists are well: what those who ask them have to know of it, and what they tell whoever watches. Handed in. */
import type { IdentityLevel, Ip } from "../../mail/index.ts";
import type { AskedAs, ListSubject } from "./list.ts";
import type { ListAnswer } from "./reading.ts";

/** Only what is `well` has a vote. What is `sick` is not asked; on `trial`, or before it is proven, it is asked and has none. */
export type HealthState = "unproven" | "well" | "sick" | "trial";

export interface ListStanding {
  readonly state: HealthState;
  /** When that began, milliseconds since 1970. What was answered before it counts no more. */
  readonly since: number;
  /** For people: what was wrong, or still is. */
  readonly why?: string;
}

/** What was seen of a list; `at` in milliseconds since 1970. */
export type ListEvent =
  /** It has answered a question about a subject that we were asked to judge; not from memory. */
  | {
      readonly kind: "answer";
      readonly at: number;
      readonly as: AskedAs;
      readonly subject: ListSubject;
      /** The network of the client that has brought it (`siteNetwork`); absent: nobody knows. */
      readonly by?: string;
      readonly answer: ListAnswer;
      /** Milliseconds that it took. */
      readonly ms: number;
      /** Seconds that the answer may be believed. */
      readonly ttl?: number;
    }
  /** After a hit it was asked about an address that nobody can have listed. */
  | {
      readonly kind: "witness";
      readonly at: number;
      readonly canary: ListSubject;
      readonly answer: ListAnswer;
      readonly ms: number;
    }
  /** It has listed a client of which it is known well who it is, and no other list that is well has it. */
  | {
      readonly kind: "good client hit";
      readonly at: number;
      readonly client: Ip;
      readonly level: IdentityLevel;
    };

export interface ListWatch {
  /** By the list's name. */
  stateOf(list: string): ListStanding;
  /** Whether those that it was asked about since then show that it lists no more than is usual for it. */
  isUsualSince(list: string, at: number): boolean;
  happened(list: string, event: ListEvent): void;
}
