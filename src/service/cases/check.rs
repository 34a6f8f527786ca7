//! The checklist of a case: computed from the record each time, never stored.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::member::as_listed;
use super::super::{Fault, Registry, ServiceError};
use super::work::{Held, value_digest};
use crate::directory::Generation;
use vasp_record::fact::{Attribute, MEMBER, REGISTRY};
use vasp_rules::checklist::{ChecklistItem, KnownEvidence, OtherVoice, checklist};
use vasp_store::{Conn, EvidenceRow, StoreError};
use vasp_words::ids::{CaseId, VaspId};
use vasp_words::time::UtcTime;

/// A case's checklist.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseChecklist {
    /// The case.
    pub case: CaseId,
    /// Its VASP.
    pub vasp: VaspId,
    /// One line a place of the record.
    pub items: Vec<ChecklistItem>,
    /// The evidence about the VASP that no other took the place of, oldest first.
    pub evidence: Vec<CaseEvidence>,
}

/// Evidence with its instants.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseEvidence {
    /// As it is stored.
    pub row: EvidenceRow,
    /// When it was looked at.
    pub verified_at: UtcTime,
    /// When it stops counting.
    pub expires_at: Option<UtcTime>,
}

impl CaseEvidence {
    fn read(row: EvidenceRow) -> Result<Self, StoreError> {
        let instant = |column, micros| {
            UtcTime::from_micros(micros).map_err(|_| StoreError::Inconsistent { table: "evidence", column, id: row.id.clone() })
        };
        let verified_at = instant("verified_at", row.verified_at)?;
        let expires_at = row.expires_at.map(|at| instant("expires_at", at)).transpose()?;
        Ok(Self { row, verified_at, expires_at })
    }

    fn known(&self) -> KnownEvidence {
        KnownEvidence {
            id: self.row.id.clone(),
            attribute: self.row.attribute.clone(),
            method: self.row.method.clone(),
            value_digest: self.row.value_digest.as_ref().map(hex::encode),
            expires_at: self.expires_at,
        }
    }
}

impl CaseChecklist {
    /// Returns the places that keep the record from being verified.
    #[must_use]
    pub fn blocking(&self) -> Vec<&str> {
        self.items.iter().filter(|item| item.blocks()).map(|item| item.attribute.as_str()).collect()
    }
}

/// Returns the places of the record that a case is about, with what is said there: by its member, else by the registers.
pub(super) fn places(held: &Held, generation: &Generation) -> BTreeMap<String, Value> {
    match &held.kept {
        Some(kept) => kept.said.attributes(),
        None => generation.records().get(held.vasp).map(|record| as_listed(record).attributes()).unwrap_or_default(),
    }
}

/// Works the checklist out.
pub(super) fn work_out(
    conn: &mut Conn,
    held: &Held,
    generation: &Generation,
    now: UtcTime,
) -> Result<CaseChecklist, ServiceError> {
    let said = places(held, generation);
    let approved = match &held.kept {
        Some(kept) => kept.approved()?.map(|approved| approved.attributes()).unwrap_or_default(),
        None => said.clone(),
    };
    let rows = conn.evidence_of(&held.case.vasp)?.into_iter().filter(|row| row.seq_to.is_none());
    let evidence = rows.map(CaseEvidence::read).collect::<Result<Vec<_>, _>>()?;
    let known: Vec<KnownEvidence> = evidence.iter().map(CaseEvidence::known).collect();
    let items = checklist(&said, &approved, &known, &voices(held, generation), now, |value| hex::encode(value_digest(value)));
    let wrong = |_| StoreError::Inconsistent { table: "cases", column: "id", id: held.case.id.clone() };
    Ok(CaseChecklist { case: held.case.id.parse().map_err(wrong)?, vasp: held.vasp, items, evidence })
}

/// What imports say of places that a member fills too.
fn voices(held: &Held, generation: &Generation) -> Vec<OtherVoice> {
    let day = generation.day();
    let ids = generation.records().absorbed_by(held.vasp).iter().copied().chain([held.vasp]);
    let facts = ids.filter_map(|id| generation.known(id)).flat_map(|known| &known.facts.facts);
    let compared = [Attribute::LegalName, Attribute::Country, Attribute::Lei];
    facts
        .filter(|fact| fact.licence.is_none() && fact.covers(day) && compared.contains(&fact.said.attribute()))
        .filter(|fact| ![REGISTRY, MEMBER].contains(&fact.origin.as_str()))
        .map(|fact| OtherVoice {
            attribute: fact.said.attribute().as_str().to_owned(),
            origin: fact.origin.clone(),
            value: fact.said.text(),
        })
        .collect()
}

/// Refuses to verify a record as long as nothing that counts stands for one of its places that need it.
pub(super) fn refuse_without_evidence(list: &CaseChecklist) -> Result<(), ServiceError> {
    let blocking = list.blocking();
    let Some(first) = blocking.first() else { return Ok(()) };
    Err(ServiceError::Invalid(Fault {
        pointer: format!("/{first}"),
        code: "evidence_missing",
        detail: format!("nothing that counts stands for {}; record evidence first", blocking.join(", ")),
    }))
}

/// Returns the checklist of a case.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn read_checklist(registry: &Registry, id: CaseId, now: UtcTime) -> Result<CaseChecklist, ServiceError> {
    let generation = registry.pin(now);
    registry.store().read(|conn| {
        let held = Held::look(conn, id)?;
        work_out(conn, &held, &generation, now)
    })
}
