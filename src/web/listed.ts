/** Answers about who is listed: the form, his page, and his wish to be tested. For people as a page, for programs as JSON. */
import type { Ip } from "../mail/index.ts";
import { keptSuspect, requestTest } from "../operate/suspects/index.ts";
import { contentPolicy } from "../operate/page/index.ts";
import { notAllowed, READ_METHODS, response, TEXT, type WebRequest, type WebResponse } from "./exchange.ts"; // prettier-ignore
import { gathered, THE_HOST } from "./listed-gathered.ts";
import { listedJson, problemJson } from "./listed-json.ts";
import { listedPage, lookUpPage } from "./listed-page.ts";
import {
  LOOK_UP_PATH,
  pathOf,
  readAsked,
  type AskedSubject,
  type ListedPath,
} from "./listed-path.ts";
import type { ListedSite } from "./listed-site.ts";
import { isFromHere } from "./same-site.ts";

export function answerListed(
  site: ListedSite,
  request: WebRequest,
  path: ListedPath,
): WebResponse | Promise<WebResponse> {
  const { method } = request;
  if (path.kind === "test" && method !== "POST")
    return notAllowed("A test is asked for by POST.", ["POST"]);
  if (path.kind !== "test" && !READ_METHODS.includes(method))
    return notAllowed(
      "This can only be read; a test is asked for by POST to its path with /test behind it.",
      READ_METHODS,
    );
  switch (path.kind) {
    case "start":
      return seeOther(LOOK_UP_PATH);
    case "look up":
      return lookUp(request);
    case "show":
      return show(site, request, path.text);
    case "test":
      return test(site, request, path.text);
  }
}

/** The form sends whom it is about as a query. */
function lookUp(request: WebRequest): WebResponse {
  const written = new URLSearchParams(request.query).get("host");
  if (written === null) return page(200, lookUpPage());
  const asked = readAsked(written);
  return typeof asked === "string"
    ? problem(request, 400, asked, written)
    : seeOther(pathOf(asked.subject.text));
}

function show(
  site: ListedSite,
  request: WebRequest,
  text: string,
): WebResponse | Promise<WebResponse> {
  const asked = readAsked(text);
  return typeof asked === "string" ? problem(request, 400, asked, text) : shown(site, request, asked, 200);
} // prettier-ignore

async function shown(
  site: ListedSite,
  request: WebRequest,
  asked: AskedSubject,
  status: number,
): Promise<WebResponse> {
  const view = await gathered(site, asked);
  if (wantsJson(request)) return json(status, listedJson(view));
  const refresh = view.underWay !== undefined;
  return page(status, listedPage(view, refresh));
}

async function test(site: ListedSite, request: WebRequest, text: string): Promise<WebResponse> {
  if (!isFromHere(request))
    return problem(request, 403, "this was sent from another site's page; ask from here", "");
  const asked = readAsked(text);
  if (typeof asked === "string") return problem(request, 400, asked, text);
  const { subject, ip } = asked;
  if (ip === undefined)
    return problem(request, 409, `${subject.text} is no host: only one address can be tested`, "");
  const refusal = await wanted(site, request, ip);
  if (refusal !== undefined) return refusal;
  if (wantsJson(request)) return shown(site, request, asked, 202);
  const said = `A test of ${ip} is asked for; its result will be at ${pathOf(ip)}\n`;
  return seeOther(pathOf(ip), said);
}

/** Has it tested; the answer where it is not. What the host itself has asked for nobody else asks for in its place. */
async function wanted(
  { acts, presses }: ListedSite,
  request: WebRequest,
  host: Ip,
): Promise<WebResponse | undefined> {
  const owner = request.ip === host;
  const stored = acts.suspects.find(host);
  const before = stored && keptSuspect(stored).asked;
  if (before !== undefined && (before.owner || !owner)) return undefined;
  const wait = presses.take(host, request.ip);
  if (wait !== undefined) return tooSoon(request, wait);
  const asker = owner ? "owner" : "anybody";
  const by = owner ? THE_HOST : request.ip;
  const done = await requestTest(acts, { host, asker, by });
  return typeof done === "string" ? problem(request, 409, done, host) : undefined;
}

function tooSoon(request: WebRequest, seconds: number): WebResponse {
  const why = `a test was asked for from here a moment ago; try again in ${seconds} seconds`;
  return problem(request, 429, why, "", { "Retry-After": String(seconds) });
}

/** RFC 9110 §12.5.1, as far as it is needed: who names JSON and not HTML wants JSON. */
function wantsJson({ accept }: WebRequest): boolean {
  return accept.includes("application/json") && !accept.includes("text/html");
}

function isReader({ accept }: WebRequest): boolean {
  return accept.includes("text/html");
}

/** `written`: what the form is filled with. */
function problem(
  request: WebRequest,
  status: number,
  why: string,
  written: string,
  more: WebResponse["fields"] = {},
): WebResponse {
  if (wantsJson(request)) return json(status, problemJson(why), more);
  if (!isReader(request)) return response(status, `${TEXT}; charset=utf-8`, `${why}\n`, more);
  return page(status, lookUpPage({ problem: why, written }), more);
}

/** Nothing of it may be kept, framed or told to other sites; who asked for what stays here. */
const FIELDS = {
  "Cache-Control": "no-store",
  "Referrer-Policy": "same-origin",
  Vary: "Accept",
};

function page(status: number, body: string, more: WebResponse["fields"] = {}): WebResponse {
  const policy = `${contentPolicy({ forms: true })}; frame-ancestors 'none'`;
  const fields = { ...FIELDS, "Content-Security-Policy": policy, ...more };
  return response(status, "text/html; charset=utf-8", body, fields);
}

function json(status: number, body: string, more: WebResponse["fields"] = {}): WebResponse {
  return response(status, "application/json", body, { ...FIELDS, ...more });
}

function seeOther(path: string, said = ""): WebResponse {
  return response(303, TEXT, said, { ...FIELDS, Location: path });
}
