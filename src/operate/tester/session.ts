/**
 * A connection brought to where a case begins: greeted, in TLS where the case wants it. Or why there is none: the server asks to come
 * back later, refuses, does not answer, or speaks something else.
 */
import type { Reply } from "../relaytest/index.ts";
import type { Endpoint, Machine } from "./machine.ts";
import type { Manner } from "./remote-cases.ts";
import { Talker, type Heard } from "./talker.ts";

export type Opened = Ready | NotReady;

export interface Ready {
  readonly kind: "ready";
  readonly talker: Talker;
  readonly banner: Reply;
  /** The answer to the greeting command; absent where none was said. */
  readonly hello?: Reply;
}

/** `slowestMs`: of what was heard until then. */
export type NotReady = WhyNot & { readonly slowestMs: number };

type WhyNot =
  /** 421, or another no for now. */
  | { readonly kind: "busy"; readonly reply: Reply; readonly at: Doorstep }
  | { readonly kind: "turned away"; readonly reply: Reply; readonly at: Doorstep }
  /** There is a connection, and no session. */
  | { readonly kind: "failed"; readonly why: string }
  | { readonly kind: "unreachable"; readonly why: string };

/** How far it came: the server's greeting, the usual EHLO and STARTTLS before TLS, the greeting command. */
export type Doorstep = "greeting" | "tls" | "hello";

export interface Opening {
  readonly manner: Manner;
  /** The greeting command, with CRLF; absent where the case greets itself. */
  readonly hello?: string;
  /** What is greeted with before STARTTLS. */
  readonly name: string;
}

export async function openSession(
  endpoint: Endpoint,
  { manner, hello, name }: Opening,
  machine: Machine,
): Promise<Opened> {
  const connection = await machine.connect(endpoint);
  if ("kind" in connection) return { kind: "unreachable", why: connection.why, slowestMs: 0 };
  const talker = new Talker(connection, machine.clock);
  const greeting = await talker.hear();
  if (greeting.kind !== "reply") return ended(talker, greeting, "the greeting");
  const banner = greeting.reply;
  if (banner.code !== 220) return refused(talker, banner, "greeting");
  if (manner === "EHLO in TLS" && !endpoint.implicitTls) {
    const problem = await startTls(talker, name);
    if (problem !== undefined) return problem;
  }
  if (hello === undefined) return { kind: "ready", talker, banner };
  const answer = await talker.ask(hello);
  if (answer.kind !== "reply") return ended(talker, answer, "the answer to its greeting command");
  if (answer.reply.code !== 250) return refused(talker, answer.reply, "hello");
  return { kind: "ready", talker, banner, hello: answer.reply };
}

async function startTls(talker: Talker, name: string): Promise<NotReady | undefined> {
  for (const [octets, code] of [
    [`EHLO ${name}\r\n`, 250],
    ["STARTTLS\r\n", 220],
  ] as const) {
    const answer = await talker.ask(octets);
    if (answer.kind !== "reply") return ended(talker, answer, "the way into TLS");
    if (answer.reply.code !== code) return refused(talker, answer.reply, "tls");
  }
  if (await talker.handshake()) return undefined;
  return notReady(talker, { kind: "failed", why: "the TLS handshake failed" });
}

/** The words of a server's greeting; undefined where it cannot be had. */
export async function greetingOf(
  endpoint: Endpoint,
  machine: Machine,
): Promise<string | undefined> {
  const opened = await openSession(endpoint, { manner: "EHLO", name: "" }, machine);
  if (opened.kind === "ready") {
    opened.talker.say("QUIT\r\n");
    opened.talker.close();
    return opened.banner.lines.join(" ");
  }
  return "reply" in opened ? opened.reply.lines.join(" ") : undefined;
}

function refused(talker: Talker, reply: Reply, at: Doorstep): NotReady {
  return notReady(talker, { kind: reply.code >= 500 ? "turned away" : "busy", reply, at });
}

function notReady(talker: Talker, why: WhyNot): NotReady {
  talker.close();
  return { ...why, slowestMs: talker.slowestMs };
}

function ended(talker: Talker, { kind }: Heard, what: string): NotReady {
  return notReady(talker, { kind: "failed", why: whyEnded(kind, what) });
}

function whyEnded(kind: Heard["kind"], what: string): string {
  switch (kind) {
    case "silence":
      return `${what} did not come in time`;
    case "closed":
      return `the server hung up before ${what} came`;
    case "rubbish":
    case "reply":
      return `${what} is not SMTP`;
  }
}

/** Whether an answer to EHLO has a keyword (RFC 5321 §4.1.1.1). */
export function offers(hello: Reply | undefined, keyword: string): boolean {
  const lines = hello?.lines.slice(1) ?? [];
  return lines.some((line) => line.slice(4).toUpperCase().split(" ")[0] === keyword);
}
