/**
 * A host is tested, and what that shows concluded. Promises: a test that is interrupted is gone on with the next time; one that ended is judged, and not
 * done again.
 */
import type { Ip } from "../../mail/index.ts";
import { NotTested } from "../tester/index.ts";
import { afterPostponing } from "./asked.ts";
import { kept } from "./conclusion.ts";
import { testedEntry } from "./entries.ts";
import type { Attending, TestOnRecord } from "./examiner.ts";
import { afterOptOut } from "./judged.ts";
import { scheduleOf } from "./site.ts";
import type { Suspect } from "./suspect.ts";
import { reportText, testCause } from "./test-cause.ts";
import { concluded, tell } from "./told.ts";

/** Milliseconds until a test that may not be now is tried again. */
const POSTPONED_MS = 3_600_000;

/** Milliseconds for which an interrupted test is gone on with: after that the server may be another. */
const RESUMED_MS = 86_400_000;

export async function testNow(to: Attending, suspect: Suspect): Promise<void> {
  const { examiner, site } = to;
  const { ip, testing } = suspect;
  const before = testing === undefined ? undefined : await examiner.recall(testing);
  const done = before?.finished === true ? testing : await tested(to, suspect, before);
  if (done === undefined) return;
  const record = await examiner.recall(done);
  if (record?.result === undefined) throw new Error(`of test ${done} nothing was kept`);
  const { result, begunAt, endedAt = site.now() } = record;
  await concluded(to, ip, { result, begunAt, endedAt });
}

/** The id of a test that came to its end. */
async function tested(
  to: Attending,
  suspect: Suspect,
  record: TestOnRecord | undefined,
): Promise<string | undefined> {
  const { site, settings, tester, examiner, log } = to;
  const { ip, last, testing } = suspect;
  const [report] = await site.suspects.reports(ip, 1);
  if (last === undefined && testing === undefined && report !== undefined)
    log.info("suspect reported", { ip, why: reportText(report) });
  const goesOn = record !== undefined && record.begunAt > site.now() - RESUMED_MS;
  let noted: Promise<unknown> = Promise.resolve();
  const begun = (id: string): void => {
    noted = kept(site, ip, (before) => ({ ...before, testing: id }));
    noted.catch(() => undefined); // whoever waits for it is told
  };
  try {
    return await examiner.test({
      ip,
      ports: settings.ports,
      cause: testCause(suspect, report, { suspects: settings, tester }, site.now()),
      ...(goesOn && testing !== undefined && { resumes: testing }),
      begun,
    });
  } catch (error) {
    await noted;
    if (error instanceof NotTested) return await refused(to, ip, error);
    await kept(site, ip, anew); // what it broke on is not tried again as it was
    throw error;
  } finally {
    await noted;
  }
}

function anew(before: Suspect): Suspect {
  const { testing: _, ...rest } = before;
  return rest;
}

async function refused(
  { site, settings, log }: Attending,
  ip: Ip,
  { reason, message }: NotTested,
): Promise<undefined> {
  const now = site.now();
  const listed = testedEntry(site, settings.zone, ip);
  const suspect = await kept(site, ip, (before) =>
    reason === "opted out"
      ? afterOptOut(before, message, listed, scheduleOf(settings), now)
      : afterPostponing(
          anew(reason === "DNS does not answer" ? unheard(before, now) : before),
          now + POSTPONED_MS,
          message,
        ),
  );
  tell(log, "suspect not tested", suspect, { reason });
}

function unheard(before: Suspect, now: number): Suspect {
  return { ...before, unheardSince: before.unheardSince ?? now };
}
