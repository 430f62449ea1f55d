/** What time demands of lists: they are probed, it is remembered how well they are, and local files are read again when they change. */
export { readHealth } from "./kept-health.ts";
export { ListFiles, type FileFault, type ListFilesDeps } from "./list-files.ts";
export { ListWatching, type ListWatchingDeps } from "./list-watching.ts";
export { START_MS } from "./probing.ts";
export { readInThread } from "./reader-thread.ts";
export type { ListFile, ListFileState } from "./watched-file.ts";
