/** One probe of a list: all of its questions at once, each in the time that a question has. */
import {
  PROBE_OCTETS,
  probeSubjects,
  questionName,
  rawAnswer,
  readAnswer,
  timedQuestion,
  type DnsList,
  type ListAnswer,
  type ListSubject,
  type ProbeFindings,
  type TimedQuestionDeps,
} from "../../policy/lists/index.ts";
import type { Random } from "../../runtime/index.ts";

export interface ProbeDeps extends TimedQuestionDeps {
  readonly random: Random;
  /** Milliseconds that a question has. */
  questionMs(): number;
}

/** Names of servers that are remembered; a zone has a handful. */
const SERVERS = 16;

/** Does not reject. */
export async function probeList(list: DnsList, deps: ProbeDeps): Promise<ProbeFindings> {
  const subjects = probeSubjects(list, deps.random.octets(PROBE_OCTETS));
  const [listed, unlisted, canaries, servers] = await Promise.all([
    ask(list, subjects.listed, deps),
    ask(list, subjects.unlisted, deps),
    Promise.all(subjects.canaries.map((subject) => ask(list, subject, deps))),
    serversOf(list, deps),
  ]);
  return {
    listed: listed.answer,
    unlisted: unlisted.answer,
    canaries: canaries.map(({ answer }) => answer),
    servers,
    ms: Math.max(...[listed, unlisted, ...canaries].map(({ ms }) => ms)),
  };
}

interface Answered {
  readonly answer: ListAnswer;
  readonly ms: number;
}

async function ask(list: DnsList, subject: ListSubject, deps: ProbeDeps): Promise<Answered> {
  const name = questionName(list, subject);
  if (name === undefined) return { answer: { kind: "error", why: "malformed" }, ms: 0 };
  const { resolution, ms } = await timedQuestion(deps, name, "A", deps.questionMs());
  return { answer: readAnswer(rawAnswer(resolution), list), ms };
}

/** A zone may be none of its own in the DNS, and have neither: then nothing is known of its servers. */
async function serversOf({ zone }: DnsList, deps: ProbeDeps): Promise<readonly string[]> {
  const [ns, soa] = await Promise.all([
    timedQuestion(deps, zone, "NS", deps.questionMs()),
    timedQuestion(deps, zone, "SOA", deps.questionMs()),
  ]);
  const names = ns.resolution.kind === "found" ? ns.resolution.records : [];
  const first = soa.resolution.kind === "found" ? soa.resolution.records : [];
  const all = new Set<string>([...names, ...first.map(({ primary }) => primary)]);
  return [...all].toSorted().slice(0, SERVERS);
}
