/** What many entries of the catalogue say and hear: messages, replies, the commands that open a transaction. */

/** A whole message for DATA, its headers honest. */
export const MESSAGE = ["From: <x@{F}>", "To: <{user}@{L}>", "Subject: relay test", "", "{T}", "."];

/** The same from somebody who has logged in: he may name nobody else as its author. */
export const OWN_MESSAGE = ["From: <{user}@{L}>", ...MESSAGE.slice(1)];

export const OK = "250 2.1.0";
export const RCPT_OK = "250 2.1.5";
export const ACCEPTED = "250 2.0.0";
export const DENIED = "550 5.7.1";
export const BAD_RECIPIENT = "501 5.1.3";
export const NO_SUCH_USER = "550 5.1.1";
export const BAD_SEQUENCE = "503 5.5.1";
export const NO_PARAMETER = "555 5.5.4";
export const NOT_IMPLEMENTED = "502 5.5.1";
export const FORBIDDEN_OCTET = "521 5.5.2";
export const LOGIN_FIRST = "530 5.7.0";

/** What a user may always do: send to himself. */
export const USER_TO_USER = [
  ["MAIL FROM:<{user}@{L}>", OK],
  ["RCPT TO:<{user}@{L}>", RCPT_OK],
] as const;
