//! Recomputes everything that answers depend on, and compares it with the log. `verify database`, `backup --verify`, `restore` and the
//! daily check of a server all use this one verification. It writes nothing, reads in pages, and sees the database as of one sequence while
//! other processes use it. A table in `docs/backup.md` lists what it covers and what it does not.

pub(crate) mod job;
pub use job::verify_daily;
mod audit;
mod claim_ends;
mod claims;
mod credentials;
mod daily;
mod documents;
mod log;
mod part;
mod prechecks;
mod private_keys;
mod records;
mod report;
mod sample;
mod tables;
mod tiles;

pub use daily::DailyLook;
pub use part::Place;
pub use report::{Altered, Report};
pub use sample::{Sample, Suspects};

use crate::node::ServiceError;
use private_keys::PrivateKeys;
use vasp_log::change::LogHead;
use vasp_pki::MasterKeys;
use vasp_store::{Conn, DocumentFolder, Store, StoreError};

/// A database to verify, with the keys and files for it.
#[derive(Clone, Copy)]
pub struct Verified<'a> {
    /// The database.
    pub store: &'a Store,
    /// Keys that open the seeds of claim batches. `None`: claims are not covered.
    pub keys: Option<&'a MasterKeys>,
    /// The folder of members' documents. `None`: documents are not covered.
    pub documents: Option<&'a DocumentFolder>,
}

/// How much of the database to verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Everything from a place on.
    From(Place),
    /// Everything small, and some of the batches of claims and of the days of pre-checks.
    Sample(Sample),
}

/// A running verification.
struct Verification<'a> {
    of: Verified<'a>,
    keys: PrivateKeys,
    head: LogHead,
    report: Report,
    /// Gets the progress; returns whether to continue.
    progress: &'a mut dyn FnMut(&Place, &Report) -> bool,
}

/// Verifies a database. After each page it calls `progress`, which returns whether to continue.
///
/// # Errors
/// `ServiceError::Store` if the database cannot be read; `Key` if the master key does not fit it. Altered data is not an error: it is in
/// the report.
pub fn verify_database(
    of: Verified<'_>,
    extent: &Extent,
    progress: &mut dyn FnMut(&Place, &Report) -> bool,
) -> Result<Report, ServiceError> {
    let (head, keys) = of.store.read::<_, ServiceError>(|conn| Ok((conn.log_head()?, PrivateKeys::open(conn, of.keys)?)))?;
    let mut verification = Verification { of, keys, head, report: Report::default(), progress };
    verification.run(extent)?;
    Ok(verification.report)
}

impl Verification<'_> {
    fn run(&mut self, extent: &Extent) -> Result<(), ServiceError> {
        let whole = Extent::From(Place::Log);
        let from = if let Extent::From(place) = extent { *place } else { Place::Log };
        self.report.is_sample = matches!(extent, Extent::Sample(_));
        self.report.begun_at = Some(from).filter(|_| *extent != whole);
        let (mut vasp, mut batch) = (0, i64::MIN);
        match from {
            Place::Records { after } => vasp = after,
            Place::Claims { from } => batch = from,
            Place::Log | Place::Audit | Place::Documents => {}
        }
        if from <= Place::Log {
            self.part(Self::log)?;
        }
        if from <= Place::Audit {
            self.part(Self::audit)?;
            self.part(Self::credentials)?;
            self.part(|all| all.prechecks(extent))?;
        }
        if matches!(from, Place::Log | Place::Audit | Place::Records { .. }) {
            self.part(|all| all.records(vasp))?;
        }
        if from != Place::Documents {
            match extent {
                Extent::From(_) => self.part(|all| all.claims(batch))?,
                Extent::Sample(sample) => self.part(|all| all.some_claims(sample))?,
            }
        }
        self.part(Self::documents)
    }

    /// Runs a part, unless the verification was stopped. A row that cannot be read counts as altered.
    fn part(&mut self, part: impl FnOnce(&mut Self) -> Result<(), ServiceError>) -> Result<(), ServiceError> {
        if self.report.is_stopped {
            return Ok(());
        }
        match part(self) {
            Err(ServiceError::Store(StoreError::Impossible { table, source })) => {
                self.altered(table, "a row", &source.to_string());
                Ok(())
            }
            done => done,
        }
    }

    /// Notes a row that differs from what was recorded.
    fn altered(&mut self, table: &'static str, row: impl std::fmt::Display, what: &str) {
        self.report.note(Altered { table, row: row.to_string(), what: what.to_owned() });
    }

    /// Reports the progress; returns whether to continue.
    fn goes_on(&mut self, place: Place) -> bool {
        if !(self.progress)(&place, &self.report) {
            self.report.is_stopped = true;
        }
        !self.report.is_stopped && !self.report.is_full()
    }

    fn read<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> Result<T, ServiceError> {
        self.of.store.read(f).map_err(ServiceError::Store)
    }
}
