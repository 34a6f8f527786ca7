//! What needs the database: its schema and durability, whether it can be written, the clock, the master key, and the age of the sources.

use std::error::Error;

use super::super::open;
use super::{Finding, Health};
use crate::config::StoreSettings;
use crate::directory::DirectoryError;
use crate::imports::{HeldSourceKind, SourceAge, stored_sources};
use crate::integrity::{Extent, Place, Report, Verified, verify_database};
use crate::sources::list_known_sources;
use vasp_store::{DocumentFolder, Store, StoreError, StoreOptions, schema_version};
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// The checks that need an open database.
const NEED_DATABASE: [&str; 5] = ["writes", "clock", "master key", "document files", "sources"];

/// How far the clocks of this machine and of the database may differ, in microseconds, before somebody should look. A server refuses to
/// write at a minute.
const CLOCK_DIFFERENCE: u64 = 2_000_000;

/// Looks at what a newer program needs of the database: the clock and the master key.
pub(super) fn of_data(settings: &StoreSettings, now: UtcTime) -> Vec<Finding> {
    match open::store_to_read(settings) {
        Ok(store) => vec![clock(&store, now), master_key(settings, &store)],
        // The schema's finding says why.
        Err(_) => ["clock", "master key"]
            .map(|check| Finding::of(check, Health::Unknown, "not looked at, because of the schema"))
            .into(),
    }
}

/// Looks at the database and at what it says.
pub(super) fn findings(settings: &StoreSettings, now: UtcTime) -> Vec<Finding> {
    let store = match open::store(settings, &StoreOptions { create: false, migrate: false, ..StoreOptions::default() }) {
        Ok(store) => store,
        Err(error) => {
            let unknown = |check| Finding::of(check, Health::Unknown, "not looked at, because the database cannot be opened");
            let failed = Finding::failed("database", advised(error.as_ref()));
            return std::iter::once(failed).chain(NEED_DATABASE.into_iter().map(unknown)).collect();
        }
    };
    vec![
        database(settings, &store),
        writes(&store),
        clock(&store, now),
        master_key(settings, &store),
        documents(settings, &store),
        sources(&store, now),
    ]
}

