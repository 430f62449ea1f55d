/** What is committed installs anywhere: packages come from wherever npm is set up to look, by name and hash. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";

const ROOT = new URL("../", import.meta.url);

const Dependencies = z.record(z.string(), z.string()).default({});
const Manifest = z.object({ dependencies: Dependencies, devDependencies: Dependencies });
const Lockfile = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ resolved: z.string().optional(), integrity: z.string().optional() }),
  ),
});

/** Tracked files and those about to be: whatever git does not ignore. */
function files(): string[] {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const output = execFileSync("git", list, { cwd: ROOT, encoding: "utf8" });
  return output.split("\0").filter((file) => file !== "" && existsSync(new URL(file, ROOT)));
}

function read(file: string): string {
  return readFileSync(new URL(file, ROOT), "utf8");
}

/** An address of a package or of a place that serves them; npm's setting for one; npm's keys. */
const NAMES_REGISTRY = [
  /https?:\/\/\S+\.(?:tgz|deb)\b/,
  /https?:\/\/(?:[\w-]+\.)*(?:registry|npm|deb)\./,
  /^\s*(?:@[\w-]+:)?registry\s*=/m,
  /(?:^|:)_auth(?:Token)?\s*=/m,
];

function namesRegistry(text: string): boolean {
  return NAMES_REGISTRY.some((form) => form.test(text));
}

test("no file names a package registry", () => {
  const all = files();
  assert.ok(all.includes("package-lock.json"));
  assert.deepEqual(
    all.filter((file) => namesRegistry(read(file))),
    [],
  );
});

test("a file that names one would be found", () => {
  const scheme = "https:";
  const texts = ["//packages.example/a-1.0.0.tgz", "//registry.example/", "//cdn.deb.example/"];
  for (const text of texts) assert.ok(namesRegistry(`"resolved": "${scheme}${text}"`), text);
  for (const key of ["registry", "@scope:registry", "_auth"])
    assert.ok(namesRegistry(`${key} = x`));
  assert.equal(namesRegistry("a registry of mailboxes: https://example.org/registry"), false);
});

test("the lockfile pins by hash and gives no address", () => {
  const { packages } = Lockfile.parse(JSON.parse(read("package-lock.json")));
  const installed = Object.entries(packages).filter(([place]) => place !== "");
  assert.ok(installed.length > 0);
  for (const [place, entry] of installed) {
    assert.equal(entry.resolved, undefined, place);
    assert.match(entry.integrity ?? "", /^sha512-/, place);
  }
});

test("the lockfile belongs to this package.json", () => {
  const { packages } = Lockfile.parse(JSON.parse(read("package-lock.json")));
  assert.deepEqual(Manifest.parse(packages[""]), Manifest.parse(JSON.parse(read("package.json"))));
});
