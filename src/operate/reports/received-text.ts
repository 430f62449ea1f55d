/** What others report, as a person reads it: what failed with what to do about it first, what went well in a line. */
import { REPORTS_LOCAL } from "../../policy/routing/index.ts";
import { meaningOfOurs } from "./meanings.ts";
import type { ReceivedDomain, ReceivedFailure, ReceivedOrganisation } from "./received.ts";
import { counted, daysText, figures, number, paragraphs, stranger, strangers } from "./words.ts";

const ORGANISATION = "  ";
const FAILURE = "    ";
const MORE = "      ";

const UNSIGNED =
  "Reports are strangers' words: until senders are verified anybody can forge one, in any name.";

export function receivedText(domains: readonly ReceivedDomain[]): readonly string[] {
  return [...paragraphs([UNSIGNED], ""), ...domains.flatMap(domainLines)];
}

/** `domain`: of which nothing was found; absent: of none. */
export function nothingReceived(domain: string | undefined): readonly string[] {
  const name = domain ?? "DOMAIN";
  return [
    ...paragraphs(["Nothing was reported. For reports to come, the DNS must have:"], ""),
    "",
    `  _smtp._tls.${name}.  TXT  "v=TLSRPTv1; rua=mailto:${REPORTS_LOCAL}@${name}"`,
    "",
    ...paragraphs(
      [
        `\`gatepost domain records ${name}\` prints it, and with --check says whether it is there.`,
        "Large senders report once a day, about days on which they sent mail here.",
      ],
      "",
    ),
  ];
}

function domainLines(one: ReceivedDomain): readonly string[] {
  return [
    "",
    `${one.domain}: ${counted(one.reports, "report")}, ${figures(one)}`,
    ...one.organisations.flatMap((organisation) => organisationLines(organisation, one.domain)),
  ];
}

function organisationLines(one: ReceivedOrganisation, domain: string): readonly string[] {
  const { organisation, reports, senders, contacts, failed, failures, leftOut } = one;
  const detailed = failures.reduce((sum, { sessions }) => sum + sessions, 0);
  return paragraphs(
    [
      `${stranger(organisation)}: ${counted(reports, "report")}, ${figures(one)}; from ${strangers(senders)}`,
    ],
    ORGANISATION,
  ).concat(
    failed > 0 && contacts.length > 0
      ? paragraphs([`contact: ${strangers(contacts)}`], FAILURE)
      : [],
    failures.flatMap((failure) => failureLines(failure, domain)),
    failed > detailed && leftOut === 0
      ? paragraphs([`${number(failed - detailed)} failed of which no details were given`], FAILURE)
      : [],
    leftOut > 0
      ? paragraphs(
          [`${counted(leftOut, "rarer detail")} not kept, for there were too many`],
          FAILURE,
        )
      : [],
  );
}

function failureLines(failure: ReceivedFailure, domain: string): readonly string[] {
  const { result, mx, sessions, policies, sendingIps, receivingIps, said } = failure;
  const { what, toDo } = meaningOfOurs(result, domain, stranger(mx));
  const at = mx === "" ? "" : ` at ${stranger(mx)}`;
  const seen = [
    daysText(failure.beginsAt, failure.endsAt),
    `policy ${policies.join(", ")}`,
    ...(sendingIps.length > 0 ? [`sent from ${strangers(sendingIps)}`] : []),
    ...(receivingIps.length > 0 ? [`to ${strangers(receivingIps)}`] : []),
  ];
  return [
    ...paragraphs([`${number(sessions)} failed: ${stranger(result)}${at}`], FAILURE),
    ...paragraphs(
      [
        what,
        ...(toDo === undefined ? [] : [`To do: ${toDo}`]),
        seen.join("; "),
        ...(said.length > 0 ? [`They say: ${strangers(said)}`] : []),
      ],
      MORE,
    ),
  ];
}
