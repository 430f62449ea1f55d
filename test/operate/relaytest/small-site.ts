/**
 * A small site in memory for the proof's tests: the real engine, desk, routing and checks around a directory of a
 * few Maps. It takes mail and sends it by every right there is. Each part can be handed in broken.
 */
import { localKey, parseAddress, parseIp, sessionId, type Ip } from "../../../src/mail/index.ts";
import { PROOF_PASSWORD, ProofAccounts } from "../../../src/app/proof-accounts.ts";
import { laidOrigins, laidUnknownRecipients } from "../../../src/app/proof-senders.ts";
import { everyLaidPeer, laidCallers, laidPeers } from "../../../src/app/proof-peers.ts";
import { laidToken } from "../../../src/app/proof-returns.ts";
import { VOUCHING_LISTS } from "../../../src/app/proof-lists.ts";
import { NOTHING_COUNTED } from "../../../src/app/proof-world.ts";
import {
  featuresNamed,
  MemoryConnection,
  type Feature,
  type Given,
  type GivenCertificate,
  type Names,
  type ProofTarget,
  type ProvableListener,
  type ProvableSession,
  tlsInMemory,
} from "../../../src/operate/relaytest/index.ts";
import { readToken } from "../../../src/operate/tester/index.ts";
import type { Caller } from "../../../src/policy/identity/index.ts";
import {
  decide,
  enumerateDecisions,
  RETURN_OCTETS,
  stages,
  type GrantWorld,
  type KnowsToken,
  type Stages,
  type StagesDeps,
} from "../../../src/policy/checks/index.ts";
import {
  readReturn,
  Routing,
  type Gateways,
  type Returns,
  type Route,
  type RoutingDirectory,
  type TestDomain,
} from "../../../src/policy/routing/index.ts";
import {
  Conversation,
  type Desk,
  type Session,
  type TlsFacts,
} from "../../../src/protocol/dialogue/index.ts";
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
import {
  Bodies,
  SmtpDesk,
  type Callers,
  type ReceiveDeps,
} from "../../../src/service/receive/index.ts";
import { NO_WAYS_OUT } from "../../support/no-ways-out.ts";
import {
  ANN,
  DIRECTORY,
  FAILING,
  GATEWAYS,
  isTrustedNetwork,
  NAMES,
  RETURN_KEY,
  ROOT,
  TODAY,
  trustedNetwork,
  verifyRecipient,
} from "./small-directory.ts";
import { Sink } from "./small-sink.ts";

export type SmtpSession = Session<SmtpAsk, SmtpTell, SmtpAnswer>;
export type ReceiveDesk = Desk<SmtpAsk, SmtpTell, SmtpAnswer>;
export type Router = Pick<Routing, "route">;
export type TrustedNetworkOf = ReceiveDeps["trustedNetwork"];
export type UnknownRecipients = NonNullable<ReturnType<typeof laidUnknownRecipients>>;
export type LoginAccounts = ReceiveDeps["accounts"];

/** What a mutation changes; every part gets the sound one and the session's own surroundings. */
export interface Parts {
  readonly decide?: typeof decide;
  readonly directory?: (sound: RoutingDirectory) => RoutingDirectory;
  readonly gateways?: (sound: Gateways) => Gateways;
  readonly returns?: (sound: Returns) => Returns;
  /** Undefined: there is none. */
  readonly tests?: (sound: TestDomain) => TestDomain | undefined;
  readonly knowsToken?: KnowsToken;
  readonly stages?: (deps: StagesDeps) => Stages;
  readonly accounts?: (sound: LoginAccounts) => LoginAccounts;
  readonly limits?: Partial<SmtpLimits>;
  readonly hops?: number;
  /** What a submission port is told about logins; undefined: nothing. */
  readonly submission?: (sound: SubmissionSettings) => SubmissionSettings | undefined;
  /** Unknown recipients are reported, whatever is set. */
  readonly reportsAnyway?: true;
  /** Takes every connection for one with TLS. */
  readonly thinksItIsSecure?: true;
  /** Made anew for each session, with a memory that its parts share. */
  readonly session?: (around: Surroundings) => SessionParts;
}

export interface SessionParts {
  readonly router?: (sound: Router) => Router;
  readonly trustedNetwork?: (sound: TrustedNetworkOf) => TrustedNetworkOf;
  /** What SPF says, and is remembered of it. */
  readonly unknownRecipients?: (sound: UnknownRecipients) => UnknownRecipients;
  /** Whom a client's certificate makes it. */
  readonly caller?: (sound: Caller) => Caller;
  readonly desk?: (sound: ReceiveDesk) => ReceiveDesk;
  readonly engine?: (sound: SmtpSession) => SmtpSession;
}

export interface Surroundings {
  /** As the operating system prints it. */
  readonly clientText: string;
  readonly client: Ip;
  readonly certificate?: GivenCertificate;
  readonly names: typeof NAMES;
  /** A route that leads out of the site, as no sound part can make one. */
  abroad(address: string): Route;
  /** The message being received, or the last one, also goes there. */
  alsoSend(address: string): void;
}

const LIMITS: SmtpLimits = {
  messageOctets: 2 * RETURN_OCTETS,
  recipients: NAMES.limits.recipients,
  errors: NAMES.limits.errors,
  commandLineOctets: NAMES.limits.commandLineOctets,
  transactions: 100,
  commandTimeMs: 1000,
  contentTimeMs: 1000,
  crowdedTimeMs: 1000,
};

const SUBMISSION: SubmissionSettings = { authLogin: true, saslLineOctets: 12_288 };

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
  const names: Names = submission ? { ...NAMES, password: PROOF_PASSWORD } : NAMES;
  const features = new Set<Feature>([...featuresNamed(names), "allow-list"]);
  if (startTls) features.add("starttls");
  if (submission) features.add("submission").add("auth-login");
  return { name, features, names, open: (given) => open(given, port, parts) };
}

