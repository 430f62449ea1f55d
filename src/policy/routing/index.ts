/** Where mail for a recipient would go, by the site's own directory alone. Decides nothing about who may send it. */
export * from "./directory.ts";
export * from "./route.ts";
