//! Two people decide whether a VASP is the party that an entry means. A decision covers the present forms of the entry and of the record,
//! and all that matches. From a certain score on, only a value that differs clears a match, with its document. Here is
//! what all such decisions share, and the registry's: a fact of the VASP, which is evidence and clears nothing for others. `own` is an
//! organisation's.
//!
//! Source: docs/screening.md, "Deciding".

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::compare::matches_of;
use crate::acts::Act;
use crate::cases::enter;
use crate::directory::Generation;
use crate::ledger::VaspChanges;
use crate::node::{Fault, ServiceError};
use crate::proposals::{Decision, Scene, Step, Taken};
use crate::publishing::Publisher;
use vasp_log::change::Payload;
use vasp_record::fact::{FactValue, REGISTRY};
use vasp_record::proposal::ProposalKind;
use vasp_record::screening_decision::{HitStatus, HitSubject};
use vasp_record::vasp::Vasp;
use vasp_rules::screening::{
    CERTAIN, Difference, Ground, PairKey, SanctionsEntry, SanctionsList, ScreeningDecision, ShownBy, Verdict, differs,
    identity_sha256,
};
use vasp_store::{FactRow, ScreeningHit, Transaction};
use vasp_words::ids::{ScreeningHitId, VaspId};
use vasp_words::time::Date;

/// The maximum length of a document's name.
const DOCUMENT_NAME_MAX: usize = 200;

/// A value of the VASP that differs from all values of the entry.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ScreeningGroundInput)]
#[serde(deny_unknown_fields)]
pub struct GivenGround {
    /// What was compared: `country`, `date` (of birth or foundation), `lei` or `register_number`.
    #[schema(value_type = String, example = "country")]
    kind: Ground,
    /// The VASP's value, as on record or in the document; of a number, with kind and country: `Registration Number C 76398 (Malta)`.
    #[schema(min_length = 1, max_length = 200, example = "IE")]
    value: String,
    /// The document that shows the value.
    document: ShownBy,
}

/// What a proposal would decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HitContent {
    /// The hit.
    pub hit: ScreeningHitId,
    /// The decision.
    pub decision: Verdict,
    /// What shows that the two differ; `None` if a reason is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// What the digest covers besides the content.
#[derive(Debug, Serialize)]
pub struct HitGround {
    vasp: VaspId,
    list: String,
    uid: String,
    entry_sha256: String,
    record_sha256: String,
    matched: Vec<String>,
    score: i16,
}

/// A hit with both sides.
#[derive(Debug)]
pub struct BothSides {
    pub(super) row: ScreeningHit,
    pub(super) vasp: Arc<Vasp>,
    pub(super) entry: SanctionsEntry,
    pub(super) record_sha256: String,
    /// Everything of the VASP that matches the entry.
    matched: Vec<String>,
}

/// Returns an entry in a form, with its list; `None` if no list has it in this form.
pub(super) fn entry_of<'a>(generation: &'a Generation, hit: &ScreeningHit) -> Option<(&'a SanctionsList, &'a SanctionsEntry)> {
    let lists = generation.documents().screen.as_ref()?.value.lists().iter().filter(|list| list.list() == hit.list);
    let mut entries = lists.flat_map(|list| list.entries.iter().map(move |entry| (list, entry)));
    entries.find(|(_, entry)| entry.uid == hit.uid && entry.sha256() == hit.entry_sha256)
}

/// Returns whether a hit may be cleared only by a value that differs: its score is high, or the registry decided that it is true.
pub(super) fn needs_ground(hit: &ScreeningHit) -> bool {
    hit.score >= i16::from(CERTAIN) || hit.status == HitStatus::TrueMatch
}

