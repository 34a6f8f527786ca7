//! Many claims at once: an import that is killed again and again comes to what an undisturbed one comes to, nothing of it counts
//! before its end, others go on working beside it, and what nobody goes on with is removed.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Child, Output, Stdio};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Binary, Text};
use serde_json::Value;
use vasp_clock::Stopwatch;
use vasp_log::{BatchSeed, BatchTree, RowCommitment};
use vasp_pki::MasterKeys;
use vasp_store::{ClaimRow, CoverageRow, EnvelopeRow, Store, StoreError};

use crate::support::{Client, Database, Deployment, Server, assert_undamaged, on_every_database, open_store};

const HEADING: &str = "network,address,entity,entity_name,label,category,source,added_date\n";
/// Three stretches and some of a fourth.
const ROWS: u64 = 40_000;

fn address(number: u64) -> String {
    // No order in them, as in the world.
    format!("0x{:016x}{:024x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number)
}

/// Labels of some accounts, of nine groups and two sources; every 1,000th row cannot be read and every 1,500th says again what the
/// one before it said.
fn labels(rows: std::ops::Range<u64>) -> String {
    let mut text = HEADING.to_owned();
    for row in rows {
        let number = if row % 1_500 == 7 { row - 1 } else { row };
        let address = if row % 1_000 == 5 { "0xnone".to_owned() } else { address(number) };
        text.push_str(&format!(
            "eip155:1,{address},group-{},,hot,exchange,test@1:{}.csv,2024-01-0{}\n",
            number % 9,
            number % 2,
            1 + number % 9
        ));
    }
    text
}

fn rejected(rows: std::ops::Range<u64>) -> usize {
    rows.filter(|row| row % 1_000 == 5).count()
}

#[derive(Clone, Debug, QueryableByName)]
struct Batch {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Text)]
    source: String,
    /// What the log says about it.
    #[diesel(sql_type = Text)]
    payload: String,
    #[diesel(sql_type = Binary)]
    seed: Vec<u8>,
}

impl Batch {
    fn logged(&self, member: &str) -> Value {
        serde_json::from_str::<Value>(&self.payload).unwrap()[member].clone()
    }
}

fn batches(database: &Database) -> Vec<Batch> {
    let logged = "change_payloads ON change_payloads.sequence = claim_batches.seq_from";
    database.rows(&format!("SELECT number, source, payload, seed FROM claim_batches JOIN {logged} ORDER BY number"))
}

/// What an import comes to, without what chance gave it.
#[derive(Debug, PartialEq)]
struct Outcome {
    claims: Vec<(i32, ClaimRow)>,
    coverage: Vec<CoverageRow>,
    batches: Vec<(i64, i64, String)>,
    log: Vec<Value>,
}

fn outcome(database: &Database) -> Outcome {
    let batches = batches(database);
    let (mut coverage, log, claims) = open_store(database, 1)
        .read::<_, StoreError>(|conn| {
            let mut claims = vec![];
            for batch in &batches {
                claims.extend(conn.claims_of_batch(batch.number, -1, i64::MAX)?);
            }
            Ok((conn.coverage_at(i64::MAX, None)?, conn.log_entries(0, i64::MAX)?, claims))
        })
        .unwrap();
    coverage.sort_by_key(|row| (row.network, row.batch, row.vasp));
    let log = log.into_iter().map(|entry| {
        let mut payload: Value = serde_json::from_str(&entry.payload.unwrap()).unwrap();
        let EnvelopeRow { sequence, kind, audience, .. } = entry.envelope;
        for chance in ["root", "vasp"] {
            payload.as_object_mut().unwrap().remove(chance);
        }
        serde_json::json!([sequence, kind, audience, payload])
    });
    let rows = |batch: &Batch| batch.logged("claims").as_i64().unwrap();
    let batches = batches.into_iter().map(|batch| (batch.number, rows(&batch), batch.source)).collect();
    Outcome { claims, coverage, batches, log: log.collect() }
}

