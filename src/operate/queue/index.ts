/** The queue before its operator: found by what is known of it, shown to people and scripts, acted on page by page. */
export { lastCarriers, type CarrierOf } from "./carriers.ts";
export { readConditions, readName, type QueueConditions } from "./conditions.ts";
export { rowContent, rowHeaders } from "./content.ts";
export { messageLines } from "./message-text.ts";
export { actOnAll, everyRow, FirstRows } from "./pages.ts";
export { rowJson } from "./row-json.ts";
export { LIST_HEAD, rowLines } from "./row-text.ts";
export { parseDuration } from "./times.ts";
export { wholeShape, type WholeShape } from "./shape.ts";
export { shapeJson, shapeLines } from "./shape-text.ts";
