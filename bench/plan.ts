/** Which loads, how large, and what Gatepost is meant to reach under each. */
import type { MailLoad } from "./load/smtp-source.ts";
import type { LetterKind } from "./load/strangers.ts";
import type { TlsLoad } from "./load/tls-mail.ts";
import type { ReadLoad } from "./measure/loads.ts";

/** How the bench was asked to run. */
export interface Plan {
  readonly rounds: number;
  /** All counts of messages, times this; 1 for figures that mean something. */
  readonly scale: number;
  readonly say: (text: string) => void;
}

export interface Contest<Load> {
  readonly title: string;
  readonly aim: string;
  readonly load: Load;
  /** The name of a server that this load tells nothing about. */
  readonly without?: string;
}

/** Unreported messages for each server before anything is measured. */
export const WARM_MESSAGES = 3000;
/** The share of a load that goes before its first round, unreported. */
export const WARM_SHARE = 0.2;

const MANY_NEW = "8 × Postfix, or 60 % of the sink; 1/8 of Postfix's CPU";
const REUSED = "10 × Postfix, 3 × smtp-server";

export const MAIL: readonly Contest<MailLoad>[] = [
  {
    ...inbound("4 KiB, new connections, 1 at a time", "1.5 × Postfix", 1000, 4, 1, "new"),
    without: "smtp-server", // it waits 100 ms before each greeting
  },
  inbound("4 KiB, new connections, 20 at once", MANY_NEW, 4000, 4, 20, "new"),
  inbound("4 KiB, new connections, 100 at once", MANY_NEW, 4000, 4, 100, "new"),
  inbound("4 KiB, 1 connection, reused", REUSED, 2000, 4, 1, "reused"),
  inbound("4 KiB, 20 connections, reused", REUSED, 4000, 4, 20, "reused"),
  inbound("100 KiB, new connections, 20 at once", "4 × Postfix", 1000, 100, 20, "new"),
];

function inbound(
  title: string,
  aim: string,
  messages: number,
  kibibytes: number,
  connections: number,
  kind: "new" | "reused",
): Contest<MailLoad> {
  const load = { messages, octets: kibibytes * 1024, connections, reuse: kind === "reused" };
  return { title, aim, load };
}

const RELAY_AIM = "6 × Postfix, 3 × Haraka; 1/6 of Postfix's CPU";

/** Through a server to a sink. */
export const RELAYED: readonly Contest<MailLoad>[] = [
  inbound("4 KiB, new connections, 1 at a time", "–", 500, 4, 1, "new"),
  inbound("4 KiB, new connections, 20 at once", RELAY_AIM, 2000, 4, 20, "new"),
  inbound("4 KiB, new connections, 100 at once", "–", 2000, 4, 100, "new"),
  inbound("4 KiB, 20 connections, reused", RELAY_AIM, 2000, 4, 20, "reused"),
];

const HALF = "1/2 of Postfix's CPU";

/** What the client of a load does with TLS, unless its title says something else. */
export const OVER_TLS = { tls: "starttls", resume: false, login: false } as const;

export const IN_THE_CLEAR = { ...OVER_TLS, tls: "off" } as const;

/** From users, over TLS. */
export const SUBMITTED: readonly Contest<TlsLoad>[] = [
  submitted("4 KiB, new connections and logins, 20 at once", "new"),
  submitted("4 KiB, 20 connections, reused", "reused"),
];

function submitted(title: string, kind: "new" | "reused"): Contest<TlsLoad> {
  const { load } = inbound(title, HALF, 2000, 4, 20, kind);
  const aim = "1/2 of Postfix's and opendkim's CPU";
  return { title, aim, load: { ...load, ...OVER_TLS, login: true } };
}

/** From other servers, into a mailbox. */
export const TLS_IN: readonly Contest<TlsLoad>[] = [
  overTls("new connections, in the clear", "–", "new", "off"),
  overTls("new connections, full handshakes", HALF, "new", "starttls"),
  overTls("new connections, sessions resumed", HALF, "new", "starttls", "resumed"),
  overTls("20 connections, reused, in the clear", "–", "reused", "off"),
  overTls("20 connections, reused, over TLS", HALF, "reused", "starttls"),
];

function overTls(
  title: string,
  aim: string,
  kind: "new" | "reused",
  tls: TlsLoad["tls"],
  session: "resumed" | "new" = "new",
): Contest<TlsLoad> {
  const { load } = inbound(title, aim, 3000, 4, 20, kind);
  return { title, aim, load: { ...load, ...OVER_TLS, tls, resume: session === "resumed" } };
}

/** From strangers, to be authenticated. */
export interface Authenticated extends Contest<TlsLoad> {
  readonly letters: LetterKind;
}

export const AUTHENTICATED: readonly Authenticated[] = [
  authenticated("4 KiB, RSA-2048, new connections, 20 at once", "rsa", 2000, 4, "new"),
  authenticated("4 KiB, RSA-2048, 20 connections, reused", "rsa", 2000, 4, "reused"),
  authenticated("4 KiB, Ed25519, 20 connections, reused", "ed25519", 2000, 4, "reused"),
  authenticated("4 KiB, unsigned, new connections, 20 at once", "unsigned", 2000, 4, "new"),
  authenticated("4 KiB, unsigned, 20 connections, reused", "unsigned", 2000, 4, "reused"),
  authenticated("64 KiB, RSA-2048, 20 connections, reused", "large rsa", 1000, 64, "reused"),
];

