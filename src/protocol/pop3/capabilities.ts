/**
 * What CAPA lists (RFC 2449 §5, §6). What the client can use before login is announced after it too, STLS
 * aside (RFC 2595 §8); what the connection forbids now is not announced.
 */
import { offeredMechanisms, type OfferedMechanisms } from "../sasl/index.ts";
import { END_MARK, OK } from "./replies.ts";

export interface CapabilityState extends OfferedMechanisms {
  /** STLS would be obeyed now. */
  readonly stls: boolean;
}

/** The whole reply to CAPA. */
export function capabilityList(state: CapabilityState): string {
  const mechanisms = offeredMechanisms(state);
  const capabilities = [
    "TOP",
    "UIDL",
    "RESP-CODES",
    "AUTH-RESP-CODE", // RFC 3206
    "PIPELINING",
    "EXPIRE NEVER", // what a client leaves here stays
    "UTF8 USER", // RFC 6856 §2.2: also in names and passwords
    ...(state.passwords ? ["USER"] : []),
    `SASL ${mechanisms.join(" ")}`, // SCRAM at least: it shows no password
    ...(state.stls ? ["STLS"] : []),
    "IMPLEMENTATION Gatepost",
  ];
  return `${OK.capabilities}${capabilities.join("\r\n")}\r\n${END_MARK}`;
}
