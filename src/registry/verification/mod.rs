//! Recomputes everything that answers come from against the log: one verification for `verify-database`, `backup --verify`, `restore` and
//! the daily look of a server. It writes nothing, reads in pages, and sees the database as it was at one sequence while others go on.
//! What it covers and what not is a table in `docs/backup.md`.

pub(crate) mod job;
pub use job::verify_daily;
mod audit;
mod claim_ends;
mod claims;
mod daily;
mod documents;
mod log;
mod part;
mod private_keys;
mod records;
mod report;
mod sample;
mod tables;
mod tiles;

pub use daily::DailyLook;
pub use part::Place;
pub use report::{Altered, Report};
pub use sample::Sample;

use crate::node::ServiceError;
use private_keys::PrivateKeys;
use vasp_log::change::LogHead;
use vasp_pki::MasterKeys;
use vasp_store::{Conn, DocumentFolder, Store, StoreError};

/// What is verified, and with what.
#[derive(Clone, Copy)]
pub struct Verified<'a> {
    /// The database.
    pub store: &'a Store,
    /// What opens the seeds of claim batches; without, claims are not covered.
    pub keys: Option<&'a MasterKeys>,
    /// The folder of members' documents; without, they are not covered.
    pub documents: Option<&'a DocumentFolder>,
}

/// What is read of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Everything from a place on.
    From(Place),
    /// Everything small, and some of the batches of claims.
    Sample(Sample),
}

/// A verification under way.
struct Verification<'a> {
    of: Verified<'a>,
    keys: PrivateKeys,
    head: LogHead,
    report: Report,
    /// Is told how far it has come; returns whether to go on.
    progress: &'a mut dyn FnMut(&Place, &Report) -> bool,
}

/// Verifies a database. `progress` is told after each page how far it has come, and returns whether to go on.
///
/// # Errors
/// `ServiceError::Store` where the database cannot be read, `Key` where the master key does not fit it. What is altered is no error: it is
/// in the report.
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

    /// Runs a part, unless it was told to stop. A row that does not read is one that was altered.
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

    /// Notes what is not as the log says.
    fn altered(&mut self, table: &'static str, row: impl std::fmt::Display, what: &str) {
        self.report.note(Altered { table, row: row.to_string(), what: what.to_owned() });
    }

    /// Tells how far it has come; returns whether to go on.
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
