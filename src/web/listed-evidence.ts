/**
 * The evidence of an entry, as it is shown: of a test the cases of which a message came back, whole. While its tokens live, they are hidden:
 * whoever knew one could send a message to it, and have the host that delivers it taken for one that relays.
 */
import type { Evidence } from "../operate/listing/index.ts";
import { printTranscript } from "../operate/relaytest/index.ts";
import { testFindings, TOKEN_LIFE_MS, type TestResult } from "../operate/tester/index.ts";
import type { KeptResult, ListedSite } from "./listed-site.ts";
import type { CaseView, EvidenceView, SeenView } from "./listed-view.ts";

/** Cases that are shown. */
export const CASES_SHOWN = 50;

/** Ways back of one case that are shown. */
const RETURNS_SHOWN = 5;

export async function evidenceView(site: ListedSite, evidence: Evidence): Promise<EvidenceView> {
  switch (evidence.kind) {
    case "test": {
      const { test: id, sha256 } = evidence;
      const seen = await site.seenTests.see(id, async () => {
        const kept = await site.test(id);
        return kept && seenView(kept, site.acts.now());
      });
      return { kind: "test", id, sha256, seen };
    }
    case "sample":
    case "import":
      return { kind: evidence.kind, sha256: evidence.sha256 };
    case "note":
      return evidence;
  }
}

type Case = TestResult["endpoints"][number]["cases"][number];

function seenView({ result, endedAt }: KeptResult, now: number): SeenView {
  const came = result.endpoints
    .flatMap(({ cases }) => cases)
    .filter(({ returned }) => returned.some(({ kind }) => kind === "relay"));
  const hiddenUntil = (endedAt ?? now) + TOKEN_LIFE_MS;
  const hide = now < hiddenUntil ? withoutTokens : (text: string) => text;
  return {
    ...(endedAt !== undefined && { endedAt }),
    tested: [...new Set(result.endpoints.map(({ endpoint }) => endpoint.ip))],
    cases: came.slice(0, CASES_SHOWN).map((one) => caseView(one, hide)),
    more: Math.max(0, came.length - CASES_SHOWN),
    mending: mendingOf(result),
    ...(now < hiddenUntil && { hiddenUntil }),
  };
}

/** Holes that a message came through; the same one at several ports is one. */
function mendingOf(result: TestResult): SeenView["mending"] {
  const holes = testFindings(result).places.flatMap((place) => place.holes);
  const proved = holes.filter(({ grade }) => grade === "relayed");
  const byWords = new Map(proved.map(({ wrong, todo }) => [wrong, { wrong, todo }]));
  return [...byWords.values()];
}

function caseView(
  { title, manner, endpoint, transcript = [], returned }: Case,
  hide: (text: string) => string,
): CaseView {
  const relayed = returned.filter(({ kind }) => kind === "relay").slice(0, RETURNS_SHOWN);
  return {
    title: hide(title), // it has the sender
    manner,
    endpoint,
    // Hidden in the octets: a long line is cut when it is printed, and half a token with it.
    transcript: printTranscript(
      transcript.map((one) => (one.by === "nobody" ? one : { ...one, octets: hide(one.octets) })),
    ),
    returned: relayed.map(({ from, at, received }) => ({ from, at, received: received.map(hide) })),
  };
}

/** As `readToken` reads them; one that a server has cut short, of which the rest could be guessed; and in base64, as a wrong password. */
export function withoutTokens(text: string): string {
  return text
    .replaceAll(/[A-Za-z0-9+/]{16,}={0,2}/g, (word) => (hasToken(word) ? HIDDEN : word))
    .replaceAll(/t-[a-z2-7]{16}|(?<![a-z0-9])t-[a-z2-7]{6,15}/gi, HIDDEN);
}

const HIDDEN = "(hidden)";

function hasToken(base64: string): boolean {
  return /t-[a-z2-7]{6}/i.test(Buffer.from(base64, "base64").toString("latin1"));
}