function authenticated(
  title: string,
  letters: LetterKind,
  messages: number,
  kibibytes: number,
  kind: "new" | "reused",
): Authenticated {
  const { load, aim } = inbound(title, HALF, messages, kibibytes, 20, kind);
  return { title, aim, letters, load: { ...load, ...IN_THE_CLEAR } };
}

/** From strangers who are looked up in lists. */
export interface LookedUp extends Contest<TlsLoad> {
  /** The same ones come again, so that what lists say of them is remembered; or none comes twice. */
  readonly clients: "known" | "new";
}

/** How many known ones there are. */
export const KNOWN_CLIENTS = 200;

export const LOOKED_UP: readonly LookedUp[] = [
  lookedUp("known clients, 20 at once", "known", 2000, 20),
  lookedUp("new clients, 20 at once", "new", 2000, 20),
  lookedUp("known clients, 1 at a time", "known", 500, 1),
  lookedUp("new clients, 1 at a time", "new", 500, 1),
];

function lookedUp(
  title: string,
  clients: LookedUp["clients"],
  messages: number,
  connections: number,
): LookedUp {
  const { load, aim } = inbound(title, HALF, messages, 4, connections, "new");
  return { title, aim, clients, load: { ...load, ...IN_THE_CLEAR } };
}

/** From clients that are on two lists. */
export const LISTED = [
  { title: "known listed clients, refused, 20 at once", clients: "known" },
  { title: "new listed clients, refused, 20 at once", clients: "new" },
] as const;

export const LISTED_LOAD = { attempts: 2000, atOnce: 20 } as const;

/** Addresses of a published list in a file, and entries of one in the store. */
export const LIST_SIZES = [100_000, 1_000_000] as const;
export const STORED_SIZES = [1000, 100_000, 500_000] as const;

/** Different questions, and the seconds for which they are asked. */
export const LIST_QUESTIONS = 200_000;
export const LIST_SECONDS = 5;

/** To a sink: what it offers, and what tells each relay what to use again. */
export interface Outgoing extends Contest<MailLoad> {
  readonly offers: "nothing" | "full handshakes" | "sessions";
  /** Settings of Gatepost. */
  readonly gatepost: readonly string[];
  /** Lines for Postfix's main.cf. */
  readonly postfix: string;
}

const ONE_EACH = ["delivery.messages_per_connection=1"];
const NONE_KEPT = "smtp_connection_cache_on_demand = no\n";
const TLS = "smtp_tls_security_level = may\n";
const SESSIONS = "smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache\n";

export const TLS_OUT: readonly Outgoing[] = [
  outgoing("new connections, in the clear", "–", "nothing", ONE_EACH, NONE_KEPT),
  outgoing("new connections, full handshakes", HALF, "full handshakes", ONE_EACH, NONE_KEPT + TLS),
  outgoing(
    "new connections, sessions resumed where the relay does",
    HALF,
    "sessions",
    ONE_EACH,
    NONE_KEPT + TLS + SESSIONS,
  ),
  outgoing("connections reused, in the clear", "–", "nothing", [], ""),
  outgoing(
    "connections reused, over TLS",
    HALF,
    "sessions",
    [],
    `${TLS}${SESSIONS}smtp_tls_connection_reuse = yes\n`,
  ),
];

function outgoing(
  title: string,
  aim: string,
  offers: Outgoing["offers"],
  gatepost: readonly string[],
  postfix: string,
): Outgoing {
  return { ...inbound(title, aim, 2000, 4, 20, "reused"), offers, gatepost, postfix };
}

export const REFUSALS = {
  title: "relay attempts refused, new connections, 20 at once",
  aim: "2 × Postfix at 1/3 of its CPU",
  load: { attempts: 4000, atOnce: 20 },
} as const;

export const READ_MESSAGES = 1000;

export const READING: readonly Contest<ReadLoad>[] = [
  reading("1,000 × 4 KiB, one by one", 5, 1),
  reading("1,000 × 4 KiB, 20 in flight", 10, 20),
];

function reading(title: string, passes: number, inFlight: number): Contest<ReadLoad> {
  return { title, aim: "Dovecot's rate", load: { messages: READ_MESSAGES, passes, inFlight } };
}

export const IDLE = {
  title: "idle connections",
  aim: "12 KiB",
  load: { connections: 2000 },
} as const;

/** What warms a server, for every client that is used later. */
export const WARMING: MailLoad = {
  messages: WARM_MESSAGES,
  octets: 4096,
  connections: 20,
  reuse: false,
};

export function scaled<Load extends { readonly messages: number; readonly connections: number }>(
  load: Load,
  scale: number,
): Load {
  return { ...load, messages: Math.max(load.connections, Math.round(load.messages * scale)) };
}

/** Messages of a load, its warming included. */
export function messagesOf(load: MailLoad, rounds: number): number {
  return scaled(load, WARM_SHARE).messages + rounds * load.messages;
}
