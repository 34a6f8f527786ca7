//! Who the counterparty is: compares the resolution of the address with what the caller declared. This is the first of the
//! thirteen checks, and the step that determines whose facts the other checks need.

use super::super::elsewhere::JudgedVasp;
use super::super::presented::Presented;
use super::declared::agreeing;
use super::label::{Label, is_sure, unless_no_vasp};
use super::owned::{agreed_code, contradiction, owned_detail};
use super::{CheckCode, CheckOutcome, CheckResult, Evidence, incoming, sentences};
use vasp_record::claim::Strength;
use vasp_record::resolution::{Owner, RelatedReason, Relation, Resolution, ResolutionStatus};
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_record::vasp_name::VaspName;
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::UtcTime;

/// The subject of the request.
#[derive(Clone, Debug)]
pub enum Asked<'a, N> {
    /// An address, Travel Address or domain, with its resolution.
    Destination(&'a Resolution<N>),
    /// An address without a known owner, with the resolution of the Travel Address that the request also contains.
    AlongWith(&'a Resolution<N>),
    /// A record, named by its id or LEI.
    Vasp(VaspId),
    /// An id or LEI that the directory does not know.
    Unknown(VaspName),
    /// A jurisdiction, named by its country.
    Jurisdiction(Country),
    /// A certificate that the counterparty of an incoming transfer presented.
    Presented(&'a Presented),
}

/// What the caller's customer declared about the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// Nothing.
    Nothing,
    /// This VASP keeps it.
    Vasp(VaspId),
    /// A VASP that the directory does not know keeps it.
    Unknown(VaspName),
    /// It is self-hosted.
    SelfHosted,
}

/// Who is on the other side, as far as this is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counterparty<'a> {
    /// One legal entity.
    Entity(&'a JudgedVasp),
    /// A party whose legal entity is not settled.
    Party {
        /// The group, or the several entities that claim the address.
        named: Vec<&'a JudgedVasp>,
        /// The entities that it may be.
        entities: Vec<&'a JudgedVasp>,
    },
    /// Only the customer: the address is self-hosted.
    SelfHosted,
    /// Not known, or disputed.
    Nobody {
        /// The parties that claim the address.
        candidates: Vec<&'a JudgedVasp>,
        /// The jurisdiction that the request asks about instead.
        country: Option<Country>,
    },
}

/// The first check and what it settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution<'a> {
    /// The check's result.
    pub result: CheckResult,
    /// The counterparty.
    pub counterparty: Counterparty<'a>,
    /// The brand of the settled legal entity, if its record was given.
    pub brand: Option<&'a JudgedVasp>,
    /// The declared VASP that the claims contradict.
    pub contradicted: Option<&'a JudgedVasp>,
    /// The id or LEI in the question or the declaration that the directory does not know.
    pub unknown: Option<VaspName>,
    /// Whether the counterparty is the asker's own legal entity.
    pub is_asker: bool,
    /// How strong the owners' claims are; `None` if the counterparty does not rest on claims.
    pub strength: Option<Strength>,
    /// What the claims say in addition to the owner of the address.
    pub label: Label<'a>,
    /// The party that the claims name, if it is a brand and the counterparty is the entity that the customer declared.
    pub(super) declared_of: Option<Counterparty<'a>>,
}

/// Settles who the counterparty is. `records` contains the records of all owners, of their groups' entities and of the declared
/// VASP, in any order.
#[must_use]
pub fn attribute<'a, N>(asked: &Asked<'_, N>, declared: Declared, records: &[&'a JudgedVasp], now: UtcTime) -> Attribution<'a> {
    let found = match asked {
        Asked::Jurisdiction(country) => {
            let detail = "The request names only a jurisdiction, no counterparty.";
            let result = CheckResult::new(CheckCode::AttributionNoCounterparty, detail, vec![Evidence::declaration(now)]);
            let counterparty = Counterparty::Nobody { candidates: vec![], country: Some(*country) };
            Attribution::of(result, counterparty)
        }
        Asked::Vasp(_) | Asked::Unknown(_) => {
            let detail =
                "The request names the counterparty without a wallet address, so nothing shows who controls the address.";
            let result = CheckResult::new(CheckCode::AttributionVaspNamed, detail, vec![Evidence::declaration(now)]);
            let nobody = Counterparty::Nobody { candidates: vec![], country: None };
            let named = if let Asked::Vasp(id) = asked { known(*id, records) } else { nobody };
            let (counterparty, no_vasp) = unless_no_vasp(named);
            Attribution { label: Label { no_vasp, ..Label::default() }, ..Attribution::of(result, counterparty) }
        }
        Asked::Presented(presented) => incoming::presented(presented, records, now),
        Asked::Destination(resolution) => resolved(resolution, declared, records, now),
        Asked::AlongWith(resolution) => along_with(resolution, declared, records, now),
    };
    let unknown = match (asked, declared) {
        (Asked::Unknown(name), _) => Some(*name),
        (_, Declared::Unknown(name)) => Some(name),
        _ => None,
    };
    let group = if let Counterparty::Entity(entity) = found.counterparty { entity.record.group } else { None };
    Attribution { unknown, brand: group.and_then(|group| record(group, records)), ..found }
}

fn resolved<'a, N>(resolution: &Resolution<N>, declared: Declared, records: &[&'a JudgedVasp], now: UtcTime) -> Attribution<'a> {
    if let Some(reason) = resolution.related_reason {
        let code = match reason {
            RelatedReason::HiddenProof => CheckCode::AttributionHiddenProof,
            RelatedReason::RecentlyProven => CheckCode::AttributionRecentlyProven,
            RelatedReason::UnsettledEnd => CheckCode::AttributionUnsettledEnd,
        };
        return unsettled(resolution, code, records);
    }
    match resolution.status {
        ResolutionStatus::Conflicted => unsettled(resolution, CheckCode::AttributionConflicted, records),
        ResolutionStatus::Ambiguous => unsettled(resolution, CheckCode::AttributionAmbiguous, records),
        ResolutionStatus::NotFound => unowned(declared, records, now),
        ResolutionStatus::Owned => owned(resolution, declared, records, now),
    }
}

