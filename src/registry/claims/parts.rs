//! A large import in parts. Each part is a transaction of its own, so that other writers wait for one part only. The parts share one batch
//! number, and each is done once under the idempotency key of the whole request. So if the process is killed, the same request continues
//! after the last part that is on disk, and its report is that of an uninterrupted import.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rand_core::RngCore;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::import::{ImportOutcome, ImportRows, ImportedRow, MemberImport};
use super::standings::{Place, place_of};
use super::write::Earlier;
use crate::acts::{Act, Identity, Once, Reply};
use crate::node::{ProblemCode, Refusal, Registry, ServiceError};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// Maximum number of rows of one transaction. Ours: writing them takes about 25 ms, and nobody may hold the lock for more than 50 ms.
pub const PART_ROWS: usize = 1_000;

/// The large imports of this process.
#[derive(Debug, Clone, Default)]
pub struct LargeImports(Arc<Running>);

#[derive(Debug, Default)]
struct Running {
    progress: Mutex<HashMap<OrganisationId, Progress>>,
    /// One part at a time, of whichever import, in order. So other writers wait for one part, however many imports run.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, Copy)]
struct Progress {
    done: usize,
    rows: usize,
}

/// A large import, until it is dropped.
pub(super) struct LargeImport(LargeImports, OrganisationId);

impl LargeImports {
    /// Begins the large import of an organisation.
    ///
    /// # Errors
    /// `ServiceError::Refused` while another one of the organisation runs.
    pub(super) fn begin(&self, organisation: OrganisationId, rows: usize) -> Result<LargeImport, ServiceError> {
        let mut running = self.0.progress.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Progress { done, rows }) = running.get(&organisation) {
            let detail = format!(
                "An import of your organisation is running: {done} of its {rows} rows are stored. Send this request again when it \
                 is done."
            );
            return Err(Refusal::new(ProblemCode::InProgress, detail).retry_after_secs(2).into());
        }
        running.insert(organisation, Progress { done: 0, rows });
        Ok(LargeImport(self.clone(), organisation))
    }
}

impl LargeImport {
    fn has_done(&self, rows: usize) {
        let mut running = self.0.0.progress.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(progress) = running.get_mut(&self.1) {
            progress.done += rows;
        }
    }
}

impl Drop for LargeImport {
    fn drop(&mut self) {
        self.0.0.progress.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// The result of the parts that are done.
#[derive(Default)]
struct Whole {
    report: MemberImport,
    /// The claim of each account that a row named.
    said: HashMap<Place, Option<String>>,
}

/// The rows of a part.
struct Part {
    /// Those that are judged.
    rows: ImportRows,
    /// The account of each of them; `None` for a faulty row.
    places: Vec<Option<Place>>,
    /// Those that repeat a row of an earlier part, each with its position in the part.
    repeated: Vec<(usize, ImportedRow)>,
}

impl Whole {
    fn earlier(&self) -> Earlier {
        Earlier { batch: self.report.batch, pending_batch: self.report.pending_batch }
    }

    /// Separates rows that repeat a row of an earlier part.
    fn part(&self, rows: ImportRows) -> Part {
        let mut part = Part { rows: ImportRows::default(), places: vec![], repeated: vec![] };
        for (position, (line, read)) in rows.into_rows().enumerate() {
            let place = read.as_ref().ok().map(|own| place_of(&own.account));
            if let Some(claim) = place.as_ref().and_then(|place| self.said.get(place)) {
                part.repeated.push((position, ImportedRow::repeated(line, claim.clone())));
            } else {
                part.rows.push(line, read);
                part.places.push(place);
            }
        }
        part
    }

    /// Adds the report of a part.
    fn add(&mut self, report: MemberImport, places: Vec<Option<Place>>, repeated: Vec<(usize, ImportedRow)>) {
        self.report.batch = self.report.batch.or(report.batch);
        self.report.pending_batch = self.report.pending_batch.or(report.pending_batch);
        for (row, place) in report.rows.iter().zip(places) {
            if let Some(place) = place.filter(|_| row.outcome != ImportOutcome::Rejected) {
                self.said.entry(place).or_insert_with(|| row.claim.clone());
            }
        }
        let mut rows = report.rows;
        for (position, row) in repeated {
            rows.insert(position.min(rows.len()), row);
        }
        self.report.rows.append(&mut rows);
    }
}

impl Once {
    /// Returns what identifies a part of the request. The first part has the identity of the request, so that a key that was used for
    /// another request is refused.
    fn of_part(&self, number: usize) -> Self {
        let path = if number == 0 { self.path.clone() } else { format!("{}#{number}", self.path) };
        Self { path, ..self.clone() }
    }

    /// Binds the request to the size of its parts. Otherwise a server with another size would take the answers to other rows for those to
    /// its own parts, and leave rows out.
    fn in_parts_of(self, rows: usize) -> Self {
        let request_digest = Self::digest_of(&[self.request_digest.as_slice(), rows.to_string().as_bytes()].concat());
        Self { request_digest, ..self }
    }
}

/// The parts of one request. Each is done once under the key of the request, and keeps its result there.
pub(super) struct Parts<'a> {
    registry: &'a Registry,
    identity: &'a Identity,
    once: Option<Once>,
    now: UtcTime,
    rng: &'a mut dyn RngCore,
    number: usize,
    /// Whether an earlier request did all parts.
    replayed: bool,
}

/// What renders the answer to the whole.
type Render<'a, T> = Box<dyn FnOnce(&T) -> Reply + 'a>;

impl<'a> Parts<'a> {
    /// Takes an act apart: its parts, and what renders the answer to the whole.
    pub(super) fn of<T>(act: Act<'a, T>) -> (Self, Render<'a, T>) {
        let Act { registry, identity, once, now, rng, render } = act;
        let replayed = once.is_some();
        (Self { registry, identity, once, now, rng, number: 0, replayed }, render)
    }

