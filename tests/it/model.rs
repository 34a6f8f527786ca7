//! Readers between writers, every answer held against a model that says what each sequence must answer: no stale "none", no
//! write seen by half, whichever way the index of claims works and however the question comes in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use rand_core::RngCore;
use serde_json::{Value, json};
use vasp_addresses::network::{NetworkNumber, NetworkTable};
use vasp_clock::Random;
use vasp_log::change::ChangeKind;
use vasp_pki::MasterKeys;
use vasp_record::claim::{Reader, Visibility};
use vasp_record::resolution::ResolutionStatus;
use vasp_registry::directory::{ClaimIndexOptions, Generation};
use vasp_registry::node::{AsOf, Registry, pin_at};
use vasp_registry::resolve::{Effort, ResolveQuestion, may_ask_store, read_question, resolve};
use vasp_store::{ClaimRow, Edit, Store, StoreError};
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

use crate::support::{
    Client, Database, Label, Server, SetAtEnd, add_batch, add_group, assert_log_recomputes, change, command, controllers, now,
    on_every_database, open_store, rename,
};

/// Ethereum, which is asked about, and Polygon of the same family.
const ETHEREUM: i32 = 104;
const POLYGON: i32 = 107;
const ACCOUNTS: u8 = 12;
const WRITERS: u8 = 3;
const OWNERS: usize = 3;

/// A claim, and from and until which write it stood. All instants of the model lie years around those of the questions.
#[derive(Clone, Debug)]
struct ModelClaim {
    row: ClaimRow,
    owner: usize,
    visibility: Visibility,
    from: i64,
    to: Option<i64>,
}

/// What the directory must say at the last sequence of each write.
#[derive(Default)]
struct Model {
    claims: Vec<ModelClaim>,
    /// The name that both firms of the pair bear, from each sequence on.
    names: BTreeMap<i64, String>,
}

impl Model {
    fn standing(&self, sequence: i64, account: u8) -> impl Iterator<Item = &ModelClaim> {
        self.claims.iter().filter(move |claim| {
            let stands = claim.from <= sequence && claim.to.is_none_or(|to| to > sequence);
            stands && claim.row.account_key == account_key(account)
        })
    }

    /// Numbers of the claims on an account, on every network of the family, whoever may see them.
    fn numbers(&self, sequence: i64, account: u8) -> BTreeSet<i64> {
        self.standing(sequence, account).map(|claim| claim.row.number).collect()
    }

    /// Status and owners that a reader is told of an account on Ethereum.
    fn verdict(&self, sequence: i64, account: u8, reader: Reader, now: UtcTime) -> (ResolutionStatus, BTreeSet<usize>) {
        let seen = |claim: &&ModelClaim| {
            let visible =
                claim.visibility == Visibility::Public || (claim.visibility == Visibility::Gateways && reader == Reader::Gateway);
            let live = claim.row.expires_at.is_none_or(|at| now.micros() < at);
            visible && live
        };
        let seen: Vec<&ModelClaim> = self.standing(sequence, account).filter(seen).collect();
        let mut owners: BTreeSet<usize> =
            seen.iter().filter(|claim| claim.row.network == ETHEREUM).map(|claim| claim.owner).collect();
        if !owners.is_empty() {
            // Who claims the key on another network contradicts (docs/claims.md, "Against another party's claim").
            owners.extend(seen.iter().map(|claim| claim.owner));
        }
        let status = match owners.len() {
            0 => ResolutionStatus::NotFound,
            1 => ResolutionStatus::Owned,
            _ => ResolutionStatus::Conflicted,
        };
        (status, owners)
    }

    fn name(&self, sequence: i64) -> &str {
        self.names.range(..=sequence).next_back().unwrap().1
    }

    fn add(&mut self, other: Self) {
        self.claims.extend(other.claims);
        self.names.extend(other.names);
    }
}

fn account_key(account: u8) -> Vec<u8> {
    vec![account + 1; 20]
}

fn subject(account: u8) -> String {
    format!("0x{}", hex::encode(account_key(account)))
}

fn at(text: &str) -> UtcTime {
    text.parse().unwrap()
}

/// The owners of claims, and two firms that are only ever renamed together.
struct Parties {
    owners: [(i64, VaspId); OWNERS],
    pair: [(i64, VaspId); 2],
}

