/**
 * What becomes of the lists: a host that relays is listed with its test as evidence, and those by which its messages come back; one that does not
 * any more leaves with them. Each can be done again where it was interrupted. What a person made stays, and whom a person took off stays off.
 */
import type { Ip } from "../../mail/index.ts";
import {
  addEntry,
  evidenceOfTest,
  keptEntry,
  removeEntry,
  type KeptEntry,
  type ListingZone,
} from "../listing/index.ts";
import type { TestResult } from "../tester/index.ts";
import type { SuspectSettings } from "./settings.ts";
import type { SuspectSite } from "./site.ts";

export type ListAct =
  | { readonly kind: "listed"; readonly zone: string }
  | { readonly kind: "held"; readonly why: string }
  /** Somebody took it off since the test began. */
  | { readonly kind: "dismissed" }
  /** It is there already, for this test or by a person. */
  | { readonly kind: "there" };

/** A test, and the server that it was about. */
export interface TestsAbout {
  aboutOf(test: string): Promise<string | undefined>;
}

/** Who makes entries that no person makes. */
const BY = "gatepost";

/** Its entry for a test; undefined where it has none, or one that is there for something else. */
export function testedEntry(site: SuspectSite, zone: string, ip: Ip): KeptEntry | undefined {
  const entry = entryOf(site, zone, ip);
  return entry?.evidence.kind === "test" ? entry : undefined;
}

function entryOf({ published, now }: SuspectSite, zone: string, ip: Ip): KeptEntry | undefined {
  const stored = published.find(zone, ip);
  return stored === undefined || stored.until <= now() ? undefined : keptEntry(stored);
}

/** `begunAt`: of the test. */
export async function list(
  site: SuspectSite,
  settings: SuspectSettings,
  ip: Ip,
  result: TestResult,
  begunAt: number,
): Promise<ListAct> {
  const act = await listOne(site, settings.zone, ip, {
    result,
    reason: `open relay: test ${result.id}`,
    removedSince: begunAt,
  });
  if (settings.outputs === undefined || act.kind === "held" || act.kind === "dismissed") return act;
  for (const output of result.outputs) {
    const reason = `messages of the open relay ${ip} come by it: test ${result.id}`;
    const made = await listOne(site, settings.outputs, output, { result, reason, removedSince: 0 });
    if (made.kind === "held" && site.published.zone(settings.outputs).brake !== undefined) return made; // prettier-ignore
  }
  return act;
}

interface Wanted {
  readonly result: TestResult;
  readonly reason: string;
  /** Whom a person took off since then stays off. */
  readonly removedSince: number;
}

async function listOne(
  site: SuspectSite,
  name: string,
  ip: Ip,
  { result, reason, removedSince }: Wanted,
): Promise<ListAct> {
  const evidence = evidenceOfTest(result.id, result, ip);
  if (typeof evidence === "string") return { kind: "held", why: evidence };
  const entry = entryOf(site, name, ip);
  if (entry !== undefined && (entry.evidence.kind !== "test" || entry.evidence.test === result.id))
    return { kind: "there" };
  if (entry === undefined && (await wasTakenOff(site, name, ip, removedSince)))
    return { kind: "dismissed" };
  const zone = zoneOf(site, name);
  const added = await addEntry(site, { zone, subject: ip, reason, evidence, by: BY, origin: "pipeline" }); // prettier-ignore
  if (typeof added === "string") return { kind: "held", why: added };
  return added.kind === "held" ? added : { kind: "listed", zone: name };
}

async function wasTakenOff(
  { published }: SuspectSite,
  zone: string,
  ip: Ip,
  since: number,
): Promise<boolean> {
  const [last] = await published.history(zone, ip, 1);
  return last?.after === undefined && last?.origin === "person" && last.at >= since;
}

/** The configuration has it (suspectsProblems). */
function zoneOf({ settings }: SuspectSite, name: string): ListingZone {
  const zone = settings.zone.find((one) => one.zone === name);
  if (zone === undefined) throw new Error(`there is no zone ${name}`);
  return zone;
}

/** Those first that are there because of it: as long as it is there itself, all of it is done again. */
export async function takeOff(
  site: SuspectSite,
  settings: SuspectSettings,
  { ip, outputs }: { readonly ip: Ip; readonly outputs: readonly Ip[] },
  why: string,
  tests: TestsAbout,
): Promise<void> {
  await takeOffOutputs(site, settings, { ip, outputs }, why, tests);
  if (testedEntry(site, settings.zone, ip) !== undefined)
    await remove(site, settings.zone, ip, why);
}

export async function takeOffOutputs(
  site: SuspectSite,
  settings: SuspectSettings,
  { ip, outputs }: { readonly ip: Ip; readonly outputs: readonly Ip[] },
  why: string,
  tests: TestsAbout,
): Promise<void> {
  if (settings.outputs === undefined) return;
  for (const output of outputs) {
    const evidence = testedEntry(site, settings.outputs, output)?.evidence;
    if (evidence?.kind === "test" && (await tests.aboutOf(evidence.test)) === ip)
      await remove(site, settings.outputs, output, `${ip}: ${why}`);
  }
}

async function remove(site: SuspectSite, name: string, ip: Ip, why: string): Promise<void> {
  const zone = zoneOf(site, name);
  const removed = await removeEntry(site, { subject: ip, zone, why, by: BY, origin: "pipeline" });
  if (typeof removed === "string") throw new Error(removed); // somebody else was at it: once more, later
}
