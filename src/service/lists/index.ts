/** What time demands of lists: local files, read again when they change. */
export { ListFiles, type FileFault, type ListFilesDeps } from "./list-files.ts";
export { readInThread } from "./reader-thread.ts";
export type { ListFile, ListFileState } from "./watched-file.ts";
