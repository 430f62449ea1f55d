/** Questions about published lists, in the file: summed up for whoever asks, added and forgotten by the writer's thread. */
import type {
  FreshListQuestions,
  ListClient,
  ListClients,
  ListQuestions,
  ListZoneQuestions,
} from "../index.ts";
import type { Connection } from "./connection.ts";
import type { ListQuestionsWrite } from "./list-questions-operations.ts";
import type { OperationResult } from "./operations.ts";
import { integer, text, type Row } from "./values.ts";
import type { WriterThread } from "./writer-thread.ts";

const HOUR_MS = 3_600_000;

/** The networks that have no row of their own. No network is called so. */
const OTHERS = "";

/** Rows forgotten in one step. */
const PRUNE_ROWS = 500;

export class SqliteListQuestions implements ListQuestions {
  readonly #writer: WriterThread;
  readonly #since;
  readonly #clients;
  readonly #all;

  constructor(connection: Connection, writer: WriterThread) {
    this.#writer = writer;
    this.#since = connection.query(
      `SELECT hour - hour % ?2 AS first, zone, outcome, sum(questions) FROM list_question
       WHERE hour >= ?1 AND (?3 IS NULL OR zone = ?3)
       GROUP BY first, zone, outcome ORDER BY first, zone, outcome`,
    );
    this.#clients = connection.query(
      `SELECT network, sum(questions) AS asked, sum(listed) FROM list_client
       WHERE hour >= ? AND network <> '${OTHERS}' GROUP BY network ORDER BY asked DESC, network LIMIT ?`,
    );
    this.#all = connection.query(
      "SELECT coalesce(sum(questions), 0) FROM list_client WHERE hour >= ?",
    );
  }

  async add(fresh: FreshListQuestions): Promise<void> {
    await this.#write({ kind: "add", fresh });
  }

  async since(hour: number, together: number, zone?: string) {
    return this.#since.rows(hour, together, zone ?? null).map(zoneQuestions);
  }

  async clients(hour: number, limit: number): Promise<ListClients> {
    const networks = this.#clients.rows(hour, limit).map(client);
    const all = integer(this.#all.row(hour)?.[0]);
    return { networks, others: networks.reduce((left, { questions }) => left - questions, all) };
  }

  async prune(hour: number, clientsHour: number): Promise<void> {
    const write = { kind: "prune", hour, clientsHour } as const;
    await this.#writer.submitSteps({ kind: "list questions", write });
  }

  async #write(write: ListQuestionsWrite): Promise<void> {
    await this.#writer.submit({ kind: "list questions", write });
  }
}

function zoneQuestions([hour, zone, outcome, questions]: Row): ListZoneQuestions & {
  readonly hour: number;
} {
  return {
    hour: integer(hour),
    zone: text(zone),
    outcome: text(outcome),
    questions: integer(questions),
  };
}

function client([network, questions, listed]: Row): ListClient {
  return { network: text(network), questions: integer(questions), listed: integer(listed) };
}

/** In the transaction of the writer's batch. */
export class ListQuestionsWrites {
  readonly #add;
  readonly #addClient;
  readonly #beyond;
  readonly #remove;
  readonly #prune;
  readonly #pruneClients;

  constructor(connection: Connection) {
    this.#add = connection.query(
      `INSERT INTO list_question VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET questions = questions + excluded.questions`,
    );
    this.#addClient = connection.query(
      `INSERT INTO list_client VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET questions = questions + excluded.questions, listed = listed + excluded.listed`,
    );
    this.#beyond = connection.query(
      `SELECT network, questions, listed FROM list_client WHERE hour = ? AND network <> '${OTHERS}'
       ORDER BY questions DESC, network LIMIT -1 OFFSET ?`,
    );
    this.#remove = connection.query("DELETE FROM list_client WHERE hour = ? AND network = ?");
    this.#prune = connection.query(pruning("list_question", "hour, zone, outcome"));
    this.#pruneClients = connection.query(pruning("list_client", "hour, network"));
  }

  perform(write: ListQuestionsWrite): OperationResult {
    if (write.kind === "prune") return this.#forget(write.hour, write.clientsHour);
    const { at, zones, clients } = write.fresh;
    const hour = Math.floor(at / HOUR_MS);
    for (const { zone, outcome, questions } of zones) this.#add.run(hour, zone, outcome, questions);
    if (clients !== undefined) this.#addClients(hour, clients, clients.limit);
    return { kind: "done" };
  }

  /** Those that have asked least go to the others, so that each hour has its limit and its sum is true. */
  #addClients(hour: number, { networks, others }: ListClients, limit: number): void {
    for (const one of networks) this.#addTo(hour, one);
    this.#addOthers(hour, others);
    for (const one of this.#beyond.rows(hour, limit).map(client)) {
      this.#remove.run(hour, one.network);
      this.#addOthers(hour, one.questions);
    }
  }

  #addTo(hour: number, { network, questions, listed }: ListClient): void {
    if (questions > 0) this.#addClient.run(hour, network, questions, listed);
  }

  #addOthers(hour: number, questions: number): void {
    this.#addTo(hour, { network: OTHERS, questions, listed: 0 });
  }

  #forget(hour: number, clientsHour: number): OperationResult {
    const gone = [this.#prune.run(hour), this.#pruneClients.run(clientsHour)];
    return { kind: gone.includes(PRUNE_ROWS) ? "more" : "done" };
  }
}

function pruning(table: string, key: string): string {
  return `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE hour < ? LIMIT ${PRUNE_ROWS})`;
}
