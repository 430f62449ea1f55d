/**
 * What an answer of a list says. Promises: only codes of 127/8 that the list is known to answer are a listing; whatever else comes
 * back (a parking address, a code by which the list says that it does not answer us, silence) is an error of the list and never
 * a listing. What is found out is kept raw, so that it can be read again by other settings.
 */
import { parseIp, type Ip } from "../../mail/index.ts";
import type { FailureReason, Resolution } from "../../protocol/dns/index.ts";
import { codePattern, isCode, type CodePattern } from "./code-pattern.ts";
import type { AnswerRule, List } from "./list.ts";

/** What came back, before anybody says what it means. */
export type RawAnswer =
  | { readonly kind: "codes"; readonly codes: readonly string[]; readonly text?: string }
  /** Not there; as many as the DNS knows. */
  | { readonly kind: "clear" }
  | { readonly kind: "failed"; readonly why: RawFailure };

/** `void`: it says the same of what nobody can have listed; `unwitnessed`: whether it does could not be found out in time. */
export type RawFailure = FailureReason | "void" | "unwitnessed";

export type ListErrorReason =
  | RawFailure
  /** Somebody answers who is no list: a domain that was sold or parked. */
  | "outside 127/8"
  /** It says itself that it does not answer us. */
  | "error code"
  /** Inside 127/8, and not among what it is known to answer. */
  | "unknown code";

export type ListAnswer =
  | { readonly kind: "clear" }
  /** `codes`: those that are known, in the order in which they came. */
  | { readonly kind: "listed"; readonly codes: readonly string[]; readonly text?: string }
  | { readonly kind: "error"; readonly why: ListErrorReason; readonly code?: string };

/** Codes of one answer that are looked at; a list has a handful. */
export const CODES_LIMIT = 16;

/** By these no list says that somebody is listed: 127.255.255.0/24 is what Spamhaus and those after it say when they do not answer us. */
export const ERRORS_EVERYWHERE: readonly CodePattern[] = [codePattern("127.255.255.*")];

export function rawAnswer(resolution: Resolution<"A">): RawAnswer {
  switch (resolution.kind) {
    case "found":
      return { kind: "codes", codes: resolution.records.slice(0, CODES_LIMIT) };
    case "no-such-name":
    case "no-data":
      return { kind: "clear" };
    case "failed":
      return { kind: "failed", why: resolution.why };
  }
}

/** By the rules of the list. One record that no list gives makes the whole answer an error. */
export function readAnswer(raw: RawAnswer, list: Pick<List, "answers" | "errors">): ListAnswer {
  if (raw.kind === "clear") return raw;
  if (raw.kind === "failed") return { kind: "error", why: raw.why };
  const codes = raw.codes.map((text) => parseIp(text));
  const read = codes.filter((code) => code !== undefined);
  const stray = codes.findIndex((code) => code === undefined || !isCode(code));
  if (stray >= 0) return errorOf("outside 127/8", raw.codes[stray]);
  const errors = [...ERRORS_EVERYWHERE, ...list.errors];
  const error = read.find((code) => errors.some((pattern) => pattern.matches(code)));
  if (error !== undefined) return errorOf("error code", error);
  const known = read.filter((code) => rulesFor(code, list).length > 0);
  if (known.length === 0) return errorOf("unknown code", read[0]);
  return { kind: "listed", codes: known, ...(raw.text !== undefined && { text: raw.text }) };
}

/** What the list says by codes that were kept. */
export function rulesOfCodes(
  codes: readonly string[],
  list: Pick<List, "answers">,
): readonly AnswerRule[] {
  return codes.flatMap((text) => {
    const code = parseIp(text);
    return code === undefined ? [] : rulesFor(code, list);
  });
}

/** What the list says by a code; several where it is made of bits. */
function rulesFor(code: Ip, { answers }: Pick<List, "answers">): readonly AnswerRule[] {
  return answers.filter(({ pattern }) => pattern.matches(code));
}

function errorOf(why: ListErrorReason, code: string | undefined): ListAnswer {
  return { kind: "error", why, ...(code !== undefined && { code }) };
}