/// Asserts that the roots of all batches come out again from the rows that are stored.
fn assert_roots(deployment: &Deployment) {
    let database = &deployment.database;
    let keys = MasterKeys::parse(&std::fs::read_to_string(deployment.file_named("master-key")).unwrap()).unwrap();
    for batch in batches(database) {
        let (wrapped, rows) = open_store(database, 1)
            .read::<_, StoreError>(|conn| {
                Ok((conn.wrapped_key("claim-batch-seeds")?.unwrap(), conn.claims_of_batch(batch.number, -1, i64::MAX)?))
            })
            .unwrap();
        let key = keys.unwrap("claim-batch-seeds", wrapped.master_version, &wrapped.wrapped).unwrap();
        let seed = key.open(&format!("batch:{}", batch.number), &batch.seed).unwrap();
        let mut tree = BatchTree::new(&BatchSeed(seed.try_into().unwrap()));
        for (place, (position, row)) in rows.iter().enumerate() {
            assert_eq!(usize::try_from(*position).unwrap(), place);
            tree.push(&RowCommitment {
                number: row.number,
                network: row.network,
                account_key: &row.account_key,
                memo: &row.memo,
                vasp: row.vasp,
                role: row.role,
                confidence: row.confidence,
                asserted_at: row.asserted_at,
                expires_at: row.expires_at,
            });
        }
        assert_eq!(hex::encode(tree.root()), batch.logged("root"), "batch {}", batch.number);
        assert_eq!(batch.logged("claims"), rows.len());
    }
}

