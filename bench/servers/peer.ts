/** What every server here looks like to the bench, whichever it is. */

export interface Peer {
  readonly name: string;
  /** The root of its process tree. */
  readonly pid: number;
  /** The roots of other trees that work for it, a milter's for instance; what they use is its own. */
  readonly helpers?: readonly number[];
  stop(): Promise<void>;
}

export interface SmtpPeer extends Peer {
  readonly smtp: number;
  /** Resolves when all it has accepted is where its owner reads it; absent where the 250 says that already. */
  delivered?(): Promise<void>;
  /** Messages in the mailbox that the load goes to; undefined for a server that stores nothing. */
  stored(): Promise<number | undefined>;
}

/** A server of which one can see what it has stored. */
export interface ReadablePeer extends SmtpPeer {
  /** The messages of that mailbox that came last, so many. */
  newest(count: number): Promise<readonly string[]>;
}

/** Where a relay passes its mail on to: stores nothing, counts what it takes. */
export interface CountingSink extends Peer {
  readonly smtp: number;
  /** Taken since it started. */
  messages(): number;
  /** Resolves when it has taken so many since it started. */
  reaches(messages: number): Promise<void>;
}

/** A server that passes on what it takes; nobody else sends to its sink, and what it has stored is what is there. */
export interface RelayPeer extends SmtpPeer {
  readonly sink: CountingSink;
}

export interface Pop3Peer extends Peer {
  readonly pop3: number;
}

/** What the servers call themselves. */
export const HOSTNAME = "mx.local.example";
/** The mailbox that the load goes to, and the one that is read. */
export const SINK_MAILBOX = "user@local.example";
export const READ_MAILBOX = "reader@local.example";
/** Elsewhere: whoever sends to it wants to be relayed. */
export const FAR_MAILBOX = "user@far.example";
/** Nobody here takes mail for it. */
export const VICTIM = "victim@abroad.example";
export const PASSWORD = "correct horse battery";
