//! The file that a node keeps of its index of claims: a start out of it says what a start without it says, and a file that does not
//! show this database's claims as they once stood is not used. Asks the library, since no route tells the two apart.

use std::path::PathBuf;
use std::time::Duration;

use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
use vasp_addresses::network::NetworkTable;
use vasp_clock::{Random, Stopwatch};
use vasp_log::change::ChangeKind;
use vasp_pki::{ClaimIdKey, DataKey};
use vasp_record::claim::{Claim, Reader, Visibility};
use vasp_registry::directory::{ClaimIndexOptions, CoverageLine, Directory, Generation};
use vasp_store::{ClaimBatch, ClaimRow, Edit, NewClaim, Store, StoreError, Transaction};

use crate::support::{
    Client, Database, Label, Server, SmallDisk, add_batch, add_group, batch_of, change, command, controllers, now,
    on_every_database, open_store,
};

const ETHEREUM: i32 = 104;
const ACCOUNTS: u8 = 10;
/// Claims on one account, from the first on.
const MANY: usize = 100;

/// A database with the claims of two owners, and a place for the file.
struct World {
    database: Database,
    store: Store,
    folder: tempfile::TempDir,
    /// Another folder for it.
    place: Option<PathBuf>,
    owners: [i64; 2],
}

fn account(number: u8) -> Vec<u8> {
    vec![number; 20]
}

impl World {
    fn new(database: Database) -> Self {
        let store = open_store(&database, 8);
        let folder = tempfile::tempdir().unwrap();
        let owners = store.write::<_, StoreError>(now(), &mut Random::seeded(1).fork(), |transaction| {
            Ok([add_group(transaction, "one")?.0, add_group(transaction, "two")?.0])
        });
        let world = Self { database, store, folder, place: None, owners: owners.unwrap().value };
        // So many that what comes since is little.
        world.claim(&[9; MANY], 0);
        world
    }

    fn file(&self) -> PathBuf {
        self.place.as_deref().unwrap_or(self.folder.path()).join("index")
    }

    /// Starts a process that does not write the file.
    fn reads(&self) -> Directory {
        let file = Some(self.file());
        let options = ClaimIndexOptions { file, kept_claims: 1, ..ClaimIndexOptions::default() };
        let ids = ClaimIdKey::new(&DataKey::generate(&mut Random::seeded(2).fork()));
        Directory::open(self.store.clone(), ids, options, now()).unwrap()
    }

    /// Starts one that writes it, and waits until it shows the claims of now.
    fn keeps(&self) -> Directory {
        let directory = self.reads();
        directory.follow();
        wait_until_kept(&directory);
        directory
    }

    /// Starts one that reads every claim.
    fn scans(&self) -> Directory {
        let ids = ClaimIdKey::new(&DataKey::generate(&mut Random::seeded(2).fork()));
        Directory::open(self.store.clone(), ids, ClaimIndexOptions::default(), now()).unwrap()
    }

    fn path(&self) -> &str {
        self.database.file().unwrap().to_str().unwrap()
    }

    fn write<T>(&self, work: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>) -> T {
        self.store.write(now(), &mut Random::seeded(5).fork(), work).unwrap().value
    }

    /// Writes the rows of a batch, of the second owner, and the batch itself only where it is `sealed`.
    fn hold(&self, accounts: &[u8], memo: Option<&str>, sealed: bool) -> (ClaimBatch, Vec<NewClaim>) {
        self.write(|transaction| {
            let first = transaction.take_numbers("claims", i64::try_from(accounts.len()).unwrap())?;
            let batch = transaction.take_numbers("claim_batches", 1)?;
            let row = |(number, of): (i64, &u8)| ClaimRow {
                number,
                class: controllers(ETHEREUM, &account(*of)).first().class.0,
                controller: account(*of),
                memo: memo.unwrap_or_default().to_owned(),
                network: ETHEREUM,
                account_key: account(*of),
                vasp: self.owners[1],
                batch,
                role: 1,
                confidence: Some(70),
                asserted_at: None,
                expires_at: Some(now().micros() + 1_000_000),
                seq_to: None,
            };
            let rows = (first..).zip(accounts).map(row);
            let rows: Vec<NewClaim> = (0..).zip(rows).map(|(position, row)| NewClaim { row, position, others: vec![] }).collect();
            let batch = batch_of(batch, rows.len(), Visibility::Public);
            transaction.add_claims(&rows)?;
            if sealed {
                transaction.record(change(ChangeKind::ClaimBatch, None), vec![Edit::AddBatch(batch.clone())]);
            } else {
                // Something is written all the same.
                add_group(transaction, "three")?;
            }
            Ok((batch, rows))
        })
    }

