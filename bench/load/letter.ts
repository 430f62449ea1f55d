/** A message as a person's program writes it: a header section, and a body of so many octets. */

let written = 0;

export function letterOf(from: string, to: string, octets: number): string {
  const line = `${"The quick brown fox jumps over the lazy dog. ".repeat(2).slice(0, 76)}\r\n`;
  const body = line.repeat(Math.ceil(octets / line.length)).slice(0, octets - 2);
  const fields = [
    `From: Ann Example <${from}>`,
    `To: <${to}>`,
    "Subject: A message of the bench",
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${process.pid}.${Date.now()}.${written++}@client.example>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=us-ascii",
  ];
  return `${fields.join("\r\n")}\r\n\r\n${body}\r\n`;
}
