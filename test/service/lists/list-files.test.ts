/** Local lists on the disk: read at start, taken again when they have changed and are whole, kept when the new file is no good. */
import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, test } from "node:test";
import { ManualClock, type Fields, type Log } from "../../../src/runtime/index.ts";
import { ListFiles, readInThread, type ListFile } from "../../../src/service/lists/index.ts";
import { subjectOf } from "../../fuzz/list-file/made-file.ts";

const home = mkdtempSync(join(tmpdir(), "gatepost-test-"));
after(() => rmSync(home, { recursive: true }));

const path = join(home, "relays");
const FILE: ListFile = { name: "relays", kind: "addresses", path, format: "auto", subzone: "" };

let said: { readonly event: string; readonly fields: Fields | undefined }[];
let clock: ManualClock;
let timers: (() => void)[];

beforeEach(() => {
  said = [];
  timers = [];
  clock = new ManualClock(Date.UTC(2026, 10, 28));
  rmSync(path, { force: true, recursive: true });
});

const note = (event: string, fields?: Fields): number => said.push({ event, fields });
const log: Log = { info: note, warn: note, error: note, flush() {} };

function open(
  files: readonly ListFile[] = [FILE],
  before?: ListFiles,
): ReturnType<typeof ListFiles.open> {
  // prettier-ignore
  const timer = (_ms: number, then: () => void): (() => void) => {
    timers.push(then);
    return () => timers.splice(timers.indexOf(then), 1);
  };
  return ListFiles.open(files, { read: readInThread, clock, timer: { after: timer }, log }, before);
}

function answer(files: ListFiles, who: string, list = FILE): string {
  const subject = subjectOf(who);
  assert.ok(subject !== undefined);
  const raw = files.find(list, subject);
  if (raw.kind === "failed") return `failed: ${raw.why}`;
  return raw.kind === "clear" ? "clear" : [...raw.codes, raw.text ?? ""].join(" ").trim();
}

/** A file that is written in place is believed at the second look. */
async function lookTwice(files: ListFiles): Promise<void> {
  await files.look();
  await files.look();
}

