/**
 * Holds source files against the plan of rooms. Takes a map of file texts, so that made-up houses can be
 * judged like the real one, and gives one sentence for each breach; none when the house is in order.
 */
import { posix } from "node:path";
import { importsOf } from "./imports.ts";
import { ALLOWED, FENCED, FORBIDDEN_EVERYWHERE, GRANT_MAKER, NEVERS, ROOMS } from "./rooms.ts";

/** File texts by their path below src/: "mail/domain.ts". */
export type Files = ReadonlyMap<string, string>;

export function breaches(files: Files): string[] {
  return [
    ...[...files].flatMap(([file, source]) => breachesOf(file, source)),
    ...cycles(files).map((cycle) => `imports go round: ${cycle.join(" → ")}`),
  ];
}

function breachesOf(file: string, source: string): string[] {
  const room = roomOf(file);
  if (room === undefined) return [`${file}: its folder is no room of the plan`];
  const { modules, computed } = importsOf(source);
  return [
    ...(source.startsWith("/**")
      ? []
      : [`${file}: does not begin by saying what it is (/** … */)`]),
    ...(computed ? [`${file}: imports a module that is not written out`] : []),
    ...modules.flatMap((module) => breachesOfImport(file, room, module)),
  ];
}

function breachesOfImport(file: string, room: string, module: string): string[] {
  const forbidden = FORBIDDEN_EVERYWHERE.get(module);
  if (forbidden !== undefined) return [`${file}: imports ${module}: ${forbidden}`];
  const home = FENCED.get(module);
  if (home !== undefined && home !== room) return [`${file}: imports ${module}: only ${home} may`];
  if (!module.startsWith(".")) return breachesOfNever(file, room, module);

  const target = posix.join(posix.dirname(file), module);
  const targetRoom = roomOf(target);
  if (targetRoom === undefined) return [`${file}: imports ${target}, which is in no room`];
  if (targetRoom === room) return [];
  return [
    ...(target === GRANT_MAKER ? [`${file}: imports the maker of grants`] : []),
    ...(ROOMS.indexOf(targetRoom) > ROOMS.indexOf(room)
      ? [`${file}: imports downwards, from ${targetRoom}`]
      : []),
    ...(isDoor(target, targetRoom, room) ? [] : [`${file}: enters ${targetRoom} by ${target}`]),
    ...breachesOfNever(file, room, targetRoom),
  ];
}

/** Another room is entered through its index.ts; config may also take its settings.ts. */
function isDoor(target: string, targetRoom: string, from: string): boolean {
  const doors = from === "config" ? ["index.ts", "settings.ts"] : ["index.ts"];
  return doors.some((door) => target === `${targetRoom}/${door}`);
}

/** `known` is a room, a package or a Node module. */
function breachesOfNever(file: string, room: string, known: string): string[] {
  if (ALLOWED.get(room)?.includes(known)) return [];
  return NEVERS.filter((never) => isWithin(room, never.room))
    .filter((never) => never.knows.some((forbidden) => isWithin(known, forbidden)))
    .map((never) => `${file}: ${never.room} never knows ${known}: ${never.why}`);
}

function isWithin(name: string, place: string): boolean {
  if (place === "node:*") return name.startsWith("node:");
  return name === place || name.startsWith(`${place}/`);
}

/** The room is the file's own folder; a folder that the plan does not name is no room. */
function roomOf(file: string): string | undefined {
  const folder = posix.dirname(file);
  return ROOMS.includes(folder) ? folder : undefined;
}

/** Circles of files, each told once, from its first file in reading order. */
function cycles(files: Files): string[][] {
  const found: string[][] = [];
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file]);
    if (path.includes(file) || finished.has(file)) return;
    path.push(file);
    for (const next of neighboursOf(file, files)) visit(next);
    path.pop();
    finished.add(file);
  };
  for (const file of files.keys()) visit(file);
  return found;
}

function neighboursOf(file: string, files: Files): string[] {
  return importsOf(files.get(file) ?? "")
    .modules.filter((module) => module.startsWith("."))
    .map((module) => posix.join(posix.dirname(file), module))
    .filter((target) => files.has(target));
}
