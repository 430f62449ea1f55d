/**
 * Readers of mail that are not ours. Each takes a From field in its own simple way; where we say who the author is, none of
 * them may find somebody else.
 */
/** The addresses that each reader finds in the field's body. */
export function readings(body: string): readonly (readonly string[])[] {
  return [splitter(body), bracketFinder(body), bracketFinder(decoded(body)), pattern(body)];
}

/** Takes quoted strings and comments away, splits at commas, believes brackets. */
function splitter(body: string): readonly string[] {
  let plain = "";
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < body.length; i++) {
    const char = body.charAt(i);
    if (char === "\\" && (quoted || depth > 0)) i++;
    else if (char === '"' && depth === 0) {
      quoted = !quoted;
      plain += "Q";
    } else if (quoted) continue;
    else if (char === "(") depth++;
    else if (char === ")" && depth > 0) depth--;
    else if (depth === 0) plain += char;
  }
  return plain
    .split(/[,;]/)
    .map((part) => (/<([^>]*)>/.exec(part)?.[1] ?? part.replace(/^.*:/, "")).trim())
    .filter((part) => part.includes("@"));
}

/** Looks for brackets, wherever they are, and takes what is in the first and in the last. */
function bracketFinder(body: string): readonly string[] {
  const found = Array.from(body.matchAll(/<([^<>]*@[^<>]*)>/g), ([, inside = ""]) => inside.trim());
  return [found.at(0), found.at(-1)].filter((one) => one !== undefined);
}

/** Takes the first thing that looks like an address, outside of quotes and comments. */
function pattern(body: string): readonly string[] {
  const plain = body.replaceAll(/"(?:[^"\\]|\\.)*"/g, "Q").replaceAll(/\([^()]*\)/g, " ");
  const found = /[^\s<>,;:()"]+@[^\s<>,;:()"]+/.exec(plain)?.[0];
  return found === undefined ? [] : [found];
}

function decoded(body: string): string {
  return body.replaceAll(/=\?[^?\s]+\?([bq])\?([^?\s]*)\?=/gi, (_, how: string, text: string) =>
    how.toLowerCase() === "b"
      ? Buffer.from(text, "base64").toString("latin1")
      : text.replaceAll(/=([0-9a-f]{2})/gi, (_octet, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        ),
  );
}

/** The lines of a header section and what follows it, each field with its folded lines, put together line by line. */
export function linesOfFields(message: string): {
  readonly fields: string[];
  readonly rest: string;
} {
  const lines = message.split(/(?<=\r\n)/);
  const end = lines.indexOf("\r\n");
  const section = end < 0 ? lines : lines.slice(0, end);
  const fields: string[] = [];
  for (const line of section)
    if (/^[ \t]/.test(line) && fields.length > 0) fields[fields.length - 1] += line;
    else fields.push(line);
  return { fields, rest: lines.slice(section.length).join("") };
}

export function nameOf(field: string): string {
  return /^([^:]*?)[ \t]*:/.exec(field)?.[1]?.toLowerCase() ?? "";
}

/** The unfolded bodies of all fields of this name, those with blanks before the colon too. */
export function bodiesOf(message: string, name: string): readonly string[] {
  return linesOfFields(message)
    .fields.filter((field) => nameOf(field) === name)
    .map((field) =>
      field
        .slice(field.indexOf(":") + 1)
        .replaceAll(/\r\n(?=[ \t])/g, "")
        .trimEnd(),
    );
}
