/** `gatepost queue …`: the mail that waits to leave. */
import type { Command } from "commander";
import { queueActions } from "./queue-actions.ts";
import { listCommand } from "./queue-list.ts";
import { shapeCommand } from "./queue-shape.ts";
import { showCommand } from "./queue-show.ts";

export function queueCommands(program: Command): void {
  const queue = program.command("queue").description("the mail that waits to leave");
  listCommand(queue.command("list"));
  showCommand(queue.command("show <id>"));
  queueActions(queue);
  shapeCommand(queue.command("shape"));
  queue.addHelpText("after", OTHER_WORDS);
  listCommand(program.command("mailq", { hidden: true })); // what fingers type by themselves
}

const OTHER_WORDS = `
ID is a number of the list, for one recipient; or a message such as
uv04j8ros3m6-1, for all of its recipients.

What you may be used to:
  mailq, postqueue -p, exim -bp      gatepost queue list, gatepost mailq
  postqueue -j                       gatepost queue list --all --json
  postqueue -f, exim -qff            gatepost queue retry --all
  postqueue -s example.net           gatepost queue retry --domain example.net
  postqueue -i ID, exim -M ID        gatepost queue retry ID
  postcat -q ID, exim -Mvc ID        gatepost queue show ID --content
  postcat -hq ID, exim -Mvh ID       gatepost queue show ID --headers
  postsuper -d ID, exim -Mrm ID      gatepost queue remove ID
  postsuper -d ALL                   gatepost queue remove --all
  postsuper -h ID, exim -Mf ID       gatepost queue hold ID
  postsuper -H ID, exim -Mt ID       gatepost queue release ID
  postsuper -r ID                    gatepost queue retry ID
  qshape, exim -bp | exiqsumm        gatepost queue shape

To flush a queue is to retry it: nothing is deleted but by remove.`;
