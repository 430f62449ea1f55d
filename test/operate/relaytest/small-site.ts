/**
 * A small site in memory for the proof's tests: the real engine, desk, routing and checks around a directory of a
 * few Maps. Each part can be handed in broken.
 */
import {
  parseAddress,
  parseDomain,
  parseIp,
  sessionId,
  type Domain,
  type Ip,
  type MailboxId,
} from "../../../src/mail/index.ts";
import { PROOF_PASSWORD, ProofAccounts } from "../../../src/app/proof-accounts.ts";
import {
  featuresNamed,
  MemoryConnection,
  type Acceptance,
  type Departure,
  type Feature,
  type Given,
  type Names,
  type ProofTarget,
  type ProvableListener,
  type ProvableSession,
  TLS_IN_MEMORY,
} from "../../../src/operate/relaytest/index.ts";
import { decide, enumerateDecisions, stages } from "../../../src/policy/checks/index.ts";
import {
  readReturn,
  Routing,
  type RoutedMailbox,
  type Route,
  type RoutingDirectory,
} from "../../../src/policy/routing/index.ts";
import { Conversation, type Desk, type Session } from "../../../src/protocol/dialogue/index.ts";
import {
  SmtpServerSession,
  type SmtpAnswer,
  type SmtpAsk,
  type SmtpLimits,
  type SmtpTell,
  type SubmissionSettings,
} from "../../../src/protocol/smtp/index.ts";
import { noGreetingDelay } from "../../../src/net/index.ts";
import { ManualClock, silentLog } from "../../../src/runtime/index.ts";
import { Bodies, SmtpDesk, type ReceiveDeps } from "../../../src/service/receive/index.ts";
import type { MessageDraft } from "../../../src/store/index.ts";
import { NO_WAYS_OUT } from "../../support/no-ways-out.ts";

export type SmtpSession = Session<SmtpAsk, SmtpTell, SmtpAnswer>;
export type ReceiveDesk = Desk<SmtpAsk, SmtpTell, SmtpAnswer>;
export type Router = Pick<Routing, "route">;

/** What a mutation changes; every part gets the sound one and the session's own surroundings. */
export interface Parts {
  readonly decide?: typeof decide;
  readonly directory?: (sound: RoutingDirectory) => RoutingDirectory;
  readonly stages?: typeof stages;
  readonly limits?: Partial<SmtpLimits>;
  readonly hops?: number;
  /** What a submission port is told about logins; undefined: nothing. */
  readonly submission?: (sound: SubmissionSettings) => SubmissionSettings | undefined;
  /** Takes every connection for one with TLS. */
  readonly thinksItIsSecure?: true;
  /** Made anew for each session, with a memory that its parts share. */
  readonly session?: (around: Surroundings) => SessionParts;
}

export interface SessionParts {
  readonly router?: (sound: Router) => Router;
  readonly desk?: (sound: ReceiveDesk) => ReceiveDesk;
  readonly engine?: (sound: SmtpSession) => SmtpSession;
}

export interface Surroundings {
  /** As the operating system prints it. */
  readonly clientText: string;
  readonly client: Ip;
  readonly names: Names;
  /** A route that leads out of the site, as no sound part can make one. */
  abroad(address: string): Route;
  /** The message being received, or the last one, also goes there. */
  alsoSend(address: string): void;
}

export const NAMES: Names = {
  domain: domain("kite.example"),
  hostname: "mx.kite.example",
  address: "192.0.2.25",
  foreign: domain("foreign.example"),
  attacker: domain("attacker.example"),
  token: "tok-5f3a9c1e",
  user: "ann",
  postmaster: "root@kite.example",
  internationalDomain: domain("xn--bcher-kva.example"),
  catchAll: { domain: domain("any.example"), mailbox: "root@kite.example" },
  fullMailbox: "full@kite.example",
  limits: { errors: 20, recipients: 100, hops: 100, commandLineOctets: 4096 },
};

const LIMITS: SmtpLimits = {
  messageOctets: 65_536,
  recipients: NAMES.limits.recipients,
  errors: NAMES.limits.errors,
  commandLineOctets: NAMES.limits.commandLineOctets,
  transactions: 100,
  commandTimeMs: 1000,
  contentTimeMs: 1000,
  crowdedTimeMs: 1000,
};

const SUBMISSION: SubmissionSettings = { authLogin: true, saslLineOctets: 12_288 };

const ROOT = mailbox(1, "root@kite.example");
const ANN = mailbox(2, "ann@kite.example");
const MAILBOXES: ReadonlyMap<string, RoutedMailbox> = new Map(
  [ROOT, ANN, { ...mailbox(3, "full@kite.example"), quotaOctets: 10, usedOctets: 10 }].map(
    (entry) => [addressOf(entry), entry],
  ),
);

const DIRECTORY: RoutingDirectory = {
  domain: (name) => {
    if (name === NAMES.catchAll?.domain) return { catchAll: ROOT.id };
    return name === NAMES.domain || name === NAMES.internationalDomain ? {} : undefined;
  },
  mailbox: (local, name) => MAILBOXES.get(`${local}@${name}`),
  mailboxById: (id) => [...MAILBOXES.values()].find((entry) => entry.id === id),
  alias: () => undefined,
};

const FAILING: RoutingDirectory = {
  domain: fail,
  mailbox: fail,
  mailboxById: fail,
  alias: fail,
};

interface Port {
  readonly name: string;
  readonly startTls: boolean;
  readonly submission: boolean;
}

/** With STARTTLS on offer, and with TLS from the beginning. */
const PORTS: readonly Port[] = [
  { name: "smtp", startTls: true, submission: false },
  { name: "smtps", startTls: false, submission: false },
  { name: "submission", startTls: true, submission: true },
  { name: "submissions", startTls: false, submission: true },
];

