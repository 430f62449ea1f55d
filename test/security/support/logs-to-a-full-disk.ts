/** A program whose log goes to a disk without room, if it is started so: it must come to its end all the same. */
import { setTimeout } from "node:timers/promises";
import { openLog } from "../../../src/runtime/index.ts";

const log = openLog("info");
for (let round = 0; round < 3; round++) {
  for (let i = 0; i < 100; i++) log.info("a line", { round, i });
  await setTimeout(20); // the lines are written meanwhile, or not
}
log.flush();
process.stdout.write("alive\n");
process.exit(0);
