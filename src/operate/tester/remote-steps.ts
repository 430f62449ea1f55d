/**
 * A catalogue script as it can be said to a server whose answers nobody knows beforehand: what each step is, and which recipients
 * of it nobody but the server's own people may have taken.
 */
import { wire, type FillIn, type Say, type ScriptStep } from "../relaytest/index.ts";

export type RemoteStep =
  /** One line, one reply. */
  | { readonly kind: "command"; readonly octets: string; readonly recipient?: Recipient }
  /** DATA; what follows is said only when it is answered 354. */
  | { readonly kind: "data" }
  /** A message's content; `hidesCommands`: what a server may take for its end, and commands behind it. */
  | { readonly kind: "content"; readonly octets: string; readonly hidesCommands: boolean }
  /** BDAT and its octets; so many replies at most. */
  | { readonly kind: "chunk"; readonly octets: string; readonly replies: number }
  /** Several lines at once, or what may be taken for several; how many replies come is the server's secret. */
  | { readonly kind: "burst"; readonly octets: string; readonly recipient?: Recipient }
  | { readonly kind: "handshake" };

/**
 * `control`: the catalogue itself has it taken. `own`: a name of the server's own domain, which it may take or not; `beside`: with the
 * tester's address in the same argument; `write`: a message may be sent to it. `forbidden`: it must not be taken from a stranger; `ours`
 * when a message for it would come back, and can reach nobody but the tester and the server tested: to others none is sent.
 */
export type Recipient =
  | { readonly kind: "control" }
  | { readonly kind: "own"; readonly beside: boolean; readonly write: boolean }
  | { readonly kind: "forbidden"; readonly ours: boolean };

/** `mailbox`: the operator has named one that messages may be written to. */
export function remoteSteps(
  script: readonly ScriptStep[],
  fill: FillIn,
  mailbox: boolean,
): readonly RemoteStep[] {
  let inContent = false;
  return script.map((step) => {
    const remote = remoteStep(step, inContent, fill, mailbox);
    inContent = remote.kind === "data";
    return remote;
  });
}

function remoteStep(
  [say, ...answers]: ScriptStep,
  inContent: boolean,
  fill: FillIn,
  mailbox: boolean,
): RemoteStep {
  if (typeof say === "object" && "handshake" in say) return { kind: "handshake" };
  const template = textOf(say);
  const octets = wire(fill(template));
  if (inContent) {
    const hidesCommands = template.includes("RCPT TO");
    return {
      kind: "content",
      octets: hidesCommands ? `${HONEST}${octets}` : octets,
      hidesCommands,
    };
  }
  if (say === "DATA") return { kind: "data" };
  if (template.startsWith("BDAT"))
    return {
      kind: "chunk",
      octets,
      replies: answers.filter((answer) => answer !== "closed").length,
    };
  const recipient = recipientOf(template, answers, mailbox);
  const about = recipient === undefined ? {} : { recipient };
  return typeof say === "string"
    ? { kind: "command", octets, ...about }
    : { kind: "burst", octets, ...about };
}

/**
 * What any server on the way puts before the content that it passes on. Some take LF for a line end where the first line ends so, and
 * only there; that a stranger may send such a message is no way to smuggle one through others.
 */
const HONEST = "Subject: test for smuggling\r\nX-Gatepost-Test: content\r\n\r\n";

/** Nobody has that name: a server that takes the domain for its own says so, and one that takes any is seen. */
const LOOKALIKE = /<\{user\}@(?=\{L (?!UPPER)[A-Z -]+\}>)/;

/** As the catalogue has it, in braces. Senders abroad are the case's own, so that reports come back too. */
export function textOf(say: Exclude<Say, { readonly handshake: "TLS" }>): string {
  const text = ((): string => {
    if (typeof say === "string") return `${say}\r\n`;
    if ("octets" in say) return say.octets;
    if ("times" in say) return `${say.line}\r\n`;
    return say.map((line) => `${line}\r\n`).join("");
  })();
  return text.replaceAll("<x@{F}>", "<{u}.b@{F}>").replace(LOOKALIKE, "<{u}@");
}

function recipientOf(
  template: string,
  answers: readonly string[],
  mailbox: boolean,
): Recipient | undefined {
  const at = template.lastIndexOf("RCPT TO:");
  if (at < 0) return undefined;
  // Of several lines at once one must be refused, or all of them.
  if (!template.slice(0, at).includes("\r\n") && answers[0]?.startsWith("250") === true)
    return { kind: "control" };
  const beside = BESIDE.test(template) && !template.includes(" ORCPT=");
  if (beside) return { kind: "own", beside, write: mailbox };
  const argument = template.slice(at + "RCPT TO:".length).trimEnd();
  // With whatever tag: a server that delivers it to the user reads nothing out of it.
  if (SUB_ADDRESS.test(argument))
    return { kind: "own", beside: carriesToken(argument), write: mailbox };
  if (!isOwn(argument))
    return { kind: "forbidden", ours: carriesToken(argument) && staysBetweenUs(argument) };
  // Something may come of a name that nobody has (a report to the sender), and of parameters.
  const write = argument.includes("{u}") || (mailbox && argument.includes(" "));
  return { kind: "own", beside, write };
}

/** The server's own user, and the tester's address in one argument. */
const BESIDE = /RCPT TO:.*<\{user\}@\{L\}(?:[,\s>(]|\0)[^]*\{T\}(?!$)/;

/** RFC 5233 §2; as long as it likes. */
const SUB_ADDRESS = /^<\{user\}\+[^@<>]*@\{L\}>$/;

/** `<name@host>` with a name of no route in it, at a host that is the server's own however it is written. */
const OWN =
  /^<(?:@\{G\}:)?(?:\{user\}|\{u\}|postmaster)(?:@(?:\.?\{L\}\.{0,2}|\[(?:IPv6:::ffff:)?\{IP\}\]))?>(?: |$)/;

function isOwn(argument: string): boolean {
  return OWN.test(argument);
}

/** Without one nothing that comes back could be known. */
function carriesToken(argument: string): boolean {
  return argument.includes("{u}") || argument.includes("{T}");
}

/** Hosts that are the tester's or the server's own, whatever stands before them. */
const BETWEEN_US: ReadonlySet<string> = new Set([
  "", "{T}", "{L}", "{H}", "{F}", "[{IP}]", "{u}.{L}", "{L}.{F}", "other.{F}", "{G}", "[{F}]",
]); // prettier-ignore

function staysBetweenUs(argument: string): boolean {
  const path = /<(.*)>/.exec(argument)?.[1] ?? argument;
  const host = path.slice(path.lastIndexOf("@") + 1).replace(/^.*:/, "");
  return BETWEEN_US.has(host) || !path.includes("@");
}
