/**
 * Haraka, for the test that has it as the other server: the npm package, in the version that the bench pins, below .cache. What it
 * would compile is left out.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const HOME = fileURLToPath(new URL("../.cache/haraka/", import.meta.url));
const MANIFEST = fileURLToPath(new URL("../bench/", import.meta.url));

export const HARAKA = `${HOME}node_modules/Haraka`;

export function isHarakaThere(): boolean {
  return existsSync(`${HARAKA}/bin/haraka`);
}

/** What fails is seen by `isHarakaThere` afterwards. */
export function bringHaraka(): void {
  mkdirSync(HOME, { recursive: true });
  for (const file of ["package.json", "package-lock.json"])
    copyFileSync(`${MANIFEST}${file}`, `${HOME}${file}`);
  const args = ["ci", "--omit=optional", "--ignore-scripts", "--loglevel=error"];
  const { status, stderr, error } = spawnSync("npm", args, { cwd: HOME, encoding: "utf8" });
  if (status !== 0) console.log(`npm ${args.join(" ")} failed:\n${error?.message ?? stderr}`);
}
