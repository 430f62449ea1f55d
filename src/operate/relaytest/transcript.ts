/** What was said in a conversation, kept as octets; and as people read it: "C:" and "S:" lines, printable. */

export type Transcript = readonly Utterance[];

export type Utterance =
  | { readonly by: "client" | "server"; readonly octets: string }
  | { readonly by: "nobody"; readonly event: "TLS established" | "connection closed" | "silence" };

/** Characters of one printed line; a longer one is cut. */
const LINE_LIMIT = 200;

export function printTranscript(transcript: Transcript): readonly string[] {
  return transcript.flatMap((utterance) => {
    switch (utterance.by) {
      case "client":
        return linesOf(utterance.octets).map((line) => `C: ${line}`);
      case "server":
        return linesOf(utterance.octets).map((line) => `S: ${line}`);
      case "nobody":
        return [`   (${utterance.event})`];
    }
  });
}

function linesOf(octets: string): string[] {
  const lines = octets.split("\r\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => shortened(printableOctets(line)));
}

/** Every octet that is not printable ASCII as an escape: a bare CR is "\r", so that it can be seen. */
export function printableOctets(octets: string): string {
  return octets.replace(/[^\x20-\x7e]/g, escaped);
}

function escaped(octet: string): string {
  if (octet === "\r") return "\\r";
  if (octet === "\n") return "\\n";
  return `\\x${octet.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function shortened(line: string): string {
  return line.length <= LINE_LIMIT
    ? line
    : `${line.slice(0, LINE_LIMIT)}… (${line.length} characters)`;
}
