/** Published lists on the network: sockets, threads, who is told of changes, what was asked. */
export { ListServer, type ServedLists } from "./list-server.ts";
export type { StreamSettings } from "./messages.ts";
export { Notifier, type NotifiedZone } from "./notifier.ts";
export { ListStatistics } from "./statistics.ts";
