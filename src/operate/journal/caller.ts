/** The certificate that a client showed, as a person reads it: who that is or why it is nobody, and what one would pin it by. */
import type { CallerFacts } from "../../mail/index.ts";

export function callerLines(facts: CallerFacts): readonly string[] {
  const { certificate, key, names } = facts;
  const named = names.length === 0 ? "for no domain" : `for ${names.join(", ")}`;
  return [
    `caller   ${whoText(facts)}`,
    `           certificate ${named}, sha256 ${certificate}`,
    ...(key === undefined ? [] : [`           its key sha256 ${key}`]),
  ];
}

function whoText({ level, peer, reason }: CallerFacts): string {
  if (peer !== undefined)
    return level === "pinned"
      ? `the peer ${peer}, by its key or its own authority`
      : `the peer ${peer}, by a public authority`;
  if (level === "none") return `no peer: ${reason ?? "no reason was written down"}`;
  return "no peer; a public authority vouches for its names";
}
