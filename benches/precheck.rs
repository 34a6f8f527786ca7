//! Measures one pre-check in parts, on the directory of `seed/`: the pure decision (`domain::precheck::run`) by itself, and a whole
//! request split into parse, decide, render, digest, sign, seal and store. `cargo bench --bench precheck`; figures stand in docs/project/benchmarks.md.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement for a developer's terminal, not part of the program"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rand_core::RngCore;
use vasp_addresses::network::NetworkNumber;
use vasp_clock::{Clock, Random, SystemClock};
use vasp_log::Sealer;
use vasp_pki::MasterKeys;
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind};
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_registry::acts::Identity;
use vasp_registry::config::DatabaseUrl;
use vasp_registry::directory::{ClaimIndexOptions, Generation};
use vasp_registry::node::Registry;
use vasp_registry::organisations::NewUser;
use vasp_registry::precheck::http::PrecheckParts;
use vasp_registry::precheck::{Extent, SealedPrecheck};
use vasp_rules::elsewhere::JudgedVasp;
use vasp_rules::obligations::{
    CorrespondentDuty, CounterpartyDiligence, Obligations, ObligationsRequest, TravelRuleDuty, obligations,
};
use vasp_rules::precheck::{
    Asked, CountryFacts, Declared, ListVersion, OwnDuties, PrecheckInput, RegimeFacts, RelationshipFacts, RelationshipTransfer,
    ScreeningFacts, Shown, WalletProofs, attribute, run,
};
use vasp_rules::relationship::Standing;
use vasp_rules::shared_diligence::SharedDiligence;
use vasp_store::{Store, StoreOptions};
use vasp_words::country::Country;
use vasp_words::ids::{PrecheckId, VaspId};
use vasp_words::time::UtcTime;

/// As in the program: a decision is made of many short strings.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Repetitions of one measurement, and measurements whose median counts.
const REPEATED: u32 = 2_000;
const ROUNDS: usize = 9;

/// Rows of one group commit.
const ROWS: u32 = 500;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
    let options = StoreOptions { create: true, migrate: true, ..StoreOptions::default() };
    let store = Store::open(&url, &options, Arc::new(Sealer::default())).expect("a database");
    let (random, now) = (Random::seeded(1), SystemClock.now());
    let mut rng = random.fork();
    let keys = MasterKeys::generate(&mut rng);
    vasp_registry::imports::load_seed(
        (&store, &keys),
        vasp_registry::imports::SeedPolicy::Shipped,
        &mut |_, _| (),
        now,
        &mut rng,
    )
    .expect("the seed loads");
    let registry = Registry::open(store, keys, ClaimIndexOptions::default(), now, &mut rng).expect("it opens");
    let generation = registry.pin(now);
    let judged = generation.records().iter_judged().find(|judged| is_typical(&judged.record)).expect("a licensed entity");
    let entity = &judged.record;
    println!("counterparty: {} ({})\n", entity.legal_name, entity.id);
    decision(&generation, judged, now);
    whole(&registry, &generation, entity.id, &random, now);
}

fn is_typical(vasp: &Vasp) -> bool {
    vasp.kind == VaspKind::Entity && vasp.lei.is_some() && !vasp.licences.is_empty() && vasp.country.is_some()
}

/// An outgoing transfer about which the asker states nothing.
fn own_duties<'a>(both: &'a Obligations, proofs: &'a WalletProofs) -> OwnDuties<'a> {
    let prohibited_assets = &[];
    OwnDuties { incoming: false, both, provided: None, sunrise: None, clauses: None, prohibited_assets, own_wallet: None, proofs }
}

/// The pure decision about an entity that was named.
fn decision(generation: &Generation, entity: &JudgedVasp, now: UtcTime) {
    let (documents, date) = (generation.documents(), now.date());
    let (rulebook, lists) = (&documents.rulebook.value, &documents.lists.value);
    let germany: Country = "DE".parse().expect("a country");
    let own_side = RegimeFacts::of_country(rulebook, germany, date);
    let attribution = attribute(&Asked::<NetworkNumber>::Vasp(entity.record.id), Declared::Nothing, &[entity], now);
    let regime = |country| RegimeFacts::of_country(rulebook, country, date);
    let countries: Vec<CountryFacts> =
        attribution.countries(None).into_iter().map(|country| CountryFacts::of(regime(country), lists, date)).collect();
    let versions = ListVersion::all(lists);
    let index = &documents.screen.as_ref().expect("a screening list").value;
    let screening = ScreeningFacts::search(index, &[], &attribution, &Shown::default(), date);
    let relationship = RelationshipFacts {
        standing: Standing::default(),
        transfer: RelationshipTransfer::default(),
        duty: CounterpartyDiligence {
            travel_rule: TravelRuleDuty::Yes,
            code: None,
            correspondent: CorrespondentDuty::NotEstablished,
        },
        cap: None,
        shows_texts: true,
    };
    let shared = SharedDiligence::default();
    let both =
        obligations(rulebook, &ObligationsRequest::between(own_side.jurisdiction.clone(), "IE".parse().expect("an id"), date));
    let proofs = WalletProofs::default();
    let input = PrecheckInput {
        own: own_duties(&both, &proofs),
        attribution: &attribution,
        relationship: &relationship,
        shared: &shared,
        none_registered: None,
        date,
        customer_country: None,
        worth: None,
        linked_total: None,
        own_side: &own_side,
        countries: &countries,
        lists: &versions,
        non_compliant: documents.non_compliant.as_ref().map(|list| list.value.version()),
        routes: None,
        screening: &screening,
        policy: &documents.policy.value,
        now,
    };
    let took = median(|| (0..REPEATED).for_each(|_| drop(black_box(run(black_box(&input))))));
    println!("pure decision           {:>8.2} µs", micros(took, REPEATED));
}

