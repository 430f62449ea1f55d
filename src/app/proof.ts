/**
 * The relay proof of a site: the real engine, desk and policy of its configuration on conversations in memory, with a
 * sink that records what would be delivered. No network, no journal, no store is written.
 */
import type { Config } from "../config/index.ts";
import {
  formatAddress,
  isIpv6,
  parseIp,
  type Domain,
  type Ip,
  type RelayGrant,
} from "../mail/index.ts";
import { noGreetingDelay } from "../net/index.ts";
import {
  ADMIT_ALL,
  enumerateDecisions,
  RETURN_OCTETS,
  renewGrant,
  type WaitingPaths,
} from "../policy/checks/index.ts";
import type { AddressAbroad } from "../policy/routing/index.ts";
import type { Wire } from "../protocol/dialogue/index.ts";
import {
  CATALOGUE,
  featuresNamed,
  holds,
  MemoryConnection,
  proofReport,
  proofSummary,
  prove,
  tlsInMemory,
  type Acceptance,
  type Feature,
  type Given,
  type Names,
  type ProofResult,
  type ProofTarget,
  type ProvableListener,
  type ProvableSession,
} from "../operate/relaytest/index.ts";
import { ManualClock, silentLog, systemRandom } from "../runtime/index.ts";
import { Bodies, type ReceiveDeps } from "../service/receive/index.ts";
import type { DirectoryReads, MessageDraft } from "../store/index.ts";
import { gatewayHosts } from "./gateways.ts";
import { isSubmission, plannedListeners, type PlannedListener } from "./listeners.ts";
import { grantWorld, sitePolicy, type BuildPolicy, type SitePolicy } from "./policy.ts";
import { PROOF_PASSWORD, ProofAccounts } from "./proof-accounts.ts";
import { failingDirectory, ProofDirectory } from "./proof-directory.ts";
import { openSmtp, receiveSettings, smtpLimits, submissionSettings } from "./smtp.ts";
import { laidCallers } from "./proof-peers.ts";
import { laidOrigins, laidUnknownRecipients, queuedOf } from "./proof-senders.ts";
import { LaidReturns, testNames } from "./proof-returns.ts";
import { edgeNames, proofWorld, strangerTo, trustedBySite, withProofEdges } from "./proof-world.ts";

export interface SiteProof {
  readonly holds: boolean;
  /** One line. */
  readonly summary: string;
  /** With the session that relayed, when one did. */
  readonly report: string;
  readonly result: ProofResult;
  /** The directory's revision that it is about. */
  readonly revision: number;
}

export async function proveSite(
  config: Config,
  directory: DirectoryReads,
  buildPolicy: BuildPolicy = sitePolicy,
): Promise<SiteProof> {
  const revision = directory.proofRevision();
  const result = await prove(CATALOGUE, proofTarget(config, directory, buildPolicy));
  return {
    holds: holds(result),
    summary: proofSummary(result),
    report: proofReport(result),
    result,
    revision,
  };
}

export function proofTarget(
  siteConfig: Config,
  directory: DirectoryReads,
  buildPolicy: BuildPolicy = sitePolicy,
): ProofTarget {
  const config = withProofEdges(withRoomForTheCatalogue(siteConfig));
  const gateways = gatewayHosts(config);
  const withoutMailboxes = {
    has: (domain: Domain) => gateways.has(domain) || domain === config.tester.domain,
  };
  const seen = new ProofDirectory(directory, config.postmaster, withoutMailboxes);
  const policies = {
    answering: buildPolicy(seen, config, proofWorld(config)),
    failing: buildPolicy(failingDirectory(), config, proofWorld(config)),
  };
  const listeners = plannedListeners(config).filter(
    (planned) => planned.service === "smtp" || isSubmission(planned),
  );
  return {
    listeners: listeners.map((planned) => provableListener(planned, config, seen, policies)),
    decisions: enumerateDecisions(),
  };
}

/**
 * Limits are no policy: a site that hangs up after one error is no relay, but the catalogue's longer sessions would
 * not get to their point. So the proof is held with these at least, and no more recipients than tell something.
 */
function withRoomForTheCatalogue(config: Config): Config {
  const { limits } = config;
  return {
    ...config,
    // A bar would refuse strangers before their tricks come to the point, and can only refuse more.
    admission: ADMIT_ALL,
    limits: {
      ...limits,
      errors: Math.max(limits.errors, 10),
      transactions: Math.max(limits.transactions, 10),
      header_bytes: Math.max(limits.header_bytes, 65_536),
      message_bytes: Math.max(limits.message_bytes, 2 * RETURN_OCTETS),
      recipients: Math.min(limits.recipients, 100),
    },
  };
}

function provableListener(
  planned: PlannedListener,
  config: Config,
  directory: ProofDirectory,
  policies: { readonly answering: SitePolicy; readonly failing: SitePolicy },
): ProvableListener {
  const names = provableNames(planned, config, directory);
  const tls = planned.startTls ? (["starttls"] as const) : [];
  const submission = isSubmission(planned) ? submissionFeatures(config) : [];
  return {
    name: `${planned.setting} ${planned.address} port ${planned.port}`,
    features: new Set([...featuresNamed(names), "allow-list", ...tls, ...submission]),
    names,
    trusts: (client) => trustedBySite(config, client),
    open: (given) => {
      const policy = given.directory === "failing" ? policies.failing : policies.answering;
      return openSession(given, planned, config, directory, policy);
    },
  };
}

