//! The store and the directory over it, on both databases: what must hold when several write, one fails, a clock jumps or
//! a reader comes in between. Asks the library, since no route could provoke these.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use proptest::prelude::*;
use rand_core::RngCore;
use vasp_clock::Random;
use vasp_log::Sealer;
use vasp_log::change::ChangeKind;
use vasp_pki::{ClaimIdKey, DataKey, MasterKeys};
use vasp_record::claim::Visibility;
use vasp_record::role::{OrganisationKind, Scope};
use vasp_registry::directory::{ClaimIndexOptions, Directory};
use vasp_registry::node::Registry;
use vasp_store::{ClaimRow, Conn, Edit, FileLooks, Store, StoreError, StoreOptions, Transaction};

use crate::support::{
    self, Database, Label, NOW, add_batch, assert_log_recomputes, change, controllers, fact, hold_batch, machine, now,
    on_every_database, open_store,
};

fn open(database: &Database) -> Store {
    open_store(database, 8)
}

fn add_group(transaction: &mut Transaction<'_>, name: &str) -> Result<i64, StoreError> {
    support::add_group(transaction, name).map(|(number, _)| number)
}

#[on_every_database]
fn many_writers_leave_a_log_without_gaps_that_recomputes(database: Database) {
    let store = open(&database);

    std::thread::scope(|scope| {
        for thread in 0..8u64 {
            let store = &store;
            scope.spawn(move || {
                let mut rng = Random::seeded(thread).fork();
                let mut last = 0;
                for write in 0..50 {
                    let groups = 1 + write % 3;
                    let written = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
                        (0..groups).try_for_each(|n| add_group(transaction, &format!("{thread} {write} {n}")).map(drop))
                    });
                    let sequence = written.unwrap().sequence;
                    assert!(sequence >= last + groups, "each write is told a sequence after its own changes");
                    last = sequence;
                }
            });
        }
    });

    // 17 times 1, 17 times 2 and 16 times 3 groups a thread.
    assert_eq!(assert_log_recomputes(&store), 8 * (17 + 34 + 48));
}

#[on_every_database]
fn of_two_that_end_the_same_fact_one_is_stale_and_writes_nothing(database: Database) {
    let store = open(&database);
    let mut rng = Random::seeded(1).fork();
    let vasp = store.write(now(), &mut rng, |transaction| add_group(transaction, "before")).unwrap().value;
    let both_have_read = Barrier::new(2);

    let results: Vec<Result<i64, StoreError>> = std::thread::scope(|scope| {
        let write = |name: &'static str, seed| {
            let (store, both_have_read) = (&store, &both_have_read);
            scope.spawn(move || {
                let read = store.read::<_, StoreError>(|conn| conn.facts_of(&[vasp], i64::MAX - 1)).unwrap();
                both_have_read.wait();
                let edits = vec![Edit::CloseFact(read[0].number), fact(vasp, "legal_name", name)];
                let mut rng = Random::seeded(seed).fork();
                let written = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
                    transaction.record(change(ChangeKind::VaspChanged, Some(vasp)), edits);
                    Ok(())
                });
                written.map(|written| written.sequence)
            })
        };
        [write("one", 2), write("other", 3)].map(|thread| thread.join().unwrap()).into()
    });

    assert_eq!(results.iter().filter(|result| matches!(result, Ok(2))).count(), 1, "{results:?}");
    let stale = |result: &&Result<i64, StoreError>| matches!(result, Err(StoreError::Stale { table: "facts" }));
    assert_eq!(results.iter().filter(stale).count(), 1, "{results:?}");
    assert_eq!(assert_log_recomputes(&store), 2);
    assert_eq!(store.read::<_, StoreError>(|conn| conn.facts_of(&[vasp], 2)).unwrap().len(), 1);
}

