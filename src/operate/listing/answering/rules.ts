/** How the world is treated: who is answered, how often, and with what secret cookies are made. */

export interface AnswerRules {
  /** The first one that holds the client counts; without one it is answered. */
  readonly access: readonly AccessRule[];
  readonly rateLimit: RateLimitRules | undefined;
  /** 16 octets (RFC 9018 §4), the same for all threads and servers behind one name; undefined: cookies are not spoken of. */
  readonly cookieSecret: Uint8Array | undefined;
  /** Networks of clients that are counted by themselves. */
  readonly countedNetworks: number;
}

export interface AccessRule {
  /** "192.0.2.0/24", "2001:db8::/32", an address. */
  readonly network: string;
  /** pass: without a limit to its rate. */
  readonly action: "pass" | "refuse" | "ignore";
}

/** Of answers over UDP without a cookie. */
export interface RateLimitRules {
  /** To a /24 of IPv4, a /56 of IPv6. */
  readonly answersPerSecond: number;
  /** Every so many answers over the limit one says "ask over TCP" (TC), the others are not sent; 0: none is sent. */
  readonly slip: number;
}

export const DEFAULT_RULES: AnswerRules = {
  access: [],
  rateLimit: { answersPerSecond: 2000, slip: 2 },
  cookieSecret: undefined,
  countedNetworks: 10_000,
};
