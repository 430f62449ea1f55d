/** A list of addresses of any length, and questions about it, half of which are about addresses that are listed. */

/** Scattered over 16.0.0.0 to 207.255.255.255, in no order. */
export function listedAddress(i: number): string {
  const address = 0x1000_0000 + ((i * 2_654_435_761) % 0xc000_0000);
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** As an ip4set. */
export function listText(addresses: number): string {
  const lines = Array.from({ length: addresses }, (_, i) => listedAddress(i));
  return [":2:open relay: $", ...lines, ""].join("\n");
}

export function nameOf(address: string, zone: string): string {
  return `${address.split(".").toReversed().join(".")}.${zone}`;
}

/** As dnsperf reads them. */
export function questionsText(zone: string, addresses: number, questions: number): string {
  const lines = Array.from({ length: questions }, (_, i) => {
    const listed = i % 2 === 0;
    return `${nameOf(listedAddress(listed ? (i * 7919) % addresses : addresses + i), zone)} A`;
  });
  return [...lines, ""].join("\n");
}