/** The site as a proof's target. */
export function smallSite(parts: Parts = {}): ProofTarget {
  return {
    listeners: PORTS.map((port) => listener(port, parts)),
    decisions: enumerateDecisions(parts.decide ?? decide),
  };
}

function listener(port: Port, parts: Parts): ProvableListener {
  const { name, startTls, submission } = port;
  const names = submission ? { ...NAMES, password: PROOF_PASSWORD } : NAMES;
  const features = new Set<Feature>(featuresNamed(names));
  if (startTls) features.add("starttls");
  if (submission) features.add("submission").add("auth-login");
  return { name, features, names, open: (given) => open(given, port, parts) };
}

function open(given: Given, port: Port, parts: Parts): ProvableSession {
  const sink = new Sink();
  const clientText = given.client ?? "198.51.100.66";
  const around: Surroundings = {
    clientText,
    client: ip(clientText),
    names: NAMES,
    abroad: (address) => sink.abroad(address),
    alsoSend: (address) => sink.alsoSend(address),
  };
  const own = parts.session?.(around) ?? {};
  const sound = new SmtpDesk(receiveDeps(given, parts, own, sink), {
    session: SESSION,
    ip: around.client,
    port: 40_000,
    listener: "test",
  });
  const desk = own.desk?.(sound) ?? sound;
  const connection = new MemoryConnection((wire) => {
    const engine = soundEngine(port, parts);
    return new Conversation(own.engine?.(engine) ?? engine, desk, wire);
  });
  return { connection, acceptances: () => sink.acceptances() };
}

const SESSION = sessionId(new Uint8Array(12));

function soundEngine(port: Port, parts: Parts): SmtpSession {
  const { limits = {}, submission = (sound) => sound, thinksItIsSecure } = parts;
  const logins = port.submission ? submission(SUBMISSION) : undefined;
  return new SmtpServerSession({
    hostname: NAMES.hostname,
    sessionId: SESSION,
    limits: { ...LIMITS, ...limits },
    ...(logins !== undefined && { submission: logins }),
    ...(port.startTls && thinksItIsSecure !== true
      ? { startTls: "offered" }
      : { startTls: "established", tls: TLS_IN_MEMORY }),
  });
}

function receiveDeps(given: Given, parts: Parts, own: SessionParts, sink: Sink): ReceiveDeps {
  const site = given.directory === "failing" ? FAILING : DIRECTORY;
  const directory = parts.directory?.(site) ?? site;
  const router = new Routing({
    directory,
    postmaster: () => ROOT,
    returns: { read: (local, host) => readReturn(local, host, [RETURN_KEY], TODAY) },
  });
  return {
    hostname: NAMES.hostname,
    limits: { headerOctets: 65_536, hops: parts.hops ?? NAMES.limits.hops, bodies: 10 },
    clock: new ManualClock(),
    log: silentLog,
    routing: own.router?.(router) ?? router,
    stages: (parts.stages ?? stages)(parts.decide === undefined ? {} : { decision: parts.decide }),
    accounts: new ProofAccounts(ANN),
    messages: { openMessage: () => sink.openMessage() },
    journal: { note() {} },
    bodies: new Bodies(new ManualClock()),
    greetingDelay: noGreetingDelay,
    ...NO_WAYS_OUT,
    directoryProved: () => undefined,
  };
}

const RETURN_KEY = new Uint8Array(32);
const TODAY = 20_000;

/** Keys from here on stand for ways out of the site. */
const FIRST_ABROAD = 1000;

/** Takes messages and writes down where each would go. */
class Sink {
  readonly #acceptances: Acceptance[] = [];
  readonly #abroad = new Map<MailboxId, string>();
  readonly #alsoSent: Departure[] = [];

  openMessage(): MessageDraft {
    return {
      write: () => true,
      commit: ({ mailboxes }) => {
        this.#commit(mailboxes);
        return Promise.resolve({ kind: "committed" });
      },
      abandon() {},
    };
  }

  abroad(address: string): Route {
    const way = { ...ROOT, id: (FIRST_ABROAD + this.#abroad.size) as MailboxId }; // no mailbox has it
    this.#abroad.set(way.id, address);
    return { recipient: "mailbox", mailboxes: [way], abroad: [] };
  }

  alsoSend(address: string): void {
    this.#alsoSent.push({ address, granted: false });
  }

  acceptances(): readonly Acceptance[] {
    return this.#alsoSent.length === 0
      ? this.#acceptances
      : [...this.#acceptances, { mailboxes: [], departures: this.#alsoSent }];
  }

  #commit(ids: readonly MailboxId[]): void {
    const departures = ids
      .map((id) => this.#abroad.get(id))
      .filter((address) => address !== undefined)
      .map((address) => ({ address, granted: false }));
    const mailboxes = ids
      .map((id) => DIRECTORY.mailboxById(id))
      .filter((entry) => entry !== undefined)
      .map(addressOf);
    this.#acceptances.push({ mailboxes, departures });
  }
}

function fail(): never {
  throw new Error("the directory does not answer");
}

function mailbox(id: number, address: string): RoutedMailbox {
  const parsed = parseAddress(address);
  if (typeof parsed === "string" || parsed.host.kind !== "domain") throw new Error(address);
  return {
    id: id as MailboxId, // the store's keys are numbers; here this site is the store
    local: parsed.local,
    domain: parsed.host.domain,
    disabled: false,
    usedOctets: 0,
  };
}

function addressOf({ local, domain: name }: RoutedMailbox): string {
  return `${local}@${name}`;
}

function domain(text: string): Domain {
  const parsed = parseDomain(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}