impl BothSides {
    /// Joins a hit with the record and the entry as they are.
    pub(super) fn of(row: ScreeningHit, generation: &Generation) -> Result<Self, ServiceError> {
        let illegal = |detail: &str| Err(ServiceError::IllegalStep(detail.to_owned()));
        if row.status == HitStatus::Gone {
            return illegal("No list contains this entry any more, so there is nothing to decide.");
        }
        if row.about == HitSubject::Address {
            return illegal(
                "The address itself is on the list. Its owner makes no difference. The hit ends when the claim ends or the list removes the \
                 address. Dispute the claim.",
            );
        }
        let Some(vasp) = generation.records().get(row.vasp).cloned() else {
            return illegal("The record was merged into another, or is not in the directory.");
        };
        let Some((_, entry)) = entry_of(generation, &row) else {
            return Err(ServiceError::Changed("The entry of the list has just changed. Read the hit again.".to_owned()));
        };
        let (entry, record_sha256) = (entry.clone(), identity_sha256(&vasp));
        let matched = matches_of(generation.records(), &row).iter().map(|hit| hit.matched.text()).collect();
        Ok(Self { row, vasp, entry, record_sha256, matched })
    }

    /// Returns the content of a proposal, if what is given is enough for it.
    pub(super) fn content(&self, verdict: Verdict, given: Option<GivenGround>) -> Result<HitContent, ServiceError> {
        let refused =
            |pointer: &str, code, detail: String| Err(ServiceError::Invalid(Fault { pointer: pointer.to_owned(), code, detail }));
        let is_certain = needs_ground(&self.row);
        let difference = match (verdict, given) {
            (Verdict::FalsePositive, None) if is_certain => {
                let kinds = Ground::ALL.map(Ground::as_str).join(", ");
                let detail = format!("a match from score {CERTAIN} on is cleared only by a value that differs: {kinds}");
                return refused("/ground", "missing_member", detail);
            }
            (_, None) => None,
            (Verdict::TrueMatch, Some(_)) => {
                let detail = "a difference clears a match; leave it out if the two are the same party".to_owned();
                return refused("/ground", "invalid_value", detail);
            }
            (Verdict::FalsePositive, Some(given)) => {
                let GivenGround { kind: ground, value, document } = given;
                let vasp = value.trim().to_owned();
                let listed = match differs(ground, &vasp, &self.vasp, &self.entry) {
                    Ok(listed) => listed,
                    Err(error) => return refused("/ground/value", "invalid_value", error.to_string()),
                };
                if document.name.trim().is_empty() || document.name.chars().count() > DOCUMENT_NAME_MAX {
                    let detail = format!("name the document and its issuer, in at most {DOCUMENT_NAME_MAX} characters");
                    return refused("/ground/document/name", "invalid_value", detail);
                }
                Some(Difference { ground, vasp, listed, document })
            }
        };
        Ok(HitContent { hit: self.row.id, decision: verdict, difference })
    }

    /// Describes a proposed decision in words.
    pub(super) fn says(&self, content: &HitContent) -> String {
        let ScreeningHit { matched, name, list, uid, .. } = &self.row;
        let is = if content.decision == Verdict::FalsePositive { "is not" } else { "is" };
        let differs = content.difference.as_ref().map(|one| {
            format!(" The {} differs: {}, on the list {} ({}).", one.ground, one.vasp, one.listed.join(", "), one.document.name)
        });
        let whose = format!("{} ({})", self.vasp.legal_name, self.vasp.id);
        format!("`{matched}` of {whose} {is} {name} ({list}, entry {uid}).{}", differs.unwrap_or_default())
    }

    pub(super) fn ground(&self) -> HitGround {
        let ScreeningHit { vasp, list, uid, entry_sha256, score, .. } = self.row.clone();
        let (record_sha256, matched) = (self.record_sha256.clone(), self.matched.clone());
        HitGround { vasp, list, uid, entry_sha256, record_sha256, matched, score }
    }

    pub(super) fn pair(&self) -> PairKey {
        PairKey { list: self.row.list.clone(), uid: self.row.uid.clone() }
    }

    /// Returns the decision as it is kept.
    pub(super) fn decided(&self, content: &HitContent, decided_on: Date) -> ScreeningDecision {
        ScreeningDecision {
            verdict: content.decision,
            entry_sha256: self.row.entry_sha256.clone(),
            record_sha256: self.record_sha256.clone(),
            matched: self.matched.clone(),
            difference: content.difference.clone(),
            decided_on,
        }
    }
}