/// Only the caller links the address to the Travel Address in the same request. The Travel Address may therefore contradict
/// another declaration, but never confirms one.
fn along_with<'a, N>(
    resolution: &Resolution<N>,
    declared: Declared,
    records: &[&'a JudgedVasp],
    now: UtcTime,
) -> Attribution<'a> {
    let found = resolved(resolution, declared, records, now);
    if resolution.status != ResolutionStatus::Owned || found.result.outcome() == CheckOutcome::Fail {
        return found;
    }
    let names = names(resolution.owners.iter(), records);
    let detail = format!("No known party owns the address. Only the Travel Address in the request leads to {names}.");
    let evidence = vec![Evidence::directory(now), Evidence::declaration(now)];
    let result = CheckResult::new(CheckCode::AttributionDeclaredUnconfirmed, detail, evidence);
    Attribution { result, strength: None, ..found }
}

impl<'a> Counterparty<'a> {
    /// Returns the group, if the party is one.
    pub(super) fn group(&self) -> Option<&'a JudgedVasp> {
        let Self::Party { named, .. } = self else { return None };
        if let [one] = named.as_slice() { Some(*one).filter(|one| one.record.kind == VaspKind::Group) } else { None }
    }
}

impl<'a> Attribution<'a> {
    /// Returns an attribution that settles the counterparty without claims, or settles none.
    pub(super) fn of(result: CheckResult, counterparty: Counterparty<'a>) -> Self {
        let label = Label::default();
        Self {
            result,
            counterparty,
            brand: None,
            contradicted: None,
            unknown: None,
            is_asker: false,
            strength: None,
            label,
            declared_of: None,
        }
    }

    /// Returns the LEI in the question or the declaration for which no record is known. It may still be on a list.
    pub(super) fn unknown_lei(&self) -> Option<Lei> {
        if let Some(VaspName::Lei(lei)) = self.unknown { Some(lei) } else { None }
    }

    /// Returns the legal entity, if one is settled.
    #[must_use]
    pub fn entity(&self) -> Option<&'a Vasp> {
        if let Counterparty::Entity(entity) = self.counterparty { Some(&entity.record) } else { None }
    }

    /// Returns who it may be instead of, or in addition to, a settled entity.
    #[must_use]
    pub fn candidates(&self) -> Vec<&'a JudgedVasp> {
        let own = match &self.counterparty {
            Counterparty::Party { entities, .. } => entities.clone(),
            Counterparty::Nobody { candidates, .. } => candidates.clone(),
            Counterparty::Entity(_) | Counterparty::SelfHosted => vec![],
        };
        distinct(own.into_iter().chain(self.contradicted))
    }

    /// Returns every record whose names must be screened and whose country must be judged: all that may turn out to be the counterparty.
    #[must_use]
    pub fn screened(&self) -> Vec<&'a JudgedVasp> {
        let (settled, named) = match &self.counterparty {
            Counterparty::Entity(entity) => (Some(*entity), vec![]),
            Counterparty::Party { named, .. } => (None, named.clone()),
            Counterparty::SelfHosted | Counterparty::Nobody { .. } => (None, vec![]),
        };
        distinct(settled.into_iter().chain(named).chain(self.label.no_vasp).chain(self.candidates()))
    }

    /// Returns the countries whose facts `run` needs, given the country of the counterparty's customer.
    #[must_use]
    pub fn countries(&self, customer_country: Option<Country>) -> Vec<Country> {
        let asked = if let Counterparty::Nobody { country, .. } = self.counterparty { country } else { None };
        let records = self.screened().into_iter().filter_map(|vasp| vasp.record.country);
        let mut all: Vec<Country> = records.chain(asked).chain(customer_country).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

pub(super) fn distinct<'a>(records: impl Iterator<Item = &'a JudgedVasp>) -> Vec<&'a JudgedVasp> {
    let mut kept: Vec<&JudgedVasp> = vec![];
    for vasp in records {
        if kept.iter().all(|other| other.record.id != vasp.record.id) {
            kept.push(vasp);
        }
    }
    kept
}

