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
      return undecided(inState("blocks", before, finding.why, last), listed, schedule);
    case "unknown":
      return undecided(inState("unknown", before, finding.why, last), listed, schedule);
  }
}

/** What was asked for is done; what was in the way is looked at anew. */
function inState(standing: Standing, before: Suspect, why: string, last: LastTest): Suspect {
  const { ip, outputs } = before;
  const again = before.standing === standing;
  return { ip, standing, why, last, outputs, inARow: again ? before.inARow + 1 : 1 };
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

/** It is tried again as long as it is listed, which it is until its end; else a few times. */
function undecided(suspect: Suspect, listed: Listed | undefined, schedule: Schedule): Judged {
  const again = listed !== undefined || suspect.inARow < TRIES;
  const due = (suspect.last?.at ?? 0) + backOff(schedule, suspect.inARow);
  return { suspect: again ? { ...suspect, due } : suspect, act: "nothing" };
}
