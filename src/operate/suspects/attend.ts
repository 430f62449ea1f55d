/**
 * A host whose time has come is attended to: tested, judged again, listed again or left alone. Promises: whatever is interrupted is gone on with the
 * next time, from what the store has of it.
 */
import type { Ip } from "../../mail/index.ts";
import type { Log } from "../../runtime/index.ts";
import { NotTested, type TestCause } from "../tester/index.ts";
import { afterPostponing } from "./asked.ts";
import { conclude, dismiss, kept, listAgain, type Concluded, type Examined } from "./conclusion.ts";
import { testedEntry, type TestsAbout } from "./entries.ts";
import { afterOptOut } from "./in-the-way.ts";
import type { SuspectSettings } from "./settings.ts";
import { scheduleOf, type SuspectSite } from "./site.ts";
import { keptSuspect, type Suspect } from "./suspect.ts";
import { reportText, testCause, type Caps } from "./test-cause.ts";
import { workFor } from "./work.ts";

/** A test as the memory has it. */
export interface TestOnRecord {
  /** Nobody goes on with it. */
  readonly finished: boolean;
  readonly begunAt: number;
  readonly endedAt?: number;
  /** Absent where it ended before anything was seen. */
  readonly result?: Examined["result"];
}

export interface TestOrder {
  readonly ip: Ip;
  readonly ports: readonly number[];
  readonly cause: TestCause;
  /** Goes on with this one. */
  readonly resumes?: string;
  readonly begun: (id: string) => void;
}

/** Who tests, and remembers tests. */
export interface Examiner extends TestsAbout {
  /** Its id; undefined where it was interrupted. Throws NotTested. */
  test(order: TestOrder): Promise<string | undefined>;
  /** Undefined where it is not kept any more. */
  recall(id: string): Promise<TestOnRecord | undefined>;
}

export interface Attending {
  readonly site: SuspectSite;
  readonly settings: SuspectSettings;
  readonly tester: Caps["tester"];
  readonly examiner: Examiner;
  readonly log: Log;
}

/** Milliseconds until a test that may not be now is tried again. */
const POSTPONED_MS = 3_600_000;

/** Milliseconds for which an interrupted test is gone on with: after that the server may be another. */
const RESUMED_MS = 86_400_000;

export async function attend(to: Attending, ip: Ip): Promise<void> {
  const { site, settings } = to;
  const stored = site.suspects.find(ip);
  if (stored === undefined) return;
  const suspect = keptSuspect(stored);
  const isListed = site.published.find(settings.zone, ip) !== undefined;
  switch (workFor(suspect, isListed, site.now())) {
    case "test":
      return testNow(to, suspect);
    case "judge again":
      return (await judgeAgain(to, suspect)) ? undefined : testNow(to, suspect);
    case "list again":
      return (await listedAgain(to, suspect)) ? undefined : testNow(to, suspect);
    case "dismiss":
      tell(to.log, "suspect dismissed", await dismiss(site, settings, ip, to.examiner));
  }
}

/** A message of its last test has come back after that had ended. */
export async function attendToReturn(to: Attending, ip: Ip, id: string): Promise<void> {
  const stored = to.site.suspects.find(ip);
  const suspect = stored && keptSuspect(stored);
  if (suspect?.last?.id !== id || suspect.testing !== undefined) return;
  // It was listed for that test already; or whoever took it off did so since.
  if (suspect.standing === "proved" || suspect.standing === "dismissed") return;
  await judgeAgain(to, suspect);
}

/** False where its test is not kept any more. */
async function judgeAgain(to: Attending, { ip, last }: Suspect): Promise<boolean> {
  const examined = await lastTest(to, last);
  if (examined !== undefined) await concluded(to, ip, examined);
  return examined !== undefined;
}

async function lastTest(
  { examiner }: Attending,
  last: Suspect["last"],
): Promise<Examined | undefined> {
  const record = last && (await examiner.recall(last.id));
  if (last === undefined || record?.result === undefined) return undefined;
  const { result, begunAt } = record;
  return { result, begunAt, endedAt: last.at };
}

/** Likewise. */
async function listedAgain(to: Attending, { ip, last }: Suspect): Promise<boolean> {
  const { site, settings, examiner, log } = to;
  const examined = await lastTest(to, last);
  if (examined === undefined) return false;
  const { suspect, act } = await listAgain(site, settings, ip, examined, examiner);
  if (act.kind === "listed") tell(log, "suspect listed", suspect, { zone: act.zone });
  if (act.kind === "dismissed") tell(log, "suspect dismissed", suspect);
  return true;
}

async function testNow(to: Attending, suspect: Suspect): Promise<void> {
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
  const listed = testedEntry(site, settings.zone, ip) !== undefined;
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

async function concluded(to: Attending, ip: Ip, examined: Examined): Promise<void> {
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

function tell(
  log: Log,
  event: string,
  { ip, last, why, held }: Suspect,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const test = last === undefined ? {} : { test: last.id };
  log.info(event, { ip, ...test, why: held ?? why, ...more });
}
