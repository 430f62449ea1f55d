/** Where `gatepost test` keeps what it finds: in the store, or, where that cannot be written, for as long as it runs. */
import { openTestStore } from "../app/index.ts";
import { MemoryOfNow, type KeptTest, type TestMemory } from "../operate/tester/index.ts";
import { errorText, OperatorError } from "../runtime/index.ts";
import { CommandError } from "./exit.ts";
import { siteConfigIfAny, type SiteOptions } from "./site-options.ts";

export interface OpenedMemory {
  readonly memory: TestMemory;
  /** It outlives the program. */
  readonly isKept: boolean;
  /** Takes over an interrupted test; throws an OperatorError where there is none. */
  resume(id?: string): Promise<KeptTest>;
  close(): Promise<void>;
}

export async function openMemory(options: SiteOptions): Promise<OpenedMemory> {
  const site = siteConfigIfAny(options);
  try {
    const { tests, close } = await openTestStore(site);
    return { memory: tests, isKept: true, resume: (id) => tests.resume(id), close };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return forNow(errorText(error));
  }
}

function forNow(problem: string): OpenedMemory {
  process.stderr.write(
    `gatepost: tests cannot be kept in ${problem}; this one can be neither resumed nor shown later, and is not counted\n`,
  );
  return {
    memory: new MemoryOfNow(),
    isKept: false,
    resume: () => Promise.reject(new CommandError("no test can be gone on with: none is kept")),
    close: () => Promise.resolve(),
  };
}
