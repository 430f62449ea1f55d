/**
 * Another maker's server that mail goes to and comes from, with addresses whose fates are known. What is for
 * `local.example` it hands to us; its tests are the same whoever made it.
 */

/** Domains of ours that it has the mailboxes of, the same as for its own; of the first we do not ask who is there. */
export const GATEWAYS = ["inner.example", "office.example"] as const;

/** Local parts at a peer. */
export const MAILBOXES = ["bob", "carl", "away"] as const;
/** Leads back: `back` to our user, `round` to our address of the same name. */
export const FORWARDS = ["back", "round"] as const;
/** Taken in the session, and found to have gone afterwards. */
export const DEAD = "dead";
/** Refused in the session, for good and for now. */
export const NOBODY = "nobody";
export const LATER = "later";

export interface Peer {
  readonly name: string;
  readonly domain: string;
  readonly port: number;
  /** Hands a message to it as a local program does; `from` may be empty. */
  submit(message: Buffer, from: string, to: string): Promise<void>;
  /** What it has logged so far. */
  log(): string;
  /** How many messages of the null reverse-path for this address are in its log: what it takes for a bounce. */
  bouncesTo(address: string): number;
  /** Messages in the mailbox, as stored, with its own line ends. */
  messages(user: (typeof MAILBOXES)[number]): readonly string[];
  stop(): Promise<void>;
}

export interface PeerPlace {
  readonly port: number;
  /** Our port. */
  readonly gatepost: number;
  /** To whom `back` leads. */
  readonly user: string;
}

export type StartPeer = (place: PeerPlace) => Promise<Peer>;
