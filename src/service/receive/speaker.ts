/**
 * How well it is known who a stranger is, as admission asks: by its certificate at once, by the DNS and the message behind the content.
 * Nobody asks it of a login, nor of a network that is trusted.
 */
import type { Domain, ReversePath } from "../../mail/index.ts";
import type { AdmissionSubject, Client } from "../../policy/checks/index.ts";
import { levelOf, type Caller } from "../../policy/identity/index.ts";
import type { Results } from "../authentication/index.ts";
import { isOurs } from "./ours.ts";

export type Speaker = NonNullable<AdmissionSubject["identity"]>;

export interface Heard {
  readonly caller: Caller;
  /** What was found out about the message; absent before it is there, and where nobody wants to know. */
  readonly origin?: Results | undefined;
  readonly rolesOnly?: boolean;
}

export function speakerOf(
  client: Client,
  reversePath: ReversePath,
  { caller, origin, rolesOnly = false }: Heard,
): Speaker | undefined {
  if (isOurs(client)) return undefined;
  const domain = domainOf(reversePath);
  return {
    level: levelOf({
      caller,
      ...(origin !== undefined && { dmarc: origin.dmarc, iprev: origin.iprev }),
    }),
    ...(origin?.unknown !== undefined && { unknown: origin.unknown }),
    ...(domain !== undefined && { domain }),
    ...(rolesOnly && { rolesOnly }),
  };
}

function domainOf(reversePath: ReversePath): Domain | undefined {
  return reversePath?.host.kind === "domain" ? reversePath.host.domain : undefined;
}
