//! Allows one import of claims at a time in a database, in whichever process it runs. Two imports at the same time would not see each
//! other's rows, which are not valid yet, and would write the same claims twice. If the holder dies, the operating system or the server
//! releases the turn.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use super::edge::Run;
use super::{Conn, Store, StoreError};
use vasp_words::time::UtcTime;

/// PostgreSQL's advisory lock for importing claims: an arbitrary number, the same in every version.
const IMPORT_LOCK: i64 = 0x7661_7370_696d_7063;

/// The time between two attempts to lock the file.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The turn to import claims, released when dropped.
pub struct ImportTurn(#[expect(dead_code, reason = "held, not used")] Held);

enum Held {
    #[expect(dead_code, reason = "held, not used")]
    File(File),
    #[expect(dead_code, reason = "held, not used")]
    Session(Box<Conn>),
}

impl std::fmt::Debug for ImportTurn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportTurn").finish_non_exhaustive()
    }
}

impl Store {
    /// Waits for the turn to import claims, at most as long as for a write lock. The next process that waits for it sees `what`.
    ///
    /// # Errors
    /// `StoreError::Locked` if another import held it for too long, `StoreError::ReadOnly`, `StoreError::Query`.
    pub fn take_import_turn(&self, what: &str, now: UtcTime) -> Result<ImportTurn, StoreError> {
        let turn = self.turn(self.lock_timeout, what, now)?;
        turn.map_err(|holder| StoreError::Locked { waited_secs: self.lock_timeout.as_secs(), holder })
    }

    /// Takes the turn to import claims if nobody holds it.
    pub fn try_import_turn(&self, what: &str, now: UtcTime) -> Result<Option<ImportTurn>, StoreError> {
        Ok(self.turn(Duration::ZERO, what, now)?.ok())
    }

    /// Returns the turn, or its holder.
    fn turn(&self, wait: Duration, what: &str, now: UtcTime) -> Result<Result<ImportTurn, String>, StoreError> {
        match self.target.sqlite_path() {
            Some(database) => lock_file(database, wait, &format!("process {} ({what}) since {now}", std::process::id())),
            None => lock_session(self.target.connect()?, wait),
        }
    }
}

/// Takes the lock in a session. The lock ends with the session.
fn lock_session(mut session: Conn, wait: Duration) -> Result<Result<ImportTurn, String>, StoreError> {
    // A limit of 0 would mean no limit.
    let limit = format!("SET lock_timeout = {}", wait.as_millis().max(1));
    let mut say = |sql: &str| diesel::sql_query(sql).execute(&mut session).map_err(StoreError::on("imports"));
    say(&limit)?;
    match say(&format!("SELECT pg_advisory_lock({IMPORT_LOCK})")) {
        Ok(_) => Ok(Ok(ImportTurn(Held::Session(Box::new(session))))),
        Err(StoreError::Busy { .. }) => Ok(Err("another import into the same database holds it".to_owned())),
        Err(error) => Err(error),
    }
}

/// Locks the file beside the database. The file's text names the holder.
fn lock_file(database: &Path, wait: Duration, who: &str) -> Result<Result<ImportTurn, String>, StoreError> {
    let mut name = database.as_os_str().to_owned();
    name.push("-import");
    let not_ours = |error: std::io::Error| {
        let left = "if another user's import left it, remove it while no import runs";
        StoreError::ReadOnly(format!("{}: {error}; {left}", Path::new(&name).display()).into())
    };
    let mut file = File::options().create(true).truncate(false).read(true).write(true).open(&name).map_err(not_ours)?;
    let looks = wait.as_millis() / LOOK_AGAIN.as_millis();
    for look in 0..=looks {
        match file.try_lock() {
            Ok(()) => {
                // If this text is lost, only the error message is less helpful.
                drop(file.set_len(0).and_then(|()| file.write_all(who.as_bytes())));
                return Ok(Ok(ImportTurn(Held::File(file))));
            }
            Err(TryLockError::WouldBlock) if look < looks => std::thread::sleep(LOOK_AGAIN),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(not_ours(error)),
        }
    }
    let mut holder = String::new();
    drop(file.take(200).read_to_string(&mut holder));
    Ok(Err(format!("it is held by {}", if holder.is_empty() { "another import" } else { &holder })))
}
