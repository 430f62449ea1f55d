/** `gatepost test --self`: the same words, and the proof's own report. A server that can be asked from inside is asked everything. */
import { openDirectory, proveSite } from "../app/index.ts";
import { proofFindings, proofHeadline, type Verdict } from "../operate/tester/index.ts";
import { print } from "./output.ts";
import type { ReportFiles } from "./report-files.ts";
import { siteConfig, type SiteOptions } from "./site-options.ts";
import type { TestOptions } from "./test-options.ts";

export async function testSelf(
  options: TestOptions & SiteOptions,
  files: ReportFiles,
): Promise<Verdict> {
  const loaded = siteConfig(options);
  const session = await openDirectory(loaded);
  try {
    const proof = await proveSite(loaded.config, session.directory);
    const verdict = proof.holds ? "closed" : "open";
    const { hostname } = loaded.config;
    if (options.json === true)
      print(JSON.stringify({ target: hostname, verdict, proof: proof.report }, null, 2));
    else if (!files.ownsOutput) print(`${proofHeadline(hostname, proof.holds)}\n\n${proof.report}`);
    files.add(proofFindings(hostname, proof.result));
    files.write(`${hostname} itself`);
    return verdict;
  } finally {
    await session.close();
  }
}
