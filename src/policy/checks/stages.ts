/** Which checks are asked when, in the order in which they judge. */
import type { Login, ReversePath, Status } from "../../mail/index.ts";
import type { Route } from "../routing/index.ts";
import {
  ADMIT_ALL,
  messageAdmissionCheck,
  senderAdmissionCheck,
  type Admission,
  type AdmissionSubject,
} from "./admission.ts";
import { clientClass, type Client } from "./client.ts";
import { decide } from "./decision-table.ts";
import { dkimCheck } from "./dkim.ts";
import { dmarcCheck } from "./dmarc.ts";
import { gatewayCheck, type VerifyRecipient } from "./gateway.ts";
import { grantsFor, type GrantedAddress } from "./grants.ts";
import { greylistCheck, type Greylist } from "./greylist.ts";
import { hopsCheck, type HopFacts } from "./hops.ts";
import { iprevCheck } from "./iprev.ts";
import { listedMessageCheck, type ListedSubject } from "./listed-message.ts";
import { listedCheck, type Lists } from "./listed.ts";
import { DEFAULT_ORIGIN_ACTIONS, type OriginActions, type OriginSubject } from "./origin.ts";
import {
  ownAuthorsCheck,
  ownSenderCheck,
  type AuthorsSubject,
  type SenderSubject,
} from "./own-sender.ts";
import { spreadCheck, type SpreadCounts } from "./network-spread.ts";
import { peerCheck } from "./peer.ts";
import { quotaCheck } from "./quota.ts";
import { ratesCheck, type Rates } from "./rates.ts";
import type { RecipientSubject } from "./recipient.ts";
import { relayCheck } from "./relay.ts";
import { reporterCheck, type ReporterSubject } from "./reporter.ts";
import { returnCheck, returnSizeCheck, type ReturnSizeSubject } from "./return.ts";
import { sendingHabitsCheck, type HabitsSubject } from "./sending-habits.ts";
import { sendingLimitCheck, type SendingSubject } from "./sending-limit.ts";
import { NO_SENDING, type SendingDeps } from "./sending.ts";
import { spfCheck } from "./spf.ts";
import type { KnowsToken } from "./test-token.ts";
import { stage, type AskStage, type GatheredFacts, type Stage } from "./stage.ts";
import { unknownRecipient } from "./unknown-recipient.ts";
import { senderProof } from "./verified-sender.ts";

/** Without a login: nobody has shown a password, and what is asked of a login is not asked. */
type MaybeLogin<Subject extends { readonly login: Login }> = Omit<Subject, "login"> & {
  readonly login?: Login;
};

type MessageFacts = HopFacts & ReturnSizeSubject & ReporterSubject;
type StrangerFacts = MessageFacts & OriginSubject & AdmissionSubject & ListedSubject;

export type SenderStageSubject = AdmissionSubject & MaybeLogin<SenderSubject & SendingSubject>;
export type RecipientStageSubject = RecipientSubject & MaybeLogin<SendingSubject>;
export type MessageStageSubject = StrangerFacts & MaybeLogin<AuthorsSubject & HabitsSubject>;

/** As the server asks them. */
export interface Stages {
  readonly sender: AskStage<SenderStageSubject>;
  readonly recipient: AskStage<RecipientStageSubject>;
  readonly message: AskStage<MessageStageSubject>;
  /** The rights to leave of a recipient that the stage let pass. */
  readonly grants: (
    client: Client,
    route: Route,
    reversePath: ReversePath,
  ) => readonly GrantedAddress[];
  /** How a recipient that the stage let pass has failed, where its sender is to be told by mail. */
  readonly failure: (client: Client, route: Route) => Status | undefined;
  /** Of whom nobody has here, where unknown ones are reported. */
  readonly unknown: typeof unknownRecipient;
  /** What shows that a report would go to the sender. */
  readonly proof: typeof senderProof;
}

/** The same, which also judge what was gathered before. */
export interface JudgingStages extends Stages {
  readonly sender: Stage<SenderStageSubject>;
  readonly recipient: Stage<RecipientStageSubject>;
  readonly message: Stage<MessageStageSubject>;
}

