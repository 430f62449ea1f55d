/** Lists that are files, from the configuration: where they stand, and how the operator is told of one that cannot be used. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openListFiles } from "../../src/app/index.ts";
import { ConfigError, loadConfig, type LoadedConfig } from "../../src/config/index.ts";
import { silentLog } from "../../src/runtime/index.ts";

const home = mkdtempSync(join(tmpdir(), "gatepost-test-"));
after(() => rmSync(home, { recursive: true }));

function config(lists: string): LoadedConfig {
  const file = join(home, "gatepost.toml");
  writeFileSync(
    file,
    `hostname = "mx.local.example"\npostmaster = "postmaster@local.example"\n${lists}`,
  );
  return loadConfig(file);
}

test("relative to the configuration; the extension says the format", async () => {
  writeFileSync(join(home, "relays.ip4trie"), "192.0.2.0/24\n");
  const loaded = config('[[lists]]\nfile = "relays.ip4trie"\n');
  const files = await openListFiles(loaded, silentLog);
  const path = join(home, "relays.ip4trie");
  assert.deepEqual(files.states(), [{ list: "relays.ip4trie", path, format: "ip4trie", entries: 1 }]); // prettier-ignore
});

test("all that cannot be used are told, by their keys", async () => {
  writeFileSync(join(home, "names"), "bad.example\n");
  const loaded = config(
    '[[lists]]\nzone = "bl.example"\n[[lists]]\nfile = "gone"\n[[lists]]\nfile = "names"\n',
  );
  await assert.rejects(openListFiles(loaded, silentLog), (error: unknown) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual(error.problems, [
      { key: "lists.1.file", problem: `${join(home, "gone")}: there is no such file` },
      {
        key: "lists.2.file",
        problem: `${join(home, "names")}: it has names (dnset), and is to be a list of addresses; expected kind = "names"`,
      },
    ]);
    return true;
  });
});

const BAD: readonly (readonly [string, string])[] = [
  ['file = "a"\nformat = "bind"', "lists.0.format"],
  ['file = "a"\nsubzone = "a..b"', "lists.0.subzone"],
  ['zone = "bl.example"\nformat = "cidr"', "lists.0.format"],
  ['zone = "bl.example"\nsubzone = "a"', "lists.0.subzone"],
  ['file = "a"\nzone = "bl.example"', "lists.0.file"],
  ['file = "a"\nkey = "k"', "lists.0.key"],
  [
    'file = "a"\nsubzone = "b"\n[[lists]]\nname = "other"\nfile = "a"\nsubzone = "b"',
    "lists.1.file",
  ],
];

for (const [lines, key] of BAD)
  test(`cannot be meant: ${lines.replaceAll("\n", ", ")}`, () => {
    assert.throws(
      () => config(`[[lists]]\n${lines}\n`),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.problems.map((one) => one.key), [key]); // prettier-ignore
        return true;
      },
    );
  });

test("two parts of one file are two lists", () => {
  const parts = ["a", "b"].map((part) => `[[lists]]\nname = "${part}"\nfile = "f"\nsubzone = "${part}"\n`); // prettier-ignore
  assert.equal(config(parts.join("")).config.lists.length, 2);
});
