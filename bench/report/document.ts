/** Puts measured text into docs/performance.md, between the two marks of its section; everything else there stays. */
import { readFileSync, writeFileSync } from "node:fs";

const DOCUMENT = new URL("../../docs/performance.md", import.meta.url);

export type Section =
  | "servers"
  | "large"
  | "profile"
  | "relay"
  | "signing"
  | "tls"
  | "authentication"
  | "lists"
  | "published"
  | "journal";

export function writeSection(section: Section, text: string): void {
  const document = readFileSync(DOCUMENT, "utf8");
  const [begin, end] = [`<!-- bench: ${section} -->`, `<!-- end of ${section} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no section ${section}`);
  const before = document.slice(0, from + begin.length);
  writeFileSync(DOCUMENT, `${before}\n${text}\n${document.slice(to)}`);
}
