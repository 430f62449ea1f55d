/** A site with two lists, hosts that were tested, and whoever asks about them by HTTP. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { parseDomain, parseIp, type Ip } from "../../src/mail/index.ts";
import { guardRules } from "../../src/operate/listing/index.ts";
import { suspectFacts } from "../../src/operate/suspects/suspect.ts";
import type { Suspect, SuspectSite } from "../../src/operate/suspects/index.ts";
import { suspectsSchema } from "../../src/operate/suspects/settings.ts";
import { resultAsOfNow, type Returned, type Token, type TriedCase } from "../../src/operate/tester/index.ts"; // prettier-ignore
import type { FileAnswer } from "../../src/policy/lists/index.ts";
import { ManualClock } from "../../src/runtime/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import {
  answerWeb,
  Presses,
  SeenTests,
  type ListedSite,
  type KeptResult,
  type WebRequest,
  type WebResponse,
  type WebSite,
} from "../../src/web/index.ts";
import { list, NOW, settings, SHA, type TestSite } from "../operate/listing/site.ts";
import { newPath } from "../store/sqlite/place.ts";

export const HOST = ip("192.0.2.7");
export const STRANGER = ip("203.0.113.5");
export const TEST = { kind: "test", test: "t4k2", sha256: SHA } as const;

export function ip(text: string): Ip {
  return parseIp(text) ?? assert.fail(text);
}

export function domain(text: string) {
  return parseDomain(text) ?? assert.fail(text);
}

export interface Asking extends Partial<WebRequest> {
  readonly path: string;
}

export interface Lists {
  readonly lists: TestSite;
  readonly clock: ManualClock;
  /** What there is beside the store; a test puts in what it wants. */
  readonly beside: {
    tests: Map<string, KeptResult>;
    running: Map<string, { began: number; tried: number }>;
    files: FileAnswer[];
  };
  readonly web: WebSite;
  readonly acts: SuspectSite;
  readonly ask: (asking: Asking) => Promise<WebResponse>;
  readonly page: (path: string) => Promise<string>;
  readonly json: (path: string) => Promise<Record<string, unknown>>;
  readonly put: (suspect: Partial<Suspect>) => Promise<void>;
}

export async function openWebLists(t: TestContext, more: object = {}): Promise<Lists> {
  const store = await openSqliteStore({ path: newPath(t), exclusive: false });
  t.after(() => store.close());
  const all = settings({ special_ranges: true, protected: ["192.0.2.99"] });
  const [relays, names] = all.zone;
  assert.ok(relays !== undefined && names !== undefined);
  const rules = guardRules(all, []);
  const { published, suspects } = store;
  const lists: TestSite = {
    published,
    settings: all,
    rules,
    relays,
    names,
    at: NOW,
    now: () => lists.at,
  };
  const testing = suspectsSchema.parse({ zone: relays.zone, ...more });
  const acts: SuspectSite = { ...lists, now: () => lists.at, suspects, hostRules: rules, testing };
  const clock = new ManualClock(NOW);
  const beside: Lists["beside"] = { tests: new Map(), running: new Map(), files: [] };
  const listed: ListedSite = {
    acts,
    presses: new Presses(clock),
    seenTests: new SeenTests(clock),
    test: (id) => Promise.resolve(beside.tests.get(id)),
    running: (id) => Promise.resolve(beside.running.get(id)),
    inFiles: ({ kind }) => (kind === "addresses" ? beside.files : []),
  };
  const web: WebSite = {
    hostname: domain("mx.example.org"),
    stsPolicy: "",
    mailPorts: new Map(),
    isOwnDomain: () => false,
    hasMailboxes: () => false,
    listed,
  };
  const ask: Lists["ask"] = async (asking) => answerWeb(web, { ...ASKED, ...asking });
  return {
    lists,
    clock,
    beside,
    web,
    acts,
    ask,
    page: async (path) => {
      const { status, body } = await ask({ path });
      assert.equal(status, 200, body);
      return body;
    },
    json: async (path) => {
      const { status, body } = await ask({ path, accept: "application/json" });
      assert.equal(status, 200, body);
      return JSON.parse(body) as Record<string, unknown>;
    },
    put: async (suspect) => {
      const after = suspectFacts({ ...SUSPECT, ...suspect }, NOW);
      const seen = suspects.find(HOST)?.version ?? 0;
      assert.ok(await suspects.apply({ ip: HOST, seen, after }));
    },
  };
}

export const ASKED: WebRequest = {
  method: "GET",
  authority: "bl.example.org",
  path: "/",
  query: "",
  ip: STRANGER,
  accept: "text/html",
  origin: "",
  fetchSite: "",
};

const SUSPECT: Suspect = {
  ip: HOST,
  standing: "proved",
  why: "a message came back",
  last: { id: TEST.test, at: NOW },
  due: NOW + 86_400_000,
  inARow: 1,
  outputs: [],
};

export function listHost(lists: TestSite): Promise<number> {
  return list(lists, HOST, { evidence: TEST, by: "pipeline-mark" });
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

function tokenOf(i: number): Token {
  return `t-abcdefghijklmn${LETTERS[i >> 5]}${LETTERS[i & 31]}` as Token; // the form of `readToken`
}

export const TOKEN = tokenOf(0);

/** A test in which a message came back; what strangers say in it is `said`. */
export function seenTest(said: string, count = 1): KeptResult {
  const endpoint = { ip: HOST, port: 25, implicitTls: false };
  const look = { kind: "unreachable", why: said, slowestMs: 0 } as const;
  const visits = [{ endpoint, look, untried: [], busy: 0, slowestMs: 0 }];
  const found = { foreign: domain("test.example"), grade: "accepted", unfinished: [], visits } as const; // prettier-ignore
  const tokens = Array.from({ length: count }, (_, i) => tokenOf(i));
  const tried = tokens.map((token): TriedCase => ({
    endpoint: "192.0.2.7:25",
    key: token,
    token,
    vector: "R30",
    title: "R30 from <>",
    manner: "EHLO",
    foreignSender: true,
    grade: "accepted",
    reason: said,
    transcript: [
      { by: "server", octets: `220 ${said}\r\n` },
      { by: "client", octets: `RCPT TO:<${token}@test.example>\r\n` },
      { by: "nobody", event: "connection closed" },
    ],
  }));
  const returns = tokens.map((token): Returned => ({
    token,
    kind: "relay",
    from: HOST,
    at: NOW,
    received: [`from x by y for <${token}@test.example>; ${said}`],
  }));
  const result = resultAsOfNow({ id: TEST.test, target: HOST }, found, tried, { returns, cut: [] });
  return { result, endedAt: NOW };
}
