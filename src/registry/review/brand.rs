//! The brand of an entity: two people decide, with evidence, which group of labels it belongs to. From then on its claims and that
//! group's labels are one party. The decision is stored as the record's fact `group`, of the origin `registry`.
//!
//! Source: docs/brands.md, "Proposed and accepted"; docs/claims.md, "Against another party's claim" (own brand).

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::brand_conflicts::Sides;
use super::brand_evidence::{BrandEvidence, BrandEvidenceKind};
use super::facts::{Current, Rewrite};
use crate::acts::Act;
use crate::brands::{Candidate, CandidateStanding, POLICY, group_candidates};
use crate::cases::enter;
use crate::claims::part_from_group;
use crate::directory::Generation;
use crate::node::{Registry, ServiceError, invalid, invalid_value};
use crate::proposals::{Decision, Proposal, Scene, Step, Taken, Wish, last_one};
use vasp_log::change::Payload;
use vasp_record::fact::{FactValue, MEMBER, REGISTRY};
use vasp_record::proposal::{ProposalKind, Reason};
use vasp_record::vasp::{DomainStatus, Vasp, VaspKind, VaspStatus};
use vasp_rules::brand_finder::hosts_of_cell;
use vasp_rules::brand_kinds::BrandKinds;
use vasp_store::{Conn, Evidence};
use vasp_words::host::Host;
use vasp_words::ids::{CaseId, EvidenceId, VaspId};
use vasp_words::name::NameKey;
use vasp_words::time::UtcTime;

/// A proposed brand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewBrand {
    /// The group. `None` removes the entity from the decided group.
    pub group: Option<VaspId>,
    /// The evidence; empty if `group` is `None`.
    pub evidence: Vec<BrandEvidence>,
}

/// The brand of an entity, with the newest proposal.
#[derive(Clone, Debug, PartialEq)]
pub struct Brand {
    /// The entity.
    pub vasp: VaspId,
    /// The group that two people decided, or the policy for strong finds; `None` if there is none.
    pub decided: Option<VaspId>,
    /// The valid evidence.
    pub evidence: Vec<Evidence>,
    /// Groups with the same name as the entity, which it may belong to.
    pub candidates: Vec<Arc<Vasp>>,
    /// The newest proposal; `None` if there is none.
    pub proposal: Option<Proposal>,
}

/// A decision about the brand of an entity.
pub struct BrandDecision<'a> {
    registry: &'a Registry,
    generation: Arc<Generation>,
    vasp: VaspId,
}

/// The facts that the digest covers besides the proposal itself.
#[derive(Debug, Serialize)]
pub struct BrandGround {
    facts: Vec<i64>,
    group: Option<Vec<i64>>,
}

/// An entity whose brand is being decided, locked together with its open case.
pub struct BrandHeld {
    current: Current,
    case: Option<CaseId>,
}

fn missing(vasp: VaspId) -> ServiceError {
    ServiceError::NotFound(format!("The directory has no VASP with the id {vasp}."))
}

/// Returns the group that two people decided, or policy for them. People can end either.
fn decided(current: &Current) -> Option<VaspId> {
    current.facts().find_map(|fact| match fact.said {
        FactValue::Group(_, group) if [REGISTRY, POLICY].contains(&fact.origin.as_ref()) => Some(group),
        _ => None,
    })
}

/// Returns the names of a record in the form for comparison, if `counts` accepts their origin.
fn names(current: &Current, counts: impl Fn(&str) -> bool) -> BTreeSet<NameKey> {
    let said = current.facts().filter(|fact| counts(&fact.origin));
    let named = said.filter_map(|fact| match &fact.said {
        FactValue::LegalName(_, name) | FactValue::OtherName(name, _) => NameKey::of(name),
        _ => None,
    });
    named.collect()
}

/// Returns the groups that share a name with a record, in order of id.
fn candidates(generation: &Generation, vasp: VaspId) -> Vec<Arc<Vasp>> {
    let records = generation.records();
    let Some(record) = records.get(vasp) else { return vec![] };
    let keys = |of: &Vasp| -> BTreeSet<NameKey> {
        let names = std::iter::once(&of.legal_name).chain(of.other_names.iter().map(|other| &other.name));
        names.filter_map(|name| NameKey::of(name)).collect()
    };
    let own = keys(record);
    let groups = records.iter().filter(|group| group.kind == VaspKind::Group && group.status != VaspStatus::Retired);
    groups.filter(|group| !own.is_disjoint(&keys(group))).cloned().collect()
}

