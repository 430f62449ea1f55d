/**
 * Who brought a message to this server, as the Received fields say that it has written itself (service/receive/trace.ts). They are known by our
 * name and by the form of our ids; whoever writes a header section can write such a field too, so it is no more than the word of whoever
 * shows it. A login's message was brought by its own author, who is nobody's relay. Linear in the octets, bounded in the fields.
 */
import { findFields, parseIp, type Domain, type Ip } from "../../mail/index.ts";
import { RECEIVED_LIMIT, RECEIVED_OCTETS_LIMIT } from "./received-chain.ts";

/** `from NAME ([ADDRESS]) by HOST with PROTOCOL (TLS) id ID`, what is in parentheses behind PROTOCOL left out where there is none. */
const FIELD =
  /^from \S+ \(\[(?:IPv6:)?([0-9a-f.:]+)\]\) by (\S+) with (\S+) (?:\([^()]*\) )?id [0-9a-z]{12}-[1-9][0-9]*(?:;| for )/;

/** From the outside in. */
export function ownClients(section: Uint8Array, hostname: Domain): readonly Ip[] {
  return findFields(section, "Received")
    .slice(0, RECEIVED_LIMIT)
    .flatMap(({ body, end }) => {
      const octets = section.subarray(body, Math.min(end, body + RECEIVED_OCTETS_LIMIT));
      return clientIn(Buffer.from(octets).toString("latin1"), hostname) ?? [];
    });
}

function clientIn(body: string, hostname: Domain): Ip | undefined {
  const text = body.replaceAll(/[ \t\r\n]+/g, " ").trimStart();
  const [, client = "", host = "", protocol = ""] = FIELD.exec(text) ?? [];
  return host.toLowerCase() !== hostname || isOfLogin(protocol) ? undefined : parseIp(client);
}

/** RFC 3848, RFC 6531 §4.3: ESMTPA, ESMTPSA, UTF8SMTPA. */
function isOfLogin(protocol: string): boolean {
  return protocol.endsWith("A");
}
