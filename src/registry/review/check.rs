//! The checklist of a case. It is computed from the record on each request and never stored.

use std::collections::BTreeMap;

use serde_json::Value;

use super::brand::{Brand, read_brand};
use super::look_alikes::{Looks, NameLookAlike, look_alikes};
use super::work::{Held, value_digest};
use crate::cases::vasp_of;
use crate::directory::Generation;
use crate::node::{Registry, ServiceError, invalid};
use crate::submissions::{as_listed, check_control, refuse_duplicates};
use vasp_record::case::Decision;
use vasp_record::fact::{Attribute, MEMBER, REGISTRY};
use vasp_record::screening_decision::{HitStatus, HitSubject};
use vasp_rules::checklist::{ChecklistItem, KnownEvidence, OtherVoice, checklist};
use vasp_rules::lei_evidence::{Bearer, FindingSide, LeiFinding, fold, judge};
use vasp_store::{Conn, DeclaredBy, Evidence};
use vasp_words::ids::{CaseId, VaspId};
use vasp_words::time::UtcTime;

/// A case's checklist.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseChecklist {
    /// The case.
    pub case: CaseId,
    /// Its VASP.
    pub vasp: VaspId,
    /// One line for each attribute of the record.
    pub items: Vec<ChecklistItem>,
    /// The evidence about the VASP that has not been replaced, oldest first.
    pub evidence: Vec<Evidence>,
}

/// A case's checklist, with information that is only shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownChecklist {
    /// The checklist.
    pub list: CaseChecklist,
    /// Warnings about the record's names and values.
    pub look_alikes: Vec<NameLookAlike>,
    /// The group that the VASP belongs to by decision, and groups that it may belong to.
    pub brand: Brand,
}

fn known(evidence: &Evidence) -> KnownEvidence {
    KnownEvidence {
        id: evidence.id.to_string(),
        attribute: evidence.attribute.clone(),
        method: evidence.method.clone(),
        value_digest: evidence.value_digest.map(|digest| digest.to_string()),
        expires_at: evidence.expires_at,
    }
}

impl CaseChecklist {
    /// Returns the attributes that prevent the verification of the record.
    #[must_use]
    pub fn blocking(&self) -> Vec<&str> {
        self.items.iter().filter(|item| item.blocks()).map(|item| item.attribute.as_str()).collect()
    }
}

/// Returns the attributes of the record that a case is about, with their values. The values come from the submission if there is one,
/// otherwise from the registers.
pub(crate) fn places(held: &Held, generation: &Generation) -> BTreeMap<String, Value> {
    match &held.kept {
        Some(kept) => kept.said.attributes(),
        None => held
            .case
            .vasp
            .and_then(|vasp| generation.records().get(vasp))
            .map(|record| as_listed(record).attributes())
            .unwrap_or_default(),
    }
}

/// Returns the evidence on which a case is decided, oldest first, without evidence that was replaced. If readers do not see a proof
/// of a domain yet, it counts only if it is the member's own. Another organisation that asks for the record has its own draft and
/// domains.
pub(crate) fn evidence_beside(conn: &mut Conn, held: &Held) -> Result<Vec<Evidence>, ServiceError> {
    let own = match &held.kept {
        Some(kept) => conn.member_domains_of(DeclaredBy { organisation: kept.organisation, vasp: kept.vasp })?,
        None => vec![],
    };
    let mut evidence = match held.case.vasp {
        Some(vasp) => conn.evidence_of(vasp)?,
        None => vec![],
    };
    evidence.retain(|row| {
        let is_another_s = row.seq_from.is_none()
            && row.attribute.starts_with("domains/")
            && !own.iter().any(|domain| domain.evidence == Some(row.id));
        row.seq_to.is_none() && !is_another_s
    });
    Ok(evidence)
}

/// Computes the checklist.
pub(crate) fn work_out(
    conn: &mut Conn,
    held: &Held,
    generation: &Generation,
    now: UtcTime,
) -> Result<CaseChecklist, ServiceError> {
    let said = places(held, generation);
    let approved = match &held.kept {
        Some(kept) => kept.approved.as_ref().map(|approved| approved.attributes()).unwrap_or_default(),
        None => said.clone(),
    };
    let evidence = evidence_beside(conn, held)?;
    let known: Vec<KnownEvidence> = evidence.iter().map(known).collect();
    let others: Vec<OtherVoice> = gleif(&said, generation).into_iter().chain(voices(held, generation)).collect();
    let items = checklist(&said, &approved, &known, &others, now, |value| value_digest(value).to_string());
    Ok(CaseChecklist { case: held.case.id, vasp: vasp_of(&held.case)?, items, evidence })
}

