/** What happens to a list in tests of its health: one event after the other, minutes apart. */
import assert from "node:assert/strict";
import {
  parseDomain,
  parseIp,
  siteNetwork,
  type IdentityLevel,
  type Ip,
} from "../../../src/mail/index.ts";
import {
  afterEvent,
  canary,
  HEALTH_LIMITS,
  newHealth,
  type AskedAs,
  type HealthEvent,
  type HealthLimits,
  type ListAnswer,
  type ListHealth,
  type ProbeFindings,
} from "../../../src/policy/lists/index.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

export const CLEAR: ListAnswer = { kind: "clear" };
export const LISTED: ListAnswer = { kind: "listed", codes: ["127.0.0.2"] };
export const TIMEOUT: ListAnswer = { kind: "error", why: "timeout" };

export const IN_ORDER: ProbeFindings = {
  listed: LISTED,
  unlisted: CLEAR,
  canaries: [CLEAR, CLEAR, CLEAR],
  servers: ["a.ns.example", "b.ns.example"],
  ms: 20,
};

export function ipOf(text: string): Ip {
  const ip = parseIp(text);
  assert.ok(ip !== undefined, text);
  return ip;
}

/** Each of another network. */
export function client(number: number): Ip {
  return ipOf(`${20 + Math.floor(number / 65_536)}.${(number >> 8) & 255}.${number & 255}.7`);
}

/** A list, and what has happened to it so far. */
export class Patient {
  health: ListHealth;
  readonly #limits: HealthLimits;
  now = Date.UTC(2026, 0, 1);
  #clients = 0;

  constructor(limits: HealthLimits = HEALTH_LIMITS) {
    this.#limits = limits;
    this.health = newHealth(this.now);
  }

  /** One that has been probed and found in order. */
  static well(limits?: HealthLimits): Patient {
    const patient = new Patient(limits);
    patient.probe();
    assert.equal(patient.health.state, "well");
    return patient;
  }

  get state(): string {
    return this.health.state;
  }

  happened(event: HealthEvent): this {
    this.health = afterEvent(this.health, event, this.#limits);
    return this;
  }

  after(minutes: number): this {
    this.now += minutes * MINUTE_MS;
    return this;
  }

  probe(findings: Partial<ProbeFindings> = {}): this {
    return this.happened({
      kind: "probe",
      at: this.now,
      findings: { ...IN_ORDER, ...findings },
    });
  }

  /** About somebody it was not asked about before. */
  asked(answer: ListAnswer, ms = 20, as: AskedAs = "client"): this {
    return this.askedAbout(client(this.#clients++), answer, ms, as);
  }

  askedAbout(ip: Ip, answer: ListAnswer, ms = 20, as: AskedAs = "client"): this {
    const subject = { kind: "address", ip } as const;
    return this.happened({ kind: "answer", at: this.now, as, subject, answer, ms });
  }

  /** Of a list of names: one that this client brought. */
  askedAboutName(name: string, by: Ip, answer: ListAnswer): this {
    const domain = parseDomain(name);
    assert.ok(domain !== undefined, name);
    return this.happened({
      kind: "answer",
      at: this.now,
      as: "sender",
      subject: { kind: "name", domain },
      by: siteNetwork(by),
      answer,
      ms: 20,
    });
  }

  witness(answer: ListAnswer): this {
    const nobody = canary("ipv4", new Uint8Array(12));
    return this.happened({ kind: "witness", at: this.now, canary: nobody, answer, ms: 20 });
  }

  knownCaller(ip: Ip, level: IdentityLevel): this {
    return this.happened({ kind: "good client hit", at: this.now, client: ip, level });
  }
}
