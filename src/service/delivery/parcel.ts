/** What delivery is handed and what it says: one attempt at one parcel, one Outcome for each of its recipients. */
import type {
  CarrierCertificate,
  CarrierSecurity,
  DsnRecipientParameters,
  MessageId,
  Outcome,
  RelayGrant,
} from "../../mail/index.ts";
import type { TlsFacts } from "../../protocol/dialogue/index.ts";
import type { DepartureParameters } from "../../store/index.ts";

/** What of one message is to be handed over in one attempt: all its recipients of one destination. */
export interface Parcel {
  readonly message: MessageId;
  /** The queue's key; for people. Where it goes is found out anew. */
  readonly destination: string;
  /** Wire form without brackets; "" is the null path. */
  readonly reversePath: string;
  readonly octets: number;
  readonly parameters: DepartureParameters;
  readonly recipients: readonly ParcelRecipient[];
  /** Octets like `Queue.read`. */
  read(offset: number, limit: number): Promise<Uint8Array | undefined> | Uint8Array | undefined;
}

export interface ParcelRecipient extends DsnRecipientParameters {
  /** Wire form without brackets. */
  readonly forwardPath: string;
  readonly grant: RelayGrant;
}

export interface Attempt {
  /** In the order of the parcel's recipients. Never rejects: what breaks is a deferral with its cause. */
  readonly outcomes: readonly Outcome[];
  /** Nothing could be reached at all (DNS, connect, greeting): the whole destination should wait. */
  readonly unreachable: boolean;
  /** How it was carried, for the journal; the last connection where there were several. */
  readonly carried?: Carried;
  /** Of servers and addresses that did not do, why; what the outcomes say themselves is left out. */
  readonly passedOver?: readonly string[];
}

export interface Carried {
  /** As its records or its route name it; the path of a socket. */
  readonly host: string;
  /** Absent for a socket. */
  readonly ip?: string;
  readonly tls?: TlsFacts;
  readonly certificate?: CarrierCertificate;
  readonly security: CarrierSecurity;
}

export interface Delivery {
  attempt(parcel: Parcel): Promise<Attempt>;
  /** Lets transactions end, and after `graceMs` drops what is left. Attempts that come later are deferred. */
  close(graceMs: number): Promise<void>;
}
