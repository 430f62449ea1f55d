/**
 * The catalogue made ready to run: a case is one vector with one of its senders, everything spelled out as octets,
 * from the greeting to QUIT, with all that must come back.
 */
import { fillIn, type FillIn, type Names } from "./names.ts";
import type {
  Answer,
  Chapter,
  Feature,
  Given,
  Limit,
  Say,
  ScriptStep,
  Vector,
} from "./catalogue/index.ts";

export interface Case {
  readonly vector: Vector;
  /** "R30 from <>" */
  readonly title: string;
  readonly given: Given;
  readonly turns: readonly Turn[];
  /** A message for whatever was taken and should not have been: octets up to its final dot, from an author that a login may name. */
  readonly message: string;
  /** Mailboxes that must get the one message, and addresses elsewhere that may, unknown recipients that are reported; sorted. All empty: no message. */
  readonly delivers: readonly string[];
  readonly departs: readonly string[];
  readonly reports: readonly string[];
  readonly tells: readonly string[];
}

/** What is said, perhaps nothing, and what must be answered, perhaps several replies or the end. */
export type Turn =
  | { readonly kind: "say"; readonly octets: string; readonly answers: readonly Answer[] }
  | { readonly kind: "handshake" };

export type Limits = Readonly<Record<Limit, number>>;

/** What a listener can be tried with: each vector that applies, with each of its senders. */
export function casesFor(
  chapters: readonly Chapter[],
  features: ReadonlySet<Feature>,
  names: Names,
): readonly Case[] {
  const fill = fillIn(names);
  return chapters.flatMap(({ vectors, from }) =>
    vectors
      .filter((vector) => applies(vector, features))
      .flatMap((vector) => {
        const opening = [GREETING, ...firstTls(vector, features, fill), ...hello(vector, fill)];
        return casesOf(vector, from, opening, fill, names.limits);
      }),
  );
}

/**
 * A vector is live when all its features are there. A submission port is tried only with the vectors that are
 * about one: it refuses strangers before it looks at where they want to send.
 */
export function applies({ needs = [] }: Vector, features: ReadonlySet<Feature>): boolean {
  const live = needs.every((feature) => features.has(feature));
  return live && needs.includes("submission") === features.has("submission");
}

function casesOf(
  vector: Vector,
  chapterFrom: readonly string[],
  opening: readonly Turn[],
  fill: FillIn,
  limits: Limits,
): readonly Case[] {
  const senders = vector.from ?? chapterFrom;
  const body = vector.script.map((step) => turn(step, fill, limits));
  const rest = {
    vector,
    given: filledGiven(vector.given ?? {}, fill),
    message: wire(fill(MESSAGE)),
    delivers: (vector.delivers ?? []).map(fill).toSorted(),
    departs: (vector.departs ?? []).map(fill).toSorted(),
    reports: (vector.reports ?? []).map(fill).toSorted(),
    tells: (vector.tells ?? []).map(fill),
  };
  if (senders.length === 0)
    return [{ ...rest, title: vector.id, turns: closing([...opening, ...body]) }];
  return senders.map(fill).map((sender) => ({
    ...rest,
    title: `${vector.id} from ${sender}`,
    turns: closing([...opening, mailFrom(sender), ...body]),
  }));
}

const MESSAGE =
  "From: <{user}@{L}>\r\nSubject: relay test\r\n\r\nThis should not have been taken.\r\n.\r\n";

/** The first turn of every case: nothing is said, and the server greets. */
export const GREETING: Turn = { kind: "say", octets: "", answers: ["220"] };

/** The last one, unless the server has ended the connection before. */
export const GOODBYE: Turn = { kind: "say", octets: "QUIT\r\n", answers: ["221 2.0.0", "closed"] };

/**
 * On a submission port nothing but TLS comes before it, and without TLS no certificate is shown; so a vector that is about something
 * else begins in TLS.
 */
function firstTls(
  { needs = [] }: Vector,
  features: ReadonlySet<Feature>,
  fill: FillIn,
): readonly Turn[] {
  const wanted = features.has("submission") || needs.includes("certificate");
  const begins = wanted && features.has("starttls");
  if (!begins || needs.includes("starttls")) return [];
  return [
    { kind: "say", octets: wire(`EHLO ${fill("{F}")}\r\n`), answers: ["250"] },
    { kind: "say", octets: "STARTTLS\r\n", answers: ["220 2.0.0"] },
    { kind: "handshake" },
  ];
}

function hello({ hello: line = "EHLO {F}" }: Vector, fill: FillIn): readonly Turn[] {
  return line === "none"
    ? []
    : [{ kind: "say", octets: wire(`${fill(line)}\r\n`), answers: ["250"] }];
}

function mailFrom(sender: string): Turn {
  return { kind: "say", octets: wire(`MAIL FROM:${sender}\r\n`), answers: ["250 2.1.0"] };
}

/** QUIT at the end shows that nothing more was said than was expected. */
function closing(turns: readonly Turn[]): readonly Turn[] {
  const last = turns.at(-1);
  const closed = last?.kind === "say" && last.answers.at(-1) === "closed";
  return closed ? turns : [...turns, GOODBYE];
}

function turn([say, ...answers]: ScriptStep, fill: FillIn, limits: Limits): Turn {
  if (typeof say === "object" && "handshake" in say) return { kind: "handshake" };
  const octets = wire(fill(textOf(say, limits)));
  const repeated = typeof say === "object" && "times" in say;
  return {
    kind: "say",
    octets,
    answers: repeated ? answers.flatMap((answer) => times(answer, limits[say.times])) : answers,
  };
}

function textOf(say: Exclude<Say, { handshake: "TLS" }>, limits: Limits): string {
  if (typeof say === "string") return `${say}\r\n`;
  if ("octets" in say) return say.octets;
  if ("times" in say) return `${say.line}\r\n`.repeat(limits[say.times]);
  return say.map((line) => `${line}\r\n`).join("");
}

function times(answer: Answer, count: number): Answer[] {
  return Array<Answer>(count).fill(answer);
}

function filledGiven(given: Given, fill: FillIn): Given {
  return {
    ...given,
    ...(given.client !== undefined && { client: fill(given.client) }),
    ...(given.dmarc !== undefined && {
      dmarc: { author: fill(given.dmarc.author), sender: fill(given.dmarc.sender) },
    }),
    ...(given.spf !== undefined && {
      spf: Object.fromEntries(Object.entries(given.spf).map(([of, said]) => [fill(of), said])),
    }),
    ...(given.reverseName !== undefined && { reverseName: fill(given.reverseName) }),
  };
}

/** Text as it goes over the wire: UTF-8, its octets as characters. */
export function wire(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
