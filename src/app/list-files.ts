/** The lists of a configuration that are files: read before it is in force, and watched while it is. */
import { ConfigError, type LoadedConfig } from "../config/index.ts";
import { systemClock, type Log } from "../runtime/index.ts";
import { ListFiles, readInThread } from "../service/lists/index.ts";
import { idleTimer } from "./timer.ts";

/** Throws a ConfigError where one cannot be used and was not read `before` either. */
export async function openListFiles(
  loaded: LoadedConfig,
  log: Log,
  before?: ListFiles,
): Promise<ListFiles> {
  const { lists } = loaded.config;
  const wanted = lists
    .filter((list) => list.source === "file")
    .map(({ name, kind, file, format, subzone }) => ({
      name,
      kind,
      path: loaded.path(file),
      format,
      subzone,
    }));
  const deps = { read: readInThread, clock: systemClock, timer: idleTimer, log };
  const { files, faults } = await ListFiles.open(wanted, deps, before);
  if (faults.length === 0) return files;
  const problems = faults.map(({ list, problem }) => {
    const index = lists.findIndex(({ name }) => name === list);
    const path = wanted.find(({ name }) => name === list)?.path ?? "";
    return { key: `lists.${index}.file`, problem: `${path}: ${problem}` };
  });
  throw new ConfigError(loaded.file, problems);
}
