/** Tries case after case; what fails is made as small as it goes, and can be kept. */
import { Dice } from "./dice.ts";
import { makeDns, tryDns } from "./dns/case.ts";
import { makeListFile, tryListFile } from "./list-file/case.ts";
import { makeListing, tryListing } from "./listing/case.ts";
import { makeMaildrop, tryMaildrop } from "./maildrop/case.ts";
import { makePop3, tryPop3 } from "./pop3/case.ts";
import { makeReceive, tryReceive } from "./receive/case.ts";
import { makeReportMail, tryReportMail } from "./report-mail/case.ts";
import { makeSmtp, trySmtp } from "./smtp/case.ts";
import { makeSubmission, trySubmission } from "./submission/case.ts";
import type { Happening, Protocol, Scenario } from "./scenario.ts";

interface Kind {
  make(seed: number): Scenario;
  /** Throws, or rejects, when it finds something. */
  attempt(scenario: Scenario): void | Promise<void>;
}

const KINDS: Readonly<Record<Protocol, Kind>> = {
  smtp: { make: makeSmtp, attempt: trySmtp },
  pop3: { make: makePop3, attempt: tryPop3 },
  receive: { make: makeReceive, attempt: tryReceive },
  maildrop: { make: makeMaildrop, attempt: tryMaildrop },
  dns: { make: makeDns, attempt: tryDns },
  submission: { make: makeSubmission, attempt: trySubmission },
  "list-file": { make: makeListFile, attempt: tryListFile },
  listing: { make: makeListing, attempt: tryListing },
  "report-mail": { make: makeReportMail, attempt: tryReportMail },
};

/** Case after case, which is of what kind: the engines are what any stranger talks to. */
export const TURNS: readonly Protocol[] = [
  "smtp",
  "pop3",
  "receive",
  "smtp",
  "pop3",
  "maildrop",
  "dns",
  "submission",
  "list-file",
  "listing",
  "report-mail",
];

/** The n-th case of a hunt over kinds in turn. */
export function makeCase(seed: number, n: number, kinds: readonly Protocol[] = TURNS): Scenario {
  const protocol = kinds[n % kinds.length] ?? "smtp";
  return KINDS[protocol].make(new Dice(seed ^ Math.imul(n, 0x9e3779b1)).next());
}

/** What is wrong with it, in words; undefined when all is well. */
export async function problemOf(scenario: Scenario): Promise<string | undefined> {
  try {
    await KINDS[scenario.protocol].attempt(scenario);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** Tries at most so many smaller cases. */
const SHRINK_LIMIT = 3000;

/** A smaller case that fails too, if any does. */
export async function shrunk(scenario: Scenario): Promise<Scenario> {
  let smallest = scenario;
  let tries = 0;
  for (let found = true; found && tries < SHRINK_LIMIT;) {
    found = false;
    for (const happenings of smaller(smallest.happenings)) {
      const candidate = { ...smallest, happenings };
      if (tries++ >= SHRINK_LIMIT) break;
      if ((await problemOf(candidate)) === undefined) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}

function* smaller(happenings: readonly Happening[]): Generator<readonly Happening[]> {
  for (let i = 0; i < happenings.length; i++) yield happenings.toSpliced(i, 1);
  for (const [i, happening] of happenings.entries()) {
    if (typeof happening === "string") continue;
    for (let length = happening.length >> 1; length > 0; length >>= 1)
      for (let from = 0; from < happening.length; from += length) {
        const rest = [...happening.subarray(0, from), ...happening.subarray(from + length)];
        yield happenings.toSpliced(i, 1, Uint8Array.from(rest));
      }
  }
}