    /// Does the next part, or returns what it came to when it was done.
    pub(super) fn run<T: Serialize + DeserializeOwned>(
        &mut self,
        write: impl FnOnce(Act<'_, T>) -> Result<Reply, ServiceError>,
    ) -> Result<T, ServiceError> {
        let (registry, identity, now) = (self.registry, self.identity, self.now);
        let _turn = registry.part::<LargeImports>().0.turn.blocking_lock();
        let once = self.once.as_ref().map(|once| once.of_part(self.number));
        let render = Box::new(|value: &T| Reply::new(200, None, value));
        let reply = write(Act { registry, identity, once, now, rng: &mut *self.rng, render })?;
        self.number += 1;
        self.replayed &= reply.replayed;
        let text = reply.body.text().map_err(ServiceError::unreadable("answer"))?;
        serde_json::from_str(text).map_err(ServiceError::unreadable("answer"))
    }

    /// Returns the answer to the whole request.
    pub(super) fn answer(self, reply: Reply) -> Reply {
        Reply { replayed: self.replayed, ..reply }
    }
}

/// Imports rows in parts. `write` writes one part.
///
/// # Errors
/// Those of `write`, and the refusal while another large import of the organisation runs. The parts before the error stay.
pub(super) fn import_in_parts(
    act: Act<'_, MemberImport>,
    rows: ImportRows,
    write: impl Fn(Act<'_, MemberImport>, ImportRows, Earlier) -> Result<Reply, ServiceError>,
) -> Result<Reply, ServiceError> {
    let running = act.registry.part::<LargeImports>().begin(act.identity.organisation, rows.count())?;
    let once = act.once.map(|once| once.in_parts_of(PART_ROWS));
    let (mut parts, render) = Parts::of(Act { once, ..act });
    let mut whole = Whole::default();
    for rows in rows.in_parts(PART_ROWS) {
        let (count, Part { rows, places, repeated }) = (rows.count(), whole.part(rows));
        let mut report = MemberImport::default();
        if rows.count() > 0 {
            let earlier = whole.earlier();
            report = parts.run(|part| write(part, rows, earlier))?;
        }
        whole.add(report, places, repeated);
        running.has_done(count);
    }
    Ok(parts.answer(render(&whole.report)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_in_parts_of_another_size_is_another_request() {
        let once = Once::of("POST", "/v1/claims/import", "k", [7; 32]).unwrap();

        let whole = once.request_digest;
        let parts = [1_000, 1_000, 500].map(|rows| once.clone().in_parts_of(rows).request_digest);

        assert_eq!(parts[0], parts[1]);
        assert!(parts[0] != parts[2] && !parts.contains(&whole));
        assert_eq!((once.clone().in_parts_of(500).path, once.clone().in_parts_of(500).key), (once.path, once.key));
    }
}
