/** A host that was reported, as commands show it: what it stands on, who reported it, what is next. */
import { visible, type Ip } from "../mail/index.ts";
import {
  keptSuspect,
  reportText,
  testedEntry,
  type Suspect,
  type SuspectSite,
} from "../operate/suspects/index.ts";
import { systemClock } from "../runtime/index.ts";
import type { SuspectReport } from "../store/index.ts";
import { isoText, minuteText } from "./list-site.ts";

export interface Known {
  readonly suspect: Suspect;
  /** The latest first. */
  readonly reports: readonly SuspectReport[];
  /** It is on the list for a test. */
  readonly listed: boolean;
}

/** Reports that are shown of one host. */
const REPORTS_LIMIT = 10;

export async function known(site: SuspectSite, ip: Ip): Promise<Known | undefined> {
  const stored = site.suspects.find(ip);
  if (stored === undefined) return undefined;
  const suspect = keptSuspect(stored);
  return { suspect, listed: isListed(site, ip), reports: await site.suspects.reports(ip, REPORTS_LIMIT) }; // prettier-ignore
}

export function isListed(site: SuspectSite, ip: Ip): boolean {
  return site.testing !== undefined && testedEntry(site, site.testing.zone, ip) !== undefined;
}

export function suspectJson({ suspect, reports, listed }: Known) {
  const { ip, standing, why, due, last, inARow, outputs, cleanSince, held, asked, testing } =
    suspect;
  return {
    host: ip,
    standing,
    listed,
    why,
    due: asked === undefined ? isoText(due) : null,
    asked: asked === undefined ? null : { ...asked, at: isoText(asked.at) },
    testing: testing ?? null,
    last: last === undefined ? null : { test: last.id, at: isoText(last.at) },
    inARow,
    outputs,
    cleanSince: isoText(cleanSince),
    leaves: isoText(leavesAt(suspect)),
    held: held ?? null,
    reports: reports.map(({ at, origin, by, cause }) => {
      return { at: isoText(at), origin, by, cause: JSON.parse(cause) as unknown };
    }),
  };
}

/** Whoever came back stays for a while although he is clean. */
function leavesAt({ cleanSince, due }: Suspect): number | undefined {
  return cleanSince === undefined ? undefined : due;
}

export function suspectText(of: Known): string {
  const { suspect, reports } = of;
  const { standing, why, last, cleanSince, held, outputs } = suspect;
  const leaves = leavesAt(suspect);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["why", why === "" ? undefined : visible(why)],
    ...reports.map((report, i): [string, string] => [i === 0 ? "reports" : "", `${minuteText(report.at)} ${visible(reportText(report))}`]),
    ["tested", last && `${minuteText(last.at)}, \`gatepost tests show ${last.id}\``],
    ["next", nextText(of)],
    ["clean", cleanSince === undefined ? undefined : `since ${minuteText(cleanSince)}${leaves === undefined ? "" : `; leaves ${minuteText(leaves)}, if a test then is clean too`}`],
    ["held", held === undefined ? undefined : `not listed: ${visible(held)}`],
    ["outputs", outputs.length === 0 ? undefined : outputs.join(", ")],
  ]; // prettier-ignore
  const lines = rows.flatMap(([what, said]) => (said === undefined ? [] : `  ${what.padEnd(9)} ${said}`)); // prettier-ignore
  return [`suspect: ${STANDING_TEXT[standing]}`, ...lines].join("\n");
}

const STANDING_TEXT: Readonly<Record<Suspect["standing"], string>> = {
  reported: "reported, and not tested yet",
  pending: "pending: what it took may still come back",
  proved: "proved to relay",
  clean: "clean",
  blocks: "blocks: it is not known what it does for others than the tester",
  unknown: "unknown: it could not be found out",
  dismissed: "dismissed: left alone until it is reported again",
};

export function nextText({ suspect }: Pick<Known, "suspect">): string {
  const { asked, testing, due, standing } = suspect;
  if (testing !== undefined) return `test ${testing} is under way`;
  if (asked !== undefined) return `a test at once: ${visible(asked.by)} asked for it`;
  if (due === undefined) return "nothing, until it is reported again";
  if (due <= systemClock.now()) return "a test, as soon as it has its turn";
  return `${standing === "pending" ? "judged again" : "a test"} ${minuteText(due)}`;
}
