/**
 * What the client says, as typed values, and the one place where they become octets. Promises: a command is one
 * line; paths are written by `mail` alone, other free text as xtext (RFC 3461 §4); a control character in it is our bug and throws.
 */
import {
  formatAddress,
  formatForwardPath,
  formatReversePath,
  isAscii,
  type Address,
  type ForwardPath,
  type ReversePath,
  type SenderParameters,
} from "../../mail/index.ts";
import type { MessageDsn, RecipientDsn } from "./client-requests.ts";

export type ClientCommand =
  | { readonly verb: "EHLO" | "HELO"; readonly name: string }
  | { readonly verb: "STARTTLS" | "DATA" | "RSET" | "QUIT" }
  | {
      readonly verb: "MAIL";
      readonly reversePath: ReversePath;
      readonly parameters: SenderParameters;
      readonly dsn?: MessageDsn;
    }
  | { readonly verb: "RCPT"; readonly forwardPath: ForwardPath; readonly dsn?: RecipientDsn };

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
      return [command.verb, oneWord(command.name)];
    case "MAIL":
      return [
        `MAIL FROM:${formatReversePath(command.reversePath)}`,
        ...senderWords(command.parameters),
        ...messageDsnWords(command.dsn),
      ];
    case "RCPT":
      return [`RCPT TO:${formatForwardPath(command.forwardPath)}`, ...recipientWords(command.dsn)];
    case "STARTTLS":
    case "DATA":
    case "RSET":
    case "QUIT":
      return [command.verb];
  }
}

function oneWord(name: string): string {
  if (!/^[\x21-\x7e]+$/.test(name)) throw new RangeError(`"${name}" is no name of a host`);
  return name;
}

function senderWords({ size, body, smtputf8 }: SenderParameters): string[] {
  const words: string[] = [];
  if (size !== undefined) words.push(`SIZE=${octetCount(size)}`);
  if (body !== undefined) words.push(`BODY=${body}`);
  if (smtputf8) words.push("SMTPUTF8");
  return words;
}

function octetCount(size: number): string {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`${size} octets`);
  return String(size);
}

function messageDsnWords(dsn: MessageDsn | undefined): string[] {
  const words: string[] = [];
  if (dsn?.ret !== undefined) words.push(`RET=${dsn.ret}`);
  if (dsn?.envid !== undefined) words.push(`ENVID=${xtext(dsn.envid)}`);
  return words;
}

function recipientWords(dsn: RecipientDsn | undefined): string[] {
  const words: string[] = [];
  if (dsn?.notify !== undefined) words.push(`NOTIFY=${[dsn.notify].flat().join(",")}`);
  if (dsn?.originalRecipient !== undefined)
    words.push(`ORCPT=${originalRecipient(dsn.originalRecipient)}`);
  return words;
}

/** RFC 3461 §4.2; RFC 6533 §3 for an address that is not ASCII, in the form that needs no SMTPUTF8. */
function originalRecipient(address: Address): string {
  const text = formatAddress(address);
  return isAscii(text) ? `rfc822;${xtext(text)}` : `utf-8;${unicodeXtext(text)}`;
}

function xtext(text: string): string {
  if (!isAscii(text)) throw new RangeError("xtext is made of ASCII");
  return text.replace(/[^\x21-\x2a\x2c-\x3c\x3e-\x7e]/g, (char) => `+${hexOf(char)}`);
}

function unicodeXtext(text: string): string {
  return text.replace(/[^\x21-\x2a\x2c-\x3c\x3e-\x5b\x5d-\x7e]/gu, (char) => `\\x{${hexOf(char)}}`);
}

function hexOf(char: string): string {
  return (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, "0");
}
