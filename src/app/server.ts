/**
 * The running server: store, proof, ports, in this order; reload and stop. It only connects parts. Promises: no port
 * opens before the proof holds for its configuration, and a reload that fails changes nothing.
 */
import { loadConfig, type LoadedConfig } from "../config/index.ts";
import type { Ip } from "../mail/index.ts";
import {
  NetServer,
  ownEndpoints,
  TlsContext,
  type ConnectionLimits,
  type Listening,
  type Service,
  type TlsFiles,
  type WantedPort,
} from "../net/index.ts";
import { errorText, systemClock, systemRandom, type Log, OperatorError } from "../runtime/index.ts";
import { Authentication } from "../service/authentication/index.ts";
import { openSqliteStore } from "../store/sqlite/index.ts";
import type { Store } from "../store/index.ts";
import { openCallers } from "./callers.ts";
import { connectionLimits } from "./connection-limits.ts";
import {
  listenerKey,
  meetsStrangers,
  plannedListeners,
  type PlannedListener,
} from "./listeners.ts";
import type { QueueRunner } from "../service/queue/index.ts";
import { openOutbound } from "./outbound.ts";
import { siteRoutes } from "./ways-out.ts";
import type { ReportCollector } from "../service/reports/index.ts";
import type { FilesOf } from "./listed-site.ts";
import { openListFiles } from "./list-files.ts";
import { openCollector } from "./collecting.ts";
import { Housekeeping } from "./housekeeping.ts";
import { sitePolicy, type BuildPolicy } from "./policy.ts";
import { checkPostmaster } from "./postmaster.ts";
import { proveSite, type SiteProof } from "./proof.ts";
import { Publishing } from "./publishing.ts";
import { StoredTests } from "./stored-tests.ts";
import { suspectExaminer } from "./suspect-examiner.ts";
import { SuspectTests } from "./suspect-tests.ts";
import { checkRelay } from "./relay-settings.ts";
import { checkSuspects } from "./suspect-settings.ts";
import {
  buildServices,
  openLasting,
  type Lasting,
  type Services,
  type ServicesDeps,
} from "./services.ts";

/** How long sessions may take to end when the server stops, in milliseconds. */
export const STOP_GRACE_MS = 30_000;

export interface OpenPort {
  readonly planned: PlannedListener;
  readonly listening: Listening;
}

/** What a server is put together from; its tests put other parts in their place. */
export interface ServerParts {
  readonly openStore: typeof openSqliteStore;
  readonly buildPolicy: BuildPolicy;
}

export const SERVER_PARTS: ServerParts = { openStore: openSqliteStore, buildPolicy: sitePolicy };

/** The relay proof did not hold: no port opens. */
export class ProofFailed extends OperatorError {
  override readonly name = "ProofFailed";
}

export class GatepostServer {
  readonly #ground: Ground;
  readonly #net: NetServer;
  readonly #housekeeping: Housekeeping;
  readonly #publishing: Publishing;
  readonly #ports: Map<string, OpenPort>;
  #outbound: QueueRunner | undefined;
  #collector: ReportCollector | undefined;
  #suspectTests: SuspectTests | undefined;
  #services: Services;
  #loaded: LoadedConfig;
  #proof: SiteProof;
  #connectionLimits: ConnectionLimits;

  private constructor(ground: Ground, loaded: LoadedConfig, prepared: Prepared) {
    const { services, proof, publishing } = prepared;
    const { store, log } = ground;
    this.#ground = ground;
    this.#ports = ground.ports;
    this.#loaded = loaded;
    this.#services = services;
    this.#proof = proof;
    this.#publishing = publishing;
    this.#connectionLimits = connectionLimits(loaded.config, log);
    this.#net = new NetServer(() => this.#connectionLimits, log);
    this.#housekeeping = new Housekeeping(store, () => this.#loaded.config, systemClock, log);
  }

  /** Resolves when all ports are open. Throws a StoreError, ProofFailed or ListenError, and leaves nothing open then. */
  static async start(
    loaded: LoadedConfig,
    log: Log,
    { openStore, buildPolicy }: ServerParts = SERVER_PARTS,
  ): Promise<GatepostServer> {
    const store = await openStore({ path: loaded.storePath, exclusive: true, log });
    try {
      // Each works on a core of its own: hashing, proving, the store's writer.
      const [lasting, proof, callers, listFiles] = await Promise.all([
        openLasting(loaded.config, store, { ...MACHINE, log }),
        proved(loaded, store, buildPolicy),
        openCallers(loaded.config, systemClock),
        openListFiles(loaded, log),
        store.recover(),
      ]);
      const ports = new Map<string, OpenPort>();
      const bell = new Bell();
      const reportBell = new Bell();
      const shelf = new Shelf();
      const returnBell = new ReturnBell();
      const ground: Ground = { store, log, lasting, buildPolicy, ports, bell, reportBell, returnBell, shelf }; // prettier-ignore
      const services = servicesOf(loaded, ground, proof, { callers, listFiles });
      const publishing = await Publishing.open(loaded, { store, log });
      shelf.of = (zone) => publishing.filesOf(zone);
      const server = new GatepostServer(ground, loaded, { services, proof, publishing });
      await server.#openPorts().catch(async (error: unknown) => {
        await publishing.stop(0);
        throw error;
      });
      server.#send();
      server.#collect();
      server.#testSuspects();
      server.#watchLists();
      server.#loadAuthentication();
      return server;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  get proof(): SiteProof {
    return this.#proof;
  }