/// Reads the brand of a record. A record that is not in the directory yet has an empty brand.
pub(crate) fn read_brand(conn: &mut Conn, generation: &Generation, vasp: VaspId) -> Result<Brand, ServiceError> {
    let vasp = generation.records().canonical(vasp);
    let current = Current::read(conn, vasp)?;
    let mut evidence = conn.evidence_of(vasp)?;
    evidence.retain(|row| row.attribute == PLACE && row.seq_from.is_some() && row.seq_to.is_none());
    Ok(Brand {
        vasp,
        decided: current.as_ref().and_then(decided),
        evidence,
        candidates: candidates(generation, vasp),
        proposal: last_one(conn, ProposalKind::Brand, &vasp.to_string(), None)?,
    })
}

impl Brand {
    /// Reads the brand of a record.
    pub fn read(registry: &Registry, vasp: VaspId, now: UtcTime) -> Result<Self, ServiceError> {
        let generation = registry.pin(now);
        if generation.records().get(vasp).is_none() {
            return Err(missing(vasp));
        }
        registry.store().read(|conn| read_brand(conn, &generation, vasp))
    }
}

impl<'a> BrandDecision<'a> {
    /// Returns a decision about the brand of a record.
    #[must_use]
    pub fn of<T>(act: &Act<'a, T>, vasp: VaspId) -> Self {
        let generation = act.registry.pin(act.now);
        Self { registry: act.registry, vasp: generation.records().canonical(vasp), generation }
    }

    fn name(&self, vasp: VaspId) -> String {
        let record = self.generation.records().get(vasp);
        record.map_or_else(|| vasp.to_string(), |record| format!("{} ({vasp})", record.legal_name))
    }

