//! Reads the record of one VASP, as the registry knew it at a point of time and as it was true on a day.

use std::sync::Arc;

use crate::directory::Generation;
use crate::node::{AsOf, Holds, Registry, ServiceError, find_vasp, pin_around};
use vasp_record::vasp::Vasp;
use vasp_record::vasp_name::VaspName;
use vasp_words::time::{Date, UtcTime};

/// Selects a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaspQuestion {
    /// The VASP.
    pub vasp: VaspName,
    /// The point of time at which the registry knew it. `None` means now.
    pub as_of: Option<AsOf>,
    /// The day on which it was true. `None` means the day of `as_of`, or today.
    pub valid_on: Option<Date>,
}

/// A record with everything that is needed to show it.
#[derive(Clone, Debug)]
pub struct VaspAnswer {
    /// The directory generation that answered, with the records of the requested day.
    pub generation: Arc<Generation>,
    /// The record.
    pub record: Arc<Vasp>,
    /// How long the facts behind the answer stay valid.
    pub holds: Holds,
    /// When one of these facts changes for the next time; `None` if no change is known.
    pub next_change: Option<UtcTime>,
    /// The moment as of which evidence is judged: now, or the requested moment.
    pub at: UtcTime,
}

impl VaspQuestion {
    /// Returns whether the question is about another point of time or day than now. Such a question needs the store.
    #[must_use]
    pub fn is_past(&self) -> bool {
        self.as_of.is_some() || self.valid_on.is_some()
    }
}

impl VaspAnswer {
    /// Returns the sequence of the record's last change.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.generation.version_of(self.record.id)
    }

    /// Builds the answer about a record of `generation`. `moves` is true if the question is about today, so that the day changes with
    /// time.
    pub(crate) fn of(generation: Arc<Generation>, record: Arc<Vasp>, moves: bool, now: UtcTime) -> Self {
        let records = generation.records();
        let shown = records.entities_of(record.id).map(|entity| entity.id).chain(record.group).chain([record.id]);
        let changes = shown.filter(|_| moves).filter_map(|id| records.next_change(id));
        let expiries = record.evidence.iter().filter_map(|evidence| evidence.expires_at);
        let published = record.published_moments().filter(|_| moves);
        // The answer changes when the overlap of a replaced key ends.
        let overlaps = record.keys.iter().filter_map(|key| key.rotates_until);
        let moments = changes.map(Date::start).chain(expiries).chain(published).chain(overlaps);
        let next_change = moments.filter(|at| *at > now).min();
        Self { holds: Holds::before(now, next_change), generation, record, next_change, at: now }
    }
}

/// Returns the record that the question selects.
///
/// # Errors
/// `ServiceError::Invalid` if the point of time is in the future. Also `NotFound`, `AmbiguousLei`, `Store`, `Directory`.
pub fn read_vasp(registry: &Registry, question: VaspQuestion, now: UtcTime) -> Result<VaspAnswer, ServiceError> {
    let generation = if question.is_past() {
        pin_around(registry, question.vasp, question.as_of, question.valid_on, now)?
    } else {
        registry.pin(now)
    };
    let record = find_vasp(generation.records(), question.vasp)?;
    let moves = !question.is_past();
    let at = match question.as_of {
        None => now,
        Some(AsOf::Time(at)) => at.min(now),
        Some(AsOf::Sequence(_)) => generation.as_of(),
    };
    Ok(VaspAnswer { at, ..VaspAnswer::of(generation, record, moves, now) })
}
