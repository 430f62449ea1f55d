/**
 * A host whose time has come is attended to: tested, judged again, listed again or left alone. Promises: whatever is interrupted is gone on with the
 * next time, from what the store has of it.
 */
import type { Ip } from "../../mail/index.ts";
import { dismiss, listAgain, type Examined } from "./conclusion.ts";
import type { Attending } from "./examiner.ts";
import { suspectAddress } from "./report.ts";
import { keptSuspect, type Suspect } from "./suspect.ts";
import { testNow } from "./test-now.ts";
import { concluded, tell } from "./told.ts";
import { workFor } from "./work.ts";

export async function attend(to: Attending, ip: Ip): Promise<void> {
  const { site, settings } = to;
  const stored = site.suspects.find(ip);
  if (stored === undefined) return;
  const suspect = keptSuspect(stored);
  const isListed = site.published.find(settings.zone, ip) !== undefined;
  switch (workFor(suspect, isListed, site.now())) {
    case "test":
      return (await letBe(to, suspect, isListed)) ? undefined : testNow(to, suspect);
    case "judge again":
      return (await judgeAgain(to, suspect)) ? undefined : testNow(to, suspect);
    case "list again":
      return (await listedAgain(to, suspect)) ? undefined : testNow(to, suspect);
    case "dismiss":
      tell(to.log, "suspect dismissed", await dismiss(site, settings, ip, to.examiner));
  }
}

/** Who may not be listed any more is not tested either. True: he is let be. */
async function letBe(to: Attending, { ip }: Suspect, isListed: boolean): Promise<boolean> {
  const { site, settings, examiner, log } = to;
  const read = suspectAddress(site, ip);
  if (read.kind === "ip" || isListed) return false;
  tell(log, "suspect dismissed", await dismiss(site, settings, ip, examiner, read.why));
  return true;
}

/**
 * A message of a test of it has come back after that had ended. An earlier test than the last counts too, unless the last has cleared it: who hands on
 * slowly, and asks for the next test before he does, or is not to be reached by it, would never be listed.
 */
export async function attendToReturn(to: Attending, ip: Ip, id: string): Promise<void> {
  const stored = to.site.suspects.find(ip);
  const suspect = stored && keptSuspect(stored);
  if (suspect === undefined || suspect.testing !== undefined) return;
  const { standing, last } = suspect;
  // It is listed already; or whoever took it off did so since.
  if (standing === "proved" || standing === "dismissed") return;
  if (last?.id === id) await judgeAgain(to, suspect);
  else if (standing !== "clean") await judgeEarlier(to, ip, id);
}

async function judgeEarlier(to: Attending, ip: Ip, id: string): Promise<void> {
  const record = await to.examiner.recall(id);
  if (record?.result === undefined) return;
  const { result, begunAt, endedAt = begunAt } = record;
  await concluded(to, ip, { result, begunAt, endedAt });
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
