/** What runs behind the ports, built from one configuration: the parts of SMTP and POP3, and their words for a full server. */
import { setTimeout as setTimer } from "node:timers/promises";
import type { Config } from "../config/index.ts";
import { status, type Ip } from "../mail/index.ts";
import {
  greetingDelay,
  HTTP_BUSY,
  NetDialler,
  openResolver,
  type LimitName,
  type NetResolver,
  type Service,
  type TlsContext,
} from "../net/index.ts";
import { TrapReports } from "../operate/suspects/index.ts";
import type { RelayRoutes } from "../policy/routing/index.ts";
import { fullLine } from "../protocol/pop3/index.ts";
import { statusLine } from "../protocol/smtp/index.ts";
import type { Clock, Log, Random } from "../runtime/index.ts";
import { Accounts } from "../service/accounts/index.ts";
import { Authentication } from "../service/authentication/index.ts";
import type { ListFiles } from "../service/lists/index.ts";
import { MaildropLeases } from "../service/maildrop/index.ts";
import {
  Bodies,
  ClientLevels,
  Forwards,
  Origins,
  UnknownRecipients,
  type Callers,
} from "../service/receive/index.ts";
import { Signing } from "../service/signing/index.ts";
import type { Store } from "../store/index.ts";
import { DirectoryGate } from "./directory-gate.ts";
import { DirectoryMemory } from "./directory-memory.ts";
import { isSubmission, isWeb, type PlannedListener } from "./listeners.ts";
import type { FilesOf } from "./listed-site.ts";
import { openListMemory, type ListMemory } from "./lists.ts";
import { PeerSightings } from "./peer-sightings.ts";
import { policyWorld } from "./policy-world.ts";
import type { BuildPolicy, SitePolicy } from "./policy.ts";
import { openPop3, pop3Limits, type Pop3Parts } from "./pop3.ts";
import { proveSite } from "./proof.ts";
import {
  openSmtp,
  receiveSettings,
  smtpLimits,
  submissionSettings,
  type SmtpParts,
} from "./smtp.ts";
import { siteTraps } from "./site-traps.ts";
import { StoredTests } from "./stored-tests.ts";
import { testReturns } from "./test-returns.ts";
import { systemTimer } from "./timer.ts";
import { destinationOf } from "./ways-out.ts";
import { openWeb } from "./web.ts";

/** What must outlive a reload: who holds which mailbox, which passwords and keys are known, how many bodies are coming in. */
export interface Lasting {
  readonly accounts: Accounts;
  readonly leases: MaildropLeases;
  readonly bodies: Bodies;
  readonly signing: Signing;
  readonly resolver: NetResolver;
  readonly listMemory: ListMemory;
  readonly trapReports: TrapReports;
  /** For questions to inner hosts. */
  readonly dialler: NetDialler;
  close(): Promise<void>;
}

export async function openLasting(
  config: Config,
  store: Store,
  { clock, random, log }: { readonly clock: Clock; readonly random: Random; readonly log: Log },
): Promise<Lasting> {
  const { handshake_seconds, session_seconds } = config.delivery;
  const [handshakeMs, sessionMs] = [handshake_seconds * 1000, session_seconds * 1000];
  const resolver = openResolver(config.dns, { clock, random });
  const dialler = new NetDialler({ clock, log, handshakeMs, sessionMs });
  const { directory } = store;
  const listMemory = openListMemory(config, store, { clock, random, log });
  return {
    accounts: await Accounts.open({ directory, clock, random, settings: config.accounts, pause }),
    leases: new MaildropLeases(systemTimer, config.pop3.takeover_ms),
    bodies: new Bodies(clock),
    signing: new Signing({
      signingKeys: (domain) =>
        directory.dkimKeys(domain).filter(({ state }) => state === "signing"),
      clock,
    }),
    resolver,
    listMemory,
    trapReports: new TrapReports({ clock, log }),
    dialler,
    close: async () => {
      await dialler.stop(0);
      resolver.close();
      await listMemory.close();
    },
  };
}