#[on_every_database]
fn a_write_that_fails_keeps_nothing_and_takes_no_number(database: Database) {
    let store = open(&database);
    let mut rng = Random::seeded(1).fork();

    let failed = store.write::<(), StoreError>(now(), &mut rng, |transaction| {
        add_group(transaction, "gone")?;
        Err(StoreError::Stale { table: "test" })
    });
    let stale = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
        let number = add_group(transaction, "gone too")?;
        transaction.record(change(ChangeKind::VaspChanged, Some(number)), vec![Edit::CloseFact(1_000)]);
        Ok(())
    });

    assert!(matches!(failed, Err(StoreError::Stale { table: "test" })));
    assert!(matches!(stale, Err(StoreError::Stale { table: "facts" })));
    assert_eq!(assert_log_recomputes(&store), 0);
    assert_eq!(store.read::<_, StoreError>(|conn| conn.vasp_anchors(None)).unwrap(), []);
    assert_eq!(store.write(now(), &mut rng, |transaction| add_group(transaction, "kept")).unwrap().value, 1);
}

#[on_every_database]
fn recorded_times_rise_when_the_clock_jumps_back(database: Database) {
    let store = open(&database);
    let mut rng = Random::seeded(1).fork();

    for time in [NOW, "2020-01-01T00:00:00Z", "2026-06-01T12:00:00.000001Z", "1999-12-31T23:59:59Z"] {
        store.write(time.parse().unwrap(), &mut rng, |transaction| add_group(transaction, time)).unwrap();
    }

    assert_eq!(assert_log_recomputes(&store), 4);
    let at = |time: &str| store.read::<_, StoreError>(|conn| conn.sequence_at(time.parse().unwrap())).unwrap().0;
    assert_eq!(["2026-06-01T11:59:59Z", NOW, "2026-06-01T12:00:00.000002Z", "2027-01-01T00:00:00Z"].map(at), [0, 1, 3, 4]);
}

#[on_every_database]
fn readers_between_writers_see_whole_transactions(database: Database) {
    let store = open(&database);
    let mut rng = Random::seeded(1).fork();
    let pair = store
        .write::<_, StoreError>(now(), &mut rng, |transaction| Ok([add_group(transaction, "0")?, add_group(transaction, "0")?]));
    let pair = pair.unwrap().value;
    let done = AtomicBool::new(false);

    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    let (head, facts, end) = store
                        .read::<_, StoreError>(|conn| {
                            let head = conn.log_head()?.sequence;
                            Ok((head, conn.facts_of(&pair, head)?, conn.pinnable_sequence(i64::MAX)?.0))
                        })
                        .unwrap();
                    assert_eq!((facts.len(), facts[0].fact.said == facts[1].fact.said), (2, true), "{facts:?}");
                    assert_eq!((head % 2, end), (0, head));
                }
            });
        }
        for round in 1..60 {
            let read = store.read::<_, StoreError>(|conn| conn.facts_of(&pair, i64::MAX - 1)).unwrap();
            let write = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
                for row in &read {
                    let edits = vec![Edit::CloseFact(row.number), fact(row.vasp, "legal_name", &round.to_string())];
                    transaction.record(change(ChangeKind::VaspChanged, Some(row.vasp)), edits);
                }
                Ok(())
            });
            write.unwrap();
        }
        done.store(true, Ordering::SeqCst);
    });
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

fn setting(conn: &mut Conn, name: &str) -> String {
    sql_query(format!("SELECT CAST({name} AS TEXT) AS value FROM pragma_{name}")).get_result::<Setting>(conn).unwrap().value
}

#[test]
fn every_sqlite_connection_keeps_what_it_acknowledges() {
    let database = Database::sqlite();
    let store = open(&database);
    let names = ["journal_mode", "synchronous", "foreign_keys"];
    let kept = ["wal", "2", "1"].map(str::to_owned);

    let read = store.read::<_, StoreError>(|conn| Ok(names.map(|name| setting(conn, name)))).unwrap();
    let mut rng = Random::seeded(1).fork();
    let written =
        store.write::<_, StoreError>(now(), &mut rng, |transaction| Ok(names.map(|name| setting(transaction.conn(), name))));

    assert_eq!(read, kept);
    assert_eq!(written.unwrap().value, kept);
}

