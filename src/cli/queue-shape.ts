/** `gatepost queue shape`: how much waits for each next hop, and since when. */
import type { Command } from "commander";
import { shapeJson, shapeLines, wholeShape } from "../operate/queue/index.ts";
import { systemClock } from "../runtime/index.ts";
import { outputWidth, print } from "./output.ts";
import { inDirectory, withConfig, type SiteOptions } from "./site-options.ts";

/** Next hops shown unless all are asked for: one screen full, with their reasons. */
const LIMIT = 20;

interface ShapeOptions extends SiteOptions {
  readonly all?: boolean;
  readonly json?: boolean;
}

export function shapeCommand(command: Command): void {
  withConfig(command)
    .description("how much waits for each next hop, since when, and what it said last")
    .option("--all", `all next hops, not only the ${LIMIT} with most`)
    .option("--json", "as JSON")
    .action((options: ShapeOptions) =>
      inDirectory(options, async ({ queue }) => {
        const limit = options.all === true ? Infinity : LIMIT;
        const shape = await wholeShape(queue, systemClock.now(), limit);
        if (options.json === true) return print(JSON.stringify(shapeJson(shape), null, 2));
        if (shape.rows === 0) return print("the queue is empty");
        print(shapeLines(shape, outputWidth()).join("\n"));
      }),
    );
}
