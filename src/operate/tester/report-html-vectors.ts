/** The page's table of vectors: one line for each, its grades beside it, and behind it what was said and what came back. */
import { html, lines, NOTHING, type Html } from "../page/index.ts";
import { printTranscript } from "../relaytest/index.ts";
import type { TriedVector, Try } from "./findings.ts";
import { GRADES, worst, type Grade } from "./grade.ts";

/** Tries of one vector that are shown in full. */
const SHOWN_LIMIT = 12;

/** The worst first; else in the catalogue's order. */
export function vectorTable(vectors: readonly TriedVector[]): Html {
  const rows = [...Map.groupBy(vectors, ({ id }) => id).values()].toSorted(
    (a, b) => GRADES.indexOf(gradeOf(b)) - GRADES.indexOf(gradeOf(a)),
  );
  return html`<table>
    <thead>
      <tr>
        <th>Vector</th>
        <th>What a weak server does</th>
        <th>Grade</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(row)}
    </tbody>
  </table>`;
}

function gradeOf(manners: readonly TriedVector[]): Grade {
  return worst(manners.map(({ grade }) => grade));
}

export function gradeWord(grade: Grade): Html {
  return html`<span class="grade ${grade}">${grade}</span>`;
}

function row(manners: readonly TriedVector[]): Html {
  const [first] = manners;
  if (first === undefined) return NOTHING;
  return html`<tr>
    <td class="id">${first.id}</td>
    <td class="what">
      <details>
        <summary>${first.why}</summary>
        ${tries(manners)}
      </details>
    </td>
    <td class="grades">${gradesOf(manners)}</td>
  </tr> `;
}

/** One word where all are the same. */
function gradesOf(manners: readonly TriedVector[]): readonly Html[] {
  const grade = gradeOf(manners);
  if (manners.every((one) => one.grade === grade)) return [gradeWord(grade)];
  return manners.map((one) => html`<span>${one.manner}: ${gradeWord(one.grade)}</span>`);
}

/** What was not closed, one by one; of the rest one, as an example. */
function tries(manners: readonly TriedVector[]): Html {
  const all = manners.flatMap((one) => one.tries);
  const telling = all.filter(({ grade }) => grade !== "closed");
  const closed = all.filter(({ grade }) => grade === "closed");
  const example = closed.find(({ transcript }) => transcript !== undefined) ?? closed[0];
  const shown = telling.slice(0, SHOWN_LIMIT);
  const more = telling.length - shown.length;
  return html`${shown.map(tryBox)}${more > 0 ? html`<p class="quiet">and ${more} more like these</p>` : NOTHING}
  ${example === undefined ? NOTHING : closedBox(example, closed.length)}`;
}

function tryBox(one: Try): Html {
  return html`<p>
      ${one.title}, by ${one.manner}: ${gradeWord(one.grade)}
      <span class="quiet">${one.reason}</span>
    </p>
    ${waysBack(one)}${transcriptBox(one)}`;
}

function closedBox(example: Try, count: number): Html {
  const often = count === 1 ? "" : `closed in ${count} tries, such as `;
  return html`<p>
      ${often}${example.title}, by ${example.manner}: ${gradeWord("closed")}
      <span class="quiet">${example.reason}</span>
    </p>
    ${transcriptBox(example)}`;
}

function transcriptBox({ transcript }: Try): Html {
  if (transcript === undefined || transcript.length === 0) return NOTHING;
  return html`<pre>${lines(printTranscript(transcript))}</pre> `;
}

/** How messages came back: from where, when, and over which servers. */
export function waysBack({ returned }: Try): readonly Html[] {
  return returned.slice(0, SHOWN_LIMIT).map(
    ({ kind, from, at, received }) =>
      html`<p>
          ${kind === "relay" ? "It came back" : "A report of it came back"} from ${from} at
          ${moment(at)}:
        </p>
        <pre>${lines(received.map((field) => `Received: ${field}`))}</pre> `,
  );
}

/** "2026-11-28 16:20:05 UTC", of milliseconds since 1970. */
export function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
