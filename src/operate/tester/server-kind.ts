/** Which software answers, as its greeting says, so that mending is told in its words. */

export const SERVER_KINDS = [
  "Postfix",
  "Exim",
  "sendmail",
  "OpenSMTPD",
  "Exchange",
  "Haraka",
  "Gatepost",
] as const;
export type ServerKind = (typeof SERVER_KINDS)[number] | "unknown";

const SIGNS: readonly (readonly [RegExp, ServerKind])[] = [
  [/\bGatepost\b/i, "Gatepost"],
  [/\bPostfix\b/i, "Postfix"],
  [/\bExim\b/i, "Exim"],
  [/\bOpenSMTPD\b/i, "OpenSMTPD"],
  [/\bSendmail\b/i, "sendmail"],
  [/\bHaraka\b/i, "Haraka"],
  [/Microsoft (?:ESMTP|Exchange|SMTP)/i, "Exchange"],
];

export function serverKind(banner: string): ServerKind {
  return SIGNS.find(([sign]) => sign.test(banner))?.[1] ?? "unknown";
}
