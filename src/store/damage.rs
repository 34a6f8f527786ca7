//! Damage of a SQLite file under a running process: a statement meets it, or a look at the file finds it. From then on nothing more is
//! written, by this process or by others. The finding is kept in memory and in a file beside the database. A server removes that file at
//! its start, once SQLite's own check of the whole database has passed. PostgreSQL looks after its own files; there, only what others made
//! on the registry's tables is damage.

use std::cell::RefCell;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::edge::*;
use serde::{Deserialize, Serialize};

use super::backend::Target;
use super::before_writing::FileNumber;
use super::claim_scan::rusqlite_error;
use super::durable::made_by_others;
use super::own_schema::strange;
use super::paths::with_suffix;
use super::prepared_once::AddToCounter;
use super::sqlite_file::Access;
use super::{Conn, DatabaseUrl, Store, StoreError};
use vasp_clock::{Stopwatch, thread_micros};

/// The rest after a look at the file, in times of the processor's time that it took, and of the time that passed, in which it also read from the
/// disk and waited for others. Ours: 2 % of a processor, and a quarter of the time.
const REST_OF_PROCESSOR: u64 = 50;
const REST_OF_TIME: u64 = 3;

/// Damage of a file whose look takes at most [`SHORT_LOOK`] of a processor is told within ten seconds, which is what docs/faults.md promises: two
/// looks (the damage comes just after the first has passed it), one rest, and the two seconds after which the caller asks again, with two
/// seconds to spare. Only where a look takes more than a third of this time, beside heavy load, it is later. In microseconds. Ours.
const TOLD_WITHIN: u64 = 6_000_000;
const SHORT_LOOK: u64 = 500_000;

/// How many times as long SQLite takes to check its indexes too. Measured on 34 MB: 3.2.
const INDEXES_TAKE: u64 = 4;

/// The rest after a look at PostgreSQL's catalogue, in microseconds. Ours: a look takes it some 10 ms.
const REST_OF_CATALOGUE: u64 = 5_000_000;

/// Returns how long there is no look after one that took so much of a processor's time and so much time; all in microseconds.
fn rest(processor: u64, passed: u64) -> u64 {
    let fair = processor.saturating_mul(REST_OF_PROCESSOR).max(passed.saturating_mul(REST_OF_TIME));
    if processor > SHORT_LOOK {
        return fair;
    }
    // Beside heavy load a short look takes long: it never takes more than half of the time.
    fair.min(TOLD_WITHIN.saturating_sub(passed.saturating_mul(2)).max(passed))
}

/// Within this time, a page of the file that somebody began to write is written. Ours.
const WRITTEN_WITHIN: Duration = Duration::from_millis(50);

/// Returns whether the next look goes through the indexes too, after one that did or did not and took so much of a processor's time, in
/// microseconds.
fn with_indexes(did: bool, processor: u64) -> bool {
    processor.saturating_mul(if did { 1 } else { INDEXES_TAKE }) <= SHORT_LOOK
}

thread_local! {
    /// What the database said about damage when a statement of this thread failed, until the store that ran the statement takes it.
    static MET: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps what the database says about damage for the store whose statement met it.
pub(super) fn meet(words: &str) {
    MET.set(Some(words.to_owned()));
}

/// What a process knows about the damage of its SQLite file.
#[derive(Debug, Default)]
pub(super) struct Damage {
    found: Mutex<Option<String>>,
    /// The file that was opened.
    file: OnceLock<FileNumber>,
    /// The counter of commits in the file, as of the last commit of this process.
    commits: AtomicI64,
    /// How many rows the writing connection had changed by then.
    changes: AtomicI64,
}

/// The content of the file beside a damaged database.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// What was found.
    found: String,
    /// How many commits the database must have.
    commits: i64,
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// Returns how many rows this connection has changed since it was opened (SQLite, "Core Functions").
    fn total_changes() -> BigInt;
}

fn note_path(database: &Path) -> PathBuf {
    with_suffix(database, "-damaged")
}

