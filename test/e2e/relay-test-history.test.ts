/** `gatepost test` as a program: killed, interrupted, gone on with, several at once, without a place to keep anything; and its history. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, test, type TestContext } from "node:test";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { ScriptedServer } from "../support/scripted-server.ts";
import { ANY_PORTS, newSite } from "./site.ts";

const GATEPOST = join(import.meta.dirname, "../../bin/gatepost");

/** A closed server, which says how many senders it has heard. */
async function closedServer(t: TestContext, onMail: (mails: number) => void = () => {}) {
  let mails = 0;
  const server = await ScriptedServer.open(t, {
    answer: (command) => {
      if (command.startsWith("MAIL")) onMail(++mails);
      if (command.startsWith("DATA")) return "503 5.5.1 no recipient";
      return command.startsWith("RCPT") ? "550 5.7.1 no relaying" : undefined;
    },
  });
  return { server, target: `127.0.0.1:${server.port}` };
}

class Tester {
  readonly dir = mkdtempSync(join(tmpdir(), "gatepost-tester-"));
  /** Where tests are kept without a site. */
  state = join(this.dir, "state");

  constructor(t: TestContext) {
    t.after(() => rmSync(this.dir, { recursive: true }));
  }

  get file(): string {
    return join(this.state, "gatepost", "tests.db");
  }

  start(...args: readonly string[]) {
    const child = spawn(GATEPOST, args, {
      cwd: this.dir,
      env: { ...process.env, XDG_STATE_HOME: this.state },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]).then(
      ([out, err]) => ({ out, err, code: child.exitCode }),
    );
    return { child, ended };
  }

  run(...args: readonly string[]) {
    return this.start(...args).ended;
  }

  async list(...args: readonly string[]): Promise<readonly Record<string, unknown>[]> {
    const { out, err, code } = await this.run("tests", "list", "--json", ...args);
    assert.deepEqual([code, err], [0, ""]);
    return JSON.parse(out) as Record<string, unknown>[]; // as the command prints it
  }
}

describe("a test that is kept", { concurrency: 2 }, () => {
  test("killed in the middle it goes on, and each case is said once", async (t) => {
    const reached = Promise.withResolvers<void>();
    const { server, target } = await closedServer(t, (mails) => {
      if (mails === 150) reached.resolve();
    });
    const tester = new Tester(t);
    const { child, ended } = tester.start("test", target);
    await reached.promise;
    child.kill("SIGKILL");
    await ended;
    const [killed] = await tester.list();
    assert.equal(killed?.["state"], "unfinished");
    assert.ok(Number(killed["tries"]) > 100);
    const { out, code } = await tester.run("test", "--resume");
    assert.match(out, /^Closed: /);
    assert.equal(code, 0);
    const [whole, ...more] = await tester.list();
    assert.deepEqual([more, whole?.["state"], whole?.["id"]], [[], "finished", killed["id"]]);
    await eachOnce(tester.file, String(killed["id"]), server);
  });

  test("Ctrl-C ends it with the line that goes on with it, with the same options", async (t) => {
    let interrupt = (): void => {};
    const { server, target } = await closedServer(t, (mails) => {
      if (mails === 100) interrupt();
    });
    const tester = new Tester(t);
    const { child, ended } = tester.start("test", target, "--domain", "local.example");
    interrupt = () => void child.kill("SIGINT");
    const { out, err, code } = await ended;
    assert.equal(code, 2);
    assert.match(out, /^Inconclusive: /);
    const [line = "", last] = err.split("\n").slice(-2);
    assert.match(line, /^gatepost test --resume [0-9a-f]{16}$/);
    assert.equal(last, "");
    const args = line.split(" ").slice(1);
    const wrong = await tester.run(...args, "--mine");
    assert.deepEqual([wrong.code, wrong.err.includes("leave out --mine")], [2, true]);
    const second = await tester.run(...args);
    assert.deepEqual([second.code, second.err], [0, ""]);
    assert.doesNotMatch(second.out, /no domain of it was named/);
    await eachOnce(tester.file, args[2] ?? "", server);
    const again = await tester.run(...args);
    assert.deepEqual([again.code, again.err.includes("was finished")], [2, true]);
  });

  test("is listed, shown as its run was, and found by its server", async (t) => {
    const { target } = await closedServer(t);
    const tester = new Tester(t);
    assert.deepEqual(await tester.list(), []);
    const ran = await tester.run("test", target, "--vector", "R30");
    const [kept, ...more] = await tester.list();
    const id = String(kept?.["id"]);
    assert.deepEqual([more, kept?.["verdict"], kept?.["target"]], [[], "closed", target]);
    assert.ok(ran.out.includes(`gatepost tests show ${id}`));
    const [report = ""] = ran.out.split("\n\nR30 from");
    const shown = await tester.run("tests", "show", id);
    assert.deepEqual([shown.code, shown.err], [0, ""]);
    assert.ok(shown.out.includes(report), shown.out);
    const vector = await tester.run("tests", "show", id, "--vector", "r30");
    assert.match(vector.out, /^R30 from [\s\S]*RCPT TO/);
    const json = JSON.parse((await tester.run("tests", "show", id, "--json")).out) as unknown;
    assert.ok(typeof json === "object" && json !== null && "result" in json && "evidence" in json);
    assert.deepEqual(await tester.list("--target", "127.0.0.1"), [kept]);
    assert.deepEqual(await tester.list("--target", "mx.example.org"), []);
    for (const [args, words] of [
      [["show", "nothing"], "there is no test nothing"],
      [["show", id, "--vector", "R999"], "has not tried it"],
      [["list", "--limit", "0"], "expected a number"],
      [["list", "--target", "::::"], "is no server"],
    ] as const) {
      const { code, err } = await tester.run("tests", ...args);
      assert.deepEqual([code, err.includes(words)], [2, true], err);
    }
  });

  test("many begin at once in a place that is not there yet", async (t) => {
    const { target } = await closedServer(t);
    const tester = new Tester(t);
    const runs = Array.from({ length: 4 }, () => tester.run("test", target, "--vector", "R30"));
    for (const { code, err } of await Promise.all(runs)) assert.deepEqual([code, err], [0, ""]);
    assert.equal((await tester.list()).length, 4);
  });

  test("stands in the site's store, beside its server", async (t) => {
    const site = await newSite();
    const server = await site.serve(ANY_PORTS);
    t.after(async () => {
      await server.stop(0);
      site.remove();
    });
    const { target } = await closedServer(t);
    const tester = new Tester(t);
    const config = ["--config", site.file];
    const { code, err } = await tester.run("test", target, "--vector", "R30", ...config);
    assert.deepEqual([code, err], [0, ""]);
    assert.equal((await tester.list(...config)).length, 1);
    assert.deepEqual(await tester.list(), []);
  });
});