fn parties(store: &Store) -> (Parties, Model) {
    let mut rng = Random::seeded(1).fork();
    let written = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
        let mut add = |name: &str| add_group(transaction, name);
        Ok(Parties { owners: [add("a")?, add("b")?, add("c")?], pair: [add("first")?, add("first")?] })
    });
    let written = written.unwrap();
    (written.value, Model { names: BTreeMap::from([(written.sequence, "first".to_owned())]), ..Model::default() })
}

/// One writer: the accounts are parted among the writers, the pair is everybody's.
struct Writer<'a> {
    store: &'a Store,
    parties: &'a Parties,
    number: u8,
    rng: rand_chacha::ChaCha20Rng,
    model: Model,
}

impl Writer<'_> {
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.rng.next_u32()).unwrap() % limit
    }

    fn labels(&mut self, count: usize, only: Option<&ModelClaim>) -> (Vec<(Label, usize)>, Visibility) {
        let visibility = [Visibility::Public, Visibility::Public, Visibility::Gateways, Visibility::Named][self.below(4)];
        let expiries = [None, Some(at("2020-01-01T00:00:00Z")), Some(at("2090-01-01T00:00:00Z"))];
        let label = |writer: &mut Self| {
            let owner = writer.below(OWNERS);
            let own_accounts = usize::from(ACCOUNTS / WRITERS);
            let account = u8::try_from(writer.below(own_accounts)).unwrap() * WRITERS + writer.number;
            let label = Label {
                network: only.map_or([ETHEREUM, ETHEREUM, POLYGON][writer.below(3)], |claim| claim.row.network),
                account_key: only.map_or(account_key(account), |claim| claim.row.account_key.clone()),
                owner: writer.parties.owners[owner].0,
                expires_at: expiries[writer.below(3)],
            };
            (label, owner)
        };
        ((0..count).map(|_| label(self)).collect(), visibility)
    }

    /// Ends the claims at these places of the model and adds others, in one write.
    fn write(&mut self, ended: &[usize], added: &(Vec<(Label, usize)>, Visibility)) -> i64 {
        let numbers: Vec<i64> = ended.iter().map(|place| self.model.claims[*place].row.number).collect();
        let labels: Vec<Label> = added.0.iter().map(|(label, _)| label.clone()).collect();
        let written = self.store.write::<_, StoreError>(now(), &mut self.rng, |transaction| {
            // A change an ended claim: between them lie sequences that no reader may see.
            for number in numbers {
                transaction.record(change(ChangeKind::ClaimBatch, None), vec![Edit::EndClaim(number)]);
            }
            if labels.is_empty() { Ok(vec![]) } else { add_batch(transaction, &labels, added.1) }
        });
        let (rows, sequence) = written.map(|written| (written.value, written.sequence)).unwrap();
        for place in ended {
            self.model.claims[*place].to = Some(sequence);
        }
        let claims = rows.into_iter().zip(&added.0).map(|(row, (_, owner))| ModelClaim {
            row,
            owner: *owner,
            visibility: added.1,
            from: sequence,
            to: None,
        });
        self.model.claims.extend(claims);
        sequence
    }

    /// Writes something; returns the sequence, none where another writer was first.
    fn step(&mut self) -> Option<i64> {
        let standing: Vec<usize> = (0..self.model.claims.len()).filter(|n| self.model.claims[*n].to.is_none()).collect();
        match self.below(8) {
            0..3 => {
                let count = 1 + self.below(3);
                let added = self.labels(count, None);
                Some(self.write(&[], &added))
            }
            3..5 if standing.len() > 3 => {
                let first = self.below(standing.len() - 2);
                Some(self.write(&standing[first..first + 2], &(vec![], Visibility::Public)))
            }
            // Another owner, visibility or expiry instead of the one before: at no sequence is there none or both.
            5..7 if !standing.is_empty() => {
                let place = standing[self.below(standing.len())];
                let before = self.model.claims[place].clone();
                let added = self.labels(1, Some(&before));
                Some(self.write(&[place], &added))
            }
            _ => self.rename_pair(),
        }
    }

    fn rename_pair(&mut self) -> Option<i64> {
        let name = format!("{} {}", self.number, self.rng.next_u32());
        let pair = self.parties.pair;
        let written = self.store.write::<_, StoreError>(now(), &mut self.rng, |transaction| {
            pair.iter().try_for_each(|(number, _)| rename(transaction, *number, &name))
        });
        match written {
            Ok(written) => {
                self.model.names.insert(written.sequence, name);
                Some(written.sequence)
            }
            Err(StoreError::Stale { .. }) => None,
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// One look at a generation.
#[derive(Debug)]
struct Seen {
    sequence: i64,
    account: u8,
    reader: Reader,
    now: UtcTime,
    numbers: BTreeSet<i64>,
    verdict: (ResolutionStatus, BTreeSet<VaspId>),
    names: [String; 2],
}

impl Seen {
    fn look(registry: &Registry, parties: &Parties, generation: &std::sync::Arc<Generation>, rng: &mut dyn RngCore) -> Self {
        let account = u8::try_from(rng.next_u32() % u32::from(ACCOUNTS)).unwrap();
        let reader = Reader::ALL[usize::try_from(rng.next_u32() % 2).unwrap()];
        let now = [now(), at("2019-06-01T00:00:00Z")][usize::try_from(rng.next_u32() % 2).unwrap()];
        let numbers = registry.directory().claims_at(&controllers(ETHEREUM, &account_key(account)), generation).unwrap();
        let question =
            ResolveQuestion { subject: subject(account), kind: None, network: Some("eip155:1".to_owned()), memo: None };
        let asked = read_question(&question, Effort::Reason, str::to_owned).unwrap();
        let resolution = resolve(registry, generation, asked, reader, now).unwrap().resolution;
        Self {
            sequence: generation.sequence(),
            account,
            reader,
            now,
            numbers: numbers.into_iter().map(|(_, claim)| claim.number.0).collect(),
            verdict: (resolution.status, resolution.owners.iter().map(|owner| owner.vasp).collect()),
            names: parties.pair.map(|(_, id)| generation.records().get(id).unwrap().legal_name.clone()),
        }
    }

    fn assert_as(&self, model: &Model, parties: &Parties) {
        assert_eq!(self.numbers, model.numbers(self.sequence, self.account), "{self:?}");
        let (status, owners) = model.verdict(self.sequence, self.account, self.reader, self.now);
        let owners: BTreeSet<VaspId> = owners.into_iter().map(|owner| parties.owners[owner].1).collect();
        assert_eq!(self.verdict, (status, owners), "{self:?}");
        let name = model.name(self.sequence);
        assert_eq!(self.names, [name, name], "{self:?}");
    }
}

/// Registries over one store: all claims in memory, all asked of the store through a cache, moved over on the way.
fn registries(store: &Store) -> Vec<Registry> {
    let mut rng = Random::seeded(2).fork();
    let keys = MasterKeys::generate(&mut rng);
    let open = |(memory_claims, cached_keys)| {
        let limits = ClaimIndexOptions { memory_claims, cached_keys, recent_claims: 3 };
        Registry::open(store.clone(), keys.clone(), limits, now(), &mut rng).unwrap()
    };
    [(i64::MAX, 4), (0, 1_000), (0, 3), (40, 6)].map(open).into()
}

/// Reads until the writers are done: the present, and now and then a past that was seen before.
fn read_on(registry: &Registry, parties: &Parties, seed: u64, done: &AtomicBool) -> Vec<Seen> {
    let mut rng = Random::seeded(seed).fork();
    let (mut seen, mut passed) = (Vec::new(), vec![registry.pin(now()).sequence()]);
    while !done.load(Ordering::SeqCst) && seen.len() < 20_000 {
        if rng.next_u32().is_multiple_of(4) {
            registry.directory().catch_up().unwrap();
        }
        let mut generation = registry.pin(now());
        passed.push(generation.sequence());
        if rng.next_u32().is_multiple_of(16) {
            let past = passed[usize::try_from(rng.next_u32()).unwrap() % passed.len()];
            generation = pin_at(registry, AsOf::Sequence(past), now()).unwrap();
            assert_eq!(generation.sequence(), past);
        }
        // Several looks at one generation, while others write and the index moves on.
        for _ in 0..4 {
            seen.push(Seen::look(registry, parties, &generation, &mut rng));
            std::thread::yield_now();
        }
    }
    seen
}

#[on_every_database]
fn readers_between_writers_are_told_what_the_model_says_at_their_sequence(database: Database) {
    let store = open_store(&database, 8);
    let (parties, mut model) = parties(&store);
    let registries = registries(&store);
    let (done, steps) = (AtomicBool::new(false), if database.file().is_some() { 80 } else { 120 });

    let seen: Vec<Seen> = std::thread::scope(|scope| {
        let (parties, done, registries, store) = (&parties, &done, &registries, &store);
        let end = SetAtEnd(done);
        let readers: Vec<_> =
            (100..).zip(registries).map(|(seed, registry)| scope.spawn(move || read_on(registry, parties, seed, done))).collect();
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                scope.spawn(move || {
                    let rng = Random::seeded(u64::from(number)).fork();
                    let mut writer = Writer { store, parties, number, rng, model: Model::default() };
                    let mut seen = Vec::new();
                    for step in 0..steps {
                        let Some(sequence) = writer.step() else { continue };
                        // What is acknowledged is visible here: the node that wrote has caught up with itself.
                        let registry = &registries[step % registries.len()];
                        assert!(registry.directory().catch_up().unwrap() >= sequence);
                        let generation = registry.pin(now());
                        assert!(generation.sequence() >= sequence);
                        seen.push(Seen::look(registry, parties, &generation, &mut writer.rng));
                    }
                    (writer.model, seen)
                })
            })
            .collect();
        let mut seen = Vec::new();
        for writer in writers {
            let (written, looks) = writer.join().unwrap();
            model.add(written);
            seen.extend(looks);
        }
        drop(end);
        seen.extend(readers.into_iter().flat_map(|reader| reader.join().unwrap()));
        seen
    });

    seen.iter().for_each(|look| look.assert_as(&model, &parties));
    let sequences: BTreeSet<i64> = seen.iter().map(|look| look.sequence).collect();
    assert!(sequences.len() > 100 && seen.len() > 1_000, "{} looks at {} sequences", seen.len(), sequences.len());
    let found = seen.iter().filter(|look| look.verdict.0 != ResolutionStatus::NotFound).count();
    assert!(found * 10 > seen.len() && found * 10 < seen.len() * 9, "{found} of {} found somebody", seen.len());
    assert_log_recomputes(&store);
    assert_filter_spared_looks(&registries);
    assert_store_is_asked_only_where_it_was_said(&store);
    assert_coverage_is_one(&store, *sequences.iter().nth(sequences.len() / 2).unwrap());
}

