/**
 * What a finding makes of a host, and of the list: pure. Listed is who relayed, and for as long as nothing shows that he does not any more. He
 * leaves with the first clean test; who was listed before, when he has been clean for a while, longer each time.
 */
import type { Finding } from "./finding.ts";
import { backOff, stayMs, TRIES, type Schedule } from "./schedule.ts";
import type { LastTest, Standing, Suspect } from "./suspect.ts";

export interface Judged {
  readonly suspect: Suspect;
  /** What is to be done with the list. */
  readonly act: "list" | "remove" | "nothing";
}

/** As the list has it at this moment. */
export interface Listed {
  /** How often it was listed, with this one. */
  readonly times: number;
}

/** Hosts that are listed for one whose messages came by them: all that were seen since it was clean, as it need not use each of them each time. */
const OUTPUTS_LIMIT = 100;

export function afterFinding(
  before: Suspect,
  finding: Finding,
  last: LastTest,
  listed: Listed | undefined,
  schedule: Schedule,
): Judged {
  switch (finding.kind) {
    case "relayed": {
      const suspect = inState("proved", before, finding.why, last);
      const due = last.at + backOff(schedule, suspect.inARow);
      const outputs = [...new Set([...before.outputs, ...finding.outputs])].slice(0, OUTPUTS_LIMIT);
      return { suspect: { ...suspect, due, outputs }, act: "list" };
    }
    case "accepted": {
      const suspect = inState("pending", before, finding.why, last);
      return { suspect: { ...suspect, due: finding.until }, act: "nothing" };
    }
    case "clean":
      return clean(before, finding.why, last, listed, schedule);
    case "blocked":
      return undecided(inState("blocks", before, finding.why, last), listed, schedule, last.at);
    case "unknown":
      return undecided(inState("unknown", before, finding.why, last), listed, schedule, last.at);
  }
}

/** Its owner does not want it to be tested: nobody knows what it does, and whoever wanted to know is told so. */
export function afterOptOut(
  before: Suspect,
  why: string,
  listed: Listed | undefined,
  schedule: Schedule,
  now: number,
): Suspect {
  return undecided(inState("blocks", before, why, before.last), listed, schedule, now).suspect;
}

/** What was asked for is done; what was in the way is looked at anew. */
function inState(
  standing: Standing,
  before: Suspect,
  why: string,
  last: LastTest | undefined,
): Suspect {
  const { ip, outputs } = before;
  const inARow = before.standing === standing ? before.inARow + 1 : 1;
  return { ip, standing, why, ...(last !== undefined && { last }), outputs, inARow };
}

function clean(
  before: Suspect,
  why: string,
  last: LastTest,
  listed: Listed | undefined,
  schedule: Schedule,
): Judged {
  const suspect = inState("clean", before, why, last);
  if (listed === undefined) return { suspect: { ...suspect, outputs: [] }, act: "nothing" };
  const cleanSince = before.cleanSince ?? last.at;
  const due = cleanSince + stayMs(schedule, listed.times);
  if (last.at < due) return { suspect: { ...suspect, cleanSince, due }, act: "nothing" };
  return { suspect: { ...suspect, outputs: [] }, act: "remove" };
}

/** It is tried again as long as it is listed, which it is until its end; else a few times. `since`: when it was tried. */
function undecided(
  suspect: Suspect,
  listed: Listed | undefined,
  schedule: Schedule,
  since: number,
): Judged {
  const again = listed !== undefined || suspect.inARow < TRIES;
  const due = since + backOff(schedule, suspect.inARow);
  return { suspect: again ? { ...suspect, due } : suspect, act: "nothing" };
}
