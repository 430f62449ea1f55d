/**
 * What the client says, as typed values, and the one place where they become octets. Promises: a command is one
 * line; paths are written by `mail` alone, other free text as xtext (RFC 3461 §4) or base64; a control character in it is our bug and throws.
 */
import {
  formatForwardPath,
  formatReversePath,
  isAscii,
  type ForwardPath,
  type ReversePath,
  type SenderParameters,
} from "../../mail/index.ts";
import { formatEnvelopeId, formatOriginalRecipient } from "../dsn/index.ts";
import type { SaslMechanism } from "../sasl/index.ts";
import type { MessageDsn, RecipientDsn } from "./client-requests.ts";

export type ClientCommand =
  | { readonly verb: "EHLO" | "HELO" | "LHLO"; readonly name: string }
  | { readonly verb: "STARTTLS" | "DATA" | "RSET" | "QUIT" }
  | {
      readonly verb: "MAIL";
      readonly reversePath: ReversePath;
      readonly parameters: SenderParameters;
      readonly dsn?: MessageDsn;
    }
  | { readonly verb: "RCPT"; readonly forwardPath: ForwardPath; readonly dsn?: RecipientDsn }
  /** RFC 4954; messages are texts, base64 comes here. */
  | { readonly verb: "AUTH"; readonly mechanism: SaslMechanism; readonly initial?: string }
  /** What a challenge is answered. */
  | { readonly verb: "response"; readonly message: string };

const encoder = new TextEncoder();

/** The line with its CRLF: text when it is ASCII, as nearly always; else UTF-8 (RFC 6531 §3.3). */
export function encodeCommand(command: ClientCommand): string | Uint8Array {
  const line = wordsOf(command).join(" ");
  if (/[\x00-\x1f\x7f]/.test(line) || !line.isWellFormed())
    throw new RangeError(`${command.verb} with a character that may not be in a command`);
  return isAscii(line) ? `${line}\r\n` : encoder.encode(`${line}\r\n`);
}

function wordsOf(command: ClientCommand): string[] {
  switch (command.verb) {
    case "EHLO":
    case "HELO":
    case "LHLO":
      return [command.verb, oneWord(command.name)];
    case "MAIL":
      return [
        `MAIL FROM:${formatReversePath(command.reversePath)}`,
        ...senderWords(command.parameters),
        ...messageDsnWords(command.dsn),
      ];
    case "RCPT":
      return [`RCPT TO:${formatForwardPath(command.forwardPath)}`, ...recipientWords(command.dsn)];
    case "AUTH":
      return [command.verb, command.mechanism, ...initialWords(command.initial)];
    case "response":
      return [base64(command.message)];
    case "STARTTLS":
    case "DATA":
    case "RSET":
    case "QUIT":
      return [command.verb];
  }
}

/** RFC 4954 §4: an empty one is "=", for nothing would mean that there is none. */
function initialWords(initial: string | undefined): string[] {
  if (initial === undefined) return [];
  return [initial === "" ? "=" : base64(initial)];
}

function base64(text: string): string {
  return encoder.encode(text).toBase64();
}

function oneWord(name: string): string {
  if (!/^[\x21-\x7e]+$/.test(name)) throw new RangeError(`"${name}" is no name of a host`);
  return name;
}

function senderWords({ size, body, smtputf8, requireTls }: SenderParameters): string[] {
  const words: string[] = [];
  if (size !== undefined) words.push(`SIZE=${octetCount(size)}`);
  if (body !== undefined) words.push(`BODY=${body}`);
  if (smtputf8) words.push("SMTPUTF8");
  if (requireTls === true) words.push("REQUIRETLS");
  return words;
}

function octetCount(size: number): string {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`${size} octets`);
  return String(size);
}

function messageDsnWords(dsn: MessageDsn | undefined): string[] {
  const words: string[] = [];
  if (dsn?.ret !== undefined) words.push(`RET=${dsn.ret}`);
  if (dsn?.envid !== undefined) words.push(`ENVID=${formatEnvelopeId(dsn.envid)}`);
  return words;
}

function recipientWords(dsn: RecipientDsn | undefined): string[] {
  const words: string[] = [];
  if (dsn?.notify !== undefined) words.push(`NOTIFY=${[dsn.notify].flat().join(",")}`);
  if (dsn?.originalRecipient !== undefined)
    words.push(`ORCPT=${formatOriginalRecipient(dsn.originalRecipient)}`);
  return words;
}
