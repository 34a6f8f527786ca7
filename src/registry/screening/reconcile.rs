//! Brings the stored hits in line with the lists. A new hit opens or joins the VASP's case. A changed entry opens a cleared hit
//! again. A hit that no list supports any more is marked as gone. A repeated run changes nothing, so it may run at any time, on every
//! node and after any crash.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};

use rand_core::RngCore;
use serde_json::json;

use super::compare::{Found, claimed_addresses, parties};
use crate::cases::{Trigger, open_or_join};
use crate::node::{Registry, ServiceError};
use vasp_record::case::TriggerKind;
use vasp_record::proposal::ProposalKind;
use vasp_record::screening_decision::{HitStatus, HitSubject};
use vasp_rules::screening::{Hit, HitDecision};
use vasp_store::{ScreeningHit, Transaction};
use vasp_words::ids::{ScreeningHitId, VaspId};
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// Whether the matches were computed from the present state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Nothing was written since. Hits that were not found are gone, and hits that changed are updated.
    Whole,
    /// Something was written since. Only unknown hits are added; the next run handles the rest.
    Late,
}

type Pair = (VaspId, String, String);

/// Brings the hits about one subject in line with the matches, and returns how many cases were opened or joined. The caller must hold
/// the locks on the open cases.
pub fn reconcile(
    transaction: &mut Transaction<'_>,
    about: HitSubject,
    found: &[Found],
    sight: Sight,
) -> Result<u64, ServiceError> {
    let known = transaction.lock_screening_hits()?;
    let known = known.into_iter().filter(|row| row.about == about);
    let mut known: BTreeMap<Pair, ScreeningHit> = known.map(|row| ((row.vasp, row.list.clone(), row.uid.clone()), row)).collect();
    let mut told = BTreeSet::new();
    for one in found {
        let key = one.hit.key();
        let row = known.remove(&(one.vasp, key.list, key.uid));
        if sight == Sight::Late && row.is_some() {
            continue;
        }
        if settle(transaction, about, one, row)? {
            let trigger = Trigger { kind: TriggerKind::ScreeningHit, detail: detail(one), actor: None };
            open_or_join(transaction, one.vasp, &trigger)?;
            told.insert(one.vasp);
        }
    }
    let now = transaction.now();
    for row in known.into_values().filter(|row| sight == Sight::Whole && row.status != HitStatus::Gone) {
        let gone = ScreeningHit { status: HitStatus::Gone, version: row.version + 1, changed_at: now, ..row };
        transaction.supersede_proposal(ProposalKind::Screening, &gone.id.to_string())?;
        transaction.change_screening_hit(&gone)?;
    }
    Ok(u64::try_from(told.len()).unwrap_or(u64::MAX))
}

/// Writes the hit for one match. Returns whether people must learn of it.
fn settle(
    transaction: &mut Transaction<'_>,
    about: HitSubject,
    one: &Found,
    known: Option<ScreeningHit>,
) -> Result<bool, ServiceError> {
    let now = transaction.now();
    let status = match one.hit.decision {
        HitDecision::Open => HitStatus::Open,
        HitDecision::FalsePositive(_) => HitStatus::FalsePositive,
        HitDecision::TrueMatch(_) => HitStatus::TrueMatch,
    };
    let row = row(about, one, status, now, ScreeningHitId::new(now, transaction.conn_and_rng().1));
    let Some(known) = known else {
        let added = transaction.add_screening_hit(&row)?;
        return Ok(added && status == HitStatus::Open);
    };
    if (known.status, &known.entry_sha256, &known.matched, known.score)
        == (row.status, &row.entry_sha256, &row.matched, row.score)
    {
        return Ok(false);
    }
    let changed = ScreeningHit { id: known.id, version: known.version + 1, found_at: known.found_at, ..row };
    // The pending proposal was about the earlier version of the entry.
    transaction.supersede_proposal(ProposalKind::Screening, &changed.id.to_string())?;
    transaction.change_screening_hit(&changed)?;
    Ok(status == HitStatus::Open)
}

fn row(about: HitSubject, one: &Found, status: HitStatus, now: UtcTime, id: ScreeningHitId) -> ScreeningHit {
    let key = one.hit.key();
    ScreeningHit {
        id,
        vasp: one.vasp,
        list: key.list,
        uid: key.uid,
        about,
        matched_by: one.hit.matched.kind().to_owned(),
        matched: one.hit.matched.text(),
        listed: one.hit.listed.clone(),
        name: one.hit.name.clone(),
        programs: Json(one.hit.programs.clone()),
        score: one.hit.score.into(),
        entry_sha256: one.hit.entry_sha256.clone(),
        status,
        version: 1,
        found_at: now,
        changed_at: now,
    }
}

/// Returns the details of the case's trigger, for reviewers.
fn detail(one: &Found) -> serde_json::Value {
    let Found { legal_name: owner, hit, .. } = one;
    let (Hit { list, name, listed, score, .. }, kind, matched) = (hit, hit.matched.kind(), hit.matched.text());
    let summary = match kind {
        "address" => format!("A claim names {owner} as the owner of {matched}, which {list} lists for {name}."),
        _ => format!("The {kind} `{matched}` of {owner} is similar to `{listed}` on {list} ({name}, score {score} of 100)."),
    };
    json!({"summary": summary, "list": list, "uid": hit.uid, "name": name, "programs": hit.programs, "matched_by": kind,
        "matched": matched, "listed": listed, "score": score, "entry_sha256": hit.entry_sha256})
}

/// Screens all records again whenever something has changed.
#[derive(Debug, Default)]
pub struct Rescreening {
    /// The sequence that was screened last, plus one; 0 before the first screening. `day` is the day of that screening.
    done: AtomicI64,
    day: AtomicI64,
}

impl Rescreening {
    /// Screens all records if anything has changed since the last time. Returns how many cases were opened or joined.
    ///
    /// # Errors
    /// `ServiceError`; the next call tries again.
    pub fn step(&self, registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<u64, ServiceError> {
        let generation = registry.pin(now);
        // A listing may begin, and a claim may end, with a new day.
        let today = now.date().days_since(UtcTime::EPOCH.date());
        let is_done = (self.done.load(Ordering::Acquire), self.day.load(Ordering::Acquire)) == (generation.sequence() + 1, today);
        let Some(screen) = generation.documents().screen.as_ref().filter(|_| !is_done) else { return Ok(0) };
        let possible = generation.documents().policy.value.screening().name_score.possible;
        let of_parties = parties(generation.records(), possible);
        let of_addresses = claimed_addresses(registry.directory(), &generation, &screen.value, now)?;
        let written = registry.store().write(now, rng, |transaction| {
            transaction.lock_open_cases()?;
            // What changed in the meantime is screened next time.
            let is_head = transaction.conn().log_head()?.sequence == generation.sequence();
            let sight = if is_head { Sight::Whole } else { Sight::Late };
            let parties = reconcile(transaction, HitSubject::Party, &of_parties, sight)?;
            let addresses = reconcile(transaction, HitSubject::Address, &of_addresses, sight)?;
            Ok::<_, ServiceError>((is_head, parties + addresses))
        })?;
        let (is_head, cases) = written.value;
        if is_head {
            // The sequence plus one, so that an empty log is screened too.
            self.done.store(generation.sequence() + 1, Ordering::Release);
            self.day.store(today, Ordering::Release);
        }
        Ok(cases)
    }
}
