/** Sets of records held against what was found, as far as their owner would call them the same. Pure; something was found. */
import { ipReach, type Ip } from "../../mail/index.ts";
import { ROOT, type DnsName, type RecordData } from "../../protocol/dns/index.ts";
import { RIGHT, right, unknown, wrong, type Judgement } from "./finding.ts";
import { nameText } from "./presentation.ts";

/** Which number a preference is does not matter, nor are backup servers a mistake; only that mail can come here. */
export function judgeExchanges(
  found: readonly RecordData["MX"][],
  [wanted]: readonly RecordData["MX"][],
): Judgement {
  if (found.some(({ exchange }) => exchange === ROOT))
    return wrong('"." says that the domain takes no mail (RFC 7505)');
  const own = found.find(({ exchange }) => exchange === wanted?.exchange);
  if (own === undefined) return wrong("mail goes to other servers, and not to this one");
  const before = found.filter(({ preference }) => preference < own.preference);
  const others = found.length - 1;
  if (before.length > 0)
    return right(`mail goes to ${namesText(before)} first, which must pass it on to here`);
  return others === 0 ? RIGHT : right("the other servers must pass mail on to here");
}

function namesText(exchanges: readonly RecordData["MX"][]): string {
  return exchanges.map(({ exchange }) => nameText(exchange)).join(", ");
}

export function judgeAddresses(found: readonly Ip[], wanted: readonly Ip[]): Judgement {
  const closed = found.filter((ip) => ipReach(ip) !== "public");
  if (closed.length > 0) return wrong(`nobody outside reaches ${closed.join(", ")}`);
  if (wanted.length === 0)
    return right("not compared: this machine has no public address of its own of this kind");
  const strange = found.filter((ip) => !wanted.includes(ip));
  const lacking = wanted.filter((ip) => !found.includes(ip));
  const faults = [
    ...(strange.length > 0 ? [`${strange.join(", ")} is no address of this machine`] : []),
    ...(lacking.length > 0 ? [`${lacking.join(", ")} is not there`] : []),
  ];
  if (faults.length === 0) return RIGHT;
  // A machine may have addresses that mail has nothing to do with.
  return strange.length > 0 ? wrong(faults.join("; ")) : right(faults.join("; "));
}

/**
 * RFC 7672 §3.1: one that matches is enough; the next key's stands beside it before it is used. `signed`: by DNSSEC, as far as
 * can be told from here.
 */
export function judgeAssociations(
  found: readonly RecordData["TLSA"][],
  wanted: readonly RecordData["TLSA"][],
  signed: boolean,
): Judgement {
  const isOurs = (one: RecordData["TLSA"]): boolean =>
    wanted.some((own) => kindOf(own) === kindOf(one) && own.data.toHex() === one.data.toHex());
  if (found.some(isOurs)) return signed ? RIGHT : right("not signed by DNSSEC: nobody goes by it");
  if (found.every((one) => wanted.some((own) => kindOf(own) === kindOf(one))))
    return wrong("none is of this server's key: servers that check it (DANE) do not deliver here");
  return unknown("whether records of other kinds match the certificate is not looked at");
}

function kindOf({ usage, selector, matchingType }: RecordData["TLSA"]): string {
  return `${usage} ${selector} ${matchingType}`;
}

/** Priority and weight are a matter of taste. */
export function judgeServices(
  found: readonly RecordData["SRV"][],
  wanted: readonly RecordData["SRV"][],
): Judgement {
  const isSame = (a: RecordData["SRV"], b: RecordData["SRV"]): boolean =>
    a.target === b.target && (a.port === b.port || a.target === ROOT);
  const lacking = wanted.find((own) => !found.some((one) => isSame(one, own)));
  if (lacking === undefined) return RIGHT;
  if (lacking.target === ROOT) return right("programs are sent to a server elsewhere");
  return found.some(({ target }) => target === ROOT)
    ? wrong("it says that there is no such service")
    : wrong("mail programs are sent elsewhere");
}

export function judgeAlias(leadsTo: DnsName, [wanted]: readonly DnsName[]): Judgement {
  return leadsTo === wanted ? RIGHT : right(`it leads to ${nameText(leadsTo)}`);
}
