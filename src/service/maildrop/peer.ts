/** The other end of a POP3 session, with the id under which the session is found again. */
import type { SessionId } from "../../mail/index.ts";
import type { Peer } from "../../net/index.ts";

export type Pop3Peer = Peer & { readonly session: SessionId };
