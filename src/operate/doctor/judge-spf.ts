/**
 * Whether an SPF record (RFC 7208) lets this server send, by what stands in it: many ways of writing it are right. What others have
 * published (`include:`, `redirect=`) is not followed, and that is said.
 */
import { foldAscii, parseCidr, type Ip } from "../../mail/index.ts";
import { RIGHT, right, unknown, wrong, type Judgement } from "./finding.ts";

export interface SpfWorld {
  /** The name that the record stands at, without the last dot. */
  readonly at: string;
  readonly hostname: string;
  /** The MX of that name lead here; undefined where the DNS does not say. */
  readonly isExchange: boolean | undefined;
  /** None where they are not known. */
  readonly addresses: readonly Ip[];
  /** Mail leaves by another host: what lets that one send cannot be known from here. */
  readonly byOtherHost: boolean;
}

export function judgeSpf(text: string, world: SpfWorld): Judgement {
  const terms = foldAscii(text).split(" ").filter(Boolean).slice(1);
  const all = terms.findIndex((term) => /^[+?~-]?all$/.test(term));
  const before = all < 0 ? terms : terms.slice(0, all); // RFC 7208 §5.1: nothing behind it is looked at
  const last = terms[all];
  if (last === "all" || last === "+all") return wrong("it lets everybody send");
  const elsewhere = [...before, ...(all < 0 ? terms : [])].find(isElsewhere);
  if (world.byOtherHost)
    return before.length === 0
      ? wrong("it lets nobody send")
      : unknown("whether it lets the host send by which mail leaves is not known here");
  if (!letsUsSend(before, world)) {
    const maybe = before.find((term) => mayNameUs(term, world));
    if (maybe !== undefined)
      return unknown(`whether "${maybe}" lets this server send is not known`);
    return elsewhere === undefined
      ? wrong("it does not let this server send")
      : unknown(`"${elsewhere}" may let this server send; it is not followed`);
  }
  if (last === "-all" || last === "~all") return RIGHT;
  return elsewhere?.startsWith("redirect=")
    ? RIGHT
    : right('it does not say that nobody else may send ("-all")');
}

function isElsewhere(term: string): boolean {
  return /^\+?(?:include:|exists:|ptr)|^redirect=/.test(term);
}

/** Addresses may be let in one by one. */
function letsUsSend(terms: readonly string[], world: SpfWorld): boolean {
  if (terms.some((term) => namesUs(term, world))) return true;
  const blocks = terms.flatMap((term) => {
    const [, text] = /^\+?ip[46]:(.*)$/.exec(term) ?? [];
    const block = text === undefined ? undefined : parseCidr(text);
    return block === undefined ? [] : [block];
  });
  const isIn = (ip: Ip): boolean => blocks.some((block) => block.contains(ip));
  return world.addresses.length > 0 && world.addresses.every(isIn);
}

/** `a` and `mx`, of the record's own name unless they say whose; a prefix makes them wider only. */
function namesUs(term: string, { at, hostname, isExchange }: SpfWorld): boolean {
  const [, mechanism, name = at] =
    /^\+?(a|mx)(?::([^/]+?)\.?)?(?:\/[0-9]+)?(?:\/\/[0-9]+)?$/.exec(term) ?? [];
  if (mechanism === "a") return name === hostname;
  return mechanism === "mx" && name === at && isExchange === true;
}

/** What it stands for could not be found out. */
function mayNameUs(term: string, world: SpfWorld): boolean {
  if (world.addresses.length === 0 && /^\+?ip[46]:/.test(term)) return true;
  return world.isExchange === undefined && namesUs(term, { ...world, isExchange: true });
}