/// Before, such a database cut names in the middle of a character.
#[test]
fn a_database_in_another_encoding_is_refused() {
    let Ok(admin) = std::env::var("TEST_DATABASE_URL") else { return };
    let database = Database::postgres_with(admin, "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");

    let refused =
        Store::open(&database.url, &StoreOptions { create: true, ..StoreOptions::default() }, Arc::new(Sealer::default()));

    let error = refused.map(drop).unwrap_err().to_string();
    assert!(error.contains("server_encoding is `SQL_ASCII`"), "{error}");
}

#[on_every_database]
fn postgresql_that_could_lose_a_commit_is_refused(database: Database) {
    if database.file().is_some() {
        return;
    }
    drop(open(&database));
    for (setting, value) in [
        ("synchronous_commit", "off"),
        ("session_replication_role", "replica"),
        ("zero_damaged_pages", "on"),
        ("ignore_checksum_failure", "on"),
    ] {
        let alter = |to: &str| {
            database.run(&format!("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {to}', current_database()); END $$"));
        };
        alter(&format!("SET {setting} TO {value}"));

        let refused = Store::open(&database.url, &StoreOptions::default(), Arc::new(Sealer::default())).map(drop);

        let error = refused.unwrap_err().to_string();
        assert!(error.contains(&format!("{setting} is `{value}`")), "{error}");
        alter(&format!("RESET {setting}"));
    }
    drop(open(&database));
}

/// Before, a trigger of somebody's archive dropped legal holds and pre-checks that were acknowledged.
#[on_every_database]
fn what_others_change_on_the_tables_of_postgresql_ends_all_writes(database: Database) {
    if database.file().is_some() {
        return;
    }
    let look = |store: &Store| store.look_at_file(&mut FileLooks::default()).map(|()| store.damage());
    // Tables of other programs are theirs, and constraints may come.
    drop(open(&database));
    database.run(
        "CREATE TABLE of_a_report (id INTEGER); ALTER TABLE of_a_report ENABLE ROW LEVEL SECURITY; \
         ALTER TABLE evidence ADD CHECK (TRUE)",
    );
    let made = [
        (
            "CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
             CREATE TRIGGER archive BEFORE INSERT ON legal_holds FOR EACH ROW EXECUTE FUNCTION drop_it()",
            "trigger archive on legal_holds",
            "DROP TRIGGER archive ON legal_holds",
        ),
        (
            "CREATE RULE quiet AS ON INSERT TO prechecks DO INSTEAD NOTHING",
            "rule quiet on prechecks",
            "DROP RULE quiet ON prechecks",
        ),
        (
            "ALTER TABLE claims ENABLE ROW LEVEL SECURITY",
            "row security on claims",
            "ALTER TABLE claims DISABLE ROW LEVEL SECURITY",
        ),
        (
            "ALTER TABLE legal_holds DROP CONSTRAINT legal_holds_pkey",
            "a constraint taken from legal_holds",
            "ALTER TABLE legal_holds ADD PRIMARY KEY (organisation, id)",
        ),
        (
            "ALTER TABLE legal_holds DROP CONSTRAINT legal_holds_pkey, ADD PRIMARY KEY (organisation, id, placed_at)",
            "the key (organisation,id) taken from legal_holds",
            "ALTER TABLE legal_holds DROP CONSTRAINT legal_holds_pkey, ADD PRIMARY KEY (organisation, id)",
        ),
        ("ALTER TABLE idempotency SET UNLOGGED", "not logged: idempotency", "ALTER TABLE idempotency SET LOGGED"),
        (
            "ALTER TABLE role_grants DISABLE TRIGGER ALL",
            "references switched off on role_grants",
            "ALTER TABLE role_grants ENABLE TRIGGER ALL",
        ),
        (
            "DROP INDEX oidc_links_by_user; CREATE UNIQUE INDEX oidc_links_by_user ON oidc_links (user_id, issuer) WHERE FALSE",
            "unique index oidc_links_by_user taken away",
            "DROP INDEX oidc_links_by_user; CREATE UNIQUE INDEX oidc_links_by_user ON oidc_links (user_id, issuer)",
        ),
        (
            "DROP INDEX facts_current; CREATE INDEX facts_current ON facts (vasp, licence)",
            "unique index facts_current taken away",
            "DROP INDEX facts_current; CREATE UNIQUE INDEX facts_current ON facts \
             (vasp, licence, origin, attribute, item, coalesce(valid_from, '')) WHERE seq_to IS NULL",
        ),
    ];
    for (make, told, end) in made {
        let store = open(&database);
        assert_eq!(look(&store).unwrap(), None);
        database.run(make);
        let refused = Store::open(&database.url, &StoreOptions::default(), Arc::new(Sealer::default())).map(drop);
        assert!(refused.unwrap_err().to_string().contains(told));
        assert!(look(&store).unwrap().is_some_and(|found| found.contains(told)));
        database.run(end);
        let written = store.write::<_, StoreError>(now(), &mut Random::seeded(1).fork(), |_| Ok(()));
        assert!(matches!(written, Err(StoreError::Damaged(_))), "{written:?}");
    }
    drop(open(&database));
}

