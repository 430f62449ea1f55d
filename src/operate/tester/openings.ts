/**
 * Which hole it is: cases that were relayed, put together by why a server relays them. One hole answers for many cases: whoever relays
 * for anybody relays tricks too, and so those are named only where the plain case is not relayed.
 */
import { parseIp, ipReach, type Ip } from "../../mail/index.ts";
import type { Grade } from "./grade.ts";
import { seenClient, type Returned } from "./returns.ts";

export const OPENINGS = [
  "anybody",
  "client address",
  "sender",
  "greeting name",
  "client told by itself",
  "percent hack",
  "bang path",
  "source route",
  "quoted address",
  "two at signs",
  "empty domain",
  "encapsulated address",
  "forward's return",
  "sub-address",
  "similar domain",
  "injected command",
  "session state",
  "smuggling",
  "header recipients",
  "backscatter",
  "other",
] as const;
export type OpeningName = (typeof OPENINGS)[number];

export interface Opening {
  readonly name: OpeningName;
  /** `relayed`: proved by what came back. `accepted`, `accepts`: suspected by what was taken. */
  readonly grade: Grade;
  /** Vectors that show it, by id. */
  readonly vectors: readonly string[];
  /** Where the server tested thinks that the test came from, when it is why it relays. */
  readonly client?: Ip;
}

/** A case with what came back of it. */
export interface GradedCase {
  readonly vector: string;
  readonly grade: Grade;
  readonly foreignSender: boolean;
  readonly returned: readonly Returned[];
}

/** First fitting line counts. */
const BY_VECTOR: readonly (readonly [RegExp, OpeningName])[] = [
  [/^R0[125]$/, "anybody"],
  [/^R(?:03|04|06|07|08|09|10|11)$/, "sender"],
  [/^R12$/, "anybody"],
  [/^R13$/, "client told by itself"],
  [/^R14[a-g]$/, "greeting name"],
  [/^R15$/, "session state"],
  [/^R(?:19|20)/, "client told by itself"],
  [/^R(?:3[0-5]|42|51b)$/, "percent hack"],
  [/^R(?:36|40|41|68)/, "quoted address"],
  [/^R3[789]$/, "two at signs"],
  [/^R4[3-6]/, "source route"],
  [/^R(?:4[789]|50|51a)$/, "bang path"],
  [/^R52/, "empty domain"],
  [/^R53/, "encapsulated address"],
  [/^R54/, "forward's return"],
  [/^R55/, "sub-address"],
  [/^R(?:7|8)/, "similar domain"],
  [/^R6[0-3]/, "injected command"],
  [/^R(?:104|130|131)/, "smuggling"],
  [/^R1(?:0|1)/, "session state"],
  [/^R132/, "header recipients"],
  [/^R(?:13[3-9]|14[1-4])/, "backscatter"],
];

export function openingOf(vector: string): OpeningName {
  return BY_VECTOR.find(([pattern]) => pattern.test(vector))?.[1] ?? "other";
}

const SHOWS: ReadonlySet<Grade> = new Set(["relayed", "accepted", "accepts"]);

/** The worst first; what a wider hole explains is not named beside it. */
export function openingsOf(cases: readonly GradedCase[]): readonly Opening[] {
  const shown = cases.filter(({ grade, returned }) => SHOWS.has(grade) && !isReported(returned));
  const bySender = shown.some(
    ({ vector, grade }) => grade === "relayed" && openingOf(vector) === "sender",
  );
  // Where an own sender is let through, a trick from one shows nothing of its own.
  const telling = shown.filter(
    ({ vector, foreignSender }) => !bySender || foreignSender || openingOf(vector) === "sender",
  );
  const named = Map.groupBy(telling, ({ vector }) => openingOf(vector));
  const openings = [...named].map(([name, of]) => opening(name, of));
  return [...withoutExplained(openings), ...backscatter(cases)].toSorted(
    (a, b) => rank(a) - rank(b),
  );
}

function opening(name: OpeningName, cases: readonly GradedCase[]): Opening {
  const relayed = cases.filter(({ grade }) => grade === "relayed");
  const best = relayed.length > 0 ? relayed : cases;
  const client = name === "anybody" ? trustedClient(relayed) : undefined;
  return {
    name: client === undefined ? name : "client address",
    grade: best.some(({ grade }) => grade === "accepted")
      ? "accepted"
      : (best[0]?.grade ?? "accepts"),
    vectors: [...new Set(best.map(({ vector }) => vector))],
    ...(client !== undefined && { client }),
  };
}

/** A private address may be why it relays: a network that it trusts, or a gateway behind which it sees everybody. */
function trustedClient(relayed: readonly GradedCase[]): Ip | undefined {
  const seen = relayed.flatMap(({ returned }) => returned.flatMap((one) => seenClient(one) ?? []));
  return seen.find((ip) => parseIp(ip) !== undefined && ipReach(ip) !== "public");
}

/** Whoever relays for anybody relays tricks too: they need no name of their own. Smuggling is another matter. */
function withoutExplained(openings: readonly Opening[]): readonly Opening[] {
  const isWidest = ({ name }: Opening): boolean => name === "anybody" || name === "client address";
  if (!openings.some((one) => isWidest(one) && one.grade === "relayed")) return openings;
  return openings.filter((one) => isWidest(one) || one.name === "smuggling");
}

/** A report that came to a forged sender. It is no relay, and a nuisance. */
function backscatter(cases: readonly GradedCase[]): readonly Opening[] {
  const reported = cases.filter(({ returned }) => isReported(returned));
  if (reported.length === 0) return [];
  return [
    {
      name: "backscatter",
      grade: "weak",
      vectors: [...new Set(reported.map(({ vector }) => vector))],
    },
  ];
}

function isReported(returned: readonly Returned[]): boolean {
  return returned.length > 0 && returned.every(({ kind }) => kind === "report");
}

function rank({ grade, name }: Opening): number {
  const order: readonly Grade[] = ["relayed", "accepted", "accepts", "weak"];
  return order.indexOf(grade) * OPENINGS.length + OPENINGS.indexOf(name);
}
