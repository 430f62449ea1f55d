/** What `[suspects]` names has to be there, and has to be nothing else: named by its key, with the way to mend it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSuspects } from "../../src/app/index.ts";
import { ConfigError } from "../../src/config/index.ts";
import { configSchema } from "../../src/config/schema.ts";
import { MemoryDirectory } from "../support/memory-directory.ts";

const HERE = import.meta.dirname;
const FILE = "/etc/gatepost.toml";
const PLAIN = {
  hostname: "mx.local.example",
  postmaster: "admin@local.example",
  tester: { domain: "tests.local.example" },
  listing: {
    zone: [
      {
        zone: "bl.local.example",
        kind: "addresses",
        ns: ["ns.local.example"],
        contact: "admin@local.example",
      },
    ],
  },
};

function tables(suspects: Readonly<Record<string, unknown>>, more: object = {}) {
  return { ...PLAIN, suspects: { zone: "bl.local.example", ...suspects }, ...more };
}

/** What the configuration says against itself. */
function faults(suspects: Readonly<Record<string, unknown>>, more: object = {}): readonly string[] {
  const read = configSchema.safeParse(tables(suspects, more));
  return (read.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

/** And what the directory says against it. */
function problems(
  suspects: Readonly<Record<string, unknown>>,
  more: object = {},
): readonly string[] {
  const config = configSchema.parse(tables(suspects, more));
  const directory = new MemoryDirectory()
    .withDomain("local.example")
    .withMailbox("admin@local.example", "trap@local.example")
    .withAlias("sales@local.example", "trap@local.example");
  try {
    checkSuspects({ file: FILE, config, path: (name) => `${HERE}/${name}` }, directory);
  } catch (error) {
    assert.ok(error instanceof ConfigError && error.file === FILE);
    return error.problems.map(({ key, problem }) => `${key}: ${problem}`);
  }
  return [];
}

test("nothing is wrong with an address that nobody has, and with a mailbox that is there", () => {
  const suspects = { address: "relays@local.example", traps: ["Trap@LOCAL.example"] };
  assert.deepEqual([...faults(suspects), ...problems(suspects)], []);
  assert.deepEqual(problems({}), []);
});

test("the address is in a domain of this site, and nobody's", () => {
  assert.match(
    problems({ address: "relays@other.example" })[0] ?? "",
    /^suspects\.address: other\.example is no domain of this site; add it with `gatepost domain add other\.example`$/,
  );
  assert.match(
    problems({ address: "TRAP@local.example" })[0] ?? "",
    /^suspects\.address: there is a mailbox TRAP@local\.example, which would get none of its mail/,
  );
  assert.match(
    problems({ address: "sales@local.example" })[0] ?? "",
    /^suspects\.address: there is an alias sales@/,
  );
});

test("a trap is a mailbox", () => {
  const traps = ["trap@local.example", "none@local.example", "sales@local.example"];
  const found = problems({ traps });
  assert.equal(found.length, 2);
  assert.match(
    found[0] ?? "",
    /^suspects\.traps\.1: there is no mailbox none@local\.example; make it with `gatepost mailbox add none@/,
  );
  assert.match(found[1] ?? "", /^suspects\.traps\.2: there is no mailbox sales@/);
});

test("neither is what is something else already", () => {
  for (const local of ["postmaster", "Abuse", "tls-reports", "abuse+x"])
    assert.match(
      faults({ address: `${local}@local.example` })[0] ?? "",
      /^suspects\.address: mail for .*@ is something else already/,
      local,
    );
  assert.match(
    faults({ address: "relays@tests.local.example" })[0] ?? "",
    /^suspects\.address: only what comes back of relay tests/,
  );
  const relay = { domains: [{ domain: "inner.example", host: "10.0.0.5" }] };
  assert.match(
    faults({ address: "relays@inner.example" }, { relay })[0] ?? "",
    /^suspects\.address: the mailboxes of inner\.example are on another host/,
  );
  for (const trap of ["ADMIN@local.example", "relays@local.example"])
    assert.match(
      faults({ address: "Relays@local.example", traps: ["trap@local.example", trap] })[0] ?? "",
      /^suspects\.traps\.1: people write to/,
      trap,
    );
});

test("without the file of those who are not to be tested nobody is, so it must be there", () => {
  const said = (opt_out: string) => problems({}, { tester: { ...PLAIN.tester, opt_out } });
  assert.deepEqual(said("suspect-settings.test.ts"), []);
  assert.deepEqual(said("nobody"), [`tester.opt_out: ${HERE}/nobody: there is no such file`]);
  assert.deepEqual(said("."), [`tester.opt_out: ${HERE}/.: it is a directory`]);
});

test("a list that is not there is told with those that are", () => {
  const said = faults({ zone: "bl", outputs: "names.local.example" });
  const expected = "expected bl.local.example";
  assert.deepEqual(said, [
    `suspects.zone: there is no list of addresses bl; ${expected}`,
    `suspects.outputs: there is no list of addresses names.local.example; ${expected}`,
  ]);
});
