/**
 * What was found as a page that stands alone: the verdict first and in words, then what is wrong and how to mend it, then every address
 * with all that was tried. Banners, replies and fields of hostile servers are quoted in it; html.ts sees to that.
 */
import { html, NOTHING, page, type Html } from "../page/index.ts";
import type { Findings, Hole, Place, Try } from "./findings.ts";
import { worstVerdict } from "./findings.ts";
import { unfinishedLines } from "./findings-of-test.ts";
import type { Verdict } from "./grade.ts";
import { gradeWord, moment, vectorTable, waysBack } from "./report-html-vectors.ts";
import { HOLE_HEADS } from "./report-text.ts";

/** Who made it, and when; times in milliseconds since 1970. */
export interface ReportMaker {
  /** "Gatepost 0.1.0" */
  readonly program: string;
  /** Who tested: the tester's domain, and whom to write to. */
  readonly by: string;
  readonly began: number;
  readonly ended: number;
}

export function htmlReport(all: readonly Findings[], maker: ReportMaker): string {
  const [only] = all;
  const single = all.length === 1 && only !== undefined;
  const title = single ? only.headline : `${all.length} servers tested for open relay`;
  const body = html`${single ? heading(only) : overview(all)}
  ${all.map((findings, i) => targetSection(findings, single ? undefined : i))} ${footer(maker)}`;
  return page(title, body);
}

function heading(findings: Findings): Html {
  const { verdict, headline, notes } = findings;
  return html`<header class="${verdict}">
    <h1>${headline}</h1>
    ${paragraphs([...unfinishedLines(findings), ...notes])}
  </header>`;
}

function overview(all: readonly Findings[]): Html {
  const verdict = worstVerdict(all.map((one) => one.verdict));
  const count = (which: Verdict): number => all.filter((one) => one.verdict === which).length;
  const rows = all.map(
    (one, i) =>
      html`<tr>
        <td class="what">
          <a href="#t${i}">${one.target}</a> <span class="quiet">${one.headline}</span>
        </td>
        <td class="grades">${verdictWord(one.verdict)}</td>
      </tr> `,
  );
  return html`<header class="${verdict}">
      <h1>
        ${all.length} servers tested for open relay: ${count("open")} open, ${count("closed")}
        closed, ${count("inconclusive")} inconclusive
      </h1>
    </header>
    <table>
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}

function verdictWord(verdict: Verdict): Html {
  return html`<span class="grade ${verdict}">${verdict}</span>`;
}

/** `number`: among several, where it has a heading of its own. */
function targetSection(findings: Findings, number: number | undefined): Html {
  const { target, headline, notes, places } = findings;
  const unfinished = unfinishedLines(findings);
  const own =
    number === undefined
      ? NOTHING
      : html`<h2 id="t${number}">${target}</h2>
          <p>${headline}</p>
          ${paragraphs([...unfinished, ...notes])}`;
  return html`<section>${own} ${places.map(holesSection)} ${places.map(placeSection)}</section> `;
}

function holesSection({ name, holes }: Place): Html {
  if (holes.length === 0) return NOTHING;
  const proved = holes.some(({ grade }) => grade === "relayed");
  return html`<h2>What ${proved ? "is" : "may be"} wrong at ${name}, and how to mend it</h2>
    ${holes.map(holeBox)}`;
}

function holeBox({ name, grade, wrong, todo, vectors, example }: Hole): Html {
  return html`<div class="hole">
    <h3><span class="grade ${grade}">${HOLE_HEADS[grade]}</span>: ${name}</h3>
    <p>${wrong}</p>
    <ul>
      ${todo.map((one) => html`<li>${one}</li> `)}
    </ul>
    <p class="quiet">Shown by ${vectors.join(", ")}.</p>
    ${example === undefined ? NOTHING : evidence(example)}
  </div> `;
}

function evidence(example: Try): Html {
  const { title, manner, endpoint } = example;
  return html`<p class="quiet">Such as ${title}, by ${manner}, in at ${endpoint}.</p>
    ${waysBack(example)}`;
}

function placeSection(place: Place): Html {
  const { name, grade, unheard, doubt, facts, character, vectors } = place;
  if (unheard !== undefined)
    return html`<h2>${name}</h2>
      <p>Nobody answers (${unheard}).</p> `;
  return html`<h2>${name}: ${gradeWord(grade)}</h2>
    ${doubt === undefined ? NOTHING : html`<p>Why it is not called closed: ${doubt}.</p>`}
    <ul>
      ${facts.map((fact) => html`<li>${fact}</li> `)}${character.map(({ trait, why }) => html`<li><b>${trait}</b>: ${why}</li> `)}
    </ul>
    ${vectors.length === 0 ? NOTHING : vectorTable(vectors)} ${untried(place)} `;
}

function untried({ untried: reasons }: Place): Html {
  if (reasons.size === 0) return NOTHING;
  const items = [...reasons].map(
    ([why, ids]) =>
      html`<li>${ids.length} vectors: ${why} <span class="quiet">(${ids.join(", ")})</span></li> `,
  );
  return html`<h3>Not tried from outside</h3>
    <ul>
      ${items}
    </ul>`;
}

function paragraphs(texts: readonly string[]): readonly Html[] {
  return texts.map((text) => html`<p>${text}</p> `);
}

function footer({ program, by, began, ended }: ReportMaker): Html {
  return html`<footer class="quiet">
    <p>Tested by ${by}, from ${moment(began)} to ${moment(ended)}, with ${program}.</p>
    <p>
      Closed: refused for good. Weak: put off, or hung up on. Accepts: a recipient was taken, which
      proves nothing. Accepted: a message was taken. Relayed: it came back, which alone proves an
      open relay. Inconclusive: it could not be found out.
    </p>
  </footer>`;
}
