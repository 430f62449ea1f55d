/**
 * Whom a refusal is about: the case that was tried, or whoever tries it. A server that begins to refuse this client in the middle of
 * a test refuses everything from then on, and that is no sign that it is closed.
 */
import { ABOUT_THE_CLIENT } from "./character.ts";
import type { FirstLook, Seen } from "./first-look.ts";
import { wordsOf } from "./grade.ts";
import type { Observed } from "./observed.ts";
import type { RemoteCase } from "./remote-cases.ts";
import type { NotReady } from "./session.ts";
import type { Reply } from "../relaytest/index.ts";

/** Why an endpoint is given up. */
export interface GivenUp {
  readonly why: string;
  /** It refuses this client, by this. */
  readonly blocked?: Reply;
}

/** The refusal of a greeting that is the case's own, which is the answer to it. 421 is about the connection (RFC 5321 §3.8). */
export function ownGreetingRefused(next: RemoteCase, session: NotReady): Reply | undefined {
  const refused = "reply" in session && session.at === "hello" && session.reply.code !== 421;
  return refused && next.vector.hello !== undefined ? session.reply : undefined;
}

/** A sender that was taken at the beginning, behind the greeting that was, and is refused now. */
export function usualSenderRefused(
  next: RemoteCase,
  { mail }: Observed,
  first: Seen,
): Reply | undefined {
  const usual = next.usualSender && next.vector.hello === undefined;
  const wasTaken = first.mail?.code === 250;
  return usual && wasTaken && mail !== undefined && mail.code >= 400 ? mail : undefined;
}

export function whyUnopened(session: NotReady): GivenUp {
  if ("why" in session) return { why: session.why };
  const { reply, at } = session;
  if (session.kind === "turned away") return refusedNow(WHERE[at], reply);
  return { why: `it asks to come back too often (${wordsOf(reply.lines)})` };
}

const WHERE = {
  greeting: "the greeting",
  tls: "the way into TLS",
  hello: "the usual EHLO or HELO",
};

export function refusedNow(where: string, reply: Reply): GivenUp {
  const why = `it refuses at ${where} what it took at the beginning (${wordsOf(reply.lines)})`;
  return { why, ...(reply.code >= 500 && { blocked: reply }) };
}

/** The same was asked at the beginning and at the end; undefined where the answers are the same. */
export function changeSince(first: Seen, last: FirstLook): GivenUp | undefined {
  if (last.kind !== "seen") return whyUnopened(last);
  const stages = [
    ["MAIL", first.mail, last.mail],
    ["RCPT", first.known, last.known],
  ] as const;
  for (const [where, before, now] of stages)
    if (before !== undefined && !isSameAnswer(before, now)) {
      if (now !== undefined && now.code >= 400) return refusedNow(where, now);
      return { why: `it answers ${where} otherwise at the end than at the beginning` };
    }
  return undefined;
}

/** RFC 4954 §6, RFC 3207 §4: a login, or TLS, is wanted first. That is an answer to any stranger. */
const FIRST_SOMETHING_ELSE = 530;

/** Of a server that has taken no sender at all: of what it does with recipients nothing was seen. */
export function everySenderRefused({ mail }: Seen): GivenUp | undefined {
  if (mail === undefined || mail.code < 500 || mail.code === FIRST_SOMETHING_ELSE) return undefined;
  return { why: `it refuses every sender (${wordsOf(mail.lines)})`, blocked: mail };
}

/** By the code, as words may be another each time; and by whether they are about the client. */
function isSameAnswer(before: Reply, now: Reply | undefined): boolean {
  if (now !== undefined && before.code < 300 && now.code < 300) return true;
  return before.code === now?.code && isAboutClient(before) === isAboutClient(now);
}

function isAboutClient({ lines }: Reply): boolean {
  return ABOUT_THE_CLIENT.test(wordsOf(lines));
}
