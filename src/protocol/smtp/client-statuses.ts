/**
 * Every Status of the client: the remote's, from its own words, and ours where it has none. All texts are here. The
 * remote's exact reply stays in `source`, with the host: reports and journal quote it, on success too.
 */
import { status, type Outcome, type RemoteReply, type Status } from "../../mail/index.ts";
import { classOf, textOf, type Reply } from "./client-replies.ts";

/** Characters of a remote's reply that are kept; what a journal row and a report can bear. */
const QUOTED_LIMIT = 1000;
const OURS = "smtp client";

/** What a reply decided; it is not one that asks to go on (3xx). */
export function statusOf(reply: Reply, remote: string): Status {
  const enhanced = reply.enhanced ?? `${classOf(reply)}.0.0`;
  return status(reply.code, enhanced, textOf(reply) || "(no words)", quoted(reply, remote));
}

/** `mx.example.org said "550-5.1.1 no such user / 550 5.1.1 here"`. */
function quoted({ lines }: Reply, remote: string): string {
  return `${remote} said "${lines.join(" / ").slice(0, QUOTED_LIMIT)}"`;
}

export function outcomeOf(reply: Reply, remote: string): Outcome {
  return { status: statusOf(reply, remote), reply: replyOf(reply, remote) };
}

export function replyOf({ lines }: Reply, remote: string): RemoteReply {
  return { host: remote, lines };
}

/** RFC 5321 §4.5.3.1.10: RFC 821 had 552 for it; the rest goes in another transaction. */
export function tooManyRecipients(reply: Reply, remote: string): Outcome {
  const words = textOf(reply) || "too many recipients";
  return {
    ...outcomeOf(reply, remote),
    status: status(452, "4.5.3", words, quoted(reply, remote)),
  };
}

/** Every server takes reports (RFC 5321 §4.5.5); one that refuses their sender has said nothing about the recipient. */
export function noAnswerToQuery(reply: Reply, remote: string): Outcome {
  const words = `${remote} takes nothing from the null sender`;
  return {
    ...outcomeOf(reply, remote),
    status: status(451, "4.3.5", words, quoted(reply, remote)),
  };
}

// ---- The connection ended: all of these are for another attempt. ----

export function lost(remote: string, during: string): Status {
  return ours(451, "4.4.2", `${remote} closed the connection ${during}`);
}

export function silent(remote: string, during: string): Status {
  return ours(451, "4.4.2", `${remote} was silent for too long ${during}`);
}

export function malformed(remote: string, why: string): Status {
  return ours(451, "4.5.0", `${remote} gave an answer that is no SMTP reply`, why);
}

export function outOfStep(remote: string, reply: Reply | undefined): Status {
  const source = reply === undefined ? OURS : quoted(reply, remote);
  const words =
    reply === undefined
      ? "spoke out of turn"
      : `answered ${reply.code}, which fits nothing that was said`;
  return status(451, "4.5.0", `${remote} ${words}`, source);
}

export function plaintextAfterStartTls(remote: string): Status {
  return ours(451, "4.7.5", `${remote} sent something in the clear after its yes to STARTTLS`);
}

export function handshakeFailed(remote: string): Status {
  return ours(451, "4.7.5", `TLS with ${remote} failed in its handshake`);
}

/** `refusal` is the answer to STARTTLS; without one it was not offered. */
export function tlsRequired(remote: string, refusal: Reply | undefined): Status {
  if (refusal === undefined)
    return ours(451, "4.7.4", `TLS is required for ${remote}, which does not offer it`);
  const words = `TLS is required for ${remote}, which refuses it`;
  return status(451, "4.7.4", words, quoted(refusal, remote));
}

/** The operator has said that LMTP is there, so it is his to repair, and mail waits for it. */
export function noLmtp(remote: string, reply: Reply): Status {
  return status(451, "4.3.5", `${remote} does not take LMTP from us`, quoted(reply, remote));
}

// ---- A login that fails is the operator's to repair, so mail waits for it. ----

export function loginRefused(remote: string, reply: Reply): Status {
  const [enhanced, words] =
    classOf(reply) === 5 ? ["4.7.8", "refuses our login"] : ["4.7.0", "cannot take our login now"];
  return status(451, enhanced, `${remote} ${words}`, quoted(reply, remote));
}

export function loginImpossible(remote: string, why: string): Status {
  return ours(451, "4.7.4", `${remote} wants a login, which cannot be made`, why);
}

export function loginDistrusted(remote: string, why: string): Status {
  return ours(451, "4.7.8", `${remote} has not shown that our login is known to it`, why);
}

export const CONTENT_UNAVAILABLE: Status = ours(451, "4.3.0", "the message could not be read");

/** RFC 8689 §4.2: nobody else on the way would hear of the sender's wish. */
export function needsRequireTls(remote: string): Status {
  const words = `the sender requires TLS all the way, and ${remote} does not offer REQUIRETLS`;
  return ours(550, "5.7.30", words);
}

// ---- The message does not fit: nothing but another server would change that. ----

/** A bare CR, a bare LF or NUL is in no store of ours: this is a bug, or a damaged one. No two servers would read it alike. */
export function contentUnfit(fault: string): Status {
  return ours(554, "5.6.0", "the message has an octet that may not be sent", fault);
}

export function tooLarge(remote: string, limit: number): Status {
  return ours(552, "5.3.4", `the message is larger than the ${limit} octets that ${remote} takes`);
}

export function needs8BitMime(remote: string): Status {
  return ours(554, "5.6.3", `the message has 8-bit content, and ${remote} does not offer 8BITMIME`);
}

/** RFC 6531 §3.5: X.6.7 for an address, X.6.9 for a header section. */
export function addressNeedsSmtputf8(remote: string): Status {
  return ours(553, "5.6.7", `the address is not ASCII, and ${remote} does not offer SMTPUTF8`);
}

export function headerNeedsSmtputf8(remote: string): Status {
  return ours(
    550,
    "5.6.9",
    `the message has a UTF-8 header, and ${remote} does not offer SMTPUTF8`,
  );
}

function ours(code: number, enhanced: string, text: string, reason?: string): Status {
  return status(code, enhanced, text, OURS, reason);
}
