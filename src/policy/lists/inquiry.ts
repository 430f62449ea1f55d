/**
 * All that is to be known of somebody, asked of all lists at once, in so much time in all. What has not answered by then says
 * nothing: the lists have failed, and nobody is refused for that.
 */
import { siteNetwork, type Domain, type Ip } from "../../mail/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { Asking } from "./asking.ts";
import { boundedAnswers, clearKey, type ListFact, type ListFacts } from "./facts.ts";
import type { FirstHits } from "./first-hits.ts";
import {
  subjectText,
  suits,
  type AskedAs,
  type FileList,
  type List,
  type ListSubject,
} from "./list.ts";
import { readAnswer, type RawAnswer } from "./reading.ts";
import type { Timer } from "./timed-question.ts";
import type { ListWatch } from "./watch.ts";

/** Who is there, as far as it is known by now. */
export interface ListParts {
  readonly client?: Ip;
  readonly helo?: Domain;
  readonly sender?: Domain;
  /** With the message, like hops: hosts on the way, as the header section has them. */
  readonly authors?: readonly Domain[];
  readonly hops?: readonly Ip[];
}

/** Lists that are files, as they are now. */
export interface LocalLists {
  find(list: FileList, subject: ListSubject): RawAnswer;
}

export interface InquiryDeps {
  readonly asking: Pick<Asking, "ask">;
  readonly files: LocalLists;
  readonly watch: Pick<ListWatch, "stateOf" | "isUsualSince">;
  readonly firstHits: FirstHits;
  readonly clock: Pick<Clock, "now" | "elapsed">;
  readonly timer: Timer;
  /** Names of an address (PTR), at most a few. Does not reject. */
  namesOf(ip: Ip): Promise<readonly Domain[]>;
}

export interface InquirySettings {
  readonly lists: readonly List[];
  readonly questionMs: number;
  readonly totalMs: number;
}

interface Part {
  readonly as: AskedAs;
  readonly subject: ListSubject;
  /** As in `ListQuestion`. */
  readonly by?: string;
}

interface Asked extends Part {
  readonly list: List;
  /** Absent: it is sick, and was not asked. */
  readonly raw?: RawAnswer | Promise<RawAnswer>;
}

interface Answered extends Asked {
  readonly raw?: RawAnswer;
}

const TOO_LATE: RawAnswer = { kind: "failed", why: "timeout" };
const MINUTE_MS = 60_000;

export class Inquiry {
  readonly #settings: InquirySettings;
  readonly #deps: InquiryDeps;