/// Returns what GLEIF says against the LEI of a record.
fn gleif(said: &BTreeMap<String, Value>, generation: &Generation) -> Vec<OtherVoice> {
    let text = |place: &str| said.get(place).and_then(Value::as_str);
    let held = text("lei").and_then(|lei| generation.lei_record(lei.parse().ok()?));
    let Some(held) = held else { return vec![] };
    let legal_name = text("legal_name").unwrap_or_default();
    let country = text("country").and_then(|country| country.parse().ok());
    let bearer = Bearer { legal_name, folded: fold(legal_name), country };
    let findings = judge(&held.folded, &bearer, held.observed_on, generation.day());
    let against = findings.into_iter().filter(|finding| finding.code.side() != FindingSide::Matches);
    let voice = |finding: LeiFinding| OtherVoice {
        attribute: Attribute::Lei.as_str().to_owned(),
        origin: "gleif".to_owned(),
        value: finding.detail,
    };
    against.map(voice).collect()
}

/// Returns what imports say about attributes that a member can fill in too.
fn voices(held: &Held, generation: &Generation) -> Vec<OtherVoice> {
    let day = generation.day();
    let absorbed = held.case.vasp.into_iter().flat_map(|vasp| generation.records().absorbed_by(vasp));
    let ids = absorbed.copied().chain(held.case.vasp);
    let facts = ids.filter_map(|id| generation.known(id)).flat_map(|known| known.facts.unpack().facts);
    let compared = [Attribute::LegalName, Attribute::Country, Attribute::Lei];
    facts
        .filter(|fact| fact.licence.is_none() && fact.covers(day) && compared.contains(&fact.said.attribute()))
        .filter(|fact| ![REGISTRY, MEMBER].contains(&&*fact.origin))
        .map(|fact| OtherVoice {
            attribute: fact.said.attribute().as_str().to_owned(),
            origin: fact.origin.to_string(),
            value: fact.said.text(),
        })
        .collect()
}

/// Refuses to verify a record that may be another VASP's, or whose member has not proven a required domain. Also refuses if an
/// attribute that needs evidence has no valid evidence.
pub(crate) fn refuse_unverifiable(
    conn: &mut Conn,
    held: &Held,
    generation: &Generation,
    now: UtcTime,
) -> Result<(), ServiceError> {
    refuse_without_evidence(&work_out(conn, held, generation, now)?)?;
    let Some(kept) = &held.kept else { return Ok(()) };
    check_control(conn, generation, kept)?;
    refuse_duplicates(generation, Some(kept.vasp), &kept.said)
}

/// The maximum number of screening hits of one VASP that are read.
const HITS_MAX: i64 = 1_000;

/// Refuses a decision that leaves the record in good standing while nobody has decided what its screening hits mean. A hit about an
/// address refuses nothing: it ends with the claim, and not by a decision.
pub(crate) fn refuse_undecided(conn: &mut Conn, held: &Held, decision: Decision) -> Result<(), ServiceError> {
    let Some(vasp) = held.case.vasp else { return Ok(()) };
    if !matches!(decision, Decision::Verify | Decision::Keep | Decision::Reinstate) {
        return Ok(());
    }
    let hits = conn.screening_hits(Some(&[vasp]), "", HITS_MAX)?;
    let open = hits.into_iter().filter(|hit| hit.status == HitStatus::Open && hit.about == HitSubject::Party);
    let open: Vec<String> = open.map(|hit| format!("{} (`{}` on {})", hit.id, hit.listed, hit.list)).collect();
    if open.is_empty() {
        return Ok(());
    }
    Err(ServiceError::IllegalStep(format!("Decide the open screening hits of this VASP first: {}.", open.join(", "))))
}

/// Refuses to verify a record if an attribute that needs evidence has no valid evidence.
fn refuse_without_evidence(list: &CaseChecklist) -> Result<(), ServiceError> {
    let blocking = list.blocking();
    let Some(first) = blocking.first() else { return Ok(()) };
    Err(invalid(
        format!("/{first}"),
        "evidence_missing",
        format!("there is no valid evidence for {}; record evidence first", blocking.join(", ")),
    ))
}

/// Returns the checklist of a case.
pub fn read_checklist(registry: &Registry, id: CaseId, now: UtcTime) -> Result<ShownChecklist, ServiceError> {
    let generation = registry.pin(now);
    let (list, places, brand) = registry.store().read::<_, ServiceError>(|conn| {
        let held = Held::look(conn, id)?;
        let brand = read_brand(conn, &generation, vasp_of(&held.case)?)?;
        Ok((work_out(conn, &held, &generation, now)?, places(&held, &generation), brand))
    })?;
    let look_alikes = look_alikes(&places, list.vasp, &generation, registry.part::<Looks>());
    Ok(ShownChecklist { list, look_alikes, brand })
}