/// Makes an organisation with a key, and returns who it is.
fn asker(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Identity {
    let organisation =
        vasp_registry::organisations::create_organisation(registry, "Bench", OrganisationKind::Gateway, None, now, rng)
            .expect("an organisation");
    let new = NewUser { name: "bench".to_owned(), email: None, kind: UserKind::Machine, roles: Vec::<Role>::new() };
    let user = vasp_registry::organisations::create_user(registry, organisation, &new, now, rng).expect("a user");
    let key = vasp_registry::organisations::create_api_key(registry, user, &[Scope::Precheck], None, now, rng).expect("a key");
    registry.let_others_know();
    let claimed = vasp_registry::acts::authenticate(registry, &format!("Bearer {}", key.text), now).expect("it is known");
    claimed.over(registry, None, now).expect("it may")
}

/// A whole request, split.
fn whole(registry: &Registry, generation: &Arc<Generation>, counterparty: VaspId, random: &Random, now: UtcTime) {
    let mut rng = random.fork();
    let identity = asker(registry, now, &mut rng);
    let organisation = identity.organisation;
    let key = registry.data_key(organisation, now, &mut rng).expect("a data key");
    let parts = PrecheckParts { registry, identity: &identity, key, now };
    let body = format!(
        "{{\"direction\":\"outgoing\",\"originator\":{{\"jurisdiction\":\"DE\"}},\"beneficiary\":{{\"vasp\":\"{counterparty}\"}},\
         \"transfer\":{{\"asset\":\"eip155:1/slip44:60\",\"amount\":\"0.05\",\"fiat\":{{\"amount\":\"2000\",\"currency\":\"EUR\"}}}}}}"
    );
    let body = body.as_bytes();
    let question = parts.parse(body).expect("it reads");
    let answer = parts.decide(generation, &question).expect("it is answered");
    let id = PrecheckId::new(now, &mut rng);
    let signing = vasp_registry::transparency::prepare_signing(registry, generation.sequence(), now, &mut rng).expect("a key");
    let asked = (&question, &answer);
    let digested = parts.digest(body, asked, id).expect("it renders");
    parts.sign(&signing, id, asked.0, asked.1, &digested.digests).expect("it is signed");

    let part = |name: &str, work: &mut dyn FnMut()| {
        println!("{name:<24}{:>8.2} µs", micros(median(|| (0..REPEATED).for_each(|_| work())), REPEATED));
    };
    part("parse", &mut || drop(black_box(parts.parse(black_box(body)))));
    part("decide (with look-ups)", &mut || drop(black_box(parts.decide(generation, &question))));
    part("render the verdict", &mut || drop(black_box(parts.render(asked, Extent::Verdict))));
    part("render with evidence", &mut || drop(black_box(parts.render(asked, Extent::Full))));
    part("render and digest", &mut || drop(black_box(parts.digest(body, asked, id))));
    part("sign", &mut || drop(black_box(parts.sign(&signing, id, asked.0, asked.1, &digested.digests))));
    let mut sealing = random.fork();
    part("seal", &mut || drop(black_box(parts.seal(id, organisation, body, &digested, &answer, &mut sealing))));
    let mut rows = || -> Vec<SealedPrecheck> {
        let row = |_| {
            let id = PrecheckId::new(now, &mut rng);
            parts.seal(id, organisation, body, &digested, &answer, &mut rng).expect("it is sealed")
        };
        (0..ROWS).map(row).collect()
    };
    let stored = store(registry, &mut rows);
    println!("{:<24}{:>8.2} µs, of {ROWS} in one commit", "store", micros(stored, ROWS));
    println!("verdict: {} bytes without its receipt, evidence: {} bytes", digested.verdict.len(), digested.evidence.len());
}

/// How long the commit of some rows takes.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn store(registry: &Registry, rows: &mut dyn FnMut() -> Vec<SealedPrecheck>) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let (rows, (done, kept)) = (rows(), channel());
            let started = Instant::now();
            registry.prechecks().record(rows, move |outcome| drop(done.send(outcome)));
            kept.recv().expect("an answer").expect("they are on disk");
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.get(ROUNDS / 2).copied().unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn micros(took: Duration, times: u32) -> f64 {
    took.as_secs_f64() * 1e6 / f64::from(times)
}
