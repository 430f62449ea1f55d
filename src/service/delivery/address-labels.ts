/** The recipients of a parcel as addresses, each held against its grant: nobody is dialled for without one. */
import { parsePath, type Domain, type Outcome, type ReversePath } from "../../mail/index.ts";
import { readEnvelopeId, readOriginalRecipient } from "../../protocol/dsn/index.ts";
import type { MessageDsn, OutgoingRecipient, RecipientDsn } from "../../protocol/smtp/index.ts";
import type { Parcel, ParcelRecipient } from "./parcel.ts";
import { foreignGrant } from "./statuses.ts";

export interface Addressed {
  readonly kind: "addressed";
  /** Its place in the parcel. */
  readonly place: number;
  readonly domain: Domain;
  readonly recipient: OutgoingRecipient;
}

/** A bug of ours: the queue holds each row's grant against its recipient. */
export interface Locked {
  readonly kind: "locked";
  readonly place: number;
  readonly outcome: Outcome;
}

export function addressOf(recipient: ParcelRecipient, place: number): Addressed | Locked {
  const { forwardPath, grant } = recipient;
  const path = parsePath(`<${forwardPath}>`, 0, true);
  if (path.kind !== "address" || path.routed)
    return locked(place, `<${forwardPath}> is no forward-path`);
  const { host } = path.address;
  if (host.kind !== "domain" || host.domain !== grant.domain)
    return locked(place, `the grant is for ${grant.domain}, not for <${forwardPath}>`);
  const dsn = recipientDsn(recipient);
  return {
    kind: "addressed",
    place,
    domain: host.domain,
    recipient: { forwardPath: path.address, ...(dsn !== undefined && { dsn }) },
  };
}

/** Throws for what is no path: what the queue keeps was one. */
export function reversePathOf({ reversePath }: Parcel): ReversePath {
  const path = parsePath(`<${reversePath}>`, 0, true);
  if (path.kind === "null") return null;
  if (path.kind === "address") return path.address;
  throw new Error(`<${reversePath}> is no reverse-path`);
}

export function messageDsn({ parameters: { ret, envid } }: Parcel): MessageDsn | undefined {
  const id = envid === undefined ? undefined : readEnvelopeId(envid);
  if (ret === undefined && id === undefined) return undefined;
  return { ...(ret !== undefined && { ret }), ...(id !== undefined && { envid: id }) };
}

function recipientDsn({ notify, orcpt }: ParcelRecipient): RecipientDsn | undefined {
  const original = orcpt === undefined ? undefined : readOriginalRecipient(orcpt, true);
  if (notify === undefined && original === undefined) return undefined;
  const wanted = notify?.filter((word) => word !== "NEVER");
  return {
    ...(wanted !== undefined && { notify: wanted.length === 0 ? "NEVER" : wanted }),
    ...(original !== undefined && { originalRecipient: original }),
  };
}

function locked(place: number, why: string): Locked {
  return { kind: "locked", place, outcome: { status: foreignGrant(why) } };
}