  constructor(settings: InquirySettings, deps: InquiryDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /** At once, where all of it is known. Does not reject. */
  about(parts: ListParts): ListFacts | Promise<ListFacts> {
    const asked = this.#askAll(partsOf(parts));
    const { client } = parts;
    const names =
      client !== undefined && this.#settings.lists.some(({ ask }) => ask.has("reverse"))
        ? this.#deps.namesOf(client)
        : undefined;
    return names === undefined && asked.every(isAnswered)
      ? { about: subjectsOf(parts), ...this.#facts(asked) }
      : this.#inTime(parts, asked, names);
  }

  async #inTime(
    parts: ListParts,
    asked: readonly Asked[],
    names: Promise<readonly Domain[]> | undefined,
  ): Promise<ListFacts> {
    let stop = (): void => {};
    const late = new Promise<undefined>((resolve) => {
      stop = this.#deps.timer.after(this.#settings.totalMs, () => resolve(undefined));
    });
    const found = (await Promise.race([names, late])) ?? [];
    const reverse = found.map((domain) => nameAs("reverse", domain));
    const all = [...asked, ...this.#askAll(reverse.map(broughtBy(parts)))];
    const answered = all.map(async (one): Promise<Answered> => {
      if (isAnswered(one)) return one;
      return { ...one, raw: (await Promise.race([one.raw, late])) ?? TOO_LATE };
    });
    const facts = this.#facts(await Promise.all(answered));
    stop();
    const about = subjectsOf(parts);
    return { about: names === undefined ? about : { ...about, reverse: found }, ...facts };
  }

  #askAll(parts: readonly Part[]): readonly Asked[] {
    const { lists } = this.#settings;
    return parts.flatMap((part) =>
      lists
        .filter((list) => list.ask.has(part.as) && suits(list, part.subject))
        .flatMap((list) => this.#ask(list, part)),
    );
  }

  #ask(list: List, part: Part): readonly Asked[] {
    const { watch, asking, files } = this.#deps;
    if (watch.stateOf(list.name).state === "sick") return [{ list, ...part }];
    const raw =
      list.source === "file"
        ? files.find(list, part.subject)
        : asking.ask({ list, ...part, limitMs: this.#settings.questionMs });
    return raw === undefined ? [] : [{ list, ...part, raw }];
  }

  #facts(answered: readonly Answered[]): Omit<ListFacts, "about"> {
    const clear = new Set<string>();
    const answers: ListFact[] = [];
    for (const one of answered) {
      const { list, as, subject, raw } = one;
      if (raw !== undefined && raw.kind !== "failed")
        this.#deps.firstHits.answered(list.name, subject, this.#deps.clock.now());
      if (raw?.kind === "clear") clear.add(clearKey(as, list.name));
      else answers.push(this.#fact(one));
    }
    return { ...boundedAnswers(answers), clear: [...clear] };
  }

  #fact({ list, as, subject, raw }: Answered): ListFact {
    const { state } = this.#deps.watch.stateOf(list.name);
    return {
      list: list.name,
      as,
      subject: subjectText(subject),
      ...(raw?.kind === "codes" && { codes: raw.codes }),
      ...(raw?.kind === "codes" && raw.text !== undefined && { text: raw.text }),
      ...(raw?.kind === "failed" && { error: raw.why }),
      ...(state !== "well" && { health: state }),
      ...(raw !== undefined && this.#firstHit(list, subject, raw)),
    };
  }

  /** Of what lists somebody; the rest has nothing to confirm. */
  #firstHit(
    list: List,
    subject: ListSubject,
    raw: RawAnswer,
  ): Pick<ListFact, "sinceMinutes" | "others" | "unsure"> {
    if (readAnswer(raw, list).kind !== "listed") return {};
    const { firstHits, watch, clock } = this.#deps;
    const now = clock.now();
    const { at, others } = firstHits.hit(list.name, subject, now, watch.stateOf(list.name).since);
    return {
      sinceMinutes: Math.floor((now - at) / MINUTE_MS),
      others,
      ...(!watch.isUsualSince(list.name, at) && { unsure: true }),
    };
  }
}

function partsOf(parts: ListParts): readonly Part[] {
  const { client, helo, sender, authors = [], hops = [] } = parts;
  const all = [
    ...(client === undefined ? [] : [addressAs("client", client)]),
    ...(helo === undefined ? [] : [nameAs("helo", helo)]),
    ...(sender === undefined ? [] : [nameAs("sender", sender)]),
    ...authors.map((author) => nameAs("author", author)),
    ...hops.map((hop) => addressAs("hop", hop)),
  ];
  return all.map(broughtBy(parts));
}

function broughtBy({ client }: ListParts): (part: Part) => Part {
  return (part) => (client === undefined ? part : { ...part, by: siteNetwork(client) });
}

/** Of each part that can be known by now; none of it is there is a fact too. */
function subjectsOf(parts: ListParts): ListFacts["about"] {
  const { authors, hops } = parts;
  const known = partsOf(parts);
  const of = (wanted: AskedAs): readonly string[] =>
    known.filter(({ as }) => as === wanted).map(({ subject }) => subjectText(subject));
  return {
    client: of("client"),
    helo: of("helo"),
    sender: of("sender"),
    ...(authors !== undefined && { author: of("author") }),
    ...(hops !== undefined && { hop: of("hop") }),
  };
}

function addressAs(as: AskedAs, ip: Ip): Part {
  return { as, subject: { kind: "address", ip } };
}

function nameAs(as: AskedAs, domain: Domain): Part {
  return { as, subject: { kind: "name", domain } };
}

function isAnswered(asked: Asked): asked is Answered {
  return !(asked.raw instanceof Promise);
}
