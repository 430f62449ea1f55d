/** The DNS without sockets: names, questions and answers on the wire, the interface of a resolver, one for tests. */
export * from "./answer.ts";
export * from "./name.ts";
export * from "./question.ts";
export * from "./records.ts";
export * from "./resolver.ts";
export * from "./scripted-resolver.ts";
