/**
 * The house's plan as data: the rooms from ground to top, and what a room may never know although the order
 * would allow it. `docs/architecture.md` says why; change both together.
 */

/** A room may import the rooms before it. Each is a folder of src/; every folder of src/ is one. */
export const ROOMS: readonly string[] = [
  "mail",
  "runtime",
  "protocol/dialogue",
  "protocol/sasl",
  "protocol/dsn",
  "protocol/smtp",
  "protocol/pop3",
  "protocol/dns",
  "policy/identity",
  "policy/lists/files",
  "policy/lists",
  "policy/routing",
  "policy/checks",
  "store",
  "store/sqlite/migrations",
  "store/sqlite",
  "store/postgres",
  "net",
  "service/accounts",
  "service/signing",
  "service/authentication",
  "service/record",
  "service/postmaster",
  "service/sending",
  "service/receive",
  "service/maildrop",
  "service/delivery",
  "service/queue",
  "service/reports",
  "service/lists",
  "operate/journal",
  "operate/lists",
  "operate/queue",
  "operate/reports",
  "operate/sendmail",
  "operate/peering",
  "operate/page",
  "operate/relaytest/catalogue",
  "operate/relaytest",
  "operate/tester",
  "operate/listing/answering",
  "operate/listing/serving",
  "operate/listing",
  "operate/suspects",
  "operate/doctor",
  "web",
  "config",
  "app",
  "cli",
];

export interface Never {
  /** The room, or the wing, that must not know. */
  readonly room: string;
  /** Rooms, wings or Node modules (`node:*` for all of them). */
  readonly knows: readonly string[];
  readonly why: string;
}

export const NEVERS: readonly Never[] = [
  {
    room: "protocol",
    knows: ["runtime", "node:*"],
    why: "engines are tested and fuzzed without a machine around them",
  },
  {
    room: "policy",
    knows: ["store", "net", "protocol/smtp", "protocol/pop3"],
    why: "a decision is the same live, in a test and in a rehearsal",
  },
  {
    room: "store",
    knows: ["protocol", "policy"],
    why: "it keeps and finds, it never decides",
  },
  {
    room: "net",
    knows: ["protocol/smtp", "protocol/pop3", "policy", "store"],
    why: "it carries any dialogue",
  },
  {
    room: "service/queue",
    knows: ["net", "protocol/smtp"],
    why: "delivery tries, the queue knows when",
  },
  { room: "service/delivery", knows: ["service/queue"], why: "it tries once and reports" },
  { room: "web", knows: ["net", "protocol"], why: "it asks service and operate" },
  { room: "cli", knows: ["net", "protocol"], why: "it asks service and operate" },
];

/** Exceptions to the nevers: SCRAM and its like are made of hashes. */
export const ALLOWED: ReadonlyMap<string, readonly string[]> = new Map([
  ["protocol/sasl", ["node:crypto"]],
]);

/** What no file of src/ imports, and why. */
export const FORBIDDEN_EVERYWHERE: ReadonlyMap<string, string> = new Map([
  ["node:child_process", "no program is started"],
  ["child_process", "no program is started"],
  ["node:dns", "names are looked up by our own resolver"],
  ["node:dns/promises", "names are looked up by our own resolver"],
  ["dns", "names are looked up by our own resolver"],
]);

/** Packages that only one room knows, because they are too lax to be handed hostile octets as they come. */
export const FENCED: ReadonlyMap<string, string> = new Map([
  ["dns-packet", "protocol/dns"],
  ["mailauth", "service/authentication"],
]);

/** The key to the lock that a RelayGrant is: only its own room may hold it. */
export const GRANT_MAKER = "policy/checks/grant-maker.ts";