#[on_every_database]
fn a_revoked_key_stops_at_once_here_and_after_catching_up_elsewhere(database: Database) {
    let mut rng = Random::seeded(1).fork();
    let keys = MasterKeys::generate(&mut rng).to_text();
    let node = |rng: &mut dyn RngCore| {
        let keys = MasterKeys::parse(&keys).unwrap();
        Registry::open(open(&database), keys, ClaimIndexOptions::default(), now(), rng).unwrap()
    };
    let (here, elsewhere) = (node(&mut rng), node(&mut rng));
    let organisation =
        vasp_registry::organisations::create_organisation(&here, "Gateway", OrganisationKind::Gateway, None, now(), &mut rng)
            .unwrap();
    let user = vasp_registry::organisations::create_user(&here, organisation, &machine(), now(), &mut rng).unwrap();
    let key = vasp_registry::organisations::create_api_key(&here, user, &[Scope::Resolve], None, now(), &mut rng).unwrap();
    let works = |node: &Registry| vasp_registry::acts::authenticate(node, &format!("Bearer {}", key.text), now()).is_ok();

    assert_eq!((works(&here), works(&elsewhere)), (true, false));
    elsewhere.directory().catch_up().unwrap();
    assert!(works(&elsewhere));
    vasp_registry::organisations::revoke_api_key(&here, key.id, now(), &mut rng).unwrap();
    assert_eq!((works(&here), works(&elsewhere)), (false, true));
    elsewhere.directory().catch_up().unwrap();

    assert!(!works(&elsewhere));
    assert!(vasp_registry::organisations::revoke_api_key(&here, key.id, now(), &mut rng).is_err());
}

/// A claim of an owner on an account, on Ethereum.
fn label(owner: i64, account: u8) -> [Label; 1] {
    [Label { network: NETWORKS[1], account_key: account_key(account), owner, expires_at: None }]
}

/// The numbers of the claims that a directory finds on an account, on Ethereum.
fn numbers(directory: &Directory, account: u8) -> Vec<i64> {
    let generation = directory.pin(now());
    let found = directory.claims_at(&controllers(NETWORKS[1], &account_key(account)), &generation).unwrap();
    found.into_iter().map(|(_, claim)| claim.number.0).collect()
}

#[on_every_database]
fn claims_that_a_start_reads_before_their_batch_are_found_once_it_is_there(database: Database) {
    let store = open(&database);
    let mut rng = Random::seeded(1).fork();
    let held = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
        let owner = add_group(transaction, "owner")?;
        hold_batch(transaction, &label(owner, 0), Visibility::Public)
    });
    let (batch, rows) = held.unwrap().value;
    let directories = LIMITS.map(|limits| open_index(&store, limits, &mut rng));
    assert!(directories.iter().all(|directory| numbers(directory, 0).is_empty()));

    let sealed = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
        transaction.record(change(ChangeKind::ClaimBatch, None), vec![Edit::AddBatch(batch)]);
        Ok(())
    });
    sealed.unwrap();

    for directory in directories.into_iter().chain(LIMITS.map(|limits| open_index(&store, limits, &mut rng))) {
        directory.catch_up().unwrap();
        assert_eq!(numbers(&directory, 0), [rows[0].number]);
    }
}

