/** The tester's own list of servers that are not to be tested: one a line, by name, address or network. */
import { parseCidr, type Cidr, type Domain, type Ip } from "../../mail/index.ts";
import { entryLines, OperatorError } from "../../runtime/index.ts";
import { parseHostName } from "./target.ts";

export interface OptOuts {
  /** A name is that name alone: what is below it has names of its own. */
  readonly names: ReadonlySet<string>;
  readonly networks: readonly Cidr[];
}

/** Throws an OperatorError that names the line. */
export function readOptOuts(file: string): OptOuts {
  const names = new Set<Domain>();
  const networks: Cidr[] = [];
  for (const { number, text } of entryLines(file)) {
    const network = parseCidr(text);
    const name = parseHostName(text);
    if (network !== undefined) networks.push(network);
    else if (name !== undefined) names.add(name);
    else
      throw new OperatorError(
        `line ${number}: "${text}": expected a name, an address or a network, such as mx.example.org, 192.0.2.1 or 2001:db8::/32`,
      );
  }
  return { names, networks };
}

/** What of it the list names: the first of the names, or of the addresses. */
export function optedOut(
  { names, networks }: OptOuts,
  ofServer: readonly string[],
  ips: readonly Ip[],
): string | undefined {
  return (
    ofServer.find((name) => names.has(name)) ??
    ips.find((ip) => networks.some((network) => network.contains(ip)))
  );
}
