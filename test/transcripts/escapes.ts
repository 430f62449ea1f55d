/** Octets written as text, one line each, and back: what stands after "C: ", "S: " and "| " in a transcript. */

/** The octets of a line as written: escapes undone, other characters as UTF-8, and CRLF unless it ends in "\". */
export function decodeLine(text: string): Uint8Array {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < text.length) {
    const backslash = text.indexOf("\\", at);
    if (backslash < 0) break;
    parts.push(Buffer.from(text.slice(at, backslash)));
    if (backslash === text.length - 1) return Buffer.concat(parts);
    const [octets, end] = escape(text, backslash);
    parts.push(octets);
    at = end;
  }
  parts.push(Buffer.from(`${text.slice(at)}\r\n`));
  return Buffer.concat(parts);
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ["r", "\r"],
  ["n", "\n"],
  ["t", "\t"],
  ["0", "\0"],
  ["\\", "\\"],
]);

/** The octets of the escape at `at`, and the index after it. */
function escape(text: string, at: number): [Buffer, number] {
  const named = NAMED.get(text[at + 1] ?? "");
  if (named !== undefined) return [Buffer.from(named), at + 2];
  const hex = /^\\x([0-9a-f]{2})/i.exec(text.slice(at));
  if (hex !== null) return [Buffer.from(hex[1] ?? "", "hex"), at + 4];
  const repeat = /^\\\{([0-9]+):([^}]+)\}/.exec(text.slice(at));
  if (repeat !== null)
    return [Buffer.from((repeat[2] ?? "").repeat(Number(repeat[1]))), at + repeat[0].length];
  throw new Error(`unknown escape in "${text}" at ${at}`);
}

/** Octets as lines of text; the last one ends in "\" when it has no CRLF. */
export function encodeLines(octets: Uint8Array): string[] {
  if (octets.length === 0) return [];
  const lines = Buffer.from(octets).toString("latin1").split("\r\n");
  const rest = lines.pop() ?? "";
  const encoded = lines.map(encode);
  return rest === "" ? encoded : [...encoded, `${encode(rest)}\\`];
}

/** Characters U+0000 to U+00FF as printable ASCII with escapes; long runs of one character are counted. */
function encode(text: string): string {
  return text
    .replace(/[^\x20-\x5b\x5d-\x7e]/g, escapeOf)
    .replace(/([A-Za-z0-9])\1{59,}/g, (run, char: string) => `\\{${run.length}:${char}}`);
}

function escapeOf(char: string): string {
  for (const [letter, meaning] of NAMED) if (meaning === char) return `\\${letter}`;
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
