/** What is asked for by HTTP, and the answer: MTA-STS policies, automatic set-up of mail programs. Pure; who carries it is nobody's concern here. */
export { answerWeb, type WebRequest, type WebResponse } from "./answer.ts";
export type { WebSite } from "./site.ts";