pub(super) fn record<'a>(id: VaspId, records: &[&'a JudgedVasp]) -> Option<&'a JudgedVasp> {
    records.iter().copied().find(|vasp| vasp.record.id == id)
}

/// Returns the counterparty for a record: an entity itself, or a group with its entities.
pub(super) fn known<'a>(id: VaspId, records: &[&'a JudgedVasp]) -> Counterparty<'a> {
    match record(id, records) {
        None => Counterparty::Nobody { candidates: vec![], country: None },
        Some(entity) if entity.record.kind == VaspKind::Entity => Counterparty::Entity(entity),
        Some(group) => Counterparty::Party { named: vec![group], entities: entities_of(group, records) },
    }
}

/// The entities of a group, and those that links of its brand propose, in order of id. A proposed entity must be screened like the others:
/// it may be the counterparty.
fn entities_of<'a>(group: &JudgedVasp, records: &[&'a JudgedVasp]) -> Vec<&'a JudgedVasp> {
    let is_proposed = |vasp: &Vasp| vasp.kind == VaspKind::Entity && group.elsewhere.links.iter().any(|link| link.is_about(vasp));
    let is_one = |vasp: &&JudgedVasp| vasp.record.group == Some(group.record.id) || is_proposed(&vasp.record);
    let mut entities: Vec<&JudgedVasp> = records.iter().copied().filter(is_one).collect();
    entities.sort_by_key(|vasp| vasp.record.id);
    distinct(entities.into_iter())
}

pub(super) fn claims<N>(owners: &[Owner<N>]) -> Vec<Evidence> {
    owners.iter().filter_map(|owner| owner.claim.as_ref()).map(Evidence::claim).collect()
}

fn names<'o, N: 'o>(owners: impl Iterator<Item = &'o Owner<N>>, records: &[&JudgedVasp]) -> String {
    let name =
        |owner: &Owner<N>| record(owner.vasp, records).map_or_else(|| owner.vasp.to_string(), |v| v.record.legal_name.clone());
    let mut all: Vec<String> = owners.map(name).collect();
    all.dedup();
    sentences::listed(&all)
}

/// Several parties or several readings: nobody is the counterparty until this is settled.
fn unsettled<'a, N>(resolution: &Resolution<N>, code: CheckCode, records: &[&'a JudgedVasp]) -> Attribution<'a> {
    let names = names(resolution.owners.iter(), records);
    let is_claimed = resolution.owners.iter().any(|owner| owner.claim.is_some());
    let claimed = if is_claimed { format!(" {names} claims it without proof.") } else { String::new() };
    let detail = match code {
        CheckCode::AttributionAmbiguous => {
            format!("The request gives no network, and the address has owners on several networks: {names}.")
        }
        CheckCode::AttributionHiddenProof => {
            format!("A party whose claim you may not see proved the address's key.{claimed}")
        }
        CheckCode::AttributionRecentlyProven => {
            format!("Another party proved the address's key, and its proof ended less than 90 days ago.{claimed}")
        }
        CheckCode::AttributionUnsettledEnd => {
            format!("An older claim of another party ended while it was contradicted, and nobody has decided.{claimed}")
        }
        _ => format!("Claims of several parties disagree: {names}."),
    };
    // Includes every entity of the claimants: a dispute must not hide an entity that is on a list.
    let claimants = resolution.owners.iter().filter_map(|owner| record(owner.vasp, records));
    let candidates = distinct(claimants.flat_map(|claimant| std::iter::once(claimant).chain(entities_of(claimant, records))));
    let result = CheckResult::new(code, detail, claims(&resolution.owners));
    Attribution::of(result, Counterparty::Nobody { candidates, country: None })
}

