/** A site that sends, the servers that it sends to, and the book of it; its server is started and killed by the test. */
import { appendFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { openDirectory, type DirectorySession } from "../../../src/app/index.ts";
import { loadConfig } from "../../../src/config/index.ts";
import type { AttemptFacts } from "../../../src/mail/index.ts";
import { newSite, type Site } from "../../e2e/site.ts";
import { Book, type Counts, type Ends, type LeftRow } from "./book.ts";
import { ForeignServer, type Arrival, type Moods } from "./foreign-server.ts";
import { useAnyPorts } from "./loop.ts";
import { readMaildrop } from "./maildrop.ts";
import { isWhole, TRUSTED } from "./submitter.ts";
import { Victim, type OnLeft } from "./victim.ts";

/** Domains of other servers, each with one of its own. */
export const ABROAD = ["a.example", "b.example"] as const;

/** Milliseconds after which what is still in the queue will not leave it any more. */
const DRAINED_MS = 60_000;

/** Milliseconds after which it is no use to wait: what is checked then says what is missing. */
const PATIENCE_MS = 10_000;

const LOOK_MS = 50;

export class SendingSite {
  readonly book = new Book();
  /** What the last server found in the queue. */
  left: readonly LeftRow[] = [];
  /** Of the other servers, from now on. */
  moods: Moods;
  readonly #site: Site;
  #servers: readonly ForeignServer[] = [];
  #round = 0;
  #victim: Victim | undefined;

  private constructor(site: Site, moods: Moods) {
    this.#site = site;
    this.moods = moods;
  }

  /** `random` is in [0, 1). */
  static async make(moods: Moods, random: () => number): Promise<SendingSite> {
    const site = await newSite();
    useAnyPorts(site.file);
    const made = new SendingSite(site, moods);
    const options = {
      random,
      moods: () => made.moods,
      round: () => made.#round,
      arrived: (arrival: Arrival) => made.#arrived(arrival),
    };
    made.#servers = await Promise.all(ABROAD.map(() => ForeignServer.open(options)));
    appendFileSync(site.file, settingsFor(made.#servers));
    return made;
  }

  /** One round after the other. */
  async start(): Promise<Victim> {
    const victim = await Victim.start(this.#site.file, this.#begin());
    this.#victim = victim;
    return victim;
  }

  /** A round that ends before it has begun. */
  stillborn(ms: number): Promise<void> {
    return Victim.stillborn(this.#site.file, ms, this.#begin());
  }

  #begin(): OnLeft {
    const round = ++this.#round;
    this.left = [];
    return (rows) => {
      this.left = rows;
      this.book.left(rows, round);
    };
  }

  /** Lets it send what is left; what is found then, and what is wrong with it. */
  async settled(victim: Victim): Promise<Settled> {
    const session = await openDirectory(loadConfig(this.#site.file));
    try {
      const queued = await drained(session);
      const maildrop = await readMaildrop(victim.ports.pop3);
      const ends = (forwardPath: string) => endsOf(forwardPath, session);
      const problems = await this.book.problems({ ...maildrop, queued, ends });
      return { counts: this.book.counts(maildrop), problems };
    } finally {
      await session.close();
    }
  }

  /** When another server has it, or this one has died; or when it is no use to wait. */
  async taken(forwardPaths: readonly string[], victim: Victim): Promise<void> {
    for (let waited = 0; waited < PATIENCE_MS && !victim.gone; waited += LOOK_MS) {
      if (forwardPaths.every((path) => this.book.isTaken(path))) return;
      await setTimeout(LOOK_MS);
    }
  }

  /** When so many rows are under way; or as many as there will be. */
  async underWay(rows: number): Promise<void> {
    const session = await openDirectory(loadConfig(this.#site.file));
    try {
      for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
        if ((await session.queue.counts()).underWay >= rows) return;
        await setTimeout(LOOK_MS);
      }
    } finally {
      await session.close();
    }
  }

  /** Whatever became of the test: a server that lives on would keep it from ending. */
  async remove(): Promise<void> {
    await this.#victim?.kill();
    for (const server of this.#servers) server.close();
    this.#site.remove();
  }

  #arrived({ forwardPaths, content, ending, round }: Arrival): void {
    for (const forwardPath of forwardPaths) {
      const letter = this.book.find(forwardPath.split("-", 1)[0] ?? "");
      if (letter === undefined || !isWhole(content, letter))
        this.book.complain(`${forwardPath}: what came is not what was sent`);
      if (ending !== "dropped") this.book.taken(forwardPath, { round, ending });
    }
  }
}

export interface Settled {
  readonly counts: Counts;
  readonly problems: readonly string[];
}

/** The retries come so soon that a round sees some of them. */
function settingsFor(servers: readonly ForeignServer[]): string {
  const routes = servers.map(({ port }, i) => `"${ABROAD[i]}" = "smtp://127.0.0.1:${port}"`);
  return `
[queue]
retry_minutes = [0.005, 0.01, 0.02]

[sending]
messages_per_hour = 1000000
recipients_per_hour = 1000000
messages_per_day = 1000000
recipients_per_day = 1000000

[[relay.networks]]
network = "${TRUSTED}"
reason = "the test's own clients"
accepts = ["this-machine"]

[routes]
${routes.join("\n")}
`;
}

/** How many rows there are when nothing moves any more. */
async function drained({ queue }: DirectorySession): Promise<number> {
  for (let waited = 0; ; waited += LOOK_MS) {
    const { rows } = await queue.counts();
    if (rows === 0 || waited > DRAINED_MS) return rows;
    await setTimeout(LOOK_MS);
  }
}

/** As the journal has it: the transaction that ends a row writes its record too. */
async function endsOf(forwardPath: string, { journal }: DirectorySession): Promise<Ends> {
  const ends = { delivered: 0, failed: 0 };
  const records = await journal.find({ kind: "address", address: forwardPath, limit: 100 });
  for (const { json } of records) {
    const { recipients = [] } = JSON.parse(json) as Partial<AttemptFacts>; // a session's record has no such recipients
    for (const { address, end } of recipients)
      if (address === forwardPath && end !== undefined && end.kind !== "due again")
        ends[end.kind]++;
  }
  return ends;
}
