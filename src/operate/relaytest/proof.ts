/**
 * The relay proof: the whole catalogue against each listener of a configuration, in memory, and every cell of the
 * decision table. It holds only if nothing at all went otherwise than written; a session that could not
 * be had, or that broke the server, proves nothing and counts as a failure.
 */
import type { RecipientClass } from "../../policy/routing/index.ts";
import { errorText } from "../../runtime/index.ts";
import { casesFor, type Case } from "./case.ts";
import type { Connection } from "./connection.ts";
import { judgeExactly, type Acceptance, type Judgement } from "./judge-exact.ts";
import type { Names } from "./names.ts";
import { run } from "./runner.ts";
import type { Transcript } from "./transcript.ts";
import type { Chapter, Feature, Given } from "./catalogue/index.ts";

/** What is to be proved, made of the real engine, desk and policy by whoever knows them. */
export interface ProofTarget {
  readonly listeners: readonly ProvableListener[];
  readonly decisions: readonly DecisionCell[];
}

export interface ProvableListener {
  /** As the operator calls it: "smtp 192.0.2.1:25". */
  readonly name: string;
  readonly features: ReadonlySet<Feature>;
  readonly names: Names;
  /** The operator trusts this client, so that what the catalogue says of strangers at its address is not so here. Absent: nobody. */
  readonly trusts?: (client: string) => boolean;
  /** A fresh session in memory; whatever `given` leaves out is as for a stranger from a public address. */
  readonly open: (given: Given) => ProvableSession;
}

export interface ProvableSession {
  readonly connection: Connection;
  /** Messages accepted since it was opened. Asked once, at its end. */
  readonly acceptances: () => readonly Acceptance[];
}

/** One cell of policy's decision table. */
export interface DecisionCell {
  readonly client: string;
  readonly recipient: RecipientClass;
  readonly decision: {
    readonly kind: "deposit" | "keep" | "relay" | "report" | "refuse";
    /** On whose strength it relays. */
    readonly basis?: string;
  };
}

export interface ProofResult {
  /** Sessions held, and how many different vectors they tried. */
  readonly sessions: number;
  readonly vectors: number;
  /** Sessions by listener and vector. */
  readonly tried: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Vectors that wait for a feature, by the feature. */
  readonly waiting: ReadonlyMap<Feature, number>;
  /** Vectors, by id, that were not tried because their client is trusted on this site; by the client. */
  readonly trusted: ReadonlyMap<string, readonly string[]>;
  readonly cells: number;
  readonly failures: readonly Failure[];
  readonly openCells: readonly DecisionCell[];
}

export interface Failure {
  readonly listener: string;
  readonly tried: Case;
  readonly judgement: Exclude<Judgement, { kind: "right" }>;
  readonly transcript: Transcript;
}

export function holds({ failures, openCells }: ProofResult): boolean {
  return failures.length === 0 && openCells.length === 0;
}

export async function prove(
  catalogue: readonly Chapter[],
  { listeners, decisions }: ProofTarget,
): Promise<ProofResult> {
  const failures: Failure[] = [];
  const tried = new Map<string, Map<string, number>>();
  const trusted = new Map<string, readonly string[]>();
  let sessions = 0;
  for (const listener of listeners) {
    const here = new Map<string, number>();
    tried.set(listener.name, here);
    for (const next of casesFor(catalogue, listener.features, listener.names)) {
      const client = trustedClient(next, listener);
      if (client !== undefined) {
        const before = trusted.get(client) ?? [];
        trusted.set(client, [...new Set([...before, next.vector.id])]);
        continue;
      }
      const failure = await attempt(next, listener);
      if (failure !== undefined) failures.push(failure);
      here.set(next.vector.id, (here.get(next.vector.id) ?? 0) + 1);
      sessions++;
    }
  }
  return {
    sessions,
    vectors: new Set([...tried.values()].flatMap((here) => [...here.keys()])).size,
    tried,
    waiting: waitingVectors(catalogue, listeners),
    trusted,
    cells: decisions.length,
    failures,
    openCells: decisions.filter(isOpen),
  };
}

/** Where a vector says who its client is, and that client is no stranger here. */
function trustedClient({ given }: Case, { trusts }: ProvableListener): string | undefined {
  const { client } = given;
  return client !== undefined && trusts?.(client) === true ? client : undefined;
}

async function attempt(tried: Case, listener: ProvableListener): Promise<Failure | undefined> {
  const { transcript, judgement } = await session(tried, listener);
  if (judgement.kind === "right") return undefined;
  return { listener: listener.name, tried, judgement, transcript };
}

async function session(
  tried: Case,
  listener: ProvableListener,
): Promise<{ transcript: Transcript; judgement: Judgement }> {
  try {
    const { connection, acceptances } = listener.open(tried.given);
    const held = await run(tried, connection);
    return { transcript: held.transcript, judgement: judgeExactly(tried, held, acceptances()) };
  } catch (error) {
    // A catalogue that breaks the server has proved nothing, and the operator must see which entry did.
    return { transcript: [], judgement: { kind: "inconclusive", reason: errorText(error) } };
  }
}

/** The recipients that mail may be deposited for. A new class of recipient has to be thought about here as well as in policy. */
const TAKEN_HERE: Readonly<Record<RecipientClass, boolean>> = {
  mailbox: true,
  alias: true,
  role: true,
  "report address": true,
  "catch-all": true,
  "relay test's return": false,
  "alias abroad": false,
  "gateway recipient": false,
  "forward's return": false,
  "stale return": false,
  "forged return": false,
  "disabled mailbox": false,
  "unknown mailbox": false,
  "unknown mailbox, to be reported": false,
  "unknown mailbox, sender undecided": false,
  "role without mailbox": false,
  "foreign domain": false,
  "address literal": false,
  "routing characters": false,
  "source route": false,
};

/** Whose strength mail for a recipient may leave on, whoever sends it. */
const LEAVES_FOR_ANYBODY: ReadonlyMap<RecipientClass, string> = new Map([
  ["alias abroad", "alias"],
  ["gateway recipient", "route"],
  ["forward's return", "return"],
]);

/** Who may send to foreign domains, and on what strength. */
const LEAVES_FOR: ReadonlyMap<string, string> = new Map([
  ["login", "login"],
  ["trusted network", "network"],
  ["peer", "peer"],
]);

/** A cell that lets mail through: back to a sender who may be forged, abroad on no strength or another's, or into a mailbox for somebody who has none. */
function isOpen({ client, recipient, decision }: DecisionCell): boolean {
  switch (decision.kind) {
    case "refuse":
      return false;
    case "report":
      return recipient !== "unknown mailbox, to be reported";
    case "keep":
      return recipient !== "relay test's return";
    case "deposit":
      return !TAKEN_HERE[recipient];
    case "relay":
      return decision.basis === undefined || decision.basis !== allowedBasis(client, recipient);
  }
}

function allowedBasis(client: string, recipient: RecipientClass): string | undefined {
  if (recipient === "foreign domain") return LEAVES_FOR.get(client);
  return LEAVES_FOR_ANYBODY.get(recipient);
}

function waitingVectors(
  catalogue: readonly Chapter[],
  listeners: readonly ProvableListener[],
): ReadonlyMap<Feature, number> {
  const waiting = new Map<Feature, number>();
  for (const { needs = [] } of catalogue.flatMap(({ vectors }) => vectors)) {
    const missing = needs.find(
      (feature) => !listeners.some(({ features }) => features.has(feature)),
    );
    if (missing !== undefined) waiting.set(missing, (waiting.get(missing) ?? 0) + 1);
  }
  return waiting;
}