    fn claim(&self, accounts: &[u8], owner: usize) -> Vec<ClaimRow> {
        let label =
            |number: &u8| Label { network: ETHEREUM, account_key: account(*number), owner: self.owners[owner], expires_at: None };
        let labels: Vec<Label> = accounts.iter().map(label).collect();
        self.write(|transaction| add_batch(transaction, &labels, Visibility::Public))
    }

    fn end(&self, row: &ClaimRow) {
        self.write(|transaction| {
            transaction.record(change(ChangeKind::ClaimBatch, None), vec![Edit::EndClaim(row.number)]);
            Ok(())
        });
    }
}

fn wait_until_kept(directory: &Directory) {
    let watch = Stopwatch::start();
    let sequence = directory.catch_up().unwrap();
    while directory.claim_index_state().kept_sequence < Some(sequence) {
        assert!(watch.elapsed_micros() < 20_000_000, "the file is written");
        std::thread::sleep(Duration::from_millis(2));
        directory.catch_up().unwrap();
    }
}

/// What a directory says of every account and of the network.
fn says(directory: &Directory) -> (Vec<Vec<Claim>>, Option<CoverageLine>) {
    let generation = directory.pin(now());
    let of_account = |number| {
        let found = directory.claims_at(&controllers(ETHEREUM, &account(number)), &generation).unwrap();
        let mut claims: Vec<Claim> = found.into_iter().map(|(_, claim)| claim).collect();
        claims.sort_by_key(|claim| claim.number);
        claims
    };
    let ethereum = NetworkTable::embedded().iter().find(|network| network.number.0 == ETHEREUM).unwrap();
    ((0..ACCOUNTS).map(of_account).collect(), generation.coverage(ethereum, Reader::Gateway))
}

fn numbers(directory: &Directory, number: u8) -> Vec<i64> {
    says(directory).0[usize::from(number)].iter().map(|claim| claim.number.0).collect()
}

/// A process that starts now says what one says that reads every claim; returns the sequence of the file that it used.
#[track_caller]
fn assert_starts_alike(world: &World) -> Option<i64> {
    let out_of_file = world.reads();
    assert_eq!(says(&out_of_file), says(&world.scans()));
    out_of_file.claim_index_state().kept_sequence
}

#[on_every_database(World::new)]
fn a_start_out_of_the_file_says_what_every_claim_says(world: World) {
    let rows = world.claim(&[1, 1, 2, 3, 4], 0);
    world.claim(&[2, 5], 1);
    world.end(&rows[0]);
    world.hold(&[6, 7], Some("memo"), true);
    let directory = world.keeps();
    let kept = directory.sequence();

    assert_eq!(assert_starts_alike(&world), Some(kept));
    // What came and ended since is caught up with, whether it stands in the file or not.
    world.end(&rows[2]);
    let since = world.claim(&[2], 1);
    world.end(&since[0]);
    assert_eq!(assert_starts_alike(&world), Some(kept));
    // A past that the file has seen is answered as it was.
    let past = world.reads().at(kept, now().date()).unwrap();
    let then = directory.at(kept, now().date()).unwrap();
    let claims = |of: &Directory, at: &Generation| of.claims_at(&controllers(ETHEREUM, &account(2)), at).unwrap();
    assert_eq!(claims(&world.reads(), &past), claims(&world.scans(), &then));
    assert_eq!(claims(&world.reads(), &past).len(), 2);
    // The next file is as new, and the one before is forgotten.
    wait_until_kept(&directory);
    assert_eq!(assert_starts_alike(&world), Some(directory.sequence()));
    assert!(directory.sequence() > kept);
}

