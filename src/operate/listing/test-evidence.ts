/** A relay test as evidence: only where a message came back, and only about a host that took one or handed one on. */
import { evidenceOf, type TestResult } from "../tester/index.ts";
import type { Evidence } from "./entry.ts";
import { overlaps, parseSubjects } from "./subject.ts";

/** `subject`: who is to be listed, as it was written. The reason where the test is no evidence about him. */
export function evidenceOfTest(
  test: string,
  result: TestResult | undefined,
  subject: string,
): Evidence | string {
  const found = result && evidenceOf(result);
  if (result === undefined || found === undefined)
    return `test ${test} is no evidence: no message came back in it, and nothing less lists a host`;
  const hosts = hostsOf(result);
  if (!holdsOne(subject, hosts)) return `test ${test} is no evidence about ${subject}: what came back went by ${hosts.join(", ")}`; // prettier-ignore
  return { kind: "test", test, sha256: found.sha256 };
}

/** Those that took a message which came back, and those that brought it. */
function hostsOf({ endpoints }: TestResult): readonly string[] {
  const hosts = new Set<string>();
  for (const { endpoint, cases } of endpoints)
    for (const { from, kind } of cases.flatMap(({ returned }) => returned))
      if (kind === "relay") hosts.add(endpoint.ip).add(from);
  return [...hosts];
}

/** Of a name nothing is known here: whoever lists it has looked. */
function holdsOne(text: string, hosts: readonly string[]): boolean {
  const subjects = parseSubjects(text, "addresses");
  if (typeof subjects === "string") return true;
  return hosts.some((host) => {
    const one = parseSubjects(host, "addresses");
    return typeof one !== "string" && one.some((a) => subjects.some((b) => overlaps(a, b)));
  });
}
