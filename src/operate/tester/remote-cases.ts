/**
 * What of the catalogue can be tried from outside, and how: each vector with each of its senders, in each way to greet the server. A case
 * is planned by its key, which is the same in every test of the same kind, and spelled out when its turn comes.
 */
import {
  fillIn,
  wire,
  type Chapter,
  type Limit,
  type Names,
  type Vector,
} from "../relaytest/index.ts";
import { remoteSteps, textOf, type RemoteStep } from "./remote-steps.ts";
import type { Token } from "./token.ts";

/** How the session begins: by which greeting, and whether in TLS. */
export const MANNERS = ["EHLO", "HELO", "EHLO in TLS"] as const;
export type Manner = (typeof MANNERS)[number];

/** What the server has, as far as it matters which vectors are tried. */
export interface Offers {
  readonly ehlo: boolean;
  readonly startTls: boolean;
  readonly chunking: boolean;
  /** There is a mailbox that the test may write to. */
  readonly mailbox: boolean;
  /** Messages that come back are seen. */
  readonly wayBack: boolean;
}

export interface PlannedCase {
  /** "EHLO R30 2": the vector, its sender by number, the way to greet. */
  readonly key: string;
  readonly vector: Vector;
  readonly manner: Manner;
  /** In braces; absent where the script says MAIL itself. */
  readonly sender?: string;
  /** It needs a connection to itself: its state is the point. */
  readonly alone: boolean;
}

export interface RemoteCase extends PlannedCase {
  readonly token: Token;
  /** Its sender is none of the server's own. */
  readonly foreignSender: boolean;
  /** It begins with the sender that the first look has too. */
  readonly usualSender: boolean;
  /** "R30 from <>" */
  readonly title: string;
  /** The greeting command; absent where the script greets. */
  readonly hello?: string;
  readonly steps: readonly RemoteStep[];
}

export interface Plan {
  readonly cases: readonly PlannedCase[];
  /** Vectors that are not tried, by the reason. */
  readonly untried: ReadonlyMap<string, readonly string[]>;
}

export function planCases(
  catalogue: readonly Chapter[],
  offers: Offers,
  only: (vector: Vector) => boolean = () => true,
): Plan {
  const cases: PlannedCase[] = [];
  const untried = new Map<string, readonly string[]>();
  for (const { vectors, from } of catalogue)
    for (const vector of vectors.filter(only)) {
      const why = whyNot(vector, offers);
      if (why === undefined) cases.push(...casesOf(vector, vector.from ?? from, offers));
      else untried.set(why, [...(untried.get(why) ?? []), vector.id]);
    }
  return { cases: inTurn(cases), untried };
}

/** By the way to greet, so that connections can be kept. */
function inTurn(cases: readonly PlannedCase[]): readonly PlannedCase[] {
  return MANNERS.flatMap((manner) => cases.filter((one) => one.manner === manner));
}

function casesOf(
  vector: Vector,
  senders: readonly string[],
  offers: Offers,
): readonly PlannedCase[] {
  const alone = !canShare(vector);
  return mannersFor(vector, alone, offers).flatMap((manner) =>
    (senders.length === 0 ? [undefined] : senders).map((sender, i) => ({
      key: `${manner} ${vector.id} ${i}`,
      vector,
      manner,
      alone,
      ...(sender !== undefined && { sender: sender.replace("<x@{F}>", "<{u}.b@{F}>") }),
    })),
  );
}

/** What has a greeting or a state of its own is tried in the clear and in TLS; what is about STARTTLS only before it. */
function mannersFor(vector: Vector, alone: boolean, offers: Offers): readonly Manner[] {
  const possible = MANNERS.filter((manner) => (manner === "HELO" ? true : offers.ehlo)).filter(
    (manner) => manner !== "EHLO in TLS" || offers.startTls,
  );
  if (vector.needs?.includes("starttls") === true) return ["EHLO"];
  return alone && offers.ehlo ? possible.filter((manner) => manner !== "HELO") : possible;
}

/** Nothing but single commands, behind the usual greeting: RSET takes back whatever they did. */
function canShare({ hello, script }: Vector): boolean {
  const plain = script.every(([say]) => typeof say === "string" && say !== "DATA");
  return hello === undefined && plain;
}

