/** A test is asked for at once: by the operator, by the owner, by whoever reads why a host is listed. */
import { keptEntry } from "../listing/index.ts";
import { afterAsking } from "./asked.ts";
import { NO_TESTS, suspectAddress } from "./report.ts";
import { newSuspect } from "./reported.ts";
import { changed, type SuspectSite } from "./site.ts";
import type { Asked, Suspect } from "./suspect.ts";
import { isLetBe } from "./work.ts";

/** Who asks: a person at the machine, the host itself, anybody else. */
export type Asker = "operator" | "owner" | "anybody";

export interface Request {
  /** As it was written. */
  readonly host: string;
  readonly asker: Asker;
  readonly by: string;
}

/** Nobody is tested without a cause, and whoever runs the site has to say his. */
const REPORT_IT = ": `gatepost list report` does, with what you have seen";

/** The reason where it is not tested. */
export async function requestTest(site: SuspectSite, request: Request): Promise<Suspect | string> {
  const settings = site.testing;
  if (settings === undefined) return NO_TESTS;
  const read = suspectAddress(site, request.host);
  if (read.kind === "no") return read.why;
  const { ip } = read;
  const { by, asker } = request;
  const asked: Asked = { by, at: site.now(), owner: asker !== "anybody" };
  const stored = site.published.find(settings.zone, ip);
  const entry = stored && keptEntry(stored);
  if (entry !== undefined && entry.evidence.kind !== "test")
    return `${ip} is not listed for a test, so none lets it off: whoever keeps the list looks at it himself`;
  return changed(site, ip, (before) => {
    if (before === undefined && entry === undefined) return `${ip} is not listed, and nobody has reported it${asker === "operator" ? REPORT_IT : ""}`; // prettier-ignore
    if (before?.standing === "clean" && entry === undefined && asker !== "operator") return `${ip} is not listed: its last test found it closed`; // prettier-ignore
    // A person may have taken it off, and a stranger would undo it: a test that begins now lists.
    if (before !== undefined && isLetBe(before) && entry === undefined && asker !== "operator") return `${ip} is not listed any more, and is left alone until it is reported again`; // prettier-ignore
    return afterAsking(before ?? newSuspect(ip, asked.at), asked);
  });
}
