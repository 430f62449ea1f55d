/** A test's result for programs: everything that was tried and what came back, as plain data. */
import { printTranscript } from "../relaytest/index.ts";
import { wordsOf } from "./grade.ts";
import { endpointText } from "./machine.ts";
import { mendingOf } from "./mending.ts";
import { serverKind } from "./server-kind.ts";
import type { EndpointResult, TestResult } from "./result.ts";

export function testJson(result: TestResult) {
  const { id, target, verdict, grade, foreign, wayBack, outputs, endpoints, unfinished } = result;
  return {
    id,
    target,
    verdict,
    grade,
    testerDomain: foreign,
    wayBack: wayBack?.name ?? null,
    wayBackDoubts: wayBack?.doubts ?? [],
    outputAddresses: outputs,
    unfinished,
    endpoints: endpoints.map(endpointJson),
  };
}

function endpointJson({ endpoint, visited, grade, cases, character, openings }: EndpointResult) {
  const { look, gaveUp, plan } = visited;
  const banner = look.kind === "seen" ? wordsOf(look.banner.lines) : null;
  return {
    address: endpointText(endpoint),
    host: endpoint.host ?? null,
    grade,
    banner,
    domain: look.kind === "seen" ? look.names.domain : null,
    ...("why" in look && { problem: look.why }),
    ...("reply" in look && { problem: wordsOf(look.reply.lines) }),
    ...(gaveUp !== undefined && { gaveUp: gaveUp.why }),
    character,
    openings: openings.map((opening) => ({
      ...opening,
      ...mendingOf(opening, serverKind(banner ?? "")),
    })),
    untried: Object.fromEntries(plan.untried),
    cases: cases.map(({ transcript, ...one }) => ({
      ...one,
      ...(transcript !== undefined && { transcript: printTranscript(transcript) }),
    })),
  };
}
