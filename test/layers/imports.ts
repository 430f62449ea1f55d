/**
 * Every import of a source file, found in its text: `import`, `export … from`, type imports, `import(…)` and
 * workers, `new URL("./x.ts", import.meta.url)`. It reads formatted code (`npm run check` holds the format),
 * where a statement begins its line and a module's name stands in double quotes. Comments are not read.
 */

export interface Imports {
  /** The modules as written: "./reply.ts", "node:fs", "zod". */
  readonly modules: readonly string[];
  /** Whether a module is named by an expression, so that nobody can tell which. */
  readonly computed: boolean;
}

const STATEMENT = /^(?:import|export)\b(?:[\w\s{},*$]*?\bfrom)?\s*"([^"\n]+)"/gm;
const CALL = /\bimport\(\s*"([^"\n]+)"/g;
const WORKER = /\bnew URL\(\s*"([^"\n]+\.ts)",\s*import\.meta\.url/g;
const COMPUTED = /\bimport\(\s*[^"\s]|\brequire\(|\bcreateRequire\b/;

export function importsOf(source: string): Imports {
  const code = source.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, "");
  const modules = [STATEMENT, CALL, WORKER].flatMap((form) =>
    Array.from(code.matchAll(form), ([, module]) => module ?? ""),
  );
  return { modules, computed: COMPUTED.test(code) };
}
