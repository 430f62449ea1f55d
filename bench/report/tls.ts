/** What `compareTls` found, as tables. */
import type { Line } from "../measure/line.ts";
import { rateOf } from "../measure/figures.ts";
import type { OutgoingLine, TlsComparison } from "../tls.ts";
import { count, decimal, percent, ratio, share, table } from "./table.ts";

const SERVERS = ["Gatepost", "Postfix"] as const;

export function tlsText({ incoming, outgoing }: TlsComparison): string {
  return [
    "### Mail in over TLS: processor seconds per 1,000",
    figuresTable(incoming),
    "### Mail out over TLS: processor seconds per 1,000",
    figuresTable(outgoing),
    "### Mail out over TLS: what the sink saw",
    seenTable(outgoing),
  ].join("\n\n");
}

function figuresTable(lines: readonly Line[]): string {
  const heads = ["4 KiB, 20 at once", "aim", ...SERVERS, "of Postfix's"];
  const rateHeads = ["Gatepost/s", "Postfix/s", "÷ Postfix"];
  const rows = lines.map(({ title, aim, figures }) => {
    const [gatepost, postfix] = SERVERS.map((name) => figures.get(name));
    const [cpus, rates] = [[gatepost?.cpu, postfix?.cpu], [gatepost, postfix].map(rateOf)];
    return [
      title,
      aim,
      ...cpus.map((value) => decimal(value)),
      share(cpus[0], cpus[1]),
      ...rates.map(count),
      ratio(rates[0], rates[1]),
    ];
  });
  return table([...heads, ...rateHeads], rows);
}

/** Whoever asked to resume a session that nobody could resume has made a full handshake. */
function seenTable(lines: readonly OutgoingLine[]): string {
  const columns = ["messages a connection", "sessions resumed"];
  const heads = columns.flatMap((column) => SERVERS.map((name) => `${name}: ${column}`));
  const rows = lines.map(({ title, seen }) => {
    const each = SERVERS.map((name) => seen.get(name));
    return [
      title,
      ...each.map((one) => decimal(one && one.messages / one.connections, 1)),
      ...each.map((one) => (one?.handshakes === 0 ? "–" : percent(one?.resumed, one?.handshakes))),
    ];
  });
  return table(["4 KiB, 20 at once", ...heads], rows);
}
