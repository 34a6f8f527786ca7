//! Judges watched counterparties again when anything changed that the checks depend on. That is a record, a document (lists, rulebook,
//! policy), an organisation's private state, or the day. Everything is judged at the start and then every hour, so that a change that comes
//! only with time is found within an hour.

use std::collections::HashMap;
use std::sync::Arc;

use rand_core::RngCore;

use super::{DAY_MICROS, RELIED_DAYS};
use crate::acts::sealed_traces::padded;
use crate::alerts::{NewAlert, raise};
use crate::directory::Generation;
use crate::node::{Registry, ServiceError};
use crate::precheck::{Asking, OwnSide, PrecheckAnswer, PrecheckQuestion, precheck};
use vasp_pki::DataKey;
use vasp_record::alert::AlertBody;
use vasp_rules::alert::{Findings, Turn};
use vasp_store::{ReliedPart, StoreError, WatchPart, WatchRow};
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::sql::Flag;
use vasp_words::time::UtcTime;

/// Number of watches read, and written, at once.
const PAGE: i64 = 500;
/// How long after the last full sweep the next one is due, in microseconds.
const SWEEP_MICROS: i64 = 3_600_000_000;
/// If more records changed, everything is judged.
const CHANGED_MAX: usize = 500;

/// Judges watches, and remembers the generation of the last step.
#[derive(Default)]
pub struct Watcher {
    seen: Option<Seen>,
}

struct Seen {
    generation: Arc<Generation>,
    private: i64,
    swept_at: UtcTime,
}

/// A watch with its present findings.
struct Judged {
    row: WatchRow,
    turns: Vec<Turn>,
}

fn purpose(row: &WatchRow) -> String {
    format!("watch:{}", row.vasp)
}

/// Opens an organisation's findings under its data key.
fn open_findings(row: &WatchRow, sealed: &[u8], key: &DataKey) -> Result<Findings, ServiceError> {
    let plain = key.open(&purpose(row), sealed).map_err(ServiceError::Key)?;
    serde_json::from_slice(&plain).map_err(ServiceError::unreadable("finding"))
}

/// What a step has to judge.
enum Extent {
    Whole,
    Changed(Vec<VaspId>, Vec<OrganisationId>),
}

impl Watcher {
    /// Judges what changed since the last step. Returns the number of watches and destinations judged. If `is_stopped` returns true, the
    /// step ends early; the next step judges the rest.
    pub fn step(
        &mut self,
        registry: &Registry,
        now: UtcTime,
        rng: &mut dyn RngCore,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<usize, ServiceError> {
        let generation = registry.pin(now);
        let known = self.seen.as_ref().map_or(0, |seen| seen.private);
        let (private, organisations) = registry.directory().private_since(known);
        let extent = match &self.seen {
            Some(seen) => seen.extent(&generation, organisations, now),
            None => Extent::Whole,
        };
        let mut pass = Pass { registry, generation: &generation, now, rng, organisations: HashMap::new(), is_stopped };
        let mut judged = pass.go_through(WatchPart::NotJudged)?;
        let swept_at = match (&extent, &self.seen) {
            (Extent::Changed(vasps, changed), Some(seen)) => {
                if !vasps.is_empty() {
                    judged += pass.go_through(WatchPart::OfVasps(vasps))?;
                }
                for part in changed.chunks(CHANGED_MAX) {
                    judged += pass.go_through(WatchPart::OfOrganisations(part))?;
                }
                judged += pass.look_at_changed(seen.generation.sequence(), vasps)?;
                seen.swept_at
            }
            _ => {
                pass.watch_own()?;
                judged += pass.go_through(WatchPart::Whole)?;
                judged += pass.look_at(ReliedPart::Whole)?;
                now
            }
        };
        if !is_stopped() {
            self.seen = Some(Seen { generation, private, swept_at });
        }
        Ok(judged)
    }
}

impl Seen {
    fn extent(&self, generation: &Arc<Generation>, organisations: Vec<OrganisationId>, now: UtcTime) -> Extent {
        let rolled = generation.day() != self.generation.day();
        let documents = !std::ptr::eq(generation.documents(), self.generation.documents());
        // A clock that was set back must not prevent the sweep.
        let due = (now.micros() - self.swept_at.micros()).unsigned_abs() >= SWEEP_MICROS.unsigned_abs();
        if rolled || documents || due {
            return Extent::Whole;
        }
        let changed = generation.changed_since(&self.generation, CHANGED_MAX + 1);
        if changed.len() > CHANGED_MAX {
            return Extent::Whole;
        }
        Extent::Changed(changed, organisations)
    }
}

/// An organisation that gets alerts.
#[derive(Clone, Copy)]
pub(super) struct Organisation {
    pub(super) id: OrganisationId,
    vasp: Option<VaspId>,
}

/// One run over watches and destinations.
pub(super) struct Pass<'a> {
    pub(super) registry: &'a Registry,
    pub(super) generation: &'a Arc<Generation>,
    pub(super) now: UtcTime,
    pub(super) rng: &'a mut dyn RngCore,
    organisations: HashMap<OrganisationId, Option<Organisation>>,
    pub(super) is_stopped: &'a dyn Fn() -> bool,
}

