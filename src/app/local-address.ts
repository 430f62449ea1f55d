/** Addresses of our own as an administrator writes them: read strictly, refused in words. */
import {
  faultText,
  formatLocalPart,
  hasRoutingCharacters,
  localKey,
  parseAddress,
  type Domain,
} from "../mail/index.ts";
import { SUBADDRESS_SEPARATOR } from "../policy/routing/index.ts";

/** A local part and a domain of our own, as the directory knows them. */
export interface LocalAddress {
  readonly local: string;
  readonly domain: Domain;
}

/** An address as an administrator writes it, as the directory knows it; or what is wrong with it. */
export function parseLocalAddress(text: string): LocalAddress | string {
  const address = parseAddress(text);
  if (typeof address === "string") return `"${text}" cannot be used: ${faultText(address)}`;
  if (address.host.kind === "literal")
    return `"${text}" cannot be used: its domain is an address literal`;
  return { local: localKey(address.local), domain: address.host.domain };
}

/** A name for a mailbox or an alias: one that mail can reach and nothing else can be read from. */
export function parseNewName(text: string): LocalAddress | string {
  const address = parseLocalAddress(text);
  if (typeof address === "string") return address;
  if (hasRoutingCharacters(address.local))
    return `${text}: a name here has none of % ! @ / | and no leading dot`;
  if (address.local === "") return `${text}: a name here has at least one character`;
  if (address.local.includes(SUBADDRESS_SEPARATOR))
    return `${text}: "${SUBADDRESS_SEPARATOR}" is for sub-addresses; mail for name+tag goes to name`;
  return address;
}

/** As it stands in an alias and as it can be typed again: quoted where it needs it. */
export function wireForm({ local, domain }: LocalAddress): string {
  return `${formatLocalPart(local)}@${domain}`;
}