impl Damage {
    /// Notes what was found in a database that has no file here.
    fn note_in_memory(&self, words: String) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(words);
    }

    pub(super) fn found(&self) -> Option<String> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers which file is open.
    pub(super) fn opened(&self, database: &Path) {
        if let Ok(number) = FileNumber::of(database) {
            self.file.get_or_init(|| number);
        }
    }

    /// Notes the first damage that was found; later findings add nothing. What is wrong with a file that took the place of the opened one is
    /// no damage: the process ends because of the exchange.
    fn note(&self, database: &Path, words: String) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let is_another = |opened: &FileNumber| match FileNumber::of(database) {
            Ok(found) => found != *opened,
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        if found.is_some() || self.file.get().is_some_and(is_another) {
            return;
        }
        let note = Note { found: words.clone(), commits: self.commits.load(Ordering::SeqCst) };
        let written = serde_json::to_vec(&note).map_err(std::io::Error::from);
        if let Err(error) = written.and_then(|note| std::fs::write(note_path(database), note)) {
            tracing::warn!(%error, "the damage of the database could not be noted in a file beside it");
        }
        *found = Some(words);
    }

    /// Counts a commit in the file, if the transaction changed anything. Returns the new count; `None` if nothing changed.
    pub(super) fn count(&self, conn: &mut Conn) -> Result<Option<i64>, StoreError> {
        let Conn::Sqlite(conn) = conn else { return Ok(None) };
        let changes: i64 = diesel::select(total_changes()).get_result(conn).map_err(StoreError::on("counters"))?;
        if changes == self.changes.load(Ordering::SeqCst) {
            return Ok(None);
        }
        let commits = AddToCounter { name: "commits", more: 1 }.run(conn).map_err(StoreError::on("counters"))?;
        self.changes.store(changes + 1, Ordering::SeqCst);
        Ok(Some(commits))
    }

    /// Remembers that the file has so many commits.
    pub(super) fn committed(&self, commits: Option<i64>) {
        self.commits.fetch_max(commits.unwrap_or(0), Ordering::SeqCst);
    }
}

impl Target {
    fn note_damage(&self, words: String) {
        if let Some(database) = self.sqlite_path() {
            self.damage().note(database, words);
        }
    }

    /// Notes the damage that a statement of this thread met, if one did.
    pub(super) fn note_met(&self) {
        if let Some(words) = MET.take() {
            self.note_damage(words);
        }
    }

    /// Returns how many commits the SQLite file has without its log; `None` if it cannot be read at this moment, as others write to it.
    pub(super) fn commits_in_file(&self) -> Option<i64> {
        Access::ReadStill.open_rows(self.sqlite_path()?).and_then(|conn| commits(&conn)).ok()
    }

    /// Counts the commits in the SQLite file. Returns true if there are as many as earlier (`had`) or more, and `None` if the file cannot be
    /// read at this moment. If there are fewer, notes that an older copy was written over the file. The log beside the file is not read: after
    /// such an exchange, this process may write a counter there that it had in memory.
    pub(super) fn has_its_commits(&self, had: i64) -> Option<bool> {
        // A new database is in its log only.
        if had == 0 || self.commits_in_file().is_some_and(|there| there >= had) {
            return Some(true);
        }
        // It may have been read while a page was being written.
        std::thread::sleep(WRITTEN_WITHIN);
        let there = self.commits_in_file()?;
        if there < had {
            let lacks = had - there;
            self.note_damage(format!(
                "an older copy was written over the file: {lacks} of the {had} writes that it had were gone"
            ));
        }
        Some(there >= had)
    }
}

/// Refuses a SQLite file beside which damage is noted.
pub(super) fn assert_none_noted(database: &Path) -> Result<(), StoreError> {
    match noted(database).unwrap_or_else(|_| Some(Note::unreadable())) {
        None => Ok(()),
        Some(note) => Err(StoreError::Damaged(
            format!("a process noted in {}: {}; `serve` checks the file at its start", note_path(database).display(), note.found)
                .into(),
        )),
    }
}

impl Note {
    fn unreadable() -> Self {
        Self { found: "a note that cannot be read".to_owned(), commits: 0 }
    }
}

