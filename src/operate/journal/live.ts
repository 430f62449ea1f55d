/**
 * What would be answered now: a question as an operator asks it, read strictly, and the answer as he reads it. Who can ask the site is
 * handed in.
 */
import { formatAddress, parseAddress, parseIp, visible, type Ip } from "../../mail/index.ts";
import type { SessionRecord } from "../../store/index.ts";
import type { Judges } from "./judges.ts";
import { sessionsOf, type ExplainedSession } from "./session.ts";
import { sessionText } from "./text.ts";
import { whysJson, whysOf } from "./why.ts";

export interface LiveQuestion {
  readonly ip: Ip;
  readonly helo: string;
  /** Wire form without brackets; "" is the null path. */
  readonly from: string;
  readonly to: readonly string[];
  /** As it would come; absent: only the envelope is judged. */
  readonly message?: Uint8Array;
}

export interface LiveReply {
  readonly said: string;
  readonly reply: readonly string[];
}

export interface LiveAnswer {
  readonly replies: readonly LiveReply[];
  /** What the journal would have. */
  readonly records: readonly SessionRecord[];
  /** Of a question without a message: what is known before there is one. Absent where nobody wants to know. */
  readonly origin?: { readonly spf: string; readonly spfDomain: string; readonly iprev: string };
}

/** As they were typed. */
export interface LiveWords {
  readonly ip?: string;
  readonly helo?: string;
  readonly from?: string;
  readonly to?: readonly string[];
}

/** The question; in words what is wrong with it. */
export function readLiveQuestion({ ip, helo, from, to = [] }: LiveWords): LiveQuestion | string {
  if (ip === undefined || helo === undefined || from === undefined || to.length === 0)
    return "--live needs --ip, --helo, --from and --to, as the client would say them";
  const client = parseIp(ip);
  if (client === undefined) return `--ip ${ip}: expected an address such as 192.0.2.7`;
  if (!/^[!-~]{1,255}$/.test(helo))
    return `--helo ${helo}: expected a name such as mail.example.net`;
  const sender = pathOf(from, "--from");
  if (sender.problem !== undefined) return sender.problem;
  const recipients = to.map((one) => pathOf(one, "--to"));
  const problem = recipients.find((one) => one.problem !== undefined)?.problem;
  if (problem !== undefined) return problem;
  return { ip: client, helo, from: sender.path, to: recipients.map(({ path }) => path) };
}

interface Path {
  readonly path: string;
  readonly problem?: string;
}

/** "<>" and nothing are the null path, which only a sender can have; postmaster needs no domain (RFC 5321 §4.1.1.3). */
function pathOf(text: string, option: "--from" | "--to"): Path {
  const inner = /^<(.*)>$/.exec(text)?.[1] ?? text;
  if (option === "--from" && inner === "") return { path: "" };
  if (option === "--to" && inner.toLowerCase() === "postmaster") return { path: inner };
  const address = parseAddress(inner);
  return typeof address === "string"
    ? {
        path: "",
        problem: `${option} ${text}: expected an address such as ann@example.org (${address})`,
      }
    : { path: formatAddress(address) };
}

const NOT_ASKED =
  "Nothing is sent, stored or remembered. The running server is not asked what it has counted in memory\n" +
  "(rates of networks, trusted addresses that are held), and no certificate is shown.";

export function liveText(question: LiveQuestion, answer: LiveAnswer, judges: Judges): string {
  const { replies, records, origin } = answer;
  const [session] = sessionsIn(records);
  const { ip } = question;
  const whys = whysOf(session?.facts?.events ?? [], judges);
  return [
    `What ${ip} would be answered now, by ${judges.file}.`,
    NOT_ASKED,
    "",
    ...replies.flatMap(replyLines),
    ...(origin === undefined ? [] : ["", ...originLines(origin)]),
    ...(session === undefined ? [] : ["", sessionText(session, (event) => whys.get(event))]),
  ].join("\n");
}

export function liveJson(question: LiveQuestion, answer: LiveAnswer, judges: Judges): string {
  const { message: _, ...asked } = question;
  const { replies, records, origin } = answer;
  const sessions = sessionsIn(records);
  return JSON.stringify(
    {
      live: asked,
      replies,
      ...(origin !== undefined && { origin }),
      sessions,
      why: whysJson(whysOf(sessions[0]?.facts?.events ?? [], judges)),
    },
    null,
    2,
  );
}

function sessionsIn(records: readonly SessionRecord[]): readonly ExplainedSession[] {
  return sessionsOf(
    records.toReversed().map((record) => ({ ...record, count: 1, lastAt: record.at })),
  );
}

/** Of a reply of many lines the last, which says yes or no. */
function replyLines({ said, reply }: LiveReply): readonly string[] {
  const line = reply.at(-1) ?? "(no answer in time)";
  return [...(said === "" ? [] : [`> ${visible(said)}`]), `  ${visible(line)}`];
}

function originLines({ spf, spfDomain, iprev }: NonNullable<LiveAnswer["origin"]>) {
  return [
    `Before its content this is known of a message: spf=${visible(spf)} (${visible(spfDomain)}) iprev=${visible(iprev)}.`,
    "What follows from it depends on the content: --message FILE judges that too.",
  ];
}
