/**
 * The proof can fail: it finds every deliberately broken server; and there is none of its vectors that some broken
 * server does not fail.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CATALOGUE,
  featuresNamed,
  holds,
  proofReport,
  prove,
  type Chapter,
  type Feature,
  type ProofResult,
} from "../../../src/operate/relaytest/index.ts";
import { CERTIFICATE_LOGIN_MUTATIONS } from "./certificate-login-mutations.ts";
import { LOGIN_MUTATIONS } from "./login-mutations.ts";
import { MUTATIONS, type Mutation } from "./mutations.ts";
import { PEER_MUTATIONS } from "./peer-mutations.ts";
import { NAMES } from "./small-directory.ts";
import { smallSite } from "./small-site.ts";
import { RELAY_TEST_MUTATIONS } from "./relay-test-mutations.ts";
import { REPORT_MUTATIONS } from "./report-mutations.ts";
import { RETURN_MUTATIONS } from "./return-mutations.ts";
import { SUBMISSION_MUTATIONS } from "./submission-mutations.ts";
import { WAY_OUT_MUTATIONS } from "./way-out-mutations.ts";

const ALL = [
  ...MUTATIONS,
  ...SUBMISSION_MUTATIONS,
  ...LOGIN_MUTATIONS,
  ...CERTIFICATE_LOGIN_MUTATIONS,
  ...RETURN_MUTATIONS,
  ...WAY_OUT_MUTATIONS,
  ...PEER_MUTATIONS,
  ...REPORT_MUTATIONS,
  ...RELAY_TEST_MUTATIONS,
];

/** Those vectors of the catalogue. A session knows nothing of the others, so that leaving them out changes nothing. */
function only(ids: readonly string[]): readonly Chapter[] {
  return CATALOGUE.map((chapter) => ({
    ...chapter,
    vectors: chapter.vectors.filter(({ id }) => ids.includes(id)),
  }));
}

for (const mutation of ALL)
  test(`found: a server that ${mutation.name}`, async () => {
    const result = await prove(only(mutation.finds), smallSite(mutation.parts));
    assert.ok(!holds(result));
    assert.deepEqual(failedVectors(result), mutation.finds.toSorted(), proofReport(result));
    assert.equal(wasSeenToRelay(result), relays(mutation), proofReport(result));
  });

test("each vector that can be tried is failed by some of them", () => {
  const built = new Set<Feature>([
    "starttls",
    "submission",
    "auth",
    "auth-login",
    "allow-list",
    ...featuresNamed(NAMES),
  ]);
  const live = CATALOGUE.flatMap(({ vectors }) => vectors).filter(({ needs = [] }) =>
    needs.every((need) => built.has(need)),
  );
  const failed = new Set(ALL.flatMap(({ finds }) => finds));
  assert.deepEqual(
    live.map(({ id }) => id).filter((id) => !failed.has(id)),
    [],
  );
});

function relays({ answersOnly }: Mutation): boolean {
  return answersOnly !== true;
}

function failedVectors({ failures }: ProofResult): readonly string[] {
  return [...new Set(failures.map(({ tried }) => tried.vector.id))].toSorted();
}

function wasSeenToRelay({ failures }: ProofResult): boolean {
  return failures.some(({ judgement }) => judgement.kind === "relayed");
}
