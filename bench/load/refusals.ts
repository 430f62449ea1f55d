/** Attempts that a server is to refuse. A client of the bench, in a process of its own. */
import { z } from "zod";
import type { PrivateNetwork } from "../../test/interop/support/private-network.ts";
import { Addresses } from "./addresses.ts";
import { runClient, runClientIn } from "./client.ts";

export const Asked = z.object({
  port: z.number(),
  to: z.string(),
  attempts: z.number(),
  atOnce: z.number(),
  /** Where they come from, one after the other; left out: from where the system has it. */
  sources: Addresses.optional(),
});

export type Attempts = Omit<z.output<typeof Asked>, "port">;

export const Done = z.object({
  /** The others were taken at RCPT. */
  refused: z.number(),
  seconds: z.number(),
  /** Milliseconds from connecting to the answer to RCPT, the median. */
  latencyMs: z.number(),
});

/** On a port of loopback; in a network of its own where one is given. */
export async function attempt(
  port: number,
  attempts: Attempts,
  network?: PrivateNetwork,
): Promise<z.output<typeof Done>> {
  const asked = JSON.stringify({ port, ...attempts } satisfies z.input<typeof Asked>);
  const printed = network === undefined ? runClient(CLIENT, asked) : runClientIn(network, CLIENT, asked); // prettier-ignore
  return Done.parse(await printed);
}

const CLIENT = "refusal-client.ts";
