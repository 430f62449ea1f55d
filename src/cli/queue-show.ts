/** `gatepost queue show`: everything about a message in the queue, or the message itself. */
import type { Command } from "commander";
import { visible } from "../mail/index.ts";
import {
  everyRow,
  lastCarriers,
  messageLines,
  rowContent,
  rowHeaders,
  rowJson,
  type CarrierOf,
} from "../operate/queue/index.ts";
import { systemClock } from "../runtime/index.ts";
import type { Queue, QueueRow } from "../store/index.ts";
import { CommandError } from "./exit.ts";
import { print, write } from "./output.ts";
import { named } from "./queue-options.ts";
import { inDirectory, withConfig, type SiteOptions } from "./site-options.ts";

interface ShowOptions extends SiteOptions {
  readonly headers?: boolean;
  readonly content?: boolean;
  readonly json?: boolean;
}

export function showCommand(command: Command): void {
  withConfig(command)
    .description("everything about a message, or about one of its recipients")
    .option("--headers", "the message's header section instead")
    .option("--content", "the message instead, as it would be sent")
    .option("--json", "as JSON")
    .action((id: string, options: ShowOptions) =>
      inDirectory(options, async ({ queue, journal }) => {
        if (options.json === true && (options.headers === true || options.content === true))
          throw new CommandError("a message is not shown as JSON: leave --json out");
        const rows = await Array.fromAsync(everyRow(queue, named(id))); // of one message
        const [first] = rows;
        if (first === undefined) throw new CommandError(notThere(id));
        if (options.headers === true) return writeOctets([await rowHeaders(queue, first.id)]);
        if (options.content === true) return writeOctets(rowContent(queue, first.id));
        const carrierOf = await lastCarriers(journal, first.message);
        if (options.json === true)
          return print(JSON.stringify(rows.map(inFull(carrierOf)), null, 2));
        print(messageLines(rows, systemClock.now(), carrierOf).join("\n"));
        await sayOthers(queue, first, rows.length);
      }),
    );
}

/** With the connection of the last attempt, which a list of many does not look up. */
function inFull(carrierOf: CarrierOf): (row: QueueRow) => object {
  return (row) => ({ ...rowJson(row), lastConnection: carrierOf(row) ?? null });
}

export function notThere(id: string): string {
  const became = id.includes("-") ? `; \`gatepost explain ${id}\` says what became of it` : "";
  return `${id} is not in the queue: delivered, reported or removed by now, or never there${became}`;
}

/** Who asked for one recipient hears that there are more. */
async function sayOthers(queue: Queue, { message }: QueueRow, shown: number): Promise<void> {
  if (shown > 1) return;
  const { rows } = await queue.list({ message }, { limit: 2 });
  if (rows.length > 1) print(`\nIt has other recipients here: gatepost queue show ${message}`);
}

/** As they are into a file or a program; a terminal gets nothing that it would obey. */
async function writeOctets(
  pieces: AsyncIterable<Uint8Array> | readonly Uint8Array[],
): Promise<void> {
  if (!process.stdout.isTTY) {
    for await (const piece of pieces) await write(piece);
    return;
  }
  const decoder = new TextDecoder();
  let held = "";
  for await (const piece of pieces) {
    const text = held + decoder.decode(piece, { stream: true });
    held = text.endsWith("\r") ? "\r" : ""; // its LF may be in the next piece
    await write(terminalText(text.slice(0, text.length - held.length)));
  }
  await write(terminalText(held + decoder.decode()));
}

function terminalText(text: string): string {
  const parts = text.replaceAll("\r\n", "\n").split(/([\n\t])/);
  return parts.map((part) => (part === "\n" || part === "\t" ? part : visible(part))).join("");
}
