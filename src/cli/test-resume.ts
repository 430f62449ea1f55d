/** `--resume`: what a test was asked with is kept beside it, in the words of the command line, and read again. */
import type { Command } from "commander";
import { askedBefore } from "../app/index.ts";
import type { Domain } from "../mail/index.ts";
import type { KeptTest } from "../operate/tester/index.ts";
import { CommandError } from "./exit.ts";
import type { SiteOptions } from "./site-options.ts";
import type { TestOptions } from "./test-options.ts";

/** A host, where one was named, and the options for it. */
export interface Question {
  readonly host: string | undefined;
  readonly options: TestOptions & SiteOptions;
}

type Kept = Pick<
  TestOptions,
  "domain" | "mailbox" | "ports" | "mine" | "sink" | "testerDomain" | "wait" | "pace" | "vector"
>;

interface Asked {
  readonly host: string | null;
  readonly options: Kept;
}

/** Of one server. The tester's domain is the one that counted, also where the site's is another by then. */
export function whatIsAsked(
  host: string | undefined,
  { domain, mailbox, ports, mine, sink, wait, pace, vector }: TestOptions,
  testerDomain: Domain,
): Asked {
  const kept = { domain, mailbox, ports, mine, sink, testerDomain, wait, pace, vector };
  const given = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
  return { host: host ?? null, options: given as unknown as Kept }; // without what was not given
}

/** How it is shown may be said anew. */
export function askedAgain(
  test: KeptTest,
  { json, html, junit, config, ...rest }: Question["options"],
): Question {
  const asked = askedBefore(test) as Asked | { readonly suspect: string }; // as whatIsAsked made it, or the server
  if ("suspect" in asked)
    throw new CommandError(`test ${test.id} is the server's own, who goes on with it; \`gatepost list retest ${asked.suspect}\` asks for one now`); // prettier-ignore
  const { host, options } = asked;
  return {
    host: host ?? undefined,
    options: {
      ...options,
      connections: rest.connections,
      ...(json !== undefined && { json }),
      ...(html !== undefined && { html }),
      ...(junit !== undefined && { junit }),
      ...(config !== undefined && { config }),
    },
  };
}

const BESIDE = new Set(["resume", "json", "html", "junit", "config"]);

/** Throws a CommandError where something is asked that the test has been asked with already. */
export function checkAlone(host: string | undefined, command: Command): void {
  const more = command.options
    .filter((one) => command.getOptionValueSource(one.attributeName()) === "cli")
    .filter((one) => !BESIDE.has(one.attributeName()))
    .map(({ long }) => long ?? "");
  const all = [...(host === undefined ? [] : [host]), ...more];
  if (all.length === 0) return;
  throw new CommandError(
    `--resume goes on with the same server and the same options; leave out ${all.join(", ")}`,
  );
}