#[on_every_database(World::new)]
fn a_file_shows_no_claim_that_did_not_stand_at_its_sequence(world: World) {
    world.claim(&[1, 2], 0);
    // An import under way: its rows are there, and read by whoever starts.
    let (batch, held) = world.hold(&[1, 3], None, false);
    let directory = world.keeps();
    let kept = directory.sequence();
    assert_eq!(numbers(&directory, 3), Vec::<i64>::new());

    // It is given up and its rows removed: nothing of them may be left in the file.
    assert_eq!(world.store.derive(|conn| conn.remove_unsealed(batch.number, 10)).unwrap(), 2);
    assert_eq!(assert_starts_alike(&world), Some(kept));
    assert_eq!(world.reads().claim_index_state().memory_claims, 102);

    // The same rows again, sealed: each is found, once.
    world.write(|transaction| {
        transaction.add_claims(&held)?;
        transaction.record(change(ChangeKind::ClaimBatch, None), vec![Edit::AddBatch(batch)]);
        Ok(())
    });
    assert_eq!(assert_starts_alike(&world), Some(kept));
    assert_eq!(numbers(&world.reads(), 3), [held[1].row.number]);
}

#[on_every_database(World::new)]
fn a_damaged_file_is_not_used(world: World) {
    world.claim(&[1, 2, 3], 0);
    let kept = world.keeps().sequence();
    let whole = std::fs::read(world.file()).unwrap();

    let cut = (0..whole.len()).step_by(97).map(|length| whole[..length].to_vec());
    let turned = (0..whole.len()).step_by(61).map(|place| {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        bytes
    });
    for bytes in cut.chain(turned).chain([[whole.as_slice(), &[0]].concat()]) {
        std::fs::write(world.file(), bytes).unwrap();
        assert_eq!(assert_starts_alike(&world), None);
    }
    std::fs::write(world.file(), whole).unwrap();
    assert_eq!(assert_starts_alike(&world), Some(kept));
}

#[test]
fn a_file_of_another_database_or_of_a_past_that_was_put_back_is_not_used() {
    let world = World::new(Database::sqlite());
    world.claim(&[1, 2], 0);
    let other = World::new(Database::beside(&world.database));
    let rows = other.claim(&[1, 2, 3], 1);
    drop((world.keeps(), other.keeps()));

    std::fs::copy(other.file(), world.file()).unwrap();
    assert_eq!(assert_starts_alike(&world), None);

    // As a restored backup: the file was written after it was made, and shows claims that are none.
    let backup = other.folder.path().join("backup.db");
    let statement = format!("VACUUM INTO '{}'", backup.display());
    sql_query(statement).execute(&mut SqliteConnection::establish(other.path()).unwrap()).unwrap();
    other.end(&rows[0]);
    other.claim(&[4, 5], 0);
    let newest = other.keeps().sequence();
    assert_eq!(assert_starts_alike(&other), Some(newest));
    let World { database, store, folder, place, owners } = other;
    drop(store);
    for ending in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", database.file().unwrap().display()));
    }
    std::fs::copy(&backup, database.file().unwrap()).unwrap();
    let restored = World { store: open_store(&database, 8), database, folder, place, owners };
    assert_eq!(assert_starts_alike(&restored), None);
    assert_eq!(restored.reads().claim_index_state().found_ahead, Some(newest));
    assert_says_rolled_back(&restored, newest);
    // Another history from there on, as long as the first.
    restored.claim(&[6], 0);
    restored.claim(&[7], 0);
    assert_eq!(assert_starts_alike(&restored), None);
}

