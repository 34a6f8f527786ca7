//! Probes of endpoints: what is seen of servers that behave and of those that do not, what is never called, and who is probed when.
//! The servers are the test's own, on loopback.

mod refused;
mod schedule;
mod sights;

use std::sync::atomic::{AtomicU64, Ordering};

use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use vasp_outbound::{ClientIdentity, Outbound, ProbeAsk};
use vasp_rules::probe::{Pin, ProbeFindingCode, ProbeKind, ProbeOutcome, ProbeSample, ProbeTarget, Seen, judge};
use vasp_words::ids::{EndpointId, VaspId};
use vasp_words::time::UtcTime;

use crate::support::{Authority, Internet, NOW, Names};

/// A host that the tests' resolvers know.
const HOST: &str = "trp.example.com";
const LEI: &str = "529900T8BM49AURSDO55";
const NAME: &str = "Alpha Exchange GmbH";

fn now() -> UtcTime {
    NOW.parse().unwrap()
}

/// A small Internet, and what calls it.
struct World {
    internet: Internet,
    outbound: Outbound,
    authority: Authority,
}

impl World {
    /// `HOST` leads to loopback, and certificates of the authority are trusted.
    fn new() -> Self {
        let internet = Internet::start(&[HOST]);
        let (outbound, authority) = (internet.outbound(), internet.authority());
        Self { internet, outbound, authority }
    }

    fn names(&self, names: &Names) {
        self.internet.resolvers.iter().for_each(|resolver| resolver.set(names));
    }

    fn probe(&self, target: &ProbeTarget) -> Seen {
        self.probe_as(target, None)
    }

    fn probe_as(&self, target: &ProbeTarget, identity: Option<&ClientIdentity>) -> Seen {
        let prober = self.outbound.prober(identity).unwrap();
        let request_identifier = "5a1d7b1e-0000-4000-8000-000000000000".to_owned();
        let ask = ProbeAsk { request_identifier, attempts: 2, last_checked_at: Some(now()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(prober.probe(target, &ask, now()))
    }

    fn judged(&self, target: &ProbeTarget) -> ProbeSample {
        judge(target, &self.probe(target), now()).unwrap()
    }

    /// How a probe ends, and what it finds.
    fn codes(&self, target: &ProbeTarget) -> (ProbeOutcome, Vec<ProbeFindingCode>) {
        let sample = self.judged(target);
        (sample.outcome, sample.findings.iter().map(|finding| finding.code).collect())
    }
}

/// An endpoint at `HOST`, of a VASP with a name and an LEI.
fn target(kind: ProbeKind, port: u16, pins: &[&Pin]) -> ProbeTarget {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut rng = ChaCha8Rng::seed_from_u64(NEXT.fetch_add(1, Ordering::SeqCst));
    ProbeTarget {
        endpoint: EndpointId::new(now(), &mut rng),
        vasp: VaspId::new(now(), &mut rng),
        kind,
        host: HOST.parse().unwrap(),
        port: Some(port),
        path: "/x".to_owned(),
        versions: vec!["3.2.1".to_owned()],
        pins: pins.iter().copied().cloned().collect(),
        names: vec![NAME.to_owned()],
        lei: Some(LEI.parse().unwrap()),
        maintenance: vec![],
    }
}