/// No owner is known. The declaration is the only information, and it is never a pass.
fn unowned<'a>(declared: Declared, records: &[&'a JudgedVasp], now: UtcTime) -> Attribution<'a> {
    let nobody = || Counterparty::Nobody { candidates: vec![], country: None };
    let (code, detail, counterparty) = match declared {
        Declared::SelfHosted => (
            CheckCode::AttributionSelfHostedUnconfirmed,
            "Declared as self-hosted. No claim contradicts this, but nothing proves it.",
            Counterparty::SelfHosted,
        ),
        Declared::Vasp(id) if record(id, records).is_some() => (
            CheckCode::AttributionDeclaredUnconfirmed,
            "Only the declaration names the VASP. No claim confirms that the destination belongs to it.",
            known(id, records),
        ),
        Declared::Unknown(_) => (
            CheckCode::AttributionDeclaredUnconfirmed,
            "Only the declaration names a VASP, and the directory does not know this VASP.",
            nobody(),
        ),
        Declared::Vasp(_) | Declared::Nothing => (
            CheckCode::AttributionNotFound,
            "No known party owns the address, and the request declares no usable owner.",
            nobody(),
        ),
    };
    let mut evidence = vec![Evidence::directory(now)];
    if code != CheckCode::AttributionNotFound {
        evidence.push(Evidence::declaration(now));
    }
    Attribution::of(CheckResult::new(code, detail, evidence), counterparty)
}

/// One party owns the address. Settles which of its records is the counterparty, and whether the declaration agrees.
fn owned<'a, N>(resolution: &Resolution<N>, declared: Declared, records: &[&'a JudgedVasp], now: UtcTime) -> Attribution<'a> {
    let owners = settle(&resolution.owners);
    let (counterparty, owners, agrees) = match declared {
        Declared::Vasp(id) => match agreeing(id, &owners, records) {
            Some((counterparty, counted)) => (counterparty, counted, true),
            None => (undeclared(&owners, records), owners, false),
        },
        Declared::Nothing => (undeclared(&owners, records), owners, true),
        // The declaration is right that nobody keeps the address for others. That it is the customer's own is not accepted.
        Declared::SelfHosted => {
            let counterparty = undeclared(&owners, records);
            let agrees = unless_no_vasp(counterparty.clone()).1.is_some();
            (counterparty, owners, agrees)
        }
        Declared::Unknown(_) => (undeclared(&owners, records), owners, false),
    };
    let (counterparty, no_vasp) = unless_no_vasp(counterparty);
    let is_settled = |owner: &&Owner<N>| matches!(&counterparty, Counterparty::Entity(entity) if entity.record.id == owner.vasp);
    let names_entity = owners.iter().any(is_settled);
    let label = Label { is_sure: owners.iter().any(|owner| is_sure(owner, records)), no_vasp, names_entity };
    let mut evidence = claims(&resolution.owners);
    let disagreeing = resolution.related.iter().filter(|related| related.relation == Relation::FamilyDisagrees);
    evidence.extend(disagreeing.filter_map(|related| related.owner.claim.as_ref()).map(Evidence::claim));
    if declared != Declared::Nothing {
        evidence.push(Evidence::declaration(now));
    }
    let code = if agrees { agreed_code(resolution, &owners) } else { contradiction(declared) };
    let contradicted = match declared {
        Declared::Vasp(id) if !agrees => record(id, records),
        _ => None,
    };
    let rests_on_claims = owners.iter().any(|owner| owner.claim.is_some());
    let detail = match code {
        CheckCode::AttributionAttributed if !rests_on_claims => {
            format!("Its host belongs to {}.", names(owners.iter().copied(), records))
        }
        _ => owned_detail(code, &names(owners.iter().copied(), records), contradicted),
    };
    let strength = owners.iter().filter_map(|owner| owner.claim.as_ref()).map(|claim| claim.strength).max();
    let result = CheckResult::new(code, detail, evidence);
    let by_claims = undeclared(&resolution.owners.iter().collect::<Vec<_>>(), records);
    let is_declared = agrees && matches!((declared, &counterparty), (Declared::Vasp(_), Counterparty::Entity(_)));
    let declared_of = Some(by_claims).filter(|party| is_declared && party.group().is_some());
    Attribution { contradicted, strength, label, declared_of, ..Attribution::of(result, counterparty) }
}

/// Returns the owners within the party to use: the one that proved control if exactly one did, otherwise all.
fn settle<N>(owners: &[Owner<N>]) -> Vec<&Owner<N>> {
    let strength = |owner: &&Owner<N>| owner.claim.as_ref().map(|claim| claim.strength);
    let proven: Vec<&Owner<N>> = owners.iter().filter(|owner| strength(owner) == Some(Strength::Proven)).collect();
    if proven.len() == 1 { proven } else { owners.iter().collect() }
}

pub(super) fn undeclared<'a, N>(owners: &[&Owner<N>], records: &[&'a JudgedVasp]) -> Counterparty<'a> {
    if let [one] = owners {
        return known(one.vasp, records);
    }
    let entities: Vec<&JudgedVasp> = owners.iter().filter_map(|owner| record(owner.vasp, records)).collect();
    Counterparty::Party { named: entities.clone(), entities }
}