export interface StagesDeps {
  /** Received fields of a message before it is in a loop (RFC 5321 §6.3). */
  readonly hops?: number;
  /** Absent: there are no gateway domains. */
  readonly verifyRecipient?: VerifyRecipient;
  /** Absent: no relay test awaits anything. */
  readonly knowsToken?: KnowsToken;
  /** Absent: nobody is trusted without a login. */
  readonly spread?: SpreadCounts;
  /** Absent: no list is asked. */
  readonly lists?: Lists;
  /** Hosts that relay are reported by mail. Absent: nowhere. */
  readonly relayReports?: boolean;
  /** Absent: a network may send as much as it likes. */
  readonly rates?: Rates;
  /** Absent: nobody is greylisted. */
  readonly greylist?: Greylist;
  /** Absent: nobody logs in. */
  readonly sending?: SendingDeps;
  /** Absent: the defaults. */
  readonly origin?: OriginActions;
  /** Absent: anybody may write. */
  readonly admission?: Admission;
  /** The table to go by; the proof's own tests hand in broken ones. */
  readonly decision?: typeof decide;
}

export function stages({
  hops = 100,
  verifyRecipient = nobody,
  knowsToken,
  spread = nobodyTrusted,
  lists,
  relayReports = false,
  rates,
  greylist,
  sending: { senders, counter } = NO_SENDING,
  origin = DEFAULT_ORIGIN_ACTIONS,
  admission = ADMIT_ALL,
  decision = decide,
}: StagesDeps = {}): JudgingStages {
  const everybody = [
    relayCheck(decision, knowsToken),
    peerCheck(decision),
    returnCheck,
    spreadCheck(spread),
    ...(lists === undefined ? [] : [listedCheck(lists)]),
    ...(rates === undefined ? [] : [ratesCheck(rates)]),
    quotaCheck,
    gatewayCheck(verifyRecipient),
    ...(greylist === undefined ? [] : [greylistCheck(greylist)]),
  ];
  const limit = sendingLimitCheck(counter);
  const reporter = relayReports ? [reporterCheck] : [];
  return {
    sender: forLogins<SenderStageSubject>(
      stage<AdmissionSubject>([senderAdmissionCheck(admission)]),
      stage<SenderSubject & SendingSubject>([ownSenderCheck(senders), limit]),
    ),
    recipient: forLogins<RecipientStageSubject>(
      stage(everybody),
      stage<RecipientSubject & SendingSubject>([...everybody, limit]),
    ),
    message: forLogins<MessageStageSubject>(
      stage<StrangerFacts>([
        hopsCheck(hops),
        returnSizeCheck,
        ...(lists === undefined ? [] : [listedMessageCheck(lists)]),
        dmarcCheck(origin),
        spfCheck(origin),
        dkimCheck(origin),
        iprevCheck(origin),
        messageAdmissionCheck(admission),
        ...reporter,
      ]),
      stage<MessageFacts & AuthorsSubject & HabitsSubject>([
        hopsCheck(hops),
        returnSizeCheck,
        ...reporter,
        ownAuthorsCheck(senders),
        sendingHabitsCheck(counter),
      ]),
    ),
    grants: (client, route, reversePath) => grantsFor(client, route, reversePath, decision),
    failure: (client, { recipient }) => {
      const decided = decision(clientClass(client), recipient);
      return decided.kind === "report" ? decided.status : undefined;
    },
    unknown: unknownRecipient,
    proof: senderProof,
  };
}

/** What is asked of strangers' mail, and what of a login's. */
function forLogins<Subject extends { readonly login?: Login }>(
  others: Stage<Subject>,
  logins: Stage<Subject & { readonly login: Login }>,
): Stage<Subject> {
  const ask: AskStage<Subject> = (subject) => {
    const { login } = subject;
    return login === undefined ? others(subject) : logins({ ...subject, login });
  };
  const ofLogins = new Set(logins.checks.filter((name) => !others.checks.includes(name)));
  return Object.assign(ask, {
    checks: [...new Set([...others.checks, ...logins.checks])],
    // Something is asked of every login that is asked of nobody else.
    judge: (gathered: readonly GatheredFacts[]) =>
      (gathered.some(({ check }) => ofLogins.has(check)) ? logins : others).judge(gathered),
    otherwise: (gathered: GatheredFacts) =>
      (ofLogins.has(gathered.check) ? logins : others).otherwise(gathered),
  });
}

const nobodyTrusted: SpreadCounts = {
  limit: 0,
  ask: () => {
    throw new Error("nobody said how a trusted address is watched");
  },
};

/** Without a host to ask, nobody is known. */
const nobody: VerifyRecipient = () => "unknown";
