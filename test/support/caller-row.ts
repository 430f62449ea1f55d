/** A row of the tables of what a client may show, and the chains that most of them begin with: a trusted root, an authority under it. */
import type { Caller } from "../../src/policy/identity/index.ts";
import { issue, type Issued, type Wish } from "./chains.ts";

export type Peer = Extract<Caller, { kind: "peer" }>["peer"];

export interface Row {
  readonly title: string;
  /** Its own first. */
  readonly shown: readonly Issued[];
  /** Whoever is not named: the ones that all rows know. */
  readonly peers?: readonly Peer[];
  readonly anchors?: readonly Issued[];
  readonly expected:
    | { readonly nobody: RegExp }
    | { readonly named: readonly string[]; readonly wildcards?: readonly string[] }
    | { readonly peer: string; readonly level: "certificate" | "pinned" };
  /** No TLS client of ours would send it. */
  readonly notOverTls?: true;
}

/** Bits of keyUsage, RFC 5280 §4.2.1.3. */
export const DIGITAL_SIGNATURE = 1;
export const KEY_ENCIPHERMENT = 4;
export const CERT_SIGN = 32;
export const CRL_SIGN = 64;

export const ROOT = issue({ ca: true, subject: "Public Root" });
export const INTER = issue({ ca: true, subject: "Intermediate", by: ROOT });

export const NAMED = { named: ["mx.peer.example"] } as const;

/** Its own certificate by the intermediate authority, which is shown too. */
export function leaf(title: string, wish: Wish, expected: Row["expected"] = NAMED): Row {
  return { title, shown: [issue({ by: INTER, ...wish }), INTER], expected };
}

/** A good certificate under an intermediate authority of this kind. */
export function under(title: string, wish: Wish, expected: Row["expected"], more: Wish = {}): Row {
  const middle = issue({ ca: true, subject: "Intermediate", by: ROOT, ...wish });
  return { title, shown: [issue({ by: middle, ...more }), middle], expected };
}

/** A good certificate under an intermediate authority, under a trusted one of this kind. */
export function anchored(
  title: string,
  wish: Wish,
  expected: Row["expected"],
  more: Wish = {},
): Row {
  const root = issue({ ca: true, subject: "Root", ...wish });
  const middle = issue({ ca: true, subject: "Intermediate", by: root });
  return { title, shown: [issue({ by: middle, ...more }), middle], anchors: [root], expected };
}

export const nobody = (reason: RegExp) => ({ nobody: reason });