/** Whoever is held back does not keep the process from ending. */
async function pause(ms: number): Promise<void> {
  await setTimer(ms, undefined, { ref: false });
}

export interface ServicesDeps {
  readonly config: Config;
  readonly store: Store;
  readonly buildPolicy: BuildPolicy;
  readonly lasting: Lasting;
  /** The directory's revision that the proof has just held for. */
  readonly provedRevision: number;
  readonly tlsContext: TlsContext | undefined;
  readonly callers: Callers;
  readonly listFiles: ListFiles;
  /** Of published lists. */
  readonly publishedFiles: FilesOf;
  /** By which next hops mail leaves. */
  readonly routes: RelayRoutes;
  /** Something has come into the queue. */
  readonly wake: () => void;
  /** A mail has come that is to be collected. */
  readonly reportCame: () => void;
  /** A message of a relay test has come back. */
  readonly testReturned: (token: string) => void;
  /** One of our listeners is there. */
  readonly isOwnPort: (ip: Ip, port: number) => boolean;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Services {
  /** For the queue: as the directory is at each question. Nobody says RCPT there, before which what is remembered is looked through. */
  readonly policy: SitePolicy;
  readonly routes: RelayRoutes;
  readonly listFiles: ListFiles;
  service(planned: PlannedListener): Service;
  close(): void;
}

export function buildServices(deps: ServicesDeps): Services {
  const { smtp, policy } = smtpParts(deps);
  const submission = submissionParts(smtp, deps.config);
  const pop3 = pop3Parts(deps);
  const { config, tlsContext, clock, log } = deps;
  const environment = () => ({
    clock,
    log,
    secureContext:
      tlsContext === undefined
        ? undefined
        : (servername?: string) => tlsContext.current(servername),
    crowdedMs: config.limits.crowded_seconds * 1000,
    handshakeMs: config.limits.handshake_seconds * 1000,
    sessionMs: config.limits.session_seconds * 1000,
  });
  const forLogins = () => ({ ...environment(), channelBinding: true });
  const asking = () => ({
    asksCertificate: true,
    ...(tlsContext !== undefined && {
      secureContext: (servername?: string) => tlsContext.currentWithoutTickets(servername),
    }),
  });
  const smtpService = (parts: SmtpParts, planned: PlannedListener): Service => ({
    open: (peer, wire) => openSmtp(parts, peer, planned.startTls, wire),
    busy: (limit) => statusLine(status(421, "4.7.0", BUSY[limit], "net")),
    environment: () => ({
      ...(parts.submission === undefined ? environment() : forLogins()),
      ...(planned.asksCertificate && asking()),
    }),
  });
  const pop3Service = (startTls: boolean): Service => ({
    open: (peer, wire) => openPop3(pop3, peer, startTls, wire),
    busy: (limit) => fullLine(BUSY[limit]),
    environment: forLogins,
  });
  const web: Service = {
    open: openWeb(deps),
    busy: () => HTTP_BUSY,
    environment,
  };
  deps.listFiles.watch();
  return {
    policy,
    routes: deps.routes,
    listFiles: deps.listFiles,
    service: (planned) => {
      const { service, startTls } = planned;
      if (isWeb(planned)) return web;
      if (service === "pop3" || service === "pop3s") return pop3Service(startTls);
      return smtpService(isSubmission(planned) ? submission : smtp, planned);
    },
    close: () => {
      tlsContext?.close();
      deps.listFiles.close();
    },
  };
}

const BUSY: Readonly<Record<LimitName, string>> = {
  connections: "too many connections to this server, try again later",
  connectionsPerAddress: "too many connections from your address, try again later",
  connectionsPerNetwork: "too many connections from your network, try again later",
};

/** What of a site answers SMTP on port 25, and its policy. */
export function smtpParts(deps: ServicesDeps): {
  readonly smtp: SmtpParts;
  readonly policy: SitePolicy;
} {
  const { config, store, log, clock, random, lasting, buildPolicy } = deps;
  const { greeting_delay_ms: delayMs } = config.limits;
  const directory = new DirectoryMemory(store.directory);
  const { sending, ...world } = policyWorld({ ...deps, ...lasting, directory });
  const policy = buildPolicy(directory, config, world);
  const { resolver } = lasting;
  const { private_clients: privateClients, deadline_seconds } = config.authentication;
  const authentication = new Authentication({
    resolver,
    hostname: config.hostname,
    timer: systemTimer,
    deadlineMs: deadline_seconds * 1000,
  });
  const traps = siteTraps(config, store, lasting.trapReports);
  const gate = new DirectoryGate(directory, deps.provedRevision, () => proveAgain(deps));
  const smtp: SmtpParts = {
    random,
    limits: smtpLimits(config),
    receive: {
      ...policy,
      ...receiveSettings(config),
      asksLists: world.lists !== undefined,
      accounts: lasting.accounts,
      callers: seenCallers(deps, directory),
      sending,
      clock,
      log,
      messages: store,
      journal: store.journal,
      identityCounts: store.identityCounts,
      bodies: lasting.bodies,
      signing: lasting.signing,
      origins: new Origins({
        authentication,
        forwards: new Forwards({ signing: lasting.signing }),
        enabled: config.authentication.enabled,
        privateClients,
      }),
      ...(traps !== undefined && { traps }),
      ...(config.tester.domain !== undefined && {
        testReturns: testReturns(new StoredTests(store.relayTests, clock), deps.testReturned),
      }),
      ...(config.recipients.unknown === "report" && {
        unknownRecipients: new UnknownRecipients({
          authentication,
          privateClients,
          settings: config.recipients,
          clock,
        }),
      }),
      clientLevels: new ClientLevels({ authentication, privateClients }),
      greetingDelay: greetingDelay(delayMs),
      reportCame: deps.reportCame,
      directoryProved: () => gate.check(),
      waysOut: {
        destination: (address) => destinationOf(address, deps.routes),
        returnPath: policy.returnPath,
        isGatewayDomain: policy.isGatewayDomain,
        wake: deps.wake,
      },
    },
  };
  return { smtp, policy: buildPolicy(store.directory, config, world) };
}

/** By the peers of the directory; when one was here is noted. */
function seenCallers({ callers, store, clock }: ServicesDeps, directory: DirectoryMemory): Callers {
  const sightings = new PeerSightings(store.directory, clock);
  return {
    peers: () => directory.peers(),
    judge: (shown, peers) => {
      const judged = callers.judge(shown, peers);
      const [own] = shown;
      const { caller, facts } = judged;
      if (own !== undefined && facts?.key !== undefined && caller.kind === "peer")
        sightings.note(caller, own, facts.key);
      return judged;
    },
  };
}

/** Our own users are let in by their password: nobody has to be found out by a delay. */
function submissionParts(smtp: SmtpParts, config: Config): SmtpParts {
  return {
    ...smtp,
    submission: submissionSettings(config),
    receive: { ...smtp.receive, greetingDelay: greetingDelay(0) },
  };
}

async function proveAgain({ config, store, log, buildPolicy }: ServicesDeps): Promise<boolean> {
  const proof = await proveSite(config, store.directory, buildPolicy);
  if (!proof.holds)
    log.error("directory not proved", {
      report: proof.report,
      todo: "undo the last change of the directory; recipients are deferred until then",
    });
  return proof.holds;
}

function pop3Parts({ config, store, lasting, log, clock, random }: ServicesDeps): Pop3Parts {
  const { maildrops, journal } = store;
  return {
    hostname: config.hostname,
    settings: config.pop3,
    limits: pop3Limits(config),
    random,
    maildrop: {
      accounts: lasting.accounts,
      leases: lasting.leases,
      maildrops,
      clock,
      log,
      onEnd: (record) => journal.note(record),
    },
  };
}
