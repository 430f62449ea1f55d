/**
 * What everything that needs the DNS is handed: one question, one typed answer. It is never an exception that says
 * that a name is not there, or that nobody could be asked; and those two are never mixed up.
 */
import type { DnsName } from "./name.ts";
import type { RecordData, RecordType } from "./records.ts";

export interface Resolver {
  /** Does not reject. Answers within the resolver's deadline. */
  resolve<Type extends RecordType>(name: DnsName, type: Type): Promise<Resolution<Type>>;
}

export type Resolution<Type extends RecordType> = Found<Type> | Absent | Failed;

export interface Found<Type extends RecordType> {
  readonly kind: "found";
  /** The name that has the records: the one asked for, or the one its aliases (CNAME) lead to. */
  readonly name: DnsName;
  /** At least one, in the order in which they came. */
  readonly records: readonly RecordData[Type][];
  /** Seconds it may still be believed. */
  readonly ttl: number;
  /** Validated by DNSSEC, as a server says whose word the configuration takes for it. */
  readonly authentic: boolean;
}

/** `no-such-name`: nothing of any type is there or below. `no-data`: the name is there, records of this type are not. */
export interface Absent {
  readonly kind: "no-such-name" | "no-data";
  readonly ttl: number;
  readonly authentic: boolean;
}

/** Nobody knows: a reason to try again later, never a reason to believe that something is not there. */
export interface Failed {
  readonly kind: "failed";
  readonly why: FailureReason;
}

export type FailureReason =
  /** A server does not answer us, or not this question. */
  | "refused"
  /** A server tried and could not; also what DNSSEC has found to be false. */
  | "servfail"
  /** No server answered in time. */
  | "timeout"
  /** No server could be reached. */
  | "unreachable"
  /** The answer cannot be read, or holds a name that is none of ours. */
  | "malformed"
  /** Aliases go round, or on for too long. */
  | "alias-loop"
  /** Too many questions are open at once. */
  | "overloaded"
  /** The resolver has been closed. */
  | "closed";

/** How many aliases are followed for one question; what is reasonable has one or two. */
export const ALIASES_LIMIT = 8;