/** The tester's own address stands where a server may find it: in a command or a header field. */
const NAMES_TESTER = /<\{T\}>|RCPT TO:[^\r]*\{u\}/;

/** Of a chunk: none, or more than there ever is. */
const LIES_ABOUT_LENGTH = /^BDAT (?:-|[0-9]{10})/;

/** Pipes, files, hidden ones, included lists. */
const RUNS_OR_WRITES = /RCPT TO:<"?[|/.:]/;

const NOT_EVERYBODYS =
  "it needs a part of the server, or a right, that only its operator can give: a login, a certificate, an alias";

/** Undefined where it can be tried. */
function whyNot(vector: Vector, offers: Offers): string | undefined {
  const missing = (vector.needs ?? []).find((feature) => feature !== "starttls");
  if (missing !== undefined) return NOT_EVERYBODYS;
  if (vector.needs?.includes("starttls") === true && !offers.startTls)
    return "the server offers no STARTTLS";
  if (vector.given !== undefined)
    return "it is about who the client is, or about a part that fails";
  const texts = vector.script.map(([say]) => say);
  if (
    texts.some(
      (say): say is { line: string; times: Limit } => typeof say === "object" && "times" in say,
    )
  )
    return "it would press the server to its limits";
  return whyNotByScript(vector, offers);
}

function whyNotByScript({ script, from, delivers }: Vector, offers: Offers): string | undefined {
  const said = script.flatMap(([say]) =>
    typeof say === "object" && "handshake" in say ? [] : [textOf(say)],
  );
  if (said.some((text) => text.startsWith("BDAT")) && !offers.chunking)
    return "the server offers no CHUNKING";
  if (said.some((text) => RUNS_OR_WRITES.test(text)))
    return "it would make the server run a program or write a file";
  if (said.some((text) => LIES_ABOUT_LENGTH.test(text)))
    return "it would leave the server waiting for content that never comes";
  const writes = [...said, ...(from ?? [])].some((text) =>
    text.includes("RCPT TO:<{user}@{L}>\r\n"),
  );
  if (!offers.mailbox && (writes || delivers !== undefined))
    return "it writes to a mailbox there, and none was named (--mailbox)";
  if (delivers !== undefined && !offers.wayBack)
    return "only a message that comes back would show anything, and there is no way back";
  if (delivers !== undefined && !said.some((text) => NAMES_TESTER.test(text)))
    return "it shows that the server takes its own mail, which is not asked here";
  return said.some((text) => text.includes("RCPT TO:")) ? undefined : "no message could come of it";
}

/** Of the server's domain, name or address, or of no domain, which a server may take for its own. */
const OWN_SENDER = /\{(?:L|H|IP|user)\}|localhost|<[^@<>{}]+@?>/;

function saysOwnSender({ script }: Vector, sender: string | undefined): boolean {
  if (sender !== undefined) return OWN_SENDER.test(sender);
  const said = script.flatMap(([say]) => (typeof say === "string" ? say : []));
  const mail = said.findLast((line) => /^(?:MAIL|SEND|SOML|SAML) FROM:/.test(line));
  return mail !== undefined && OWN_SENDER.test(mail);
}

export function spellOut(
  planned: PlannedCase,
  names: Names,
  token: Token,
  mailbox: boolean,
): RemoteCase {
  const fill = fillIn(names);
  const { vector, manner, sender } = planned;
  const filled = sender === undefined ? undefined : fill(sender);
  const mail: readonly RemoteStep[] =
    filled === undefined ? [] : [{ kind: "command", octets: wire(`MAIL FROM:${filled}\r\n`) }];
  const steps = [...mail, ...remoteSteps(vector.script, fill, mailbox)];
  const [first] = steps;
  const usual = fill("MAIL FROM:<{u}.b@{F}>\r\n");
  const hello = vector.hello ?? `${manner === "HELO" ? "HELO" : "EHLO"} {F}`;
  return {
    ...planned,
    token,
    foreignSender: !saysOwnSender(vector, sender),
    usualSender: first?.kind === "command" && first.octets === usual,
    title: filled === undefined ? vector.id : `${vector.id} from ${filled}`,
    ...(hello !== "none" && { hello: wire(`${fill(hello)}\r\n`) }),
    steps,
  };
}
