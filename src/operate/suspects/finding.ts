/**
 * What a test has shown of a host, for the list. Only a message that came back proves that it relays; only a whole test that it answered with
 * refusals shows that it does not. Whoever refuses the tester is neither.
 */
import type { Ip } from "../../mail/index.ts";
import { isWhole, TOKEN_LIFE_MS, type TestResult } from "../tester/index.ts";

export type Finding =
  /** By the host itself, or by these. */
  | { readonly kind: "relayed"; readonly outputs: readonly Ip[]; readonly why: string }
  /** It took messages; until then they may come back, milliseconds since 1970. */
  | { readonly kind: "accepted"; readonly until: number; readonly why: string }
  | { readonly kind: "clean"; readonly why: string }
  | { readonly kind: "blocked"; readonly why: string }
  | { readonly kind: "unknown"; readonly why: string };

/** `endedAt`: of the test; what comes back is waited for from then on. */
export function findingOf(result: TestResult, endedAt: number, now: number): Finding {
  const cases = result.endpoints.flatMap((endpoint) => endpoint.cases);
  const of = (grade: string): number => cases.filter((one) => one.grade === grade).length;
  const relayed = of("relayed");
  if (relayed > 0)
    return { kind: "relayed", outputs: result.outputs, why: `${messages(relayed)} came back` };
  const accepted = of("accepted");
  const until = endedAt + TOKEN_LIFE_MS;
  if (accepted > 0 && now < until)
    return {
      kind: "accepted",
      until,
      why: `it took ${messages(accepted)}, and none came back yet`,
    };
  return blocked(result) ?? closed(result, accepted) ?? { kind: "unknown", why: doubt(result) };
}

function messages(count: number): string {
  return count === 1 ? "a message" : `${count} messages`;
}

const BLOCKERS: ReadonlySet<string> = new Set(["tester-blocker", "refuses only the tester"]);

function blocked({ endpoints }: TestResult): Finding | undefined {
  const traits = endpoints.flatMap(({ character }) => character);
  const found = traits.find(({ trait }) => BLOCKERS.has(trait));
  return found && { kind: "blocked", why: found.why };
}

/** What it took and has not handed on in days it did not relay; but only where it would have come back. */
function closed(result: TestResult, accepted: number): Finding | undefined {
  const { verdict, endpoints, unfinished, wayBack } = result;
  if (verdict === "closed") return { kind: "clean", why: "it refused every try" };
  const certain = wayBack !== undefined && wayBack.doubts === undefined;
  const grades = endpoints.flatMap(({ cases }) => cases.map(({ grade }) => grade));
  const refused = grades.every((grade) => grade === "closed" || grade === "weak" || grade === "accepted"); // prettier-ignore
  if (accepted === 0 || !certain || !refused || unfinished.length > 0 || !isWhole(result)) return undefined; // prettier-ignore
  return { kind: "clean", why: `it took ${messages(accepted)}, and none came back in five days` };
}

function doubt({ endpoints, unfinished }: TestResult): string {
  const gaveUp = endpoints.flatMap(({ visited }) => visited.gaveUp?.why ?? []);
  const silent = endpoints.flatMap(({ visited: { look } }) => ("why" in look ? [look.why] : []));
  const traits = endpoints.flatMap(({ character }) => character.map(({ why }) => why));
  const [first = "it took recipients and no message: that proves nothing"] = [...gaveUp, ...silent, ...unfinished, ...traits]; // prettier-ignore
  return first;
}