    /// Refuses a group that the entity cannot belong to, and evidence that the record does not support.
    fn check(&self, conn: &mut Conn, held: &BrandHeld, group: VaspId, shown: &[BrandEvidence]) -> Result<(), ServiceError> {
        if let Some(before) = decided(&held.current) {
            let detail = format!("The record already belongs to {}; end that first, or merge the groups.", self.name(before));
            return Err(ServiceError::IllegalStep(detail));
        }
        let found = Current::read(conn, group)?.filter(|found| found.kind == VaspKind::Group);
        let Some(found) = found.filter(|found| found.status() != VaspStatus::Retired) else {
            return Err(invalid_value("/group", "the directory has no live group with this id".to_owned()));
        };
        if let Some(detail) = self.is_ruled_out(group) {
            return Err(ServiceError::IllegalStep(detail));
        }
        let faulty = |place: usize, detail: &str| {
            let (pointer, detail) = (format!("/evidence/{place}"), detail.to_owned());
            Err(invalid(pointer, "evidence_missing", detail))
        };
        if shown.is_empty() || shown.len() > EVIDENCE_MAX {
            return faulty(0, "give one to three pieces of evidence that the entity belongs to the group");
        }
        let of_registers = |origin: &str| ![REGISTRY, MEMBER].contains(&origin);
        for (place, one) in shown.iter().enumerate() {
            let BrandEvidence { kind, source, .. } = one;
            if !one.has_sound_digest() {
                return faulty(place, "the SHA-256 must have 64 hexadecimal digits in lower case");
            }
            match kind {
                BrandEvidenceKind::CommercialName if names(&held.current, of_registers).is_disjoint(&names(&found, |_| true)) => {
                    return faulty(place, "no register shows the entity with a name of the group");
                }
                BrandEvidenceKind::ProvenDomain if !self.has_proven(&held.current, source) => {
                    return faulty(place, "the source is not a website on a domain that the entity has proven");
                }
                BrandEvidenceKind::RegisterWebsite if !self.shares_website(&held.current, &found) => {
                    return faulty(place, "no register gives the entity a website on a domain of the group's brand");
                }
                BrandEvidenceKind::TermsOfUse if !one.is_kept_page() => {
                    return faulty(place, "terms of use need the https address of the page, and the SHA-256 of its text");
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Says that two people ruled the entity out for a group; `None` if they did not.
    fn is_ruled_out(&self, group: VaspId) -> Option<String> {
        let mut all = group_candidates(&self.generation).into_values();
        let is_it = |one: &Candidate| one.group.id == group && one.vasp.as_ref().is_some_and(|vasp| vasp.id == self.vasp);
        let one = all.find(is_it).filter(|one| one.standing() == CandidateStanding::RuledOut)?;
        let (on, id) = (one.ruled_out.first()?.ruled_on, &one.id);
        Some(format!(
            "Two people ruled out on {on} that the entity belongs to this group. To lift that, send `ruled_out` false to POST \
             /v1/brands/candidates/{id}/propose."
        ))
    }

    /// Returns whether the entity proved the website's domain. The domain of a platform does not count, because many firms have their
    /// websites there.
    fn has_proven(&self, current: &Current, website: &Reason) -> bool {
        let host = Host::from_website_cell(website.as_str()).map(|host| host.without_www());
        let platforms = &self.generation.documents().platforms.value;
        host.filter(|host| platforms.covering(host).is_none()).is_some_and(|host| {
            let is_it = |said: &FactValue| matches!(said, FactValue::Domain(of, DomainStatus::Proven) if of == host.as_str());
            current.facts().any(|fact| is_it(&fact.said))
        })
    }

    /// Returns whether a register gives the entity a website on the domain of a website of the brand. Platforms do not count.
    fn shares_website(&self, current: &Current, group: &Current) -> bool {
        let of_brand: BTreeSet<Host> = group
            .facts()
            .filter_map(|fact| match &fact.said {
                FactValue::EntityKey(_, key) => BrandKinds::embedded().website(key).map(Host::registrable_domain),
                _ => None,
            })
            .collect();
        let platforms = &self.generation.documents().platforms.value;
        let of_registers = current.facts().filter(|fact| ![REGISTRY, MEMBER].contains(&fact.origin.as_ref()));
        let hosts = of_registers.flat_map(|fact| match &fact.said {
            FactValue::Website(_, cell) => hosts_of_cell(cell),
            _ => vec![],
        });
        hosts.into_iter().any(|host| platforms.covering(&host).is_none() && of_brand.contains(&host.registrable_domain()))
    }

    fn settle(&self, scene: &mut Scene<'_, '_>, held: &BrandHeld, wanted: &NewBrand) -> Result<(), ServiceError> {
        let transaction = &mut *scene.transaction;
        let now = transaction.now();
        let counting = transaction.conn().evidence_of(self.vasp)?.into_iter();
        let counting = counting.filter(|row| row.attribute == PLACE && row.seq_from.is_some() && row.seq_to.is_none());
        let ended = counting.map(|row| row.id).collect();
        let mut counts = Vec::new();
        for one in &wanted.evidence {
            let id = EvidenceId::new(now, transaction.conn_and_rng().1);
            transaction.add_evidence(&Evidence {
                id,
                vasp: self.vasp,
                attribute: PLACE.to_owned(),
                value_digest: None,
                method: one.method().to_owned(),
                source: one.source.to_string(),
                reference: one.sha256.as_ref().map(|digest| format!("sha256:{digest}")),
                document: None,
                verifier: Some(scene.identity.user),
                case_id: held.case,
                verified_at: now,
                expires_at: None,
                expiry_noted: None,
                seq_from: None,
                seq_to: None,
            })?;
            counts.push(id);
        }
        let mut rewrite = Rewrite::new(Some(&held.current), now.date());
        rewrite.group(wanted.group);
        rewrite.finish(counts, ended).record(transaction, self.vasp, held.current.number, Payload::VaspChanged);
        self.conflicts(scene, held, wanted.group)
    }

    /// Settles the conflicts with the labels of a new brand. Opens the conflicts with the labels of a brand that the entity no longer
    /// belongs to.
    fn conflicts(&self, scene: &mut Scene<'_, '_>, held: &BrandHeld, wanted: Option<VaspId>) -> Result<(), ServiceError> {
        let Some(group) = wanted.or_else(|| decided(&held.current)) else { return Ok(()) };
        let Some(found) = Current::read(scene.transaction.conn(), group)? else { return Ok(()) };
        // Claims are locked after the records and the case, as everywhere.
        scene.transaction.lock_claims()?;
        let sides = Sides { own: (self.vasp, held.current.number), group: (group, found.number) };
        let (what, count) = match wanted {
            Some(_) => ("brand_conflicts_settled", sides.settle(scene.transaction)?),
            None => ("brand_conflicts_reopened", sides.reopen(scene.transaction, scene.identity.user)?),
        };
        if let Some(case) = held.case.filter(|_| count > 0) {
            let body = json!({"group": group, "count": count});
            enter(scene.transaction, case, what, Some(scene.identity.user), &body)?;
        }
        match wanted {
            Some(_) => Ok(()),
            None => part_from_group(scene.transaction, self.registry, &self.generation, self.vasp, scene.identity.user),
        }
    }
}

impl Decision for BrandDecision<'_> {
    const KIND: ProposalKind = ProposalKind::Brand;
    type Content = NewBrand;
    type Ground = BrandGround;
    type Held = BrandHeld;

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<BrandHeld, ServiceError> {
        let transaction = &mut *scene.transaction;
        // Locks are taken in this order everywhere: records, submission, case.
        transaction.lock_vasps()?;
        transaction.lock_submission(self.vasp)?;
        let case = transaction.conn().open_case_of(self.vasp)?.map(|case| case.id);
        if let Some(case) = case {
            transaction.lock_case(case)?;
        }
        let current = Current::read(transaction.conn(), self.vasp)?.ok_or_else(|| missing(self.vasp))?;
        if current.kind != VaspKind::Entity {
            return Err(ServiceError::IllegalStep("The record is a group; only an entity can belong to a group.".to_owned()));
        }
        Ok(BrandHeld { current, case })
    }

    fn subject(&self, _: &BrandHeld) -> String {
        self.vasp.to_string()
    }

    fn says(&self, held: &BrandHeld, content: &NewBrand) -> String {
        let (name, before) = (self.name(self.vasp), decided(&held.current));
        let Some(group) = content.group else {
            let before = before.map_or_else(String::new, |before| format!(" {}", self.name(before)));
            return format!("{name} no longer belongs to the group{before}; their claims may contradict each other.");
        };
        let shown: Vec<String> = content.evidence.iter().map(|one| format!("{} ({})", one.kind, one.source)).collect();
        format!(
            "{name} belongs to the group {}; its claims and the labels of that group count as one party. Evidence: {}.",
            self.name(group),
            shown.join(", ")
        )
    }

    fn ground(&self, scene: &mut Scene<'_, '_>, held: &BrandHeld, content: &NewBrand) -> Result<BrandGround, ServiceError> {
        let group = content.group.map(|group| Current::read(scene.transaction.conn(), group)).transpose()?.flatten();
        Ok(BrandGround { facts: held.current.numbers(), group: group.map(|group| group.numbers()) })
    }

    fn consider(
        &self,
        scene: &mut Scene<'_, '_>,
        held: &mut BrandHeld,
        wanted: &Taken<'_, NewBrand>,
    ) -> Result<Wish, ServiceError> {
        let NewBrand { group, evidence } = wanted.content;
        match group {
            Some(group) => self.check(scene.transaction.conn(), held, *group, evidence)?,
            None if decided(&held.current).is_none() => {
                return Err(ServiceError::IllegalStep("There is no decision that the record belongs to a group.".to_owned()));
            }
            None => {}
        }
        Ok(Wish::Waits)
    }

    fn take(&self, scene: &mut Scene<'_, '_>, held: &mut BrandHeld, taken: &Taken<'_, NewBrand>) -> Result<(), ServiceError> {
        if let Some(case) = held.case {
            let body = json!({"group": taken.content.group, "evidence": taken.content.evidence, "reason": taken.reason,
                              "proposal_digest": taken.proposal.map(|proposal| &proposal.told.digest)});
            enter(scene.transaction, case, &format!("brand_{}", taken.step.done()), Some(scene.identity.user), &body)?;
        }
        if taken.step == Step::Approve { self.settle(scene, held, taken.content) } else { Ok(()) }
    }
}

/// The attribute of a record that names its group.
const PLACE: &str = "group";
/// Most pieces of evidence for one brand.
const EVIDENCE_MAX: usize = 3;
