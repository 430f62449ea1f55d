/** Words broken into lines that fit into a terminal of 80 columns. Sentences only: records are copied, and never cut. */

const WIDTH = 79;

/** Each line begins with the prefix. */
export function wrapped(text: string, prefix: string): readonly string[] {
  const lines: string[] = [];
  let line = prefix;
  for (const word of text.split(" ")) {
    const longer = line === prefix ? `${prefix}${word}` : `${line} ${word}`;
    if (longer.length > WIDTH && line !== prefix) {
      lines.push(line);
      line = `${prefix}${word}`;
    } else line = longer;
  }
  return [...lines, line];
}
