/**
 * A message that came back: whose token it carries, by which way it came, and whether it is the message itself or a report about it.
 * The Received chain is evidence as far as the last server's own line; what stands before it others have written.
 */
import {
  findFields,
  headerSectionEnd,
  parseIp,
  type Ip,
  type ReversePath,
} from "../../mail/index.ts";
import { latin1 } from "../../protocol/dialogue/index.ts";
import { recogniseReport } from "../../protocol/dsn/index.ts";
import type { Token } from "./token.ts";

export interface Returned {
  readonly token: Token;
  /** `relay`: the message, where it was addressed to. `report`: a report about it, such as a non-delivery report. */
  readonly kind: "relay" | "report";
  /** The output address: the client that delivered it. */
  readonly from: Ip;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Its Received fields, newest first, unfolded. */
  readonly received: readonly string[];
}

/** What the mailbox that takes it knows of a message. */
export interface Arrived {
  readonly token: Token;
  /** It was addressed to where the case sent from. */
  readonly toSender: boolean;
  readonly reversePath: ReversePath;
  readonly client: Ip;
  readonly at: number;
  /** Its beginning at least: the header section. */
  readonly content: Uint8Array;
}

/** Received fields that are kept, and characters of each. */
const HOPS_LIMIT = 30;
const FIELD_LIMIT = 500;

export function readReturn(arrived: Arrived): Returned {
  const { token, toSender, reversePath, client, at, content } = arrived;
  const end = headerSectionEnd(content);
  const section = end < 0 ? content : content.subarray(0, end);
  const isReport = toSender || recogniseReport(reversePath, section) !== undefined;
  // The null reverse-path alone is no sign: some of the cases send by it, and the message is then its own.
  const own = !toSender && section.length > 0 && carries(section, token);
  return {
    token,
    kind: isReport && !own ? "report" : "relay",
    from: client,
    at,
    received: receivedFields(section),
  };
}

/** The test's own field stands in the header section: in a report it stands in the body, with what is reported about. */
function carries(section: Uint8Array, token: Token): boolean {
  return findFields(section, "X-Gatepost-Test").some(({ body, end }) =>
    latin1(section.subarray(body, end)).includes(token),
  );
}

function receivedFields(section: Uint8Array): readonly string[] {
  return findFields(section, "Received")
    .slice(0, HOPS_LIMIT)
    .map(({ body, end }) =>
      latin1(section.subarray(body, end))
        .replace(/\s+/g, " ")
        .replace(/[^\x20-\x7e]/g, "?")
        .trim()
        .slice(0, FIELD_LIMIT),
    );
}

/** The address from which the server tested says that it got the message; undefined where its line tells none. */
export function seenClient({ received }: Returned): Ip | undefined {
  const first = received.at(-1) ?? "";
  for (const [, text = ""] of first.matchAll(/[[(](?:IPv6:)?([0-9A-Fa-f.:]{3,45})[\])]/g)) {
    const ip = parseIp(text);
    if (ip !== undefined) return ip;
  }
  return undefined;
}