/// Above the limit the filter spared the store looks, where the answers were right all the same.
fn assert_filter_spared_looks(registries: &[Registry]) {
    let filtered = |registry: &Registry| registry.directory().claim_index_state().filtered;
    let spared: Vec<bool> = registries.iter().map(|registry| filtered(registry) > 0).collect();
    assert_eq!(spared[..3], [false, true, true], "all in memory, and twice above the limit from the start");
}

/// Where no look into the store was announced, none happens: such questions are answered where others wait.
fn assert_store_is_asked_only_where_it_was_said(store: &Store) {
    let started = registries(store);
    let mut said = vec![BTreeSet::new(); started.len()];
    for (registry, said) in started.iter().zip(&mut said) {
        let generation = registry.pin(now());
        let looks = || registry.directory().claim_index_state().misses;
        // Accounts that are claimed, each twice, and as many that never were.
        for account in (0..ACCOUNTS).chain(0..2 * ACCOUNTS) {
            let question =
                ResolveQuestion { subject: subject(account), kind: None, network: Some("eip155:1".into()), memo: None };
            let asked = read_question(&question, Effort::Reason, str::to_owned).unwrap();
            let (before, may_ask) = (looks(), may_ask_store(registry, &generation, &asked.subject));
            resolve(registry, &generation, asked, Reader::Public, now()).unwrap();
            assert!(may_ask || looks() == before, "account {account}");
            said.insert((account, may_ask));
        }
    }
    let of_none = |said: &BTreeSet<(u8, bool)>| said.range((ACCOUNTS, false)..).any(|(_, may_ask)| *may_ask);
    assert!(said[0].iter().all(|(_, may_ask)| !may_ask), "all in memory");
    for said in &said[1..3] {
        assert!(!of_none(said), "the filter knows that there are none");
        assert!(said.iter().any(|(_, may_ask)| *may_ask), "nothing is in the cache at the beginning");
    }
    let asked_once = said[1].iter().filter(|(account, may_ask)| *may_ask && said[1].contains(&(*account, false)));
    assert!(asked_once.count() > 0, "kept in the cache after the first look");
}

