/** What delivery says in its own words, where no server and no engine has said anything. */
import { status, type Status } from "../../mail/index.ts";

const SOURCE = "delivery";

/** RFC 3463 X.4.1. */
export function notReached(what: string, why: string): Status {
  return status(451, "4.4.1", `${what} cannot be reached`, SOURCE, why);
}

export function noAddress(name: string): Status {
  return status(550, "5.4.4", `the mail server ${name} has no address`, SOURCE);
}

/** Whoever writes a zone must not choose what this machine connects to behind its firewall. */
export function privateAddress(name: string, ips: readonly string[]): Status {
  const words = `the mail server ${name} has no public address`;
  return status(550, "5.4.4", words, SOURCE, ips.join(" "));
}

/** Only the operator can mend a route that leads to ourselves, so mail waits. */
export function routeToOurselves(route: string): Status {
  return status(451, "4.4.6", "a route of this server leads to itself", SOURCE, route);
}

export function handshakeFailed(remote: string): Status {
  return status(451, "4.7.5", `TLS with ${remote} failed in its handshake`, SOURCE);
}

/** RFC 3463 X.7.5. It may be somebody else who answers, or a certificate that the operator has to renew: mail waits. */
export function certificateNotTrusted(remote: string, why: string, asked: string): Status {
  const words = `the certificate of ${remote} is not trusted: ${why}`;
  return status(451, "4.7.5", words, SOURCE, asked);
}

/** What should be known about a server is signed and cannot be validated; perhaps tomorrow. */
export function notVerifiable(server: string, why: string): Status {
  return status(451, "4.7.5", `the mail server ${server} cannot be verified now`, SOURCE, why);
}

export function foreignGrant(why: string): Status {
  return status(554, "5.7.1", "this server may not send mail there", SOURCE, why);
}

export const STOPPING = status(451, "4.3.2", "this server is stopping", SOURCE);

export const TOO_MANY_WAIT = status(
  451,
  "4.3.2",
  "too many deliveries wait for a connection",
  SOURCE,
);

export function attemptFailed(why: string): Status {
  return status(451, "4.3.0", "the attempt failed on this server", SOURCE, why);
}
