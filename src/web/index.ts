/**
 * What is asked for by HTTP, and the answer: MTA-STS policies, automatic set-up of mail programs, the page of whoever is listed. Who carries it
 * is nobody's concern here.
 */
export { answerWeb } from "./answer.ts";
export type { WebRequest, WebResponse } from "./exchange.ts";
export type { KeptResult, ListedSite } from "./listed-site.ts";
export { Presses } from "./presses.ts";
export { SeenTests } from "./seen-tests.ts";
export type { WebSite } from "./site.ts";