test("where nothing can be kept that is said, and the server is tested all the same", async (t) => {
  const { target } = await closedServer(t);
  const tester = new Tester(t);
  for (const damage of [
    () => {
      tester.state = join(tester.dir, "file");
      writeFileSync(tester.state, "");
    },
    () => {
      tester.state = join(tester.dir, "other");
      mkdirSync(join(tester.state, "gatepost"), { recursive: true });
      writeFileSync(tester.file, "no store");
    },
  ]) {
    damage();
    const { out, err, code } = await tester.run("test", target, "--vector", "R30");
    assert.equal(code, 0);
    assert.match(out, /^Closed: /);
    assert.doesNotMatch(out, /tests show/);
    assert.ok(err.startsWith(`gatepost: tests cannot be kept in ${tester.file}: `), err);
    assert.equal(err.split("\n").length, 2);
    assert.equal((await tester.run("test", "--resume")).code, 2);
  }
});

/** Cases that a kill may lose: the one that is said, and outcomes on their way to the disk. */
const IN_FLIGHT = 5;

/** What the server has heard are the cases that are kept, each once; those in flight may have been said again. */
async function eachOnce(file: string, id: string, server: ScriptedServer): Promise<void> {
  const store = await openSqliteStore({ path: file, exclusive: false });
  const cases = await store.relayTests.cases(id);
  await store.close();
  const keyOf = ({ planned }: (typeof cases)[number]): string =>
    (JSON.parse(planned) as { key: string }).key; // as the tester writes it
  const tried = cases.filter(({ outcome }) => outcome !== undefined).map(keyOf);
  assert.equal(new Set(tried).size, tried.length, "something was tried twice");
  assert.ok(tried.length > 400);
  const said = server.talks.flatMap(({ commands }) => commands).join("\n");
  const heard = cases.filter(({ token }) => said.includes(token)).map(keyOf);
  const twice = heard.length - new Set(heard).size;
  assert.ok(twice <= IN_FLIGHT, `${twice} cases were said twice`);
  assert.deepEqual(
    heard.filter((key) => !tried.includes(key)),
    [],
  );
}
