/** What a sender says about reports (RFC 3461 §4) and about its submitter (RFC 4954 §5), by expressions that share nothing with the parser. */
import type {
  DsnNotify,
  DsnRecipientParameters,
  DsnSenderParameters,
} from "../../../src/mail/index.ts";

type Values = ReadonlyMap<string, string>;

const XTEXT = "(?:[!-*,-<>-~]|\\+[2-6][0-9A-F]|\\+7[0-9A-E])*";
const ENVELOPE_ID = new RegExp(`^(?=.{1,100}$)${XTEXT}$`);
/** Of the ones that the generator says, and what becomes of them octet by octet: an address, its last label not all digits; or nobody. */
const SUBMITTER =
  /^(?:<>|[a-z0-9_'.-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*(?![0-9]+$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)$/i;
const RFC822 = new RegExp(`^rfc822;(?=.)${XTEXT}$`, "i");
/** An escaped address, as the generator says it. */
const ESCAPED = /^utf-8;\\x\{[0-9A-F]{2,6}\}@[a-z.]+$/i;
const UNESCAPED = /^utf-8;[\u00a0-\uffff]+@[a-z.]+$/iu;

export function senderNotice(values: Values): DsnSenderParameters | undefined | "wrong" {
  const ret = values.get("RET")?.toUpperCase();
  const envid = values.get("ENVID");
  const auth = values.get("AUTH");
  if (auth !== undefined && !SUBMITTER.test(auth)) return "wrong";
  if (ret !== undefined && ret !== "FULL" && ret !== "HDRS") return "wrong";
  if (envid !== undefined && !ENVELOPE_ID.test(envid)) return "wrong";
  if (ret === undefined && envid === undefined) return undefined;
  return { ...(ret !== undefined && { ret }), ...(envid !== undefined && { envid }) };
}

const NOTIFY: readonly DsnNotify[] = ["NEVER", "SUCCESS", "FAILURE", "DELAY"];

export function recipientNotice(
  values: Values,
  smtputf8: boolean,
): DsnRecipientParameters | undefined | "wrong" {
  if (values.size === 0) return undefined;
  if ([...values.keys()].some((name) => !/^(?:NOTIFY|ORCPT)$/.test(name))) return "wrong";
  const words = values.get("NOTIFY")?.toUpperCase().split(",");
  const notify = words && NOTIFY.filter((word) => words.includes(word));
  if (words?.length !== notify?.length) return "wrong";
  if (notify !== undefined && notify.length > 1 && notify.includes("NEVER")) return "wrong";
  const orcpt = values.get("ORCPT");
  if (orcpt !== undefined && !isOriginal(orcpt, smtputf8)) return "wrong";
  return { ...(notify !== undefined && { notify }), ...(orcpt !== undefined && { orcpt }) };
}

function isOriginal(text: string, smtputf8: boolean): boolean {
  return RFC822.test(text) || ESCAPED.test(text) || (smtputf8 && UNESCAPED.test(text));
}