pub(super) fn advised(error: &(dyn Error + 'static)) -> String {
    let says = error_chain(error).to_string();
    match error.downcast_ref() {
        Some(StoreError::NoSuchFile { .. } | StoreError::Empty { .. }) => {
            format!("{says}; find the disk or restore a backup, or run `migrate --create` for a new registry")
        }
        _ => says,
    }
}

fn database(settings: &StoreSettings, store: &Store) -> Finding {
    let read = || -> Result<String, Box<dyn Error>> {
        let head = store.read::<_, StoreError>(|conn| conn.log_head())?;
        let (url, version, megabytes) = (open::database(settings)?, schema_version(), store.database_bytes()? >> 20_u32);
        Ok(format!("{url}: schema {version}, sequence {}, {megabytes} MiB", head.sequence))
    };
    match read().and_then(|detail| Ok((detail, store.read::<_, StoreError>(|conn| conn.granted_to_all())?))) {
        Ok((detail, None)) => Finding::ok("database", detail),
        Ok((detail, Some(tables))) => {
            let mend = "every role of this server may use tables of it";
            Finding::warning(
                "database",
                format!("{detail}; {mend} ({tables}): run `REVOKE ALL ON ALL TABLES IN SCHEMA … FROM PUBLIC`"),
            )
        }
        Err(error) => Finding::failed("database", error_chain(error.as_ref()).to_string()),
    }
}

fn writes(store: &Store) -> Finding {
    match store.attempt_write(true) {
        Ok(()) => Finding::ok("writes", "a write was tried and taken back"),
        Err(StoreError::Busy { .. }) => Finding::ok("writes", "another process writes at this moment"),
        Err(error) => Finding::failed("writes", error_chain(&error).to_string()),
    }
}

/// The clock of this machine must not be before the newest entry of the log, and must agree with the database's.
fn clock(store: &Store, now: UtcTime) -> Finding {
    let read = || -> Result<(i64, Option<i64>), StoreError> {
        Ok((store.read::<_, StoreError>(|conn| conn.log_head())?.recorded_at_micros, store.database_micros()?))
    };
    let (newest, other) = match read() {
        Ok(read) => read,
        Err(error) => return Finding::failed("clock", error_chain(&error).to_string()),
    };
    let ahead = newest.saturating_sub(now.micros());
    let seconds = |micros: u64| micros / 1_000_000;
    if ahead > 0 && ahead.unsigned_abs() > CLOCK_DIFFERENCE {
        let seconds = seconds(ahead.unsigned_abs());
        let detail = format!("the newest entry of the log is dated {seconds} seconds after now: set the clock right");
        return Finding::failed("clock", detail);
    }
    match other.map(|other| other.abs_diff(now.micros())) {
        Some(apart) if apart > CLOCK_DIFFERENCE => {
            let detail =
                format!("it differs from the database's clock by {} seconds: set both by the same time servers", seconds(apart));
            Finding::failed("clock", detail)
        }
        Some(_) => Finding::ok("clock", format!("{now}, as the database says")),
        None if vasp_clock::is_synchronised() => {
            Finding::ok("clock", format!("{now}, after the newest entry of the log; a time service has set it"))
        }
        None => Finding::ok(
            "clock",
            format!(
                "{now}, after the newest entry of the log; systemd-timesyncd has not set it, so see that another time service does"
            ),
        ),
    }
}

/// The master key must be there, for its owner only, and open every key in the database.
fn master_key(settings: &StoreSettings, store: &Store) -> Finding {
    let read = || -> Result<Finding, Box<dyn Error>> {
        let rows = store.read::<_, StoreError>(|conn| conn.wrapped_keys())?;
        let Some(keys) = open::keys_at_hand(settings)? else {
            return Ok(match rows.len() {
                0 => Finding::ok("master key", "there is none yet; the first server makes it"),
                count => Finding::failed("master key", format!("the file is missing, and {count} keys need it: put it back")),
            });
        };
        let closed: Vec<&str> = rows
            .iter()
            .filter(|row| keys.unwrap(&row.name, row.master_version, &row.wrapped).is_err())
            .map(|row| row.name.as_str())
            .collect();
        Ok(match closed.first() {
            None => Finding::ok("master key", format!("it opens all {} keys of the database", rows.len())),
            Some(first) => {
                let detail =
                    format!("it does not open {} of {} keys, such as `{first}`: find the right file", closed.len(), rows.len());
                Finding::failed("master key", detail)
            }
        })
    };
    read().unwrap_or_else(|error| Finding::failed("master key", error_chain(error.as_ref()).to_string()))
}

/// The file of each document must be there, and be the one that was uploaded.
fn documents(settings: &StoreSettings, store: &Store) -> Finding {
    let check = "document files";
    let read = || -> Result<Report, Box<dyn Error>> {
        let (keys, folder) = (open::keys_at_hand(settings)?, open::documents(settings)?.map(DocumentFolder::new));
        let of = Verified { store, keys: keys.as_ref(), documents: folder.as_ref() };
        Ok(verify_database(of, &Extent::From(Place::Documents), &mut |_, _| true)?)
    };
    let report = match read() {
        Ok(report) => report,
        Err(error) => return Finding::of(check, Health::Unknown, error_chain(error.as_ref()).to_string()),
    };
    let wrong = report.altered.iter().map(|altered| altered.row.as_str()).chain(report.missing_files.iter().map(String::as_str));
    let wrong: Vec<&str> = wrong.collect();
    match (wrong.first(), report.not_covered.first()) {
        (Some(first), _) => {
            let count = wrong.len();
            Finding::failed(
                check,
                format!("at least {count} are missing or altered, such as that of {first}: restore them from a backup"),
            )
        }
        (None, Some(why)) => Finding::warning(check, *why),
        (None, None) => Finding::ok(check, format!("all {} are those that were uploaded", report.documents)),
    }
}

/// What pre-checks use must be there and not too old, however it was imported; and what the server fetches must not be overdue.
fn sources(store: &Store, now: UtcTime) -> Finding {
    let held = store.read::<_, DirectoryError>(|conn| stored_sources(conn, now.date()));
    let (known, held) = match (list_known_sources(store), held) {
        (Ok(known), Ok(held)) => (known, held),
        (Err(error), _) => return Finding::failed("sources", error_chain(&error).to_string()),
        (_, Err(error)) => return Finding::failed("sources", error_chain(&error).to_string()),
    };
    let needed = [(HeldSourceKind::Register, "register"), (HeldSourceKind::ScreeningList, "screening list")];
    let missing = needed.iter().filter(|(kind, _)| held.iter().all(|source| source.kind() != *kind)).map(|(_, what)| *what);
    let named = |source: &SourceAge| {
        let (id, day) = source.known();
        format!("{id} ({day})")
    };
    let old = held.iter().filter(|source| source.is_past_limit()).map(named);
    let noted = held.iter().filter(|source| source.is_noted()).map(named);
    let late = known.iter().filter(|source| source.is_overdue(now)).map(|source| source.definition.id.clone());
    let still = known.iter().filter(|source| source.is_still(now)).map(|source| source.definition.id.clone());
    let parts = [
        (
            "none imported, so pre-checks find nothing there: ",
            missing.map(str::to_owned).collect::<Vec<_>>(),
            "`sources fetch`, `import`",
        ),
        ("too old to confirm anything: ", old.collect(), "import the newest"),
        ("so old that answers note it: ", noted.collect(), "import the newest"),
        ("overdue: ", late.collect(), "`sources list` says why"),
        ("the same bytes for at least two months: ", still.collect(), "look whether the mirror is refreshed"),
    ];
    let said = parts.into_iter().filter(|(_, of, _)| !of.is_empty());
    let said: Vec<String> = said.map(|(what, of, advice)| format!("{what}{}; {advice}", of.join(", "))).collect();
    match said.is_empty() {
        true => Finding::ok("sources", format!("{} are held; none is overdue or too old", held.len())),
        false => Finding::warning("sources", said.join(". ")),
    }
}
