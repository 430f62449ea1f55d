/** A name in records of a zone: the labels that it does not share with the zone's origin, and a pointer into the question for the others (RFC 1035 §4.1.4). */

export class TailName {
  /** Labels on the wire, without an end. */
  readonly labels: Uint8Array;
  /** What it shares begins so many octets into the origin; -1: it shares nothing. */
  readonly shared: number;

  /** Both in lower case; the root is "". */
  constructor(name: string, origin: string) {
    const labels = name === "" ? [] : name.split(".");
    const own = origin === "" ? [] : origin.split(".");
    let same = 0;
    while (same < Math.min(labels.length, own.length) && labels.at(-1 - same) === own.at(-1 - same))
      same++;
    this.labels = wireLabels(labels.slice(0, labels.length - same));
    this.shared = same === 0 ? -1 : octetsOf(own.slice(0, own.length - same));
  }

  /** Octets on the wire, its end with it. */
  get octets(): number {
    return this.labels.length + (this.shared < 0 ? 1 : 2);
  }
}

/** Length and octets of each label. Names of a configuration are ASCII. */
export function wireLabels(labels: readonly string[]): Uint8Array {
  const wire = new Uint8Array(octetsOf(labels));
  let at = 0;
  for (const label of labels) {
    wire[at++] = label.length;
    for (let i = 0; i < label.length; i++) wire[at++] = label.charCodeAt(i);
  }
  return wire;
}

function octetsOf(labels: readonly string[]): number {
  return labels.reduce((sum, { length }) => sum + length + 1, 0);
}
