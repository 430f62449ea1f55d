/** The plan of rooms holds for every file of src/; and each rule of the plan is seen to find its breach. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { importsOf } from "./layers/imports.ts";
import { ROOMS } from "./layers/rooms.ts";
import { breaches } from "./layers/rules.ts";

const SRC = new URL("../src/", import.meta.url);

function sourcesOf(folder: URL): Map<string, string> {
  const names = globSync("**/*.ts", { cwd: folder });
  return new Map(names.map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));
}

test("src/ keeps to the plan of rooms", () => {
  const files = sourcesOf(SRC);
  assert.ok(files.size > 0, "no source file was found");
  const found = breaches(files);
  assert.equal(found.length, 0, `\n${found.join("\n")}`);
});

test("the import reader sees every form", () => {
  const { modules, computed } = importsOf(`/** import "./comment.ts"; */
import { a } from "./a.ts";
import type { B } from "./b.ts";
import c, {
  type D,
} from "./c.ts";
import * as e from "node:e";
import "./f.ts";
export * from "./g.ts";
export { h } from "./h.ts";
export type { I } from "./i.ts";
// import "./also-comment.ts";
export const text = "from";
const j = await import("./j.ts");
type K = import("./k.ts").K;
new Worker(new URL("./l.ts", import.meta.url));
`);
  const letters = ["a", "b", "c", "f", "g", "h", "i", "j", "k", "l"];
  assert.deepEqual(
    modules.filter((module) => module !== "node:e").toSorted(),
    letters.map((letter) => `./${letter}.ts`),
  );
  assert.ok(modules.includes("node:e"));
  assert.equal(computed, false);
});

/** A house in order; each case below adds or replaces files in it. */
const SOUND: readonly (readonly [string, string])[] = ROOMS.map((room) => [
  `${room}/index.ts`,
  "/** A room. */\n",
]);

interface Case {
  readonly title: string;
  readonly file: string;
  readonly code: string;
  /** The one breach; undefined where there is none. */
  readonly breach: string | undefined;
}