/// What starts over a full store counts the same, in memory and above the limit, of the present and of a past.
fn assert_coverage_is_one(store: &Store, past: i64) {
    let ethereum = NetworkTable::embedded().by_number(NetworkNumber(ETHEREUM)).unwrap();
    let started = registries(store);
    for as_of in [None, Some(AsOf::Sequence(past))] {
        let lines = started.iter().map(|registry| {
            let generation = as_of.map_or_else(|| registry.pin(now()), |as_of| pin_at(registry, as_of, now()).unwrap());
            Reader::ALL.map(|reader| generation.coverage(ethereum, reader))
        });
        let lines: Vec<_> = lines.collect();
        assert!(lines[0].iter().any(|line| line.is_some_and(|line| line.claims > 0)), "{lines:?}");
        assert!(lines.iter().all(|line| *line == lines[0]), "{lines:?}");
    }
}

/// Asks a running server about every account at once; returns its sequence and, per account, status and owners.
fn ask_all(client: &Client) -> (i64, Vec<(String, BTreeSet<String>)>) {
    let subjects: Vec<Value> = (0..ACCOUNTS).map(|n| json!({"subject": subject(n), "network": "eip155:1"})).collect();
    let answer = client.post("/v1/resolve", &json!({"subjects": subjects})).json();
    let results = answer["results"].as_array().unwrap();
    let sequences: BTreeSet<i64> = results.iter().map(|r| r["directory"]["sequence"].as_i64().unwrap()).collect();
    assert_eq!(sequences.len(), 1, "a batch is answered from one generation");
    let told = results.iter().map(|result| {
        let owners = result["owners"].as_array().unwrap().iter();
        let owners = owners.map(|owner| owner["vasp"]["id"].as_str().unwrap().to_owned()).collect();
        (result["status"].as_str().unwrap().to_owned(), owners)
    });
    (sequences.into_iter().next().unwrap(), told.collect())
}

