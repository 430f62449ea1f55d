/**
 * mailauth's parts, loaded when the first message needs them or before (0.2 s), and once: asking the loader for each message costs
 * more than SPF does. Its front door would bring BIMI, policies of other protocols and their packages along.
 */
async function load() {
  const [spf, arc, dmarc, dkim] = await Promise.all([
    import("mailauth/lib/spf/index.js"),
    import("mailauth/lib/arc/index.js"),
    import("mailauth/lib/dmarc/index.js"),
    import("mailauth/lib/dkim/dkim-verifier.js"),
  ]);
  return {
    checkSender: spf.spf,
    checkChain: arc.arc,
    evaluateDmarc: dmarc.evaluateDmarc,
    DkimVerifier: dkim.DkimVerifier,
  };
}

type Mailauth = Awaited<ReturnType<typeof load>>;

let loaded: Promise<Mailauth> | undefined;

export function mailauth(): Promise<Mailauth> {
  loaded ??= load();
  return loaded;
}