/** Where there is TLS a certificate may be shown; the proof asks for one on every such listener, whether the site does or not. */
function hasTls({ startTls, implicitTls }: PlannedListener): boolean {
  return startTls || implicitTls;
}

function submissionFeatures({ submission }: Config): readonly Feature[] {
  return submission.auth_login ? ["submission", "auth-login"] : ["submission"];
}

function openSession(
  given: Given,
  planned: PlannedListener,
  config: Config,
  directory: ProofDirectory,
  policy: SitePolicy,
): ProvableSession {
  const accepted: Acceptance[] = [];
  const evidence = new LaidReturns(testsOf(config));
  const clock = new ManualClock();
  const granted = (grant: RelayGrant, paths: WaitingPaths): boolean =>
    "basis" in renewGrant(grant, paths, grantWorld(directory, config, policy));
  const unknownRecipients = laidUnknownRecipients(given);
  const parts = {
    random: systemRandom,
    limits: smtpLimits(config),
    ...(isSubmission(planned) && { submission: submissionSettings(config) }),
    receive: {
      ...policy,
      ...receiveSettings(config),
      asksLists: true,
      accounts: new ProofAccounts(directory.user, given.login === "taken back"),
      clock,
      log: silentLog,
      messages: { openMessage: () => recordingDraft(directory, accepted, granted, evidence) },
      testReturns: evidence,
      journal: { note() {} },
      identityCounts: { note() {} },
      bodies: new Bodies(clock),
      callers: laidCallers(given, directory.peers),
      greetingDelay: noGreetingDelay,
      directoryProved: () => undefined,
      sending: UNCOUNTED,
      signing: { open: () => undefined },
      reportCame() {},
      ...(unknownRecipients !== undefined && { unknownRecipients }),
      origins: laidOrigins(given),
      waysOut: {
        destination: ({ domain }: AddressAbroad) => domain,
        returnPath: policy.returnPath,
        isGatewayDomain: policy.isGatewayDomain,
        wake() {},
      },
    },
  };
  const tls = tlsInMemory(given);
  const peer = {
    ip: clientOf(given, config),
    port: 54_321,
    listener: planned.name,
    ...(planned.implicitTls && { tls }),
  };
  const converse = (wire: Wire) => openSmtp(parts, peer, planned.startTls, wire);
  const connection = new MemoryConnection(converse, tls);
  return { connection, acceptances: () => [...accepted, ...evidence.acceptances()] };
}

/** A login of the proof is nobody's, so nothing of it is counted and nobody is told of it. */
const UNCOUNTED: ReceiveDeps["sending"] = {
  message: ({ mailbox }, { ip, ...counts }) => ({
    mailbox,
    at: 0,
    network: ip,
    ...counts,
    limits: [],
  }),
  reached: () => Promise.resolve(),
};

/** Keeps no content, only whom it would go to, and whether delivery would find the right to send it there. */
function recordingDraft(
  directory: ProofDirectory,
  accepted: Acceptance[],
  granted: (grant: RelayGrant, paths: WaitingPaths) => boolean,
  evidence: LaidReturns,
): MessageDraft {
  return {
    write: () => true,
    commit: ({ mailboxes, report, departure }) => {
      const places = report === undefined ? mailboxes : [...mailboxes, report.mailbox];
      accepted.push({
        mailboxes: [...places.map((id) => directory.addressOfId(id)), ...evidence.besides()],
        ...queuedOf(departure, granted),
      });
      return Promise.resolve({ kind: "committed" });
    },
    abandon() {},
  };
}

/** Every configuration that is proved has one (`withProofEdges`). */
function testsOf({ tester: { domain } }: Config): Domain {
  if (domain === undefined)
    throw new Error("a site is proved without a domain for its relay tests");
  return domain;
}

/** A stranger, unless the catalogue says who. */
function clientOf({ client }: Given, config: Config): Ip {
  if (client === undefined) return strangerTo(config);
  const ip = parseIp(client);
  if (ip === undefined)
    throw new Error(`the relay catalogue has a client "${client}", which is no address`);
  return ip;
}

function provableNames(planned: PlannedListener, config: Config, directory: ProofDirectory): Names {
  const own = parseIp(planned.address);
  const specific = own !== undefined && !isIpv6(own) && own !== "0.0.0.0";
  return {
    domain: directory.domainOfOurs,
    hostname: config.hostname,
    address: specific ? own : "127.0.0.1",
    foreign: directory.foreign,
    attacker: directory.attacker,
    token: `tok-${Buffer.from(systemRandom.octets(4)).toString("hex")}`,
    user: directory.user.local,
    ...(isSubmission(planned) && { password: PROOF_PASSWORD }),
    postmaster: formatAddress(config.postmaster),
    internationalDomain: directory.international,
    catchAll: {
      domain: directory.catchAllDomain,
      mailbox: `${directory.user.local}@${directory.user.domain}`,
    },
    fullMailbox: `${directory.full.local}@${directory.full.domain}`,
    aliasAbroad: directory.aliasAbroad,
    ...(hasTls(planned) && { peerSender: directory.peerSender }),
    ...edgeNames(config, directory),
    relayTests: testNames(testsOf(config)),
    limits: {
      errors: config.limits.errors,
      recipients: config.limits.recipients,
      commandLineOctets: config.limits.command_bytes,
      hops: config.limits.hops,
    },
  };
}
