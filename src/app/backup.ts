/** A site's backup and its restoration: store, configuration, certificate and key as one file. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { LoadedConfig } from "../config/index.ts";
import { OperatorError } from "../runtime/index.ts";
import {
  backUpSqlite,
  filesInBackup,
  restoreSqlite,
  type SiteFile,
} from "../store/sqlite/index.ts";
import { CONFIG_NAME } from "./site.ts";

/** Writes the backup; the server may be running. Throws a StoreError or OperatorError. */
export function backUpSite(loaded: LoadedConfig, target: string): void {
  if (existsSync(target))
    throw new OperatorError(`${target} is there already; nothing was written`);
  backUpSqlite(loaded.storePath, resolve(target), siteFiles(loaded));
}

export interface Restored {
  readonly file: string;
  /** Files that the configuration names outside of the site: where a copy was put instead. */
  readonly elsewhere: readonly { readonly named: string; readonly copy: string }[];
}

/**
 * Makes the site of a backup in `dir`, where there must be none. Throws a StoreError or OperatorError, and then leaves
 * nothing behind.
 */
export function restoreSite(backup: string, dir: string): Restored {
  if (!existsSync(backup)) throw new OperatorError(`there is no file ${backup}`);
  const made: string[] = [];
  try {
    return restoreInto(resolve(dir), backup, made);
  } catch (error) {
    for (const file of made) rmSync(file, { force: true });
    throw error;
  }
}

function restoreInto(dir: string, backup: string, made: string[]): Restored {
  const files = filesInBackup(backup);
  refuseIfThere(join(dir, CONFIG_NAME));
  const elsewhere = [];
  for (const { role, path, content } of files.filter((file) => file.role !== "store")) {
    const place = join(dir, placeInSite(role, path));
    if (place !== join(dir, path)) elsewhere.push({ named: path, copy: place });
    put(place, content, made);
  }
  const store = files.find(({ role }) => role === "store")?.path ?? "gatepost.db";
  const place = join(dir, placeInSite("store", store));
  refuseIfThere(place);
  made.push(place);
  restoreSqlite(backup, place);
  chmodSync(place, 0o600);
  return { file: join(dir, CONFIG_NAME), elsewhere };
}

/** Everything the site is made of besides the database itself; of the store only the place. */
function siteFiles(loaded: LoadedConfig): readonly SiteFile[] {
  const { store, tls } = loaded.config;
  const read = (role: string, path: string): SiteFile => ({
    role,
    path,
    content: readFileSync(loaded.path(path)),
  });
  return [
    { ...read("configuration", loaded.file), path: CONFIG_NAME },
    { role: "store", path: store.slice("sqlite:".length), content: new Uint8Array(0) },
    ...(tls === undefined ? [] : [read("certificate", tls.certificate), read("key", tls.key)]),
  ];
}

/** A path inside the site stays; one that leads out of it could be anything on another machine. */
function placeInSite(role: string, path: string): string {
  const leadsOut = isAbsolute(path) || path.split("/").includes("..");
  return leadsOut ? join("restored", role) : path;
}

function put(place: string, content: Uint8Array, made: string[]): void {
  refuseIfThere(place);
  mkdirSync(dirname(place), { recursive: true });
  made.push(place);
  writeFileSync(place, content, { flag: "wx", mode: 0o600 });
}

function refuseIfThere(place: string): void {
  if (existsSync(place)) throw new OperatorError(`${place} is there already; nothing was changed`);
}
