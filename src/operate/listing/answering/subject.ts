/** Who a zone is asked about. */
import type { AddressName } from "./address-name.ts";

/** The labels in front of a zone. */
export interface Subject {
  /** Whether they are an address. */
  readonly address: AddressName;
  /** They stand here from 0 to `length`, in lower case, with dots between them. */
  readonly octets: Uint8Array;
  readonly length: number;
  /** No label has an octet that no name in a list has. */
  readonly plain: boolean;
}