function open(given: Given, port: Port, parts: Parts): ProvableSession {
  const sink = new Sink(GRANT_WORLD);
  const clientText = given.client ?? STRANGER;
  const around: Surroundings = {
    clientText,
    client: ip(clientText),
    ...(given.certificate !== undefined && { certificate: given.certificate }),
    names: NAMES,
    abroad: (address) => sink.abroad(address),
    alsoSend: (address) => sink.alsoSend(address),
  };
  const tls = tlsInMemory(given);
  const own = parts.session?.(around) ?? {};
  const sound = new SmtpDesk(receiveDeps(given, parts, own, sink), {
    session: SESSION,
    ip: around.client,
    port: 40_000,
    listener: "test",
    ...(!startsInTheClear(port, parts) && { tls }),
  });
  const desk = own.desk?.(sound) ?? sound;
  const connection = new MemoryConnection((wire) => {
    const engine = soundEngine(port, parts, tls);
    return new Conversation(own.engine?.(engine) ?? engine, desk, wire);
  }, tls);
  return { connection, acceptances: () => sink.acceptances() };
}

/** A public address. */
const STRANGER = "1.2.3.4";

const SESSION = sessionId(new Uint8Array(12));

function startsInTheClear({ startTls }: Port, { thinksItIsSecure }: Parts): boolean {
  return startTls && thinksItIsSecure !== true;
}

function soundEngine(port: Port, parts: Parts, tls: TlsFacts): SmtpSession {
  const { limits = {}, submission = (sound) => sound } = parts;
  const logins = port.submission ? submission(SUBMISSION) : undefined;
  return new SmtpServerSession({
    hostname: NAMES.hostname,
    sessionId: SESSION,
    limits: { ...LIMITS, ...limits },
    ...(logins !== undefined && { submission: logins }),
    ...(startsInTheClear(port, parts) ? { startTls: "offered" } : { startTls: "established", tls }),
  });
}

function receiveDeps(given: Given, parts: Parts, own: SessionParts, sink: Sink): ReceiveDeps {
  const router = routing(given.directory === "failing" ? FAILING : DIRECTORY, parts);
  const { spf = {} } = given;
  const laid = laidUnknownRecipients(parts.reportsAnyway === true ? { spf } : given);
  const unknownRecipients = laid && (own.unknownRecipients?.(laid) ?? laid);
  const accounts = new ProofAccounts(ANN, given.login === "taken back");
  const senders = { route: router.route.bind(router), senderGrants: () => [] };
  return {
    hostname: NAMES.hostname,
    limits: { headerOctets: 65_536, bodies: 10 },
    clock: new ManualClock(),
    log: silentLog,
    routing: own.router?.(router) ?? router,
    stages: (parts.stages ?? stages)({
      hops: parts.hops ?? NAMES.limits.hops,
      verifyRecipient,
      knowsToken: parts.knowsToken ?? laidToken,
      spread: NOTHING_COUNTED.spread,
      sending: { senders, counter: NOTHING_COUNTED.counter },
      lists: VOUCHING_LISTS,
      ...(parts.decide !== undefined && { decision: parts.decide }),
    }),
    accounts: parts.accounts?.(accounts) ?? accounts,
    messages: { openMessage: () => sink.openMessage() },
    journal: { note() {} },
    bodies: new Bodies(new ManualClock()),
    greetingDelay: noGreetingDelay,
    ...NO_WAYS_OUT,
    trustedNetwork: own.trustedNetwork?.(trustedNetwork) ?? trustedNetwork,
    callers: callersOf(given, own),
    ...(unknownRecipients !== undefined && { unknownRecipients }),
    origins: laidOrigins(given),
    testReturns: sink.evidence,
    directoryProved: () => undefined,
  };
}

export const PEERS = laidPeers(NAMES.peerSender, NAMES.foreign);

function callersOf(given: Given, { caller: change = (sound) => sound }: SessionParts): Callers {
  const sound = laidCallers(given, PEERS);
  return {
    peers: () => sound.peers(),
    judge: (shown, peers) => ({ caller: change(sound.judge(shown, peers).caller) }),
  };
}

const SOUND_RETURNS: Returns = {
  read: (local, domain) => readReturn(local, domain, [RETURN_KEY], TODAY),
};

const SOUND_TESTS: TestDomain = { domain: NAMES.relayTests.domain, read: readToken };

function routing(site: RoutingDirectory, parts: Parts): Routing {
  const tests = parts.tests === undefined ? SOUND_TESTS : parts.tests(SOUND_TESTS);
  return new Routing({
    directory: parts.directory?.(site) ?? site,
    postmaster: () => ROOT,
    gateways: parts.gateways?.(GATEWAYS) ?? GATEWAYS,
    returns: parts.returns?.(SOUND_RETURNS) ?? SOUND_RETURNS,
    ...(tests !== undefined && { tests }),
  });
}

/** What delivery holds a grant against: the sound site, whatever was made of it. */
const GRANT_WORLD: GrantWorld = {
  login: (text) => (isMailbox(text) ? "open" : "gone"),
  isTrustedNetwork,
  isGatewayDomain: (domain) => GATEWAYS.has(domain),
  peer: (name) => everyLaidPeer(PEERS).find((one) => one.name === name),
  leadsTo: (via, address) => routing(DIRECTORY, {}).leadsTo(via, address),
};

function isMailbox(text: string): boolean {
  const address = parseAddress(text);
  if (typeof address === "string" || address.host.kind !== "domain") return false;
  return DIRECTORY.mailbox(localKey(address.local), address.host.domain) !== undefined;
}

function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}