/// Starts a server beside a file that knows more of the log than the database has, and asserts that it says so for as long as it runs.
///
/// Source: issue 23, item 5.
#[track_caller]
fn assert_says_rolled_back(world: &World, ahead: i64) {
    let key = world.folder.path().join("master-key");
    let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--public-metrics"]);
    command.env("VASP_REGISTRY_DATABASE", world.database.url.whole()).env("VASP_REGISTRY_MASTER_KEY_FILE", key);
    command.env("VASP_REGISTRY_CLAIM_INDEX_FILE", world.file());
    let server = Server::start(command);
    let client = Client::new(server.address);

    let ready = client.get("/readyz").json();
    assert_eq!(ready["status"].as_str(), Some("degraded"), "{ready}");
    assert_eq!(ready["reasons"][0]["code"].as_str(), Some("rolled_back"), "{ready}");
    assert!(ready["reasons"][0]["detail"].as_str().unwrap().contains(&format!("at entry {ahead} of the log")), "{ready}");
    assert!(client.get("/metrics").text.contains("vasp_registry_degraded{cause=\"rolled_back\"} 1"));
    let (_, log) = server.stop("TERM");
    assert_eq!(log.matches("it was rolled back to an older copy").count(), 1, "{log}");
    assert!(log.contains("WARN"), "{log}");
}

#[on_every_database(World::new)]
fn where_most_came_since_every_claim_is_read(world: World) {
    let kept = world.keeps().sequence();
    let rows = world.claim(&[8; MANY / 8], 1);
    assert_eq!(assert_starts_alike(&world), Some(kept));
    // Ends count as well.
    world.end(&rows[0]);
    assert_eq!(assert_starts_alike(&world), None);
}

#[on_every_database]
fn a_database_that_is_put_back_under_a_running_process_is_not_followed(database: Database) {
    let world = World::new(database);
    let directory = world.keeps();
    let kept = directory.sequence();
    let statement = format!(
        "UPDATE changes SET payload_commitment = salt FROM change_payloads WHERE changes.sequence = {kept} AND change_payloads.sequence = {kept}"
    );
    world.database.change_row(&statement);
    let refused = |directory: &Directory| directory.catch_up().unwrap_err().to_string();

    // As long as the log was, and longer.
    assert!(refused(&directory).contains(&format!("it has another change at sequence {kept}")));
    world.claim(&[5], 1);
    assert!(refused(&directory).contains("restart the process"));
    assert_eq!((directory.sequence(), numbers(&directory, 5)), (kept, vec![]));
    // A server answers nothing any more, as after a minute without its database.
    assert!(directory.silent_micros() > 60_000_000);
    assert_eq!(directory.claim_index_state().kept_sequence, Some(kept));
    assert_eq!(numbers(&world.reads(), 5).len(), 1);
}

#[on_every_database(World::new)]
fn where_no_file_can_be_written_everything_else_goes_on(world: World) {
    world.claim(&[1, 2], 0);
    // What a killed process left is in nobody's way.
    let draft = world.folder.path().join("index.new");
    std::fs::write(&draft, "half a file").unwrap();
    let kept = world.keeps().sequence();
    assert!(!draft.exists());
    assert_eq!(assert_starts_alike(&world), Some(kept));
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(world.file()).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);

    // A folder in its place: written, it cannot get its name.
    std::fs::remove_file(world.file()).unwrap();
    std::fs::create_dir_all(world.file().join("in")).unwrap();
    let directory = world.reads();
    directory.follow();
    for number in 3..6 {
        world.claim(&[number], 1);
        directory.catch_up().unwrap();
        assert_eq!(numbers(&directory, number).len(), 1);
    }
    assert_eq!(assert_starts_alike(&world), None);
}

#[test]
fn a_disk_without_room_for_it_is_left_to_others() {
    let disk = SmallDisk::new(1);
    if !disk.is_mounted() {
        return; // Said by the disk.
    }
    let world = World { place: Some(disk.path().to_owned()), ..World::new(Database::sqlite()) };
    world.claim(&[1, 2], 0);
    disk.fill(None, 0);
    let directory = world.reads();
    directory.follow();
    for number in 3..6 {
        world.claim(&[number], 1);
        directory.catch_up().unwrap();
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(numbers(&directory, number).len(), 1);
        assert_eq!(directory.claim_index_state().kept_sequence, None);
    }

    disk.free(None);
    world.claim(&[6], 1);
    wait_until_kept(&directory);
    assert_eq!(assert_starts_alike(&world), Some(directory.sequence()));
}