#[on_every_database]
fn a_database_that_is_put_back_under_a_running_process_is_not_followed(database: Database) {
    let store = open(&database);
    let mut rng = Random::seeded(1).fork();
    let owner = store.write(now(), &mut rng, |transaction| add_group(transaction, "owner")).unwrap().value;
    let directory = open_index(&store, LIMITS[0], &mut rng);
    let followed = directory.sequence();
    database.change_row(&format!(
        "UPDATE changes SET payload_commitment = salt FROM change_payloads \
         WHERE changes.sequence = {followed} AND change_payloads.sequence = {followed}"
    ));
    let refused = |directory: &Directory| directory.catch_up().unwrap_err().to_string();

    // As long as the log was, and longer.
    assert!(refused(&directory).contains(&format!("it has another change at sequence {followed}")));
    store.write(now(), &mut rng, |transaction| add_batch(transaction, &label(owner, 0), Visibility::Public)).unwrap();
    assert!(refused(&directory).contains("restart the process"));
    assert_eq!((directory.sequence(), numbers(&directory, 0)), (followed, vec![]));
    // A server answers nothing any more, as after a minute without its database.
    assert!(directory.silent_micros() > 60_000_000);
    assert_eq!(numbers(&open_index(&store, LIMITS[0], &mut rng), 0).len(), 1);
}

/// One step of the model test of the claim index.
#[derive(Clone, Debug)]
enum Step {
    /// A batch of claims: place of the network, account, owner.
    Batch(Vec<(usize, u8, usize)>),
    /// Ends one of the claims that stand.
    End(usize),
    /// Brings one of the directories up to date.
    CatchUp(usize),
    /// Opens one of the directories anew.
    Restart(usize),
    /// Asks one directory about an account on a network, in a generation pinned earlier or in the past.
    Ask { directory: usize, network: usize, account: u8, back: usize, past: bool },
}

/// Ethereum's family, Ethereum, Polygon, Bitcoin.
const NETWORKS: [i32; 4] = [1, 104, 107, 100];
const OWNERS: usize = 3;
/// How many claims are in memory, and how many keys in the cache: all in memory, cached from the first claim, moved over on the way.
const LIMITS: [(i64, u64); 3] = [(i64::MAX, 4), (0, 4), (3, 2)];
const DIRECTORIES: usize = LIMITS.len();

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop::collection::vec((0..NETWORKS.len(), 0u8..4, 0..OWNERS), 1..4).prop_map(Step::Batch),
        2 => any::<usize>().prop_map(Step::End),
        3 => (0..DIRECTORIES).prop_map(Step::CatchUp),
        1 => (0..DIRECTORIES).prop_map(Step::Restart),
        6 => (0..DIRECTORIES, 1..NETWORKS.len(), 0u8..4, 0usize..6, any::<bool>())
            .prop_map(|(directory, network, account, back, past)| Step::Ask { directory, network, account, back, past }),
    ]
}

/// A claim of the model.
#[derive(Clone, Debug)]
struct ModelClaim {
    row: ClaimRow,
    from: i64,
    to: Option<i64>,
}

/// The store, directories over it with different limits, and the model.
struct World {
    _database: Database,
    store: Store,
    directories: [Directory; DIRECTORIES],
    pinned: [Vec<Arc<vasp_registry::directory::Generation>>; DIRECTORIES],
    owners: Vec<i64>,
    claims: Vec<ModelClaim>,
    rng: rand_chacha::ChaCha20Rng,
}

