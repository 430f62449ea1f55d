/** The page of whoever is listed: first whether he is, then how he leaves, then why, with all evidence. Readable without a style. */
import { html, NOTHING, page, type Html } from "../operate/page/index.ts";
import { moment } from "../operate/tester/index.ts";
import { LOOK_UP_PATH, pathOf } from "./listed-path.ts";
import { evidenceSection } from "./listed-page-evidence.ts";
import { standingSection } from "./listed-page-standing.ts";
import type { EntryView, ListedView, ListView } from "./listed-view.ts";

/** Seconds after which the page of a test that is under way is asked for again. */
const REFRESH_SECONDS = 5;

/** `refresh`: it follows a test. */
export function listedPage(view: ListedView, refresh: boolean): string {
  const title = titleOf(view);
  const body = html`<header class="${view.listed ? "open" : "closed"}">
      <h1>${title}</h1>
      ${summary(view)}
    </header>
    ${standingSection(view)} ${view.lists.map((list) => listSection(view, list))} ${footer(view)}`;
  return page(title, body, { forms: true, ...(refresh && { refresh: REFRESH_SECONDS }) });
}

export interface LookUp {
  readonly problem?: string;
  readonly written?: string;
}

export function lookUpPage({ problem, written = "" }: LookUp = {}): string {
  const title = "Is somebody listed?";
  const body = html`<header class="${problem === undefined ? "" : "inconclusive"}">
      <h1>${title}</h1>
      ${problem === undefined ? NOTHING : html`<p>${problem}</p>`}
    </header>
    ${lookUpForm(written)}
    <p class="quiet">
      It says why somebody is listed, since when and until when. A host can be tested again there,
      at once and for nothing.
    </p>`;
  return page(title, body, { forms: true });
}

function lookUpForm(written: string): Html {
  return html`<form method="get" action="${LOOK_UP_PATH}">
    <p><label for="host">Address or name</label></p>
    <p>
      <input id="host" name="host" value="${written}" maxlength="255" autocomplete="off" />
      <input type="submit" value="Look up" />
    </p>
  </form>`;
}

function titleOf({ subject, listed }: ListedView): string {
  return `${subject.text} is ${listed ? "" : "not "}listed`;
}

function summary({ listed, lists }: ListedView): Html {
  if (lists.length === 0) return html`<p>No list here has such as it.</p>`;
  const names = (which: readonly ListView[]): string => which.map(({ zone }) => zone).join(", ");
  const on = lists.filter(({ entry, files }) => entry !== undefined || files.length > 0);
  if (!listed) return html`<p>It is in none of the lists kept here: ${names(lists)}.</p>`;
  return html`<p>In ${names(on)}.</p>`;
}

function listSection(view: ListedView, list: ListView): Html {
  const { zone, retired, entry, files, before, contact } = list;
  if (retired) return html`<h2>${zone}</h2>
      <p>This list was ended and lists nobody.</p> `; // prettier-ignore
  if (entry === undefined && files.length === 0 && before.length === 0) return NOTHING;
  return html`<h2>${zone}</h2>
    ${entry === undefined ? NOTHING : entryPart(view, entry)}${files.map(
      ({ codes, texts }) =>
        html`<p>
          Listed by a file that is served with this list
          (${codes.join(", ")})${texts.length === 0 ? "" : `: ${texts.join("; ")}`}. Whoever keeps
          the list takes it off.
        </p> `,
    )}${entry === undefined && files.length === 0 ? html`<p>It is not listed there.</p> ` : NOTHING}
    ${entry === undefined ? NOTHING : evidenceSection(view, entry.evidence)} ${past(list)}
    <p class="quiet">Whoever keeps this list: ${contact}</p> `;
}

function entryPart({ subject }: ListedView, entry: EntryView): Html {
  const { about, code, reason, since, until, times, leaving } = entry;
  return html`<dl>
    ${about === subject.text ? NOTHING : row("Listed is", about)}
    ${row("Reason", reason === "" ? "none is given" : reason)} ${row("Answer", code)}
    ${row("Since", `${moment(since)}${times > 1 ? `, for the ${ordinal(times)} time` : ""}`)}
    ${row("Until", `${moment(until)}, by itself`)} ${row("Leaves", leaving)}
  </dl>`;
}

function row(what: string, said: string): Html {
  return html`<dt>${what}</dt>
    <dd>${said}</dd> `;
}

const ORDINALS = new Map([[2, "second"], [3, "third"]]); // prettier-ignore

function ordinal(times: number): string {
  return ORDINALS.get(times) ?? `${times}th`;
}

function past({ before }: ListView): Html {
  if (before.length === 0) return NOTHING;
  return html`<h3>What was before</h3>
    <ul>
      ${before.map(({ at, what }) => html`<li>${moment(at)}: ${what}</li> `)}
    </ul>`;
}

function footer({ subject, at }: ListedView): Html {
  return html`<footer>
    ${lookUpForm("")}
    <p class="quiet">
      As of ${moment(at)}. For programs: <code>curl -H Accept:application/json</code> of this page,
      ${pathOf(subject.text)}.
    </p>
  </footer>`;
}
