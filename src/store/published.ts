/**
 * The lists that this site publishes, of the store's contract: entries, a record of every change, and what is so of a zone. A change is
 * one transaction and has a record of all that it touched, before and after; records are never changed. The store looks into neither
 * subjects nor evidence. Times are milliseconds since 1970.
 */

/** What is said of a subject. */
export interface PublishedFacts {
  /** An IPv4 address; left out: the zone's own. */
  readonly code?: string;
  /** Empty where nothing more is said. */
  readonly reason: string;
  readonly kind: string;
  /** JSON */
  readonly evidence: string;
  readonly by: string;
  readonly since: number;
  /** From then on it is no entry any more, and is removed with the next `expire`. */
  readonly until: number;
  /** How often the subject was listed, with this one. */
  readonly times: number;
  /** How much of the zone it is: the growth of a zone is counted in it. */
  readonly weight: number;
}

export interface PublishedEntry extends PublishedFacts {
  readonly zone: string;
  /** Canonical: one a zone. */
  readonly subject: string;
  /** Number of the change that made it what it is. */
  readonly change: number;
}

export const PUBLISHED_ACTIONS = [
  "add",
  "renew",
  "remove",
  "import",
  "expire",
  "retire",
  "undo",
  "brake",
  "release",
] as const;

export type PublishedAction = (typeof PUBLISHED_ACTIONS)[number];

/** Who made it: a person by a command, what tests and lists by itself, or the time that went by. */
export const PUBLISHED_ORIGINS = ["person", "pipeline", "time"] as const;

export type PublishedOrigin = (typeof PUBLISHED_ORIGINS)[number];

/** Who changes what, when and why. */
export interface PublishedAct {
  readonly zone: string;
  readonly at: number;
  readonly by: string;
  readonly origin: PublishedOrigin;
  readonly action: PublishedAction;
  readonly why: string;
  /** Number of the change that this one takes back. */
  readonly undoes?: number;
}

/** A change as it is wanted. */
export interface PublishedEdit extends PublishedAct {
  readonly parts: readonly PublishedEditPart[];
  /** What else becomes so of the zone; what is left out stays. */
  readonly state?: {
    readonly retired?: boolean;
    /** Why it is pulled; null: it is released. */
    readonly brake?: string | null;
  };
}

export interface PublishedEditPart {
  readonly subject: string;
  /** `change` of the entry that whoever wants this has seen; 0: there was none. */
  readonly seen: number;
  /** Left out: no entry afterwards. */
  readonly after?: PublishedFacts;
}

export type PublishedResult =
  | { readonly kind: "changed"; readonly id: number }
  /** Somebody else has changed this one meanwhile; nothing was done. */
  | { readonly kind: "conflict"; readonly subject: string };

/** A change as it was made. */
export interface PublishedChange extends PublishedAct {
  readonly id: number;
  /** The change that took this one back. */
  readonly undoneBy?: number;
  /** Subjects that it touched. */
  readonly parts: number;
  /** Of those, how many had no entry before, and how many have none afterwards. */
  readonly listed: number;
  readonly removed: number;
}

export interface PublishedPart {
  readonly subject: string;
  readonly before?: PublishedFacts;
  readonly after?: PublishedFacts;
}

export interface PublishedZoneState {
  readonly zone: string;
  /** 0: none was given yet. */
  readonly serial: number;
  readonly retiredAt?: number;
  readonly brake?: { readonly at: number; readonly why: string };
}

export interface PublishedFigures {
  readonly entries: number;
  readonly weight: number;
  /** When the first entry ends, and the last; absent where there is none. */
  readonly firstEnd?: number;
  readonly lastEnd?: number;
}

export interface PublishedGrowth {
  /** Subjects listed that had no entry. */
  readonly listed: number;
  readonly removed: number;
  /** What was added, less what went. */
  readonly weight: number;
}

/** The reads that return no promise are synchronous, like the directory's, and see other processes' changes at once. */
export interface Published {
  /** Grows with every change, whoever makes it. */
  revision(): number;
  /** Of any zone; as if nothing had ever been said of one that is not known. */
  zone(zone: string): PublishedZoneState;
  find(zone: string, subject: string): PublishedEntry | undefined;
  /** Those behind the subject `after`, in the order of their octets. */
  entries(zone: string, page: { readonly after?: string; readonly limit: number }): readonly PublishedEntry[]; // prettier-ignore
  figures(zone: string): Promise<PublishedFigures>;
  /** How many entries have evidence of each kind. */
  kinds(zone: string): Promise<ReadonlyMap<string, number>>;
  /** What changes at that time or later came to; of one origin or of all. */
  grown(zone: string, since: number, origin?: PublishedOrigin): PublishedGrowth;

  /** Makes a change, all of it or nothing. */
  apply(edit: PublishedEdit): Promise<PublishedResult>;
  /** Removes entries whose time is over, step by step, with records. */
  expire(now: number): Promise<void>;
  /** The next serial of a zone: seconds since 1970, or one more than the last, whichever is more (RFC 1982 would allow less). */
  nextSerial(zone: string, now: number): Promise<number>;

  /** The latest first; of one zone or of all, older than the change `before`. */
  changes(query: { readonly zone?: string; readonly before?: number; readonly limit: number }): Promise<readonly PublishedChange[]>; // prettier-ignore
  change(id: number): Promise<PublishedChange | undefined>;
  /** Of a change, those behind the subject `after`, in the order of their octets. */
  parts(id: number, page: { readonly after?: string; readonly limit: number }): Promise<readonly PublishedPart[]>; // prettier-ignore
  /** What was done to a subject, the latest first. */
  history(zone: string, subject: string, limit: number): Promise<readonly (PublishedChange & PublishedPart)[]>; // prettier-ignore
  /** Forgets records of changes made before, step by step; entries stay. */
  prune(before: number): Promise<void>;
}
