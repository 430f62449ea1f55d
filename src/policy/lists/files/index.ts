/** Local lists: their formats, and what they say. */
export { text4 } from "./address4.ts";
export { faultOf, segmentsShare, SHARE_LIMIT, type WantedList } from "./fault.ts";
export { formatByName, LIST_FORMATS, type ListFormat } from "./format.ts";
export { ENTRIES_LIMIT, ListParser, type ParsedList } from "./parser.ts";
export type { ListProblem } from "./problems.ts";
export { hashOfOctets } from "./name-order.ts";
export { ListReader, type FileAnswer } from "./reader.ts";
export { eachValue, textAbout } from "./said.ts";
export { compareAt, findName, nameRow, segmentOf, segmentUpTo, type NameHit } from "./search.ts";
export {
  buffersOf,
  EXCLUDED,
  octetsOf,
  type Dataset,
  type ListSnapshot,
  type NameTable,
  type Segments,
} from "./snapshot.ts";