  get ports(): readonly OpenPort[] {
    return [...this.#ports.values()];
  }

  /** Where published lists are served, UDP and TCP. */
  get listPorts(): readonly WantedPort[] {
    return this.#publishing.ports;
  }

  /** Takes the configuration file as it is now. Throws, and goes on as before, when it cannot be used or is not proved. */
  async reload(overrides: readonly string[]): Promise<void> {
    const loaded = loadConfig(this.#loaded.file, overrides);
    if (loaded.storePath !== this.#loaded.storePath)
      throw new Error("the setting store cannot change while the server runs; restart it");
    const { store, buildPolicy } = this.#ground;
    const proof = await proved(loaded, store, buildPolicy);
    const callers = await openCallers(loaded.config, systemClock);
    const listFiles = await openListFiles(loaded, this.#ground.log, this.#services.listFiles);
    const services = servicesOf(loaded, this.#ground, proof, { callers, listFiles });
    const before = { loaded: this.#loaded, services: this.#services };
    this.#loaded = loaded;
    this.#services = services;
    try {
      await this.#openPorts();
      await this.#publishing.change(loaded);
    } catch (error) {
      this.#loaded = before.loaded;
      this.#services = before.services;
      this.#changePorts(plannedListeners(before.loaded.config));
      services.close();
      throw error;
    }
    this.#connectionLimits = connectionLimits(loaded.config, this.#ground.log);
    this.#proof = proof;
    this.#changePorts(plannedListeners(loaded.config));
    this.#watchLists();
    this.#loadAuthentication();
    before.services.close();
  }

  /** Lets sessions end, writes everything, closes. */
  async stop(graceMs: number = STOP_GRACE_MS): Promise<void> {
    this.#housekeeping.stop();
    await Promise.all([
      this.#net.stop(graceMs),
      this.#outbound?.stop(graceMs),
      this.#collector?.stop(),
      this.#suspectTests?.stop(graceMs),
      this.#publishing.stop(graceMs),
    ]);
    await this.#ground.lasting.close();
    this.#services.close();
    await this.#ground.store.close();
  }

  /** From now on what is in the queue is sent. */
  #send(): void {
    const { store, log, lasting, bell } = this.#ground;
    this.#outbound = openOutbound({
      ...MACHINE,
      store,
      log,
      resolver: lasting.resolver,
      signing: lasting.signing,
      isOwnPort: isOwnPort(this.#ports),
      present: () => ({
        config: this.#loaded.config,
        policy: this.#services.policy,
        routes: this.#services.routes,
      }),
    });
    bell.ring = () => this.#outbound?.wake();
  }

  /** From now on reports that come by mail are collected. */
  #collect(): void {
    const { store, log, reportBell } = this.#ground;
    this.#collector = openCollector(store, () => this.#loaded.config, log);
    reportBell.ring = () => this.#collector?.wake();
  }

  /** From now on hosts that are reported are tested. */
  #testSuspects(): void {
    const { store, log, lasting, returnBell } = this.#ground;
    const tests = new StoredTests(store.relayTests, systemClock);
    const { resolver } = lasting;
    this.#suspectTests = new SuspectTests({
      store,
      clock: systemClock,
      log,
      present: () => this.#loaded,
      examiner: (loaded, stopped) =>
        suspectExaminer({ loaded, listeners: this.#listeners, tests, resolver, stopped }),
      testOf: (token) => store.relayTests.testOf(token),
    });
    returnBell.ring = (token) => this.#suspectTests?.came(token);
  }

  /** With the ports that they have. */
  get #listeners(): readonly PlannedListener[] {
    return this.ports.map(({ planned, listening }) => ({ ...planned, port: listening.port }));
  }

  /** From now on the lists of the configuration in force are probed. */
  #watchLists(): void {
    this.#ground.lasting.listMemory.watch.watch(this.#loaded.config.lists);
  }

