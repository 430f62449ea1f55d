/** The message that a test tries to have relayed: it says who tests what and why, and how to make it stop. */
import { dateTime } from "../../mail/index.ts";

export interface MessageFacts {
  /** The tester's domain. */
  readonly foreign: string;
  readonly token: string;
  /** The server: "192.0.2.1:25". */
  readonly target: string;
  /** "R30 from <>" */
  readonly title: string;
  /** Whom to write to about the test; absent where nobody was named. */
  readonly contact?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Octets as characters, CRLF, up to and with the final dot. */
export function testMessage(facts: MessageFacts): string {
  const { foreign, token, target, title, contact, at } = facts;
  return [
    `From: Gatepost relay test <${token}.b@${foreign}>`,
    `To: <${token}@${foreign}>`,
    `Subject: Test of ${target} for open relay`,
    `Date: ${dateTime(at)}`,
    `Message-ID: <${token}@${foreign}>`,
    `X-Gatepost-Test: ${token}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=us-ascii",
    "",
    "This message was given to a mail server by somebody whom it does not know,",
    "for an address that is not there. It should have refused it. If it arrives,",
    "the server is an open relay: anybody can send mail through it in anybody's",
    "name. The server:",
    `  ${target}`,
    "",
    "The test was asked for by whoever runs the server; or the server was reported",
    "to the tester as an open relay. Such messages are sent to nobody but the",
    "tester and the server itself.",
    `To stop it: publish the TXT record "no" at _gatepost-test.<your server's name>`,
    contact === undefined ? "in the DNS." : `in the DNS, or write to ${contact}.`,
    "",
    `Vector: ${printable(title)}`,
    `Token: ${token}`,
    ".",
    "",
  ].join("\r\n");
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
