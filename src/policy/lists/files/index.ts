/** Local lists: their formats, and what they say. */
export { blocksOf, readBlock4, text4, type Prefix4, type Range4 } from "./address4.ts";
export { blocksBetween, readBlock6, type Block6, type Words } from "./address6.ts";
export { AnswerSets } from "./answer-sets.ts";
export { DatasetBuilder } from "./builder.ts";
export { cursorOn } from "./cursor.ts";
export { faultOf, segmentsShare, SHARE_LIMIT, type WantedList } from "./fault.ts";
export { formatByName, LIST_FORMATS, type ListFormat } from "./format.ts";
export { GrowingOctets } from "./growing-octets.ts";
export { GrowingWords } from "./growing-words.ts";
export { Lines, LINE_LIMIT } from "./lines.ts";
export { ENTRIES_LIMIT, ListParser, type ParsedList } from "./parser.ts";
export type { ListProblem } from "./problems.ts";
export { hashOf, hashOfOctets } from "./name-order.ts";
export { compare as compareRows, orderOf } from "./order.ts";
export { segmentsOf } from "./ranges.ts";
export { ListReader, type FileAnswer } from "./reader.ts";
export { eachValue, textAbout, valuesOf } from "./said.ts";
export { compareAt, findName, nameRow, segmentOf, segmentUpTo, type NameHit } from "./search.ts";
export { letGoOf, sharedDataset, sharedRow, sharedSnapshot } from "./shared.ts";
export {
  EXCLUDED,
  octetsOf,
  type Dataset,
  type ListSnapshot,
  type NameTable,
  type Segments,
  type Values,
} from "./snapshot.ts";
export { fill } from "./template.ts";
export { ValueNumbers } from "./value-numbers.ts";
export { walk4, walk6, walkNames } from "./walk.ts";
