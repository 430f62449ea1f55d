/**
 * What the queue hands out to be delivered and what it hears of it. Whoever delivers tries once, keeps connections as it
 * likes, and knows nothing of rows, schedules or reports.
 */
import type {
  Carrier,
  DsnRecipientParameters,
  MessageId,
  Outcome,
  RelayGrant,
} from "../../mail/index.ts";
import type { DepartureParameters } from "../../store/index.ts";

/** Recipients of one message that go to one destination together. */
export interface Parcel {
  readonly message: MessageId;
  readonly destination: string;
  /** Wire form without brackets; "" is the null path. */
  readonly reversePath: string;
  /** What `read` gives in all. */
  readonly octets: number;
  readonly parameters: DepartureParameters;
  readonly recipients: readonly ParcelRecipient[];
  /** Octets from `offset`, at most `limit`; empty at the end, undefined when the message is gone. */
  read(offset: number, limit: number): Promise<Uint8Array | undefined> | Uint8Array | undefined;
}

export interface ParcelRecipient extends DsnRecipientParameters {
  /** Wire form without brackets. */
  readonly forwardPath: string;
  /** Earned anew for this attempt. */
  readonly grant: RelayGrant;
}

export interface Attempt {
  /** One for each recipient, in their order. */
  readonly outcomes: readonly Outcome[];
  /** No server of the destination could be spoken to: the next parcel would fare the same. */
  readonly unreachable: boolean;
  /** Over which connection; absent where there was none. */
  readonly carried?: Carrier;
}

export interface Delivery {
  attempt(parcel: Parcel): Promise<Attempt>;
  /** Lets running attempts end, for so long; ends them then, and all connections. */
  close(graceMs: number): Promise<void>;
}