  /** It is large, so it is there before the first message that needs it; and not at all where none can come. */
  #loadAuthentication(): void {
    if (!meetsStrangers(this.#loaded.config)) return;
    Authentication.load().catch((error: unknown) =>
      this.#ground.log.error("authentication not loaded", { problem: errorText(error) }),
    );
  }

  /** Opens what is planned and not open yet; all of it or nothing. */
  async #openPorts(): Promise<void> {
    const opened: string[] = [];
    try {
      for (const planned of plannedListeners(this.#loaded.config)) {
        const key = listenerKey(planned);
        if (this.#ports.has(key)) continue;
        const listening = await this.#net.listen(planned, this.#service(planned));
        this.#ports.set(key, { planned, listening });
        opened.push(key);
      }
    } catch (error) {
      for (const key of opened) this.#closePort(key);
      throw error;
    }
  }

  /** Closes what is no longer planned; the rest goes by its new options. */
  #changePorts(planned: readonly PlannedListener[]): void {
    const wanted = new Map(planned.map((one) => [listenerKey(one), one]));
    for (const [key, { listening }] of this.#ports) {
      const now = wanted.get(key);
      if (now === undefined) {
        this.#closePort(key);
        continue;
      }
      listening.change(now);
      this.#ports.set(key, { planned: now, listening });
    }
  }

  #closePort(key: string): void {
    this.#ports.get(key)?.listening.close();
    this.#ports.delete(key);
  }

  /** Always the services and the listener of the configuration in force. */
  #service(planned: PlannedListener): Service {
    const key = listenerKey(planned);
    const service = () => this.#services.service(this.#ports.get(key)?.planned ?? planned);
    return {
      open: (peer, wire) => service().open(peer, wire),
      busy: (limit) => service().busy(limit),
      environment: () => service().environment(),
    };
  }
}

/** What stays the same from start to stop. */
interface Ground {
  readonly store: Store;
  readonly log: Log;
  readonly lasting: Lasting;
  readonly buildPolicy: BuildPolicy;
  readonly ports: Map<string, OpenPort>;
  readonly bell: Bell;
  readonly reportBell: Bell;
  readonly shelf: Shelf;
  readonly returnBell: ReturnBell;
}

/** Rung when something has come into the queue, or to be collected; nobody hears it before that is at work and looks by itself. */
class Bell {
  ring = (): void => {};
}

/** Where the files of published lists are found; nothing is on it before they are published. */
class Shelf {
  of: FilesOf = () => [];
}

/** Rung when a message of a relay test has come back. */
class ReturnBell {
  ring = (_token: string): void => {};
}

const MACHINE = { clock: systemClock, random: systemRandom };

function isOwnPort(ports: ReadonlyMap<string, OpenPort>): (ip: Ip, port: number) => boolean {
  return (ip, port) => {
    const open = [...ports.values()].map(({ planned: { address }, listening }) => ({
      address,
      port: listening.port,
    }));
    return ownEndpoints(open)(ip, port);
  };
}

interface Prepared {
  readonly services: Services;
  readonly proof: SiteProof;
  readonly publishing: Publishing;
}

/** The proof of a configuration; an exception where it does not hold. */
async function proved(
  loaded: LoadedConfig,
  { directory }: Store,
  buildPolicy: BuildPolicy,
): Promise<SiteProof> {
  checkPostmaster(loaded, directory);
  checkRelay(loaded, directory);
  checkSuspects(loaded, directory);
  const proof = await proveSite(loaded.config, directory, buildPolicy);
  if (!proof.holds)
    throw new ProofFailed(`the relay proof fails, no port was opened:\n${proof.report}`);
  return proof;
}

/** Everything that a proved configuration needs; or an exception, with nothing left behind. */
function servicesOf(
  loaded: LoadedConfig,
  ground: Ground,
  proof: SiteProof,
  opened: Pick<ServicesDeps, "callers" | "listFiles">,
): Services {
  const { store, log, lasting, buildPolicy, ports, bell, reportBell, returnBell, shelf } = ground;
  const { tls } = loaded.config;
  const files = ({ certificate, key }: TlsFiles): TlsFiles => ({
    certificate: loaded.path(certificate),
    key: loaded.path(key),
  });
  const tlsContext =
    tls === undefined ? undefined : new TlsContext([files(tls), ...tls.sni.map(files)], log);
  return buildServices({
    config: loaded.config,
    store,
    buildPolicy,
    lasting,
    provedRevision: proof.revision,
    tlsContext,
    ...opened,
    publishedFiles: (zone) => shelf.of(zone),
    routes: siteRoutes(loaded.config, (relative) => loaded.path(relative)),
    wake: () => bell.ring(),
    reportCame: () => reportBell.ring(),
    testReturned: (token) => returnBell.ring(token),
    isOwnPort: isOwnPort(ports),
    log,
    ...MACHINE,
  });
}
