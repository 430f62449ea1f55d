/** Reports of non-delivery that this server wrote, by what shows that their addressee is the sender; and failures that no sender was told of. */
import type { ReportCount, ReportProof, UntoldCount } from "../../store/index.ts";

export interface ReportedFailures {
  /** Reports that left for an address of which nothing shows that it is the sender's. */
  readonly backscatter: number;
  /** Reports into mailboxes here, and to addresses elsewhere. */
  readonly reports: Readonly<
    Record<ReportProof, { readonly here: number; readonly abroad: number }>
  >;
  /** Those counted most first. */
  readonly untold: readonly UntoldCount[];
}

export function reportedFailures(
  reports: readonly ReportCount[],
  untold: readonly UntoldCount[],
): ReportedFailures {
  const of = (proof: ReportProof) => ({
    here: total(reports, proof, false),
    abroad: total(reports, proof, true),
  });
  return {
    backscatter: total(reports, "none", true),
    reports: {
      login: of("login"),
      network: of("network"),
      peer: of("peer"),
      spf: of("spf"),
      dmarc: of("dmarc"),
      none: of("none"),
    },
    untold: untold.toSorted((a, b) => b.recipients - a.recipients),
  };
}

function total(reports: readonly ReportCount[], proof: ReportProof, abroad: boolean): number {
  return reports
    .filter((one) => one.proof === proof && one.abroad === abroad)
    .reduce((sum, one) => sum + one.reports, 0);
}
