/** Where a session stands: whose turn it is, and for what. */
import type { Pop3Answer } from "./requests.ts";

export type Phase =
  | "client" // its next line is awaited
  | "wire" // it has to take the replies so far
  | "login" // the desk is asked who the client is
  | "opening" // the desk is asked for the maildrop
  | "sending" // a listing or a message is on its way
  | "removing"
  | "securing";

export function unexpected(answer: Pop3Answer): never {
  throw new Error(`"${answer.kind}" is no answer to what was asked`);
}
