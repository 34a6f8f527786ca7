//! The check that a server makes every day: it recomputes everything small, and some batches of claims and days of
//! pre-checks, different ones each time.

use rand_core::RngCore;

use super::{Extent, Report, Sample, Suspects, Verified, verify_database};
use crate::node::{DegradedCause, Registry, ServiceError};
use vasp_store::StoreError;
use vasp_words::error_chain::error_chain;

/// Number of claims, and of pre-checks, that one check reads, which takes some seconds of one core.
const ROWS: u64 = 1_000_000;

/// The findings of earlier checks.
#[derive(Debug, Default)]
pub struct DailyLook {
    suspects: Suspects,
    /// The findings that were logged.
    told: Vec<String>,
}

/// Notes a check that could not finish because of what is stored, and not because the database is busy or away.
fn note_unfinished(registry: &Registry, error: &ServiceError) {
    let (ServiceError::Store(StoreError::Disk(_) | StoreError::Query { .. }) | ServiceError::Unreadable { .. }) = error else {
        return;
    };
    registry.store().note_damage(format!("the check of the stored data could not finish: {}", error_chain(error)));
}

impl DailyLook {
    /// Makes one check, and records what is wrong in the condition of the node. SQLite's own check of the file comes first. It calls
    /// `is_stopped` repeatedly.
    ///
    /// # Errors
    /// `ServiceError::Store`, `Key` if the data cannot be read; then the condition stays as it was.
    pub fn look(
        &mut self,
        registry: &Registry,
        rng: &mut dyn RngCore,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<(), ServiceError> {
        let of = Verified { store: registry.store(), keys: Some(registry.master_keys()), documents: registry.documents() };
        let sample = Sample::draw(self.suspects.clone(), ROWS, rng);
        registry.store().check_whole_file().map_err(ServiceError::Store)?;
        let report = verify_database(of, &Extent::Sample(sample), &mut |_, _| !is_stopped());
        let report = report.inspect_err(|error| note_unfinished(registry, error))?;
        if !report.is_stopped {
            self.note(registry, report);
        }
        Ok(())
    }

    fn note(&mut self, registry: &Registry, report: Report) {
        let missing = report.missing_files.iter().map(|id| format!("member_documents, {id}: its file is missing"));
        let found: Vec<String> = report.altered.iter().map(ToString::to_string).chain(missing).collect();
        let detail = found.first().map(|first| match found.len() {
            1 => format!("the stored data differs from what was recorded: {first}"),
            count => format!("the stored data differs from what was recorded: {first}; and {} more", count - 1),
        });
        for altered in found.iter().filter(|altered| !self.told.contains(altered)) {
            tracing::error!(
                data.altered = altered,
                "the stored data differs from what was recorded: run `vasp-registry verify database`"
            );
        }
        registry.condition().set(DegradedCause::DataAltered, detail);
        let Report { claims, batches, facts, entries, .. } = report;
        tracing::info!(
            claims,
            batches,
            facts,
            entries,
            altered = found.len(),
            "the stored data was compared with what was recorded"
        );
        (self.suspects, self.told) = (report.suspects, found);
    }
}
