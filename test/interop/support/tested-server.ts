/** A server that is tested for open relay, and `gatepost test` on it: its domain, its user and the sink are the same for all. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Run } from "./programs.ts";
import { run } from "./programs.ts";
import { freePortBase, GATEPOST } from "./site.ts";

export interface TestedServer {
  readonly port: number;
  log(): string;
  stop(): Promise<void>;
}

export interface TestedPlace {
  readonly port: number;
  /** Where it sends mail for tester.example. */
  readonly sink: number;
  /** TLS comes first. */
  readonly implicitTls?: true;
}

export async function testedPlace(): Promise<TestedPlace> {
  const base = await freePortBase();
  return { port: base + 1, sink: base + 2 };
}

/** What of `--json` the tests look at. */
export interface Tested {
  readonly verdict: string;
  readonly grade: string;
  readonly endpoints: readonly {
    readonly openings: readonly {
      readonly name: string;
      readonly grade: string;
      readonly vectors: readonly string[];
      readonly todo: readonly string[];
    }[];
    readonly cases: readonly {
      readonly title: string;
      readonly grade: string;
      readonly reason: string;
      readonly returned: readonly {
        readonly token: string;
        readonly kind: string;
        readonly from: string;
        readonly received: readonly string[];
      }[];
    }[];
  }[];
}

const TIME_LIMIT = 180_000;

/** Where tests are kept, instead of among those of whoever runs this. */
const STATE = mkdtempSync(join(tmpdir(), "gatepost-tested-"));
process.on("exit", () => rmSync(STATE, { recursive: true }));

export function gatepostTest(place: TestedPlace, ...more: readonly string[]): Promise<Run> {
  const target = [
    `${place.implicitTls === true ? "smtps://" : ""}127.0.0.1:${place.port}`,
    "--domain",
    "local.example",
    "--mailbox",
    "user@local.example",
  ];
  const sink = ["--sink", `127.0.0.1:${place.sink}`, "--tester-domain", "tester.example"];
  return run(GATEPOST, ["test", ...target, ...sink, ...more], {
    timeLimit: TIME_LIMIT,
    env: { XDG_STATE_HOME: STATE },
  });
}

/** A server that is started for this one test. */
export async function tested(
  t: TestContext,
  start: (place: TestedPlace) => Promise<TestedServer>,
): Promise<Tested> {
  const place = await testedPlace();
  const server = await start(place);
  t.after(() => server.stop());
  return testedServer(place, () => server.log());
}

/** Its result, and that the exit code says the same. */
export async function testedServer(place: TestedPlace, log: () => string): Promise<Tested> {
  const { code, stdout, stderr } = await gatepostTest(place, "--json");
  assert.equal(stderr, "", log());
  const result = JSON.parse(stdout.toString()) as Tested; // what `gatepost test` has just printed
  assert.equal(code, { closed: 0, open: 1, inconclusive: 2 }[result.verdict]);
  return result;
}

/** Names of holes that a message proved, worst first. */
export function provedHoles({ endpoints }: Tested): readonly string[] {
  return endpoints.flatMap(({ openings }) =>
    openings.filter(({ grade }) => grade === "relayed").map(({ name }) => name),
  );
}

/** What was not closed, for the message of a failed test. */
export function notClosed({ endpoints }: Tested): readonly string[] {
  return endpoints.flatMap(({ cases }) =>
    cases
      .filter(({ grade }) => grade !== "closed")
      .map(({ title, grade, reason }) => `${title}: ${grade} (${reason})`),
  );
}

export function assertClosed(result: Tested): void {
  assert.equal(result.verdict, "closed");
  assert.deepEqual(notClosed(result), []);
  assert.ok((result.endpoints[0]?.cases.length ?? 0) > 700);
}

/** Open, and by the holes of these names. */
export function assertOpen(result: Tested, holes: readonly string[]): void {
  assert.equal(result.verdict, "open", notClosed(result).join("\n"));
  assert.deepEqual(provedHoles(result), holes);
  const relayed = result.endpoints.flatMap(({ cases }) =>
    cases.filter(({ grade }) => grade === "relayed"),
  );
  assert.ok(relayed.every(({ returned }) => returned.some(({ received }) => received.length > 0)));
}
