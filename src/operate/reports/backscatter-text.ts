/** Reports of non-delivery as a person reads them, in 80 columns: backscatter first, then whom they went to, then what was kept from whom. */
import { REPORT_PROOFS, type ReportProof, type UntoldReason } from "../../store/index.ts";
import type { ReportedFailures } from "./backscatter.ts";
import { counted, number, paragraphs } from "./words.ts";

const ADDRESSEES: Readonly<Record<ReportProof, string>> = {
  login: "our own users, by their login",
  network: "trusted networks",
  peer: "senders of peers, by their pairs",
  spf: "outside senders, by SPF",
  dmarc: "outside senders, by DMARC",
  none: "addresses that nothing verifies",
};

const REASONS: Readonly<Record<UntoldReason, string>> = {
  unverified: "the sender's address is not verified, it may be forged",
  report: "the message is itself a report, or a program's answer",
  unasked: "the sender did not wish to know (NOTIFY)",
  nowhere: "the sender's address leads nowhere, or to a mailbox that has gone",
  "too many": "the sender's domain has had its reports of the hour",
  fault: "the report could not be made; the log says why",
  returned: "it was a report of ours, and its addressee's server did not take it",
};

export function backscatterText(
  { backscatter, reports, untold }: ReportedFailures,
  days: number,
): readonly string[] {
  const when = days === 1 ? "today (UTC)" : `in the last ${number(days)} days`;
  const recipients = untold.reduce((sum, one) => sum + one.recipients, 0);
  return [
    `Backscatter ${when}: ${number(backscatter)}`,
    ...(backscatter === 0 ? [] : paragraphs([FAULT], "")),
    "",
    row("reports of non-delivery to", "here", "elsewhere"),
    ...REPORT_PROOFS.map((proof) =>
      row(ADDRESSEES[proof], cell(reports[proof].here), cell(reports[proof].abroad)),
    ),
    "",
    ...(recipients === 0
      ? ["There was no failure that no sender was told of."]
      : [
          `No sender was told of ${counted(recipients, "recipient")} that failed, because`,
          ...untold.map(
            (one) => `${number(one.recipients).padStart(COUNT_COLUMNS)}  ${REASONS[one.reason]}`,
          ),
        ]),
  ];
}

const NAME_COLUMNS = 36;
const COUNT_COLUMNS = 8;
const ABROAD_COLUMNS = 12;

function row(name: string, here: string, abroad: string): string {
  return name.padEnd(NAME_COLUMNS) + here.padStart(COUNT_COLUMNS) + abroad.padStart(ABROAD_COLUMNS);
}

function cell(count: number): string {
  return count === 0 ? "-" : number(count);
}

const FAULT =
  "A report went to an address of which nothing shows that it is the sender's. That must not happen: it is a fault of the server; report it with what gatepost explain says of the message.";