impl Pass<'_> {
    /// Adds a watch of its own record for every member that has none.
    fn watch_own(&mut self) -> Result<(), ServiceError> {
        let missing = self.registry.store().read(|conn| conn.members_without_own_watch())?;
        if missing.is_empty() {
            return Ok(());
        }
        let (sequence, created_at) = (self.generation.sequence(), self.now);
        let own = |(organisation, vasp): &(OrganisationId, VaspId)| WatchRow {
            organisation: *organisation,
            vasp: *vasp,
            asked: Flag(false),
            relied_at: None,
            jurisdiction: None,
            sequence,
            findings: None,
            version: 1,
            created_at,
        };
        for page in missing.chunks(CHANGED_MAX) {
            self.registry.store().write::<_, StoreError>(self.now, self.rng, |transaction| {
                page.iter().try_for_each(|member| transaction.add_watch(&own(member)).map(drop))
            })?;
        }
        Ok(())
    }

    fn go_through(&mut self, part: WatchPart<'_>) -> Result<usize, ServiceError> {
        let (mut place, mut count) = (None, 0);
        while !(self.is_stopped)() {
            let page = self.registry.store().read(|conn| conn.watches(part, place, PAGE))?;
            let Some(last) = page.last() else { break };
            place = Some((last.organisation, last.vasp));
            count += page.len();
            let mut turned = Vec::new();
            for row in page {
                turned.extend(self.judge(row)?);
            }
            self.write(turned)?;
        }
        Ok(count)
    }

    /// Returns a watch whose findings changed; `None` if they are the same.
    fn judge(&mut self, row: WatchRow) -> Result<Option<Judged>, ServiceError> {
        let Some(organisation) = self.organisation(row.organisation)? else { return Ok(None) };
        // Another node judged or answered on a later generation. This node judges when it has that generation.
        if row.sequence > self.generation.sequence() {
            return Ok(None);
        }
        let is_own = organisation.vasp == Some(row.vasp);
        let over = self.now.plus_micros(-RELIED_DAYS * DAY_MICROS);
        if !row.asked.0 && !is_own && row.relied_at.is_none_or(|at| at < over) {
            self.registry.store().write::<_, StoreError>(self.now, self.rng, |transaction| transaction.drop_watch(&row, over))?;
            return Ok(None);
        }
        let Some((answer, found)) = self.findings(&row, organisation, self.generation)? else { return Ok(None) };
        let key = self.registry.data_key(row.organisation, self.now, self.rng)?;
        let before = match &row.findings {
            Some(sealed) => Some(open_findings(&row, sealed, &key)?),
            None => self.baseline(&row, organisation)?,
        };
        let turns =
            before.as_ref().map_or_else(Vec::new, |before| found.turns_since(before, &answer.outcome.checks, &answer.policy));
        if before.as_ref() == Some(&found) && row.findings.is_some() {
            return Ok(None);
        }
        let plain = padded(serde_json::to_vec(&found)?);
        let sealed = key.seal(&purpose(&row), &plain, self.rng).map_err(ServiceError::Key)?;
        let row = WatchRow { findings: Some(sealed), sequence: self.generation.sequence(), ..row };
        Ok(Some(Judged { row, turns }))
    }

    /// Returns the findings that a first pre-check relied on, if the record changed since then. `None` if the present findings are the
    /// first ones.
    fn baseline(&mut self, row: &WatchRow, organisation: Organisation) -> Result<Option<Findings>, ServiceError> {
        let changed = self.generation.known(row.vasp).is_some_and(|known| known.version > row.sequence);
        if !changed {
            return Ok(None);
        }
        let past = self.registry.directory().at(row.sequence, self.now.date())?;
        Ok(self.findings(row, organisation, &past)?.map(|(_, findings)| findings))
    }

    /// Runs the checks for a watch. `None` if they cannot run any more, for example for a VASP that is gone.
    fn findings(
        &self,
        row: &WatchRow,
        organisation: Organisation,
        generation: &Arc<Generation>,
    ) -> Result<Option<(PrecheckAnswer, Findings)>, ServiceError> {
        let jurisdiction = row.jurisdiction.clone().filter(|_| organisation.vasp.is_none());
        let question = PrecheckQuestion::about(row.vasp, OwnSide { vasp: None, jurisdiction }, self.now.date());
        let place = |member: &str| format!("/{member}");
        let asking = Asking::on_behalf_of(organisation.id, organisation.vasp, self.now);
        let answered = precheck(self.registry, generation, &question, &asking, self.now, &place);
        match answered {
            Ok(answer) => {
                let mut findings = Findings::of(&answer.outcome.checks);
                if let Some(own) = organisation.vasp.filter(|own| *own == row.vasp).and_then(|own| generation.records().get(own))
                {
                    findings = findings.with_ends(own, self.now);
                }
                Ok(Some((answer, findings)))
            }
            Err(error @ (ServiceError::Store(_) | ServiceError::Directory(_))) => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Returns the organisation that gets the alerts; `None` if it is closed.
    pub(super) fn organisation(&mut self, id: OrganisationId) -> Result<Option<Organisation>, ServiceError> {
        if let Some(known) = self.organisations.get(&id) {
            return Ok(*known);
        }
        let row = self.registry.store().read::<_, StoreError>(|conn| conn.organisation(id))?;
        let open = row.filter(|row| row.closed_at.is_none());
        let found = open.map(|row| Organisation { id: row.id, vasp: row.vasp });
        self.organisations.insert(id, found);
        Ok(found)
    }

    fn write(&mut self, turned: Vec<Judged>) -> Result<(), ServiceError> {
        if turned.is_empty() {
            return Ok(());
        }
        let sequence = self.generation.sequence();
        let registry = self.registry;
        registry.store().write::<_, ServiceError>(self.now, self.rng, |transaction| {
            for Judged { row, turns } in turned {
                // Another node was faster and raised the alert.
                if !transaction.change_watch(&row)? {
                    continue;
                }
                for turn in turns {
                    let Turn { check, from, to, detail, kind, severity } = turn;
                    let body = AlertBody { check, from, to, detail, sequence, ..AlertBody::default() };
                    let new = NewAlert { kind, severity, vasp: Some(row.vasp), body, not_to: None };
                    raise(transaction, registry, row.organisation, new)?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }
}