/// The registry's decision about a hit.
#[derive(Debug)]
pub struct HitDecision {
    id: ScreeningHitId,
    generation: Arc<Generation>,
}

impl HitDecision {
    /// Makes a decision about a hit.
    #[must_use]
    pub fn of<T>(act: &Act<'_, T>, id: ScreeningHitId) -> Self {
        Self { id, generation: act.registry.pin(act.now) }
    }
}

/// Returns the error for a hit that does not exist.
pub(super) fn missing(id: ScreeningHitId) -> ServiceError {
    ServiceError::NotFound(format!("There is no screening hit {id}."))
}

impl Decision for HitDecision {
    const KIND: ProposalKind = ProposalKind::Screening;
    type Content = HitContent;
    type Ground = HitGround;
    type Held = BothSides;

    /// Locks the open case, if there is one, and then the hit. An import locks in the same order.
    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<BothSides, ServiceError> {
        let (id, transaction) = (self.id, &mut *scene.transaction);
        let vasp = transaction.conn().screening_hit(id)?.ok_or_else(|| missing(id))?.vasp;
        transaction.lock_submission(vasp)?;
        if let Some(case) = transaction.conn().open_case_of(vasp)? {
            transaction.lock_case(case.id)?;
        }
        BothSides::of(transaction.lock_screening_hit(id)?.ok_or_else(|| missing(id))?, &self.generation)
    }

    fn subject(&self, _: &BothSides) -> String {
        self.id.to_string()
    }

    fn says(&self, both: &BothSides, content: &HitContent) -> String {
        both.says(content)
    }

    fn ground(&self, _: &mut Scene<'_, '_>, both: &BothSides, _: &HitContent) -> Result<HitGround, ServiceError> {
        Ok(both.ground())
    }

    /// Writes the next version of the hit, and an entry in the VASP's open case, if there is one.
    fn take(&self, scene: &mut Scene<'_, '_>, both: &mut BothSides, taken: &Taken<'_, HitContent>) -> Result<(), ServiceError> {
        let Scene { transaction, identity } = scene;
        if taken.step == Step::Approve {
            tell(transaction, both, taken.content)?;
            both.row.status = taken.content.decision.into();
        }
        let row = &mut both.row;
        (row.version, row.changed_at) = (row.version + 1, transaction.now());
        transaction.change_screening_hit(row)?;
        let body = json!({"hit": row.id, "decision": taken.content.decision, "list": row.list, "uid": row.uid,
            "entry_sha256": row.entry_sha256, "difference": taken.content.difference, "reason": taken.reason,
            "proposal_digest": taken.proposal.map(|proposal| &proposal.told.digest)});
        let Some(case) = transaction.conn().open_case_of(row.vasp)? else { return Ok(()) };
        let kind = format!("screening_{}", taken.step.done());
        enter(transaction, case.id, &kind, Some(identity.user), &body).map(drop)
    }
}

/// Records the decision from now on: one fact of the VASP for each entry of a list, which only operators see.
fn tell(transaction: &mut Transaction<'_>, both: &BothSides, content: &HitContent) -> Result<(), ServiceError> {
    let (vasp, pair) = (both.row.vasp, both.pair());
    let publisher = Publisher::by_registry(transaction, vasp)?
        .ok_or_else(|| ServiceError::IllegalStep("The record was merged into another, or is not in the directory.".to_owned()))?;
    let rows = transaction.conn().facts_of(&[publisher.number], i64::MAX - 1)?;
    let is_of_pair = |row: &&FactRow| matches!(&row.fact.said, FactValue::ScreeningDecision(of, _) if *of == pair);
    let before: Vec<&FactRow> = rows.iter().filter(is_of_pair).collect();
    let today = transaction.now().date();
    let decided = both.decided(content, today);
    let mut changes = VaspChanges::new(REGISTRY, "decided by two people", today);
    changes.say(&FactValue::ScreeningDecision(pair, Box::new(decided)), &before);
    changes.record(transaction, vasp, publisher.number, Payload::ScreeningDecided);
    Ok(())
}