const CASES: readonly Case[] = [
  {
    title: "a room above is known",
    file: "net/a.ts",
    code: `import "../runtime/index.ts";`,
    breach: undefined,
  },
  {
    title: "a room below is not",
    file: "mail/a.ts",
    code: `import type { X } from "../runtime/index.ts";`,
    breach: "mail/a.ts: imports downwards, from runtime",
  },
  {
    title: "a worker counts as an import",
    file: "mail/a.ts",
    code: `new Worker(new URL("../runtime/index.ts", import.meta.url));`,
    breach: "mail/a.ts: imports downwards, from runtime",
  },
  {
    title: "a room has one door",
    file: "net/a.ts",
    code: `export * from "../mail/domain.ts";`,
    breach: "net/a.ts: enters mail by mail/domain.ts",
  },
  {
    title: "settings.ts is a door for config",
    file: "config/a.ts",
    code: `import { a } from "../net/settings.ts";`,
    breach: undefined,
  },
  {
    title: "settings.ts is no door for others",
    file: "app/a.ts",
    code: `import { a } from "../net/settings.ts";`,
    breach: "app/a.ts: enters net by net/settings.ts",
  },
  {
    title: "a folder that is no room",
    file: "utils/a.ts",
    code: "",
    breach: "utils/a.ts: its folder is no room of the plan",
  },
  {
    title: "a file in a wing's own folder",
    file: "policy/a.ts",
    code: "",
    breach: "policy/a.ts: its folder is no room of the plan",
  },
  {
    title: "an import out of src/",
    file: "mail/a.ts",
    code: `import "../../scripts/check.ts";`,
    breach: "mail/a.ts: imports ../scripts/check.ts, which is in no room",
  },
  {
    title: "no program is started",
    file: "net/a.ts",
    code: `const a = await import("node:child_process");`,
    breach: "net/a.ts: imports node:child_process: no program is started",
  },
  {
    title: "no name is looked up past our resolver",
    file: "net/a.ts",
    code: `import { lookup } from "node:dns";`,
    breach: "net/a.ts: imports node:dns: names are looked up by our own resolver",
  },
  {
    title: "a fenced package stays in its room",
    file: "net/a.ts",
    code: `import packet from "dns-packet";`,
    breach: "net/a.ts: imports dns-packet: only protocol/dns may",
  },
  {
    title: "and is known there",
    file: "protocol/dns/a.ts",
    code: `import packet from "dns-packet";`,
    breach: undefined,
  },
  {
    title: "a module named by an expression",
    file: "net/a.ts",
    code: `const a = await import(name);`,
    breach: "net/a.ts: imports a module that is not written out",
  },
  {
    title: "protocol knows no runtime",
    file: "protocol/smtp/a.ts",
    code: `import "../../runtime/index.ts";`,
    breach:
      "protocol/smtp/a.ts: protocol never knows runtime: engines are tested and fuzzed without a machine around them",
  },
  {
    title: "protocol knows no module of Node",
    file: "protocol/smtp/a.ts",
    code: `import { createHash } from "node:crypto";`,
    breach:
      "protocol/smtp/a.ts: protocol never knows node:crypto: engines are tested and fuzzed without a machine around them",
  },
  {
    title: "but sasl knows hashes",
    file: "protocol/sasl/a.ts",
    code: `import { createHash } from "node:crypto";`,
    breach: undefined,
  },
  {
    title: "policy knows no SMTP",
    file: "policy/checks/a.ts",
    code: `import "../../protocol/smtp/index.ts";`,
    breach:
      "policy/checks/a.ts: policy never knows protocol/smtp: a decision is the same live, in a test and in a rehearsal",
  },
  {
    title: "an engine of the store knows no policy",
    file: "store/sqlite/a.ts",
    code: `import "../../policy/checks/index.ts";`,
    breach:
      "store/sqlite/a.ts: store never knows policy/checks: it keeps and finds, it never decides",
  },
  {
    title: "net knows no store",
    file: "net/a.ts",
    code: `import "../store/index.ts";`,
    breach: "net/a.ts: net never knows store: it carries any dialogue",
  },
  {
    title: "the queue knows no net",
    file: "service/queue/a.ts",
    code: `import "../../net/index.ts";`,
    breach:
      "service/queue/a.ts: service/queue never knows net: delivery tries, the queue knows when",
  },
  {
    title: "web knows no protocol",
    file: "web/a.ts",
    code: `import "../protocol/dns/index.ts";`,
    breach: "web/a.ts: web never knows protocol/dns: it asks service and operate",
  },
  {
    title: "cli knows no net",
    file: "cli/a.ts",
    code: `import "../net/index.ts";`,
    breach: "cli/a.ts: cli never knows net: it asks service and operate",
  },
  {
    title: "a circle of files",
    file: "mail/index.ts",
    code: `export * from "./index.ts";`,
    breach: "imports go round: mail/index.ts → mail/index.ts",
  },
];

describe("a made-up house", () => {
  test("is in order", () => {
    assert.deepEqual(breaches(new Map(SOUND)), []);
  });

  for (const { title, file, code, breach } of CASES) {
    test(title, () => {
      const house = new Map(SOUND).set(file, `/** A file. */\n${code}\n`);
      assert.deepEqual(breaches(house), breach === undefined ? [] : [breach]);
    });
  }

  test("the maker of grants is for its own room", () => {
    const maker = "/** Makes grants. */\n";
    const inside = `/** A check. */\nimport { grant } from "./grant-maker.ts";\n`;
    const outside = `/** A service. */\nimport { grant } from "../../policy/checks/grant-maker.ts";\n`;
    const house = new Map(SOUND)
      .set("policy/checks/grant-maker.ts", maker)
      .set("policy/checks/login.ts", inside);
    assert.deepEqual(breaches(house), []);
    assert.deepEqual(breaches(house.set("service/receive/a.ts", outside)), [
      "service/receive/a.ts: imports the maker of grants",
      "service/receive/a.ts: enters policy/checks by policy/checks/grant-maker.ts",
    ]);
  });

  test("a file that does not say what it is", () => {
    const house = new Map(SOUND).set("mail/a.ts", "export const a = 1;\n");
    assert.deepEqual(breaches(house), [
      "mail/a.ts: does not begin by saying what it is (/** … */)",
    ]);
  });

  test("a circle over several files is told once", () => {
    const house = new Map(SOUND)
      .set("mail/a.ts", `/** A. */\nimport type { B } from "./b.ts";\n`)
      .set("mail/b.ts", `/** B. */\nimport { c } from "./c.ts";\n`)
      .set("mail/c.ts", `/** C. */\nimport { a } from "./a.ts";\n`);
    assert.deepEqual(breaches(house), [
      "imports go round: mail/a.ts → mail/b.ts → mail/c.ts → mail/a.ts",
    ]);
  });
});