impl World {
    fn new() -> Self {
        let database = Database::sqlite();
        let store = open(&database);
        let mut rng = Random::seeded(1).fork();
        let owners = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
            (0..OWNERS).map(|n| add_group(transaction, &n.to_string())).collect::<Result<Vec<_>, _>>()
        });
        let directories = LIMITS.map(|limits| open_index(&store, limits, &mut rng));
        let pinned = directories.each_ref().map(|directory| vec![directory.pin(now())]);
        Self { _database: database, store, directories, pinned, owners: owners.unwrap().value, claims: vec![], rng }
    }

    fn restart(&mut self, directory: usize) {
        self.directories[directory] = open_index(&self.store, LIMITS[directory], &mut self.rng);
        self.pinned[directory] = vec![self.directories[directory].pin(now())];
    }

    fn add(&mut self, rows: &[(usize, u8, usize)]) {
        let label = |&(network, account, owner): &(usize, u8, usize)| Label {
            network: NETWORKS[network],
            account_key: account_key(account),
            owner: self.owners[owner],
            expires_at: None,
        };
        let labels: Vec<Label> = rows.iter().map(label).collect();
        let written = self.store.write(now(), &mut self.rng, |transaction| add_batch(transaction, &labels, Visibility::Public));
        let written = written.unwrap();
        let claim = |row| ModelClaim { row, from: written.sequence, to: None };
        self.claims.extend(written.value.into_iter().map(claim));
    }

    fn end(&mut self, which: usize) {
        let mut standing: Vec<&mut ModelClaim> = self.claims.iter_mut().filter(|claim| claim.to.is_none()).collect();
        if standing.is_empty() {
            return;
        }
        let which = which % standing.len();
        let claim = &mut standing[which];
        let number = claim.row.number;
        let written = self.store.write::<_, StoreError>(now(), &mut self.rng, |transaction| {
            transaction.record(change(ChangeKind::ClaimBatch, None), vec![Edit::EndClaim(number)]);
            Ok(())
        });
        claim.to = Some(written.unwrap().sequence);
    }

    /// The numbers of the claims that a directory finds, and those of the model, each with its network.
    fn ask(&self, directory: usize, network: i32, account: u8, back: usize, past: bool) -> [BTreeMap<i64, i32>; 2] {
        let pinned = &self.pinned[directory];
        let generation = Arc::clone(&pinned[pinned.len().saturating_sub(1 + back)]);
        let asked = &self.directories[directory];
        let generation = if past { asked.at(generation.sequence(), now().date()).unwrap() } else { generation };
        let key = account_key(account);
        let found = asked.claims_at(&controllers(network, &key), &generation).unwrap();
        let found = found.into_iter().map(|(network, claim)| (claim.number.0, network.0)).collect();
        let family = |number: i32| number != 100;
        let stands = |claim: &&ModelClaim| {
            let place = claim.row.account_key == key && family(claim.row.network) == family(network);
            place && claim.from <= generation.sequence() && claim.to.is_none_or(|to| to > generation.sequence())
        };
        [found, self.claims.iter().filter(stands).map(|claim| (claim.row.number, claim.row.network)).collect()]
    }
}

/// Opens a directory whose index moves its few claims about.
fn open_index(store: &Store, (memory_claims, cached_keys): (i64, u64), rng: &mut dyn RngCore) -> Directory {
    let ids = ClaimIdKey::new(&DataKey::generate(rng));
    let options = ClaimIndexOptions { memory_claims, cached_keys, recent_claims: 3 };
    let directory = Directory::open(store.clone(), ids, options, now()).unwrap();
    directory.follow();
    directory
}

fn account_key(account: u8) -> Vec<u8> {
    vec![account + 1; 20]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn every_index_of_claims_says_what_stood_at_the_sequence(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::new();
        for step in &steps {
            match step {
                Step::Batch(rows) => world.add(rows),
                Step::End(which) => world.end(*which),
                Step::CatchUp(directory) => {
                    world.directories[*directory].catch_up().unwrap();
                    let pinned = world.directories[*directory].pin(now());
                    world.pinned[*directory].push(pinned);
                }
                Step::Restart(directory) => world.restart(*directory),
                Step::Ask { directory, network, account, back, past } => {
                    let [found, stood] = world.ask(*directory, NETWORKS[*network], *account, *back, *past);
                    prop_assert_eq!(found, stood, "{:?}", step);
                }
            }
        }
    }
}
