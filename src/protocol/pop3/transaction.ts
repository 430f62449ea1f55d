/** The commands of the TRANSACTION state (RFC 1939 §5, §7): what each means for an open maildrop, as a value. */
import type { Command } from "./grammar.ts";
import { scanListing, uniqueIdListing } from "./listing.ts";
import type { OpenMaildrop } from "./open-maildrop.ts";
import { OK, type RefusalName } from "./replies.ts";
import { Retrieval } from "./retrieval.ts";

export type TransactionCommand = Extract<
  Command,
  {
    readonly verb: "STAT" | "LIST" | "UIDL" | "RETR" | "TOP" | "DELE" | "RSET" | "NOOP";
  }
>;

export type TransactionStep =
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "refuse"; readonly refusal: RefusalName }
  | { readonly kind: "list"; readonly portions: Iterator<string> }
  | { readonly kind: "retrieve"; readonly retrieval: Retrieval };

const NO_MESSAGE: TransactionStep = { kind: "refuse", refusal: "no-message" };

/** `chunkOctets`: how much of a message is asked for at once. */
export function transact(
  command: TransactionCommand,
  maildrop: OpenMaildrop,
  chunkOctets: number,
): TransactionStep {
  switch (command.verb) {
    case "NOOP":
      return { kind: "say", text: OK.noop };
    case "STAT":
      return { kind: "say", text: OK.listed(maildrop.count, maildrop.octets) };
    case "LIST":
      return command.number === undefined
        ? { kind: "list", portions: scanListing(maildrop) }
        : listOne(command.number, maildrop, "octets");
    case "UIDL":
      return command.number === undefined
        ? { kind: "list", portions: uniqueIdListing(maildrop) }
        : listOne(command.number, maildrop, "uid");
    case "RETR":
      return retrieve(command.number, maildrop, chunkOctets, undefined);
    case "TOP":
      return retrieve(command.number, maildrop, chunkOctets, command.lines);
    case "DELE":
      return maildrop.mark(command.number)
        ? { kind: "say", text: OK.deleted(command.number) }
        : NO_MESSAGE;
    case "RSET":
      maildrop.unmarkAll();
      return { kind: "say", text: OK.reset(maildrop.count) };
  }
}

function listOne(number: number, maildrop: OpenMaildrop, shown: "octets" | "uid"): TransactionStep {
  const message = maildrop.message(number);
  return message === undefined
    ? NO_MESSAGE
    : { kind: "say", text: OK.listed(number, message[shown]) };
}

function retrieve(
  number: number,
  maildrop: OpenMaildrop,
  chunkOctets: number,
  lines: number | undefined,
): TransactionStep {
  const message = maildrop.message(number);
  if (message === undefined) return NO_MESSAGE;
  return { kind: "retrieve", retrieval: new Retrieval(message, chunkOctets, lines) };
}
