/** A test is concluded, and the log told what became of the host. */
import type { Ip } from "../../mail/index.ts";
import type { Log } from "../../runtime/index.ts";
import { conclude, type Concluded, type Examined } from "./conclusion.ts";
import type { Attending } from "./examiner.ts";
import type { Suspect } from "./suspect.ts";

export async function concluded(to: Attending, ip: Ip, examined: Examined): Promise<void> {
  const { site, settings, examiner, log } = to;
  const { suspect, finding, act } = await conclude(site, settings, ip, examined, examiner);
  tell(log, "suspect tested", { ...suspect, why: finding.why }, { found: finding.kind });
  const event = EVENTS[act.kind];
  if (event !== undefined) tell(log, event, suspect, "zone" in act ? { zone: act.zone } : {});
}

const EVENTS: Readonly<Record<Concluded["act"]["kind"], string | undefined>> = {
  listed: "suspect listed",
  left: "suspect left",
  held: "suspect held",
  dismissed: "suspect dismissed",
  there: undefined,
  nothing: undefined,
};

export function tell(
  log: Log,
  event: string,
  { ip, last, why, held }: Suspect,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const test = last === undefined ? {} : { test: last.id };
  log.info(event, { ip, ...test, why: held ?? why, ...more });
}