describe("local lists on the disk", () => {
  test("are read at start, and asked", async () => {
    writeFileSync(path, "192.0.2.0/24 :3:Open relay $\n");
    const { files, faults } = await open();
    assert.deepEqual(faults, []);
    assert.equal(answer(files, "192.0.2.9"), "127.0.0.3 Open relay 192.0.2.9");
    assert.equal(answer(files, "192.0.3.9"), "clear");
    assert.deepEqual(files.states(), [{ list: "relays", path, format: "ip4set", entries: 1 }]);
  });

  const AT_START: readonly (readonly [string, () => void, string])[] = [
    ["is missing", () => {}, "there is no such file"],
    ["is a directory", () => mkdirSync(path), "it is no file"],
    ["leads nowhere", () => symlinkSync(join(home, "nowhere"), path), "there is no such file"],
    ["is compressed", () => writeFileSync(path, Buffer.from([0x1f, 0x8b, 8, 0])), "it is compressed (gzip); expected plain text"], // prettier-ignore
    ["has a line that is no good", () => writeFileSync(path, "192.0.2.1\n192.0.2.300\n"), 'line 2: "192.0.2.300": expected an address, a block or a range, such as 192.0.2.0/24'], // prettier-ignore
    ["could be either", () => writeFileSync(path, "192.0.2.1\nbad.example\n"), "what format it is in cannot be told: it has names and addresses; expected a setting that says it"], // prettier-ignore
    ["has names", () => writeFileSync(path, "bad.example\n"), 'it has names (dnset), and is to be a list of addresses; expected kind = "names"'], // prettier-ignore
    ["lists the world", () => writeFileSync(path, "0.0.0.0/0\n"), "it lists 100 % of all IPv4 addresses; expected at most 50 %"], // prettier-ignore
    ["has other parts", () => writeFileSync(path, "$DATASET ip4set relays\n192.0.2.1\n"), "no dataset in it is for the list itself (@); expected as subzone one of relays"], // prettier-ignore
  ];
  for (const [title, make, problem] of AT_START)
    test(`a file that ${title} is a fault at start`, async () => {
      make();
      const { files, faults } = await open();
      assert.deepEqual(faults, [{ list: "relays", problem }]);
      assert.equal(answer(files, "192.0.2.1"), "failed: unreachable");
    });

  test("many bad lines: the first three are told, the rest is counted", async () => {
    writeFileSync(path, "192.0.2.1 ; x\n1\n2\n3\n4\n5\n");
    const { faults } = await open([{ ...FILE, format: "cidr" }]);
    assert.match(faults[0]?.problem ?? "", /^line 2: .*; line 3: .*; line 4: .*; and 2 more$/);
  });

  test("a new file is taken, whole, once it was the same at two looks", async () => {
    writeFileSync(path, "192.0.2.1\n");
    const { files } = await open();
    writeFileSync(join(home, "new"), "192.0.2.2 ; by hand\n192.0.2.3\n");
    renameSync(join(home, "new"), path);
    await files.look();
    assert.equal(answer(files, "192.0.2.2"), "clear");
    await files.look();
    assert.equal(answer(files, "192.0.2.2"), "127.0.0.2 by hand");
    assert.equal(answer(files, "192.0.2.1"), "clear");
    await lookTwice(files);
    assert.deepEqual(said, [
      { event: "list file read", fields: { list: "relays", path, format: "cidr", entries: 2 } },
    ]);
  });

  test("of a new file that is no good nothing is taken; it is told once, with line and reason", async () => {
    writeFileSync(path, "192.0.2.1\n");
    const { files } = await open();
    writeFileSync(path, "192.0.2.2\n192.0.2.3/40\n");
    await lookTwice(files);
    await lookTwice(files);
    assert.equal(answer(files, "192.0.2.1"), "127.0.0.2");
    assert.equal(answer(files, "192.0.2.2"), "clear");
    const problem = 'line 2: "192.0.2.3/40": expected 0 to 32 bits behind the slash';
    assert.deepEqual(
      said.map(({ event, fields }) => [event, fields?.["problem"]]),
      [["list file not taken", problem]],
    );
    assert.equal(files.states()[0]?.problem, problem);

    writeFileSync(path, "192.0.2.4\n");
    await lookTwice(files);
    assert.equal(answer(files, "192.0.2.4"), "127.0.0.2");
    assert.equal(files.states()[0]?.problem, undefined);
  });

  test("a file that is gone stays in force; when it comes back it is read", async () => {
    writeFileSync(path, "192.0.2.1\n");
    const { files } = await open();
    rmSync(path);
    await lookTwice(files);
    await lookTwice(files);
    assert.equal(answer(files, "192.0.2.1"), "127.0.0.2");
    assert.deepEqual(
      said.map(({ fields }) => fields?.["problem"]),
      ["there is no such file"],
    );
    writeFileSync(path, "192.0.2.2\n");
    await lookTwice(files);
    assert.equal(answer(files, "192.0.2.2"), "127.0.0.2");
  });

  test("of the same length and written in the same place: the time tells it", async () => {
    writeFileSync(path, "192.0.2.1\n");
    const { files } = await open();
    writeFileSync(path, "192.0.2.2\n");
    utimesSync(path, 1_800_000_000, 1_800_000_000);
    await lookTwice(files);
    assert.equal(answer(files, "192.0.2.2"), "127.0.0.2");
  });

  test("what has expired says nothing, and that is told once", async () => {
    writeFileSync(path, "$TIMESTAMP 2026:11:27 2026:11:29\n192.0.2.1\n");
    const { files } = await open();
    assert.equal(answer(files, "192.0.2.1"), "127.0.0.2");
    clock.jump(86_400_000);
    assert.equal(answer(files, "192.0.2.1"), "failed: refused");
    await lookTwice(files);
    assert.deepEqual(
      said.map(({ event }) => event),
      ["list file has expired"],
    );
  });

  test("a reload reads what has changed, and keeps what it had where that is no good", async () => {
    writeFileSync(path, "192.0.2.1\n");
    const first = await open();
    const same = await open([{ ...FILE, name: "relays" }], first.files);
    assert.deepEqual(same.faults, []);
    writeFileSync(path, "192.0.2.2/99\n");
    const kept = await open([FILE], same.files);
    assert.deepEqual(kept.faults, []);
    assert.equal(answer(kept.files, "192.0.2.1"), "127.0.0.2");
    assert.deepEqual(
      said.map(({ event }) => event),
      ["list file not taken"],
    );
    const other = await open([{ ...FILE, format: "ip4trie" }], kept.files);
    assert.equal(other.faults.length, 1, "of another format nothing was read before");
    writeFileSync(path, "192.0.2.3\n");
    const mended = await open([FILE], kept.files);
    assert.equal(answer(mended.files, "192.0.2.3"), "127.0.0.2");
  });

  test("two lists may be parts of one file", async () => {
    writeFileSync(path, "$DATASET ip4set relays\n192.0.2.1\n$DATASET ip4set proxies\n192.0.2.2\n");
    const lists = ["relays", "proxies"].map((name) => ({ ...FILE, name, subzone: name }));
    const { files, faults } = await open(lists);
    assert.deepEqual(faults, []);
    const [relays = FILE, proxies = FILE] = lists;
    assert.equal(answer(files, "192.0.2.1", relays), "127.0.0.2");
    assert.equal(answer(files, "192.0.2.1", proxies), "clear");
  });

  test("are looked at again and again, until they are closed", async () => {
    writeFileSync(path, "192.0.2.1\n");
    const { files } = await open();
    assert.equal(timers.length, 0);
    files.watch();
    assert.equal(timers.length, 1);
    files.close();
    assert.equal(timers.length, 0);
  });

  test("a file that needs too much memory ends its thread and nothing else", async () => {
    const names = Array.from({ length: 200_000 }, (_, i) => `n${i}.a-rather-long-name-of-a-domain.example :2:text ${i}`); // prettier-ignore
    writeFileSync(path, names.join("\n"));
    const wanted = { path, format: "dnset" } as const;
    const reading = await readInThread(wanted, { heapMebibytes: 8 });
    assert.equal(reading.kind, "unreadable");
    assert.match(
      reading.kind === "unreadable" ? reading.problem : "",
      /^reading it broke: .*memory/,
    );
    const late = await readInThread(wanted, { readingMs: 1 });
    assert.deepEqual(late, { kind: "unreadable", problem: "reading it took more than 1 ms" });
  });
});
