/** What we saw of TLS, on the calling thread: counted as it comes, and found again. */
import { TLS_POLICY_TYPES, TLS_RESULTS, type Domain, type TlsResult } from "../../mail/index.ts";
import type { Log } from "../../runtime/index.ts";
import {
  TLS_RESULT_LINES,
  TLS_RESULT_TEXT,
  type TlsResultCount,
  type TlsResultQuery,
  type TlsResults,
} from "../index.ts";
import { wordsOf, type Connection } from "./connection.ts";
import type { FreshTlsCount } from "./operations.ts";
import { ofNobody } from "./tls-counts.ts";
import { integer, oneOf, text, type Row } from "./values.ts";
import { WaitingCounts } from "./waiting-counts.ts";
import type { WriterThread } from "./writer-thread.ts";

const DAY_MS = 86_400_000;

/** Octets of a name (RFC 1035 §2.3.4), and of an IPv6 address in text. */
const NAME_LIMIT = 253;
const IP_LIMIT = 45;

export class SqliteTlsResults implements TlsResults {
  readonly #writer: WriterThread;
  readonly #counts: WaitingCounts<FreshTlsCount>;
  readonly #find;

  constructor(connection: Connection, writer: WriterThread, log: Log) {
    this.#writer = writer;
    this.#counts = new WaitingCounts(writer, {
      keyOf,
      together,
      beyond: ofNobody,
      operation: (counts) => ({ kind: "count tls results", counts }),
      lost: (counts, error) => {
        const sessions = counts.reduce((sum, count) => sum + count.sessions, 0);
        log.warn("store lost tls results", { sessions, problem: wordsOf(error) });
      },
    });
    this.#find = connection.query(
      `SELECT id, day, domain, policy_type, result, mx, sessions, first_at, last_at, ip, detail, policy
       FROM tls_result WHERE id > ?1 AND day >= ?2 AND (?3 IS NULL OR domain = ?3)
       ORDER BY id LIMIT ?4`,
    );
  }

  note(result: TlsResult): void {
    this.#counts.add(counted(result));
  }

  async find({ domain, sinceDay, after = 0, limit }: TlsResultQuery) {
    await this.#counts.flush();
    return this.#find.rows(after, sinceDay, domain ?? null, limit).map(resultCount);
  }

  async prune(beforeDay: number): Promise<void> {
    await this.#writer.submitSteps({ kind: "prune tls results", beforeDay });
  }
}

function counted({ at, mx, ip, detail = "", ...result }: TlsResult): FreshTlsCount {
  return {
    day: Math.floor(at / DAY_MS),
    domain: result.domain,
    policyType: result.policyType,
    result: result.result,
    mx: mx.slice(0, NAME_LIMIT),
    sessions: 1,
    firstAt: at,
    lastAt: at,
    ip: ip.slice(0, IP_LIMIT),
    detail: detail.slice(0, TLS_RESULT_TEXT),
    policy: lines(result.policy),
    policyHosts: lines(result.policyHosts),
  };
}

function lines(texts: readonly string[]): readonly string[] {
  return texts.slice(0, TLS_RESULT_LINES).map((line) => line.slice(0, TLS_RESULT_TEXT));
}

/** What comes later says how it was the last time. */
function together(before: FreshTlsCount, one: FreshTlsCount): FreshTlsCount {
  return {
    ...one,
    sessions: before.sessions + one.sessions,
    firstAt: Math.min(before.firstAt, one.firstAt),
    lastAt: Math.max(before.lastAt, one.lastAt),
  };
}

function keyOf({ day, domain, policyType, result, mx }: FreshTlsCount): string {
  return `${day} ${domain} ${policyType} ${result} ${mx}`;
}

function resultCount(row: Row): TlsResultCount {
  const [key, day, domain, policyType, result, mx, sessions, firstAt, lastAt] = row;
  const [ip, detail, json] = row.slice(9);
  const [policy, policyHosts] = JSON.parse(text(json)) as readonly (readonly string[])[]; // as we wrote them
  return {
    key: integer(key),
    day: integer(day),
    domain: text(domain) as Domain | "", // as it was written
    policyType: oneOf(TLS_POLICY_TYPES, policyType),
    result: oneOf(TLS_RESULTS, result),
    mx: text(mx),
    sessions: integer(sessions),
    firstAt: integer(firstAt),
    lastAt: integer(lastAt),
    ip: text(ip),
    detail: text(detail),
    policy: policy ?? [],
    policyHosts: policyHosts ?? [],
  };
}
