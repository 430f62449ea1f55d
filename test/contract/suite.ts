/** What every store promises (src/store/contract.ts), as cases. An engine's own files call both parts. */
import { describe } from "node:test";
import { certificateCases } from "./certificate-cases.ts";
import { crashCases } from "./crash-cases.ts";
import { directoryCases } from "./directory-cases.ts";
import { dkimCases } from "./dkim-cases.ts";
import type { Engine } from "./engine.ts";
import { failureCases } from "./failure-cases.ts";
import { greylistCases } from "./greylist-cases.ts";
import { identityCountCases } from "./identity-count-cases.ts";
import { journalCases } from "./journal-cases.ts";
import { largeMessageCases } from "./large-message-cases.ts";
import { listHealthCases } from "./list-health-cases.ts";
import { listQuestionCases } from "./list-question-cases.ts";
import { maildropCases } from "./maildrop-cases.ts";
import { messageCases } from "./message-cases.ts";
import { passwordCases } from "./password-cases.ts";
import { peerCases } from "./peer-cases.ts";
import { publishedCases } from "./published-cases.ts";
import { queueCases } from "./queue-cases.ts";
import { tlsReportCases } from "./tls-report-cases.ts";
import { tlsResultCases } from "./tls-result-cases.ts";
import { relayTestCases } from "./relay-test-cases.ts";
import { reportCountCases } from "./report-count-cases.ts";
import { queueOperatorCases } from "./queue-operator-cases.ts";
import { sendingCases } from "./sending-cases.ts";
import { suspectCases } from "./suspect-cases.ts";
import { stsPolicyCases } from "./sts-policy-cases.ts";

/** Cases that run at once: each has a store of its own, and most of its time it waits for the disk. */
const CASES_AT_ONCE = 4;

export function storeContract(engine: Engine): void {
  describe(`store contract: ${engine.name}`, { concurrency: CASES_AT_ONCE }, () => {
    directoryCases(engine);
    dkimCases(engine);
    passwordCases(engine);
    certificateCases(engine);
    peerCases(engine);
    messageCases(engine);
    largeMessageCases(engine);
    maildropCases(engine);
    queueCases(engine);
    queueOperatorCases(engine);
    sendingCases(engine);
    stsPolicyCases(engine);
    greylistCases(engine);
    listHealthCases(engine);
    identityCountCases(engine);
    reportCountCases(engine);
    tlsReportCases(engine);
    tlsResultCases(engine);
    relayTestCases(engine);
    publishedCases(engine);
    suspectCases(engine);
    listQuestionCases(engine);
    journalCases(engine);
    failureCases(engine);
  });
}

/** The part of it that ends processes, and takes as long as all the rest. */
export function storeCrashContract(engine: Engine): void {
  describe(`store contract, across a crash: ${engine.name}`, { concurrency: CASES_AT_ONCE }, () => {
    crashCases(engine);
  });
}
