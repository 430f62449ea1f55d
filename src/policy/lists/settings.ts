/** Which lists are asked, and what follows from what they say. No list by default; a new one only observes. Joined into the one configuration schema. */
import { z } from "zod";
import { parseCidr } from "../../mail/index.ts";
import { listSchema } from "./list-setting.ts";

const LISTS_LIMIT = 32;

export const listsSchema = z
  .array(listSchema)
  .max(LISTS_LIMIT)
  .default([])
  .superRefine((lists, context) => {
    const seen = new Set<string>();
    for (const [i, { name, ...one }] of lists.entries()) {
      const place = one.source === "zone" ? one.zone : `${one.file} ${one.subzone}`;
      const key = one.source === "zone" ? one.shownZone : one.file;
      if (seen.has(`name ${name}`))
        context.addIssue({
          code: "custom",
          path: [i, "name"],
          message: `two lists are called ${name}`,
        });
      if (seen.has(`${one.source} ${place}`))
        context.addIssue({
          code: "custom",
          path: [i, one.source],
          message: `${key} is there twice, and would count twice`,
        });
      seen.add(`name ${name}`).add(`${one.source} ${place}`);
    }
  });

const count = (least: number, otherwise: number, most: number, what: string) =>
  z.int().min(least).max(most).default(otherwise).describe(what);

const network = z.string().transform((text, context) => {
  const cidr = parseCidr(text);
  if (cidr !== undefined && cidr.prefix > 0) return cidr;
  const message =
    cidr === undefined
      ? "expected an address or a block such as 192.0.2.7 or 192.0.2.0/28"
      : "this would believe everybody; expected the addresses of your own hosts";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

export const listedSchema = z
  .strictObject({
    refuse: z.number().positive().max(10_000).default(10).describe("score that refuses"),
    mark: z
      .number()
      .positive()
      .max(10_000)
      .default(5)
      .describe("score that marks a message for its reader"),
    received: z
      .enum(["ignore", "mark", "refuse"])
      .default("mark")
      .describe("what may follow from a host on the way that is on a list of open relays"),
    hop_share: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe("of the list's weight, for such a host"),
    trusted_hops: z
      .array(network)
      .default([])
      .describe("hosts whose Received lines are believed: a backup MX, a forwarder of yours"),
    confirm_minutes: count(
      0,
      15,
      1440,
      "minutes that a client is told to come again, before it is refused for a list without which it would not be; 0: at once",
    ),
    confirm_clients: count(
      0,
      20,
      1000,
      "other clients that the list has to be asked about meanwhile; or a day",
    ),
    appeal: z
      .string()
      .max(100)
      .regex(/^[\x21-\x7e]*$/, "expected an address or a URL, in ASCII and without blanks")
      .default("")
      .describe("where whoever is refused can turn to; left out: postmaster@ this server's name"),
    question_ms: count(100, 3000, 30_000, "milliseconds that a list has to answer"),
    total_ms: count(100, 5000, 60_000, "milliseconds for all that is asked about a client at once"),
    private_clients: z
      .boolean()
      .default(false)
      .describe("ask about clients with a private or loopback address too; for tests"),
  })
  .superRefine(({ refuse, mark }, context) => {
    if (mark > refuse)
      context.addIssue({
        code: "custom",
        path: ["mark"],
        message: `expected at most refuse, which is ${refuse}`,
      });
  });