fn start(deployment: &Deployment, file: &std::path::Path) -> Child {
    let mut import = deployment.command(&["import", "claims-csv", file.to_str().unwrap(), "--json"]);
    import.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[track_caller]
fn report(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Value>(&output.stdout).unwrap()[0].clone()
}

#[track_caller]
fn complete(deployment: &Deployment, file: &std::path::Path, code: i32) -> Value {
    report(&start(deployment, file).wait_with_output().unwrap(), code)
}

fn rows_done(store: &Store) -> i64 {
    let rows = store.read::<_, StoreError>(|conn| conn.claim_imports()).unwrap();
    rows.first().map_or(0, |row| row.rows_read)
}

/// Kills an import as soon as more than so many rows of it are written.
fn kill_after(deployment: &Deployment, file: &std::path::Path, rows: i64) {
    // Opening a store waits for whoever writes: an import may be over before one is open.
    let store = open_store(&deployment.database, 1);
    let mut child = start(deployment, file);
    let watch = Stopwatch::start();
    while rows_done(&store) <= rows {
        assert!(child.try_wait().unwrap().is_none() && watch.elapsed_micros() < 120_000_000, "it is under way");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[on_every_database]
fn a_killed_import_goes_on_and_comes_to_what_an_undisturbed_one_comes_to(database: Database) {
    let text = labels(0..ROWS);
    let undisturbed = Deployment::new(Database::beside(&database));
    let whole = complete(&undisturbed, &undisturbed.file("labels.csv", &text), 1);
    let deployment = Deployment::new(database);
    let file = deployment.file("labels.csv", &text);

    for after in [0, 4_096] {
        kill_after(&deployment, &file, after);
        assert!(rows_done(&open_store(&deployment.database, 1)) > after);
        let nothing = outcome(&deployment.database);
        assert_eq!((nothing.batches, nothing.coverage, nothing.log), (vec![], vec![], vec![]));
        assert_undamaged(&deployment.database);
    }
    let done = rows_done(&open_store(&deployment.database, 1));
    let resumed = complete(&deployment, &file, 1);

    assert_eq!(resumed["resumed_at"], done);
    for part in ["read", "taken", "unchanged", "repeated", "new", "changed", "log_changes", "rejected"] {
        assert_eq!(resumed[part], whole[part], "{part}");
    }
    assert_eq!(resumed["rejected"].as_array().unwrap().len(), rejected(0..ROWS));
    let repeated = (0..ROWS).filter(|row| row % 1_500 == 7 && row % 1_000 != 5 && (row - 1) % 1_000 != 5).count();
    assert_eq!(resumed["repeated"], repeated);
    assert!(outcome(&deployment.database) == outcome(&undisturbed.database), "the same claims, batches and log");
    assert_roots(&deployment);
    assert_eq!(deployment.database.number("COUNT(*)", "claim_imports"), 0);
    assert_undamaged(&deployment.database);
    let again = complete(&deployment, &file, 1);
    assert_eq!((&again["taken"], &again["log_changes"]), (&0.into(), &0.into()));
}

#[on_every_database(Deployment::new)]
fn what_a_killed_import_left_goes_when_another_file_comes_or_the_file_turns_out_bad(deployment: Deployment) {
    let first = deployment.file("first.csv", &labels(0..ROWS));
    let second = deployment.file("second.csv", &labels(ROWS..ROWS + 10));
    kill_after(&deployment, &first, 0);
    assert!(deployment.database.number("COUNT(*)", "claims") >= 4_000);

    complete(&deployment, &second, 1);
    assert_eq!(deployment.database.number("COUNT(*)", "claims"), 9);
    assert_eq!(deployment.database.number("COUNT(*)", "claim_imports"), 0);

    let packed = deployment.file("torn.csv.gz", "");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(labels(0..ROWS).as_bytes()).unwrap();
    let bytes = encoder.finish().unwrap();
    std::fs::write(&packed, &bytes[..bytes.len() - 9]).unwrap();
    let torn = start(&deployment, &packed).wait_with_output().unwrap();

    assert_eq!(torn.status.code(), Some(2), "{}", String::from_utf8_lossy(&torn.stderr));
    assert_eq!(deployment.database.number("COUNT(*)", "claims"), 9);
    assert_eq!(deployment.database.number("COUNT(*)", "claim_imports"), 0);
    assert_eq!(complete(&deployment, &first, 1)["unchanged"], 0);
    assert_undamaged(&deployment.database);
}

#[on_every_database(Deployment::new)]
fn two_imports_at_once_write_every_claim_once(deployment: Deployment) {
    let files = [deployment.file("a.csv", &labels(0..20_000)), deployment.file("b.csv", &labels(10_000..30_000))];

    let children = files.each_ref().map(|file| start(&deployment, file));
    let reports = children.map(|child| report(&child.wait_with_output().unwrap(), 1));

    let mut said: BTreeMap<_, u32> = BTreeMap::new();
    for (_, row) in outcome(&deployment.database).claims {
        *said.entry((row.account_key, row.vasp)).or_default() += 1;
    }
    let all = (0..30_000u64).filter(|row| row % 1_000 != 5 && row % 1_500 != 7).count();
    // A row that cannot be read may stand before the one that says it again.
    let saved = (0..30_000u64).filter(|row| row % 1_500 == 7 && row % 1_000 != 5 && (row - 1) % 1_000 == 5).count();
    assert_eq!(said.len(), all + saved);
    assert!(said.values().all(|times| *times == 1));
    let of = |name: &str| reports.iter().map(|report| report[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!(of("taken"), u64::try_from(all + saved).unwrap());
    assert!(of("unchanged") >= 9_900, "one found what the other had written");
    assert_undamaged(&deployment.database);
}

#[on_every_database(Deployment::new)]
fn a_server_beside_an_import_goes_on_reading_and_writing_and_sees_nothing_half(deployment: Deployment) {
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let file = deployment.file("labels.csv", &labels(0..ROWS));
    let asked: Vec<u64> = (0..ROWS).step_by(4_001).filter(|row| row % 1_000 != 5 && row % 1_500 != 7).collect();
    let status = |number: u64| {
        let path = format!("/v1/resolve?subject={}&network=eip155:1", address(number));
        let answer = deployment.get(&client, &path).with(200);
        answer.json()["status"].as_str().unwrap().to_owned()
    };
    let sees = || asked.iter().map(|number| status(*number)).collect::<Vec<_>>();

    let mut import = start(&deployment, &file);
    let (mut prechecks, mut looks) = (0, 0);
    let watch = Stopwatch::start();
    while import.try_wait().unwrap().is_none() {
        assert!(watch.elapsed_micros() < 120_000_000);
        deployment.ask(&client, 0).unwrap().with(200);
        prechecks += 1;
        let first = status(asked[0]);
        if first == "not_found" && rows_done(&open_store(&deployment.database, 1)) > 0 {
            looks += 1;
        }
    }
    report(&import.wait_with_output().unwrap(), 1);

    assert!(prechecks > 3 && looks > 0, "{prechecks} pre-checks, {looks} looks");
    let watch = Stopwatch::start();
    loop {
        let seen = sees();
        if seen.iter().all(|status| status == "owned") {
            break;
        }
        assert!(watch.elapsed_micros() < 30_000_000, "{seen:?}");
    }
    assert_eq!(server.stop("TERM").0, Some(0));
    assert_undamaged(&deployment.database);
}