fn at_a_running_server(database: &Database, index_limit: &str) {
    let store = open_store(database, 2);
    let (parties, mut model) = parties(&store);
    let keys = tempfile::tempdir().unwrap();
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--public-read", "--claim-index-limit", index_limit]);
    serve.env("VASP_REGISTRY_DATABASE", database.url.whole()).env("VASP_REGISTRY_LOG_LEVEL", "warn");
    serve.env("VASP_REGISTRY_MASTER_KEY_FILE", keys.path().join("master-key"));
    let server = Server::start(serve);
    let done = AtomicBool::new(false);

    let looks: Vec<_> = std::thread::scope(|scope| {
        let reader = || {
            let client = Client::new(server.address);
            let mut looks = Vec::new();
            loop {
                let last_look = done.load(Ordering::SeqCst);
                looks.push(ask_all(&client));
                if last_look {
                    return looks;
                }
            }
        };
        let end = SetAtEnd(&done);
        let readers = [scope.spawn(reader), scope.spawn(reader)];
        let rng = Random::seeded(7).fork();
        let mut writer = Writer { store: &store, parties: &parties, number: 0, rng, model: Model::default() };
        let client = Client::new(server.address);
        for step in 0..=30 {
            let Some(sequence) = writer.step() else { continue };
            // Written by another process: seen within a second. Only some are waited for, so that others come in bulk.
            if step % 6 == 0 {
                let watch = vasp_clock::Stopwatch::start();
                while ask_all(&client).0 < sequence {
                    assert!(watch.elapsed_micros() < 5_000_000, "the server has not seen {sequence}");
                }
            }
        }
        drop(end);
        model.add(writer.model);
        readers.into_iter().flat_map(|reader| reader.join().unwrap()).collect()
    });

    let now = at("2026-06-01T00:00:00Z");
    for (sequence, told) in &looks {
        for (account, told) in (0..ACCOUNTS).zip(told) {
            let (status, owners) = model.verdict(*sequence, account, Reader::Public, now);
            let owners: BTreeSet<String> = owners.into_iter().map(|owner| parties.owners[owner].1.to_string()).collect();
            let status = serde_json::to_value(status).unwrap();
            assert_eq!(*told, (status.as_str().unwrap().to_owned(), owners), "account {account} at {sequence}");
        }
    }
    assert!(looks.iter().map(|(sequence, _)| sequence).collect::<BTreeSet<_>>().len() > 5);
    server.stop("TERM");
}

#[test]
fn a_running_server_tells_what_the_model_says_at_the_sequence_it_names() {
    on_every_database(|database| at_a_running_server(&database, "1000000"));
    on_every_database(|database| at_a_running_server(&database, "0"));
}