/// Reads the note. A file that cannot be opened now, such as without a free descriptor, is an error and says nothing about damage.
fn noted(database: &Path) -> std::io::Result<Option<Note>> {
    match std::fs::read(note_path(database)) {
        Ok(text) => Ok(Some(serde_json::from_slice(&text).unwrap_or_else(|_| Note::unreadable()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Forgets the damage that is noted beside a SQLite file: the file is another one now.
pub(super) fn forget(database: &Path) {
    drop(std::fs::remove_file(note_path(database)));
}

/// If damage is noted beside a SQLite file, has SQLite check the whole file, and removes the note if the check passes. Returns whether
/// there was a note.
///
/// # Errors
/// `StoreError::Damaged` if the file does not pass, or lacks commits that it had.
pub fn check_after_damage(url: &DatabaseUrl) -> Result<bool, StoreError> {
    let DatabaseUrl::Sqlite(database) = url else { return Ok(false) };
    let Some(note) = noted(database).unwrap_or_else(|_| Some(Note::unreadable())) else { return Ok(false) };
    let refused = |why: String| {
        let (found, path) = (&note.found, note_path(database));
        let path = path.display();
        StoreError::Damaged(format!("{why} (noted in {path}, which a `restore` removes: {found})").into())
    };
    let checked = (|| {
        let conn = Access::Read.open_rows(database)?;
        Ok::<_, rusqlite::Error>((lost(&conn, note.commits)?, checked(&conn, "integrity_check")?))
    })();
    match checked.map_err(|error| refused(error.to_string()))? {
        (Some(lost), _) | (None, Some(lost)) => Err(refused(lost)),
        (None, None) => {
            std::fs::remove_file(note_path(database)).map_err(StoreError::Files)?;
            Ok(true)
        }
    }
}

/// Returns what SQLite's own check finds first, or what is strange in the schema; `None` if all is well.
///
/// Source: SQLite, "PRAGMA integrity_check" and "PRAGMA quick_check".
fn checked(conn: &rusqlite::Connection, check: &str) -> rusqlite::Result<Option<String>> {
    let said: String = conn.query_row(&format!("PRAGMA {check}(1)"), [], |row| row.get(0))?;
    if said == "ok" { strange(conn) } else { Ok(Some(said)) }
}

/// Returns how many commits the file lacks, in words; `None` if none.
fn lost(conn: &rusqlite::Connection, known: i64) -> rusqlite::Result<Option<String>> {
    let lost = known.saturating_sub(commits(conn)?);
    Ok((lost > 0).then(|| format!("the file is an older state: it lacks the last {lost} of {known} writes")))
}

fn commits(conn: &rusqlite::Connection) -> rusqlite::Result<i64> {
    conn.query_row("SELECT value FROM counters WHERE name = 'commits'", [], |row| row.get(0))
}

/// What is remembered between two looks at a file.
#[derive(Debug, Default)]
pub struct FileLooks {
    /// When the system says that the file was last changed; nobody can set this time.
    changed: Option<(i64, i64)>,
    /// The last look, and for how many microseconds after it there is no other.
    rest: Option<(Stopwatch, u64)>,
    /// Whether the next look goes through the indexes too. The first one does not.
    with_indexes: bool,
}

impl FileLooks {
    /// Notes a look at a file that was last changed at `changed`, and how much of a processor's time and how much time it took.
    fn note(&mut self, changed: Option<(i64, i64)>, processor: u64, passed: u64) {
        let did = self.with_indexes;
        self.with_indexes = with_indexes(did, processor);
        // A look that goes through the indexes counts as a short one: it is made only if one without them is, which then comes next.
        let counted = if did { processor.min(SHORT_LOOK) } else { processor };
        self.rest = Some((Stopwatch::start(), rest(counted, passed)));
        // A look that could not be made comes again, and so does one without the indexes if the next one goes through them.
        self.changed = changed.filter(|_| did || !self.with_indexes);
    }
}

impl Store {
    /// Returns what damage of the SQLite file was found; `None` if none.
    #[must_use]
    pub fn damage(&self) -> Option<String> {
        self.target.damage().found()
    }

    /// Notes that the SQLite file is damaged. From then on nothing is written.
    pub fn note_damage(&self, words: impl Into<String>) {
        self.target.note_damage(words.into());
    }

    /// Notes the damage that a statement of this thread met, if one did.
    pub(super) fn note_met(&self) {
        self.target.note_met();
    }

    /// Refuses to continue on a damaged file.
    pub(super) fn assert_undamaged(&self) -> Result<(), StoreError> {
        self.damage().map_or(Ok(()), |found| Err(StoreError::Damaged(found.into())))
    }

    /// Looks whether somebody made triggers, rules or row security on the tables of PostgreSQL, or took constraints away. Or looks at the SQLite
    /// file by a new connection, which knows no page of it: whether it has every commit of this process, and SQLite's check of its structure
    /// and, if that is short, of its indexes: those hold many values that are written twice. Looks only if the file has changed, and seldom if a
    /// look takes long. What is wrong is noted.
    ///
    /// # Errors
    /// `StoreError` if the file cannot be opened.
    pub fn look_at_file(&self, looks: &mut FileLooks) -> Result<(), StoreError> {
        let rests = looks.rest.is_some_and(|(since, rest)| since.elapsed_micros() < rest);
        let Some(database) = self.target.sqlite_path() else {
            if rests {
                return Ok(());
            }
            looks.rest = Some((Stopwatch::start(), REST_OF_CATALOGUE));
            let made = self.read::<_, StoreError>(made_by_others)?;
            let told = |made| format!("others changed the registry's tables, which may undo or falsify what is written: {made}");
            made.map(told).into_iter().for_each(|words| self.target.damage().note_in_memory(words));
            return Ok(());
        };
        if let Ok(Some(note)) = noted(database) {
            self.note_damage(note.found);
        }
        let changed = database.metadata().map(|file| (file.ctime(), file.ctime_nsec())).map_err(StoreError::Files)?;
        if rests || looks.changed == Some(changed) || self.damage().is_some() {
            return Ok(());
        }
        let (watch, before) = (Stopwatch::start(), thread_micros());
        let looked = self.check_file(if looks.with_indexes { "integrity_check" } else { "quick_check" });
        let processor = thread_micros().saturating_sub(before);
        looks.note(Some(changed).filter(|_| looked.is_ok()), processor, watch.elapsed_micros());
        looked
    }

    /// Has SQLite check the whole file, which includes its indexes. What is wrong is noted.
    ///
    /// # Errors
    /// `StoreError` if the file cannot be opened.
    pub fn check_whole_file(&self) -> Result<(), StoreError> {
        self.check_file("integrity_check")
    }

    fn check_file(&self, check: &str) -> Result<(), StoreError> {
        let known = self.target.damage().commits.load(Ordering::SeqCst);
        let Some(conn) = self.target.open_rows() else { return Ok(()) };
        let conn = conn.inspect_err(|_| self.note_met())?;
        let found = lost(&conn, known).and_then(|lost| lost.map_or_else(|| checked(&conn, check), |lost| Ok(Some(lost))));
        match found.map_err(|error| rusqlite_error("the database", &error)) {
            Ok(found) => {
                found.into_iter().for_each(|found| self.note_damage(found));
                Ok(())
            }
            // A disk that cannot read the file is no better than a damaged file.
            Err(StoreError::Disk(error)) => {
                self.note_damage(format!("SQLite's check of the file could not finish: {error}"));
                Ok(())
            }
            Err(error) => {
                self.note_met();
                if let StoreError::Damaged(_) = error { Ok(()) } else { Err(error) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_look_comes_again_in_time_for_what_is_promised_and_a_long_one_rests_fifty_times_as_long() {
        // A file of 1 MB, of 100 MB, the same beside heavy load, and one of some 10 GB.
        for (processor, passed, expected) in [
            (2_000, 2_000, 100_000),
            (150_000, 160_000, 5_680_000),
            (400_000, 600_000, 4_800_000),
            (400_000, 4_000_000, 4_000_000),
            (20_000_000, 25_000_000, 1_000_000_000),
        ] {
            assert_eq!(rest(processor, passed), expected, "{processor} {passed}");
        }
        for passed in 0..2_000 {
            let passed = passed * 1_000;
            assert!(rest(SHORT_LOOK, passed) + 2 * passed <= TOLD_WITHIN, "{passed}");
        }
    }

    #[test]
    fn indexes_are_looked_at_unless_that_takes_long() {
        let mut looks = FileLooks::default();
        // Processor's time of a look; whether the next one goes through the indexes; whether it is made although the file does not change.
        for (processor, indexes, again) in [
            (125_001, false, false),
            (125_000, true, true),
            (500_000, true, false),
            (500_001, false, false),
            (125_000, true, true),
            (1_000, true, false),
        ] {
            looks.note(Some((1, 2)), processor, processor);
            assert_eq!((looks.with_indexes, looks.changed.is_none()), (indexes, again), "{processor}");
            assert!(looks.rest.unwrap().1 <= TOLD_WITHIN, "{processor}");
        }
        looks.note(None, 1_000, 1_000);
        assert_eq!(looks.changed, None, "a look that failed");
    }

    #[test]
    fn damage_is_noted_beside_the_opened_file_and_not_beside_one_that_took_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("registry.db"), folder.path().join("other.db"));
        std::fs::write(&path, "").unwrap();
        std::fs::write(&other, "").unwrap();
        let (own, exchanged) = (Damage::default(), Damage::default());
        own.opened(&path);
        exchanged.opened(&path);

        own.note(&path, "a page".to_owned());
        assert_eq!(own.found().as_deref(), Some("a page"));
        assert!(note_path(&path).exists());

        forget(&path);
        std::fs::rename(&other, &path).unwrap();
        exchanged.note(&path, "lacks writes".to_owned());
        assert_eq!((exchanged.found(), note_path(&path).exists()), (None, false));
    }
}
