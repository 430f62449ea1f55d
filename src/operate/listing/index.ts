/** The lists that this site publishes: entries with evidence and end, what is never listed, the brake, the record of changes; in and out. */
export { addEntry, type Added, type EntryWanted, type Held } from "./add.ts";
export { askedIn, askedOf, type Asked, type AskedQuery, type AskedUnit, type Outcomes } from "./asked.ts"; // prettier-ignore
export {
  burstProblem,
  growthProblem,
  type BrakeLimits,
  type Coming,
  type ZoneGrowth,
} from "./brake.ts";
export { parseCode } from "./code.ts";
export { entriesOf, protectedDataset, zoneDataset } from "./dataset.ts";
export {
  entryOf,
  EVIDENCE_KINDS,
  evidenceText,
  factsOf,
  keptEntry,
  type Evidence,
  type EvidenceKind,
  type KeptEntry,
  type ListEntry,
} from "./entry.ts";
export { evidenceOfTest } from "./test-evidence.ts";
export { exportLines, formatProblem, leftOut } from "./export.ts";
export { EXPORT_FORMATS, type ExportFormat, type ExportJob } from "./export-job.ts";
export { standings, zoneFigures, type Happened, type Standing, type ZoneFigures } from "./find.ts";
export { guardProblem, type GuardRules, type ProtectedSubject } from "./guards.ts";
export { IMPORT_ENTRIES, importEntries, type Imported, type ImportWanted, type NotImported } from "./import.ts"; // prettier-ignore
export { rowsOfList, type ImportProblem, type ImportRow, type ReadList } from "./import-list.ts";
export { entryJson, JsonLinesReader, type ReadJsonLines } from "./json-lines.ts";
export { DAY_MS, endOf, LONGEST_DAYS, type Lifetimes } from "./lifetime.ts";
export { brakes, releaseBrakes, type BrakeState } from "./release.ts";
export {
  removeEntry,
  retireZone,
  type Removed,
  type RemovalWanted,
  type Retired,
} from "./remove.ts";
export type { ListingSettings, ListingZone } from "./settings.ts";
export { guardRules, lifetimes, zoneNamed, type ListingSite, type Made } from "./site.ts";
export {
  parseSubjects,
  readSubject,
  subjectsAround,
  weightOf,
  type Subject,
  type ZoneKind,
} from "./subject.ts";
export { servedZones, SUBZONES_LIMIT, type RefusedSubzone, type ServedZone, type ZoneFile } from "./subzones.ts"; // prettier-ignore
export type { EntriesSnapshot } from "./snapshot-messages.ts";
export { SnapshotMaker } from "./snapshot-maker.ts";
export { snapshotOf } from "./snapshot-work.ts";
export { ZoneEntries, type EntryChange } from "./zone-entries.ts";
export { readText, TEXT_OCTETS } from "./text.ts";
export { undoChange, type Undone } from "./undo.ts";
