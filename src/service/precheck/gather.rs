//! Gathers what a pre-check needs to know of both sides: whose regime the originator's is, who owns the destination, and
//! the records of whoever it may be.

use std::sync::Arc;

use super::{Declaration, Destination, PrecheckQuestion, invalid};
use crate::directory::Generation;
use crate::domain::address::Account;
use crate::domain::claim::Reader;
use crate::domain::country::Country;
use crate::domain::ids::VaspId;
use crate::domain::network::NetworkNumber;
use crate::domain::obligations::{CounterpartyKind, ObligationsRequest};
use crate::domain::precheck::{Asked, Attribution, Counterparty, Declared};
use crate::domain::resolution::ResolutionStatus;
use crate::domain::role::Scope;
use crate::domain::rulebook::{JurisdictionId, Rulebook};
use crate::domain::subject::{Subject, SubjectKind};
use crate::domain::time::{Date, UtcTime};
use crate::domain::vasp::Vasp;
use crate::domain::vasp_name::VaspName;
use crate::service::resolve::{Effort, ResolveAnswer, ResolveQuestion, is_live, read_question, resolve};
use crate::service::{Identity, Registry, ServiceError};

/// The moment of asking, and how a fault names a member of the question.
type Moment<'a> = (UtcTime, &'a dyn Fn(&str) -> String);

/// What was gathered.
pub(super) struct Gathered {
    /// The originator's entry of the rulebook.
    pub originator: JurisdictionId,
    /// The country it belongs to.
    pub originator_country: Country,
    /// Who owns the destination; none where a VASP or jurisdiction was named.
    pub resolution: Option<ResolveAnswer>,
    /// What was found by the subject itself, whatever a Travel Address given along says.
    pub found: Option<ResolutionStatus>,
    /// The accounts that the destination can be.
    pub accounts: Vec<Account>,
    /// What the customer declared.
    pub declared: Declared,
    /// The jurisdiction that was named instead of a counterparty.
    pub jurisdiction: Option<JurisdictionId>,
    /// Records of all owners, of their groups' entities, and of the declared or named VASP.
    pub records: Vec<Arc<Vasp>>,
    named: Option<VaspId>,
}

impl Gathered {
    pub(super) fn of(
        registry: &Registry,
        generation: &Arc<Generation>,
        question: &PrecheckQuestion,
        identity: Option<&Identity>,
        reader: Reader,
        moment: Moment<'_>,
    ) -> Result<Self, ServiceError> {
        let gather = Gather { registry, generation, reader, moment };
        let (originator, originator_country) = gather.originator(question, identity)?;
        let mut gathered = Self {
            originator,
            originator_country,
            resolution: None,
            found: None,
            accounts: vec![],
            declared: Declared::Nothing,
            jurisdiction: None,
            records: vec![],
            named: None,
        };
        match &question.destination {
            Destination::Vasp(reference) => {
                let vasp = gather.vasp(*reference, "beneficiary/vasp")?;
                gathered.named = Some(vasp.id);
                gathered.records.push(vasp);
            }
            Destination::Jurisdiction(text) => {
                gathered.jurisdiction = Some(gather.jurisdiction(text, "beneficiary/jurisdiction")?);
            }
            Destination::TravelAddress { travel_address, declared } => {
                let answer = gather.travel_address(travel_address)?;
                gathered.found = Some(answer.resolution.status);
                gathered.resolution = Some(answer);
                gathered.declare(&gather, *declared)?;
            }
            Destination::Address { address, network, memo, travel_address, declared } => {
                let mut answer = gather.address(address, network.clone(), memo.clone())?;
                gathered.accounts = accounts_of(&answer.subject);
                gathered.found = Some(answer.resolution.status);
                if let Some(text) = travel_address {
                    // The address decides; the Travel Address speaks where nobody is known to own the address.
                    let by_host = gather.travel_address(text)?;
                    if answer.resolution.status == ResolutionStatus::NotFound {
                        answer.resolution.status = by_host.resolution.status;
                        answer.resolution.owners = by_host.resolution.owners;
                        answer.unverified = by_host.unverified;
                        answer.platform = by_host.platform;
                    }
                }
                gathered.resolution = Some(answer);
                gathered.declare(&gather, *declared)?;
            }
        }
        gathered.add_owners(generation, question.transfer.date);
        Ok(gathered)
    }

    fn declare(&mut self, gather: &Gather<'_>, declared: Option<Declaration>) -> Result<(), ServiceError> {
        self.declared = match declared {
            None => Declared::Nothing,
            Some(Declaration::SelfHosted) => Declared::SelfHosted,
            Some(Declaration::Vasp(reference)) => {
                let vasp = gather.vasp(reference, "beneficiary/declared/vasp")?;
                let id = vasp.id;
                self.records.push(vasp);
                Declared::Vasp(id)
            }
        };
        Ok(())
    }

    fn add_owners(&mut self, generation: &Generation, date: Date) {
        let records = generation.records();
        let owners = self.resolution.iter().flat_map(|answer| &answer.resolution.owners).map(|owner| owner.vasp);
        let mut wanted: Vec<VaspId> = owners.chain(self.records.iter().map(|record| record.id)).collect();
        // An owner that belongs to a group stands for its whole party; a group for its entities.
        let groups: Vec<VaspId> = wanted.iter().filter_map(|id| records.get(*id)?.group).collect();
        let parents = wanted.iter().chain(&groups).copied().collect::<Vec<_>>();
        wanted.extend(groups);
        wanted.extend(parents.into_iter().flat_map(|id| records.entities_of(id).map(|entity| entity.id)));
        wanted.sort_unstable();
        wanted.dedup();
        self.records = wanted.into_iter().filter_map(|id| licensed_on(generation, id, date)).collect();
    }

    /// Returns what was asked about, for the first check.
    pub(super) fn asked(&self) -> Asked<'_, NetworkNumber> {
        match (&self.resolution, self.named, &self.jurisdiction) {
            (Some(answer), ..) => Asked::Destination(&answer.resolution),
            (None, Some(id), _) => Asked::Vasp(id),
            (None, None, named) => {
                Asked::Jurisdiction(named.as_ref().and_then(JurisdictionId::country).unwrap_or(self.originator_country))
            }
        }
    }

    /// Returns the question of both sides' duties.
    pub(super) fn obligations_request(
        &self,
        question: &PrecheckQuestion,
        attribution: &Attribution<'_>,
        rulebook: &Rulebook,
        pointer: &dyn Fn(&str) -> String,
    ) -> Result<ObligationsRequest, ServiceError> {
        let provided_fields = rulebook
            .read_field_codes(&question.provided_fields)
            .map_err(|error| invalid(pointer(&format!("provided_fields/{}", error.index)), "unknown_field", error.to_string()))?;
        let self_hosted = matches!(attribution.counterparty, Counterparty::SelfHosted);
        let transfer = &question.transfer;
        Ok(ObligationsRequest {
            originator: Some(self.originator.clone()),
            beneficiary: self.beneficiary(question, attribution, rulebook),
            fiat: transfer.fiat,
            date: transfer.date,
            originator_type: transfer.originator_type,
            counterparty: if self_hosted { CounterpartyKind::SelfHosted } else { CounterpartyKind::Vasp },
            correspondent: transfer.correspondent,
            provided_fields,
        })
    }

    /// The beneficiary's entry of the rulebook: the one named, or that of the one country it can be in.
    fn beneficiary(
        &self,
        question: &PrecheckQuestion,
        attribution: &Attribution<'_>,
        rulebook: &Rulebook,
    ) -> Option<JurisdictionId> {
        if let Some(named) = &self.jurisdiction {
            return Some(named.clone());
        }
        let mut countries: Vec<Country> = match attribution.entity() {
            Some(entity) => entity.country.into_iter().collect(),
            None if matches!(attribution.counterparty, Counterparty::SelfHosted) => {
                question.customer_country.into_iter().collect()
            }
            None => attribution.screened().iter().filter_map(|vasp| vasp.country).collect(),
        };
        countries.sort_unstable();
        countries.dedup();
        let [country] = countries.as_slice() else { return None };
        let regimes = rulebook.strictest_for_country(*country, question.transfer.date);
        Some(regimes.applies.map_or_else(|| JurisdictionId::from(*country), |entry| entry.id.clone()))
    }
}

/// The record as it stands today, with its licences as they stand on the transfer's date: who it is counts now, what it may
/// do counts then.
fn licensed_on(generation: &Generation, id: VaspId, date: Date) -> Option<Arc<Vasp>> {
    let today = generation.records().get(id)?;
    if date == generation.day() {
        return Some(Arc::clone(today));
    }
    let then = generation.record_on(id, date)?;
    Some(Arc::new(Vasp { licences: then.licences.clone(), ..today.as_ref().clone() }))
}

fn accounts_of(subject: &Subject) -> Vec<Account> {
    match subject {
        Subject::Address(account) | Subject::Caip10(account) => vec![account.clone()],
        Subject::BareAddress(candidates) => candidates.accounts.clone(),
        _ => vec![],
    }
}

/// Where to gather from.
struct Gather<'a> {
    registry: &'a Registry,
    generation: &'a Arc<Generation>,
    reader: Reader,
    moment: Moment<'a>,
}

impl Gather<'_> {
    fn point(&self, member: &str) -> String {
        (self.moment.1)(member)
    }

    /// The originator's regime: named, or that of the caller's own VASP, or of the one it may act for.
    fn originator(
        &self,
        question: &PrecheckQuestion,
        identity: Option<&Identity>,
    ) -> Result<(JurisdictionId, Country), ServiceError> {
        let mut own = identity.and_then(|identity| identity.vasp);
        if let Some(reference) = question.originator.vasp {
            let named = self.vasp(reference, "originator/vasp")?.id;
            if own != Some(named) && !self.may_ask_for(identity, named) {
                let detail = format!("The credentials do not act for {named}; leave originator.vasp out.");
                return Err(ServiceError::NotDelegated(detail));
            }
            own = Some(named);
        }
        let id = match &question.originator.jurisdiction {
            Some(text) => self.jurisdiction(text, "originator/jurisdiction")?,
            None => {
                let country = own.and_then(|id| self.generation.records().get(id)?.country).ok_or_else(|| {
                    let detail = "name the originator's jurisdiction: these credentials have no VASP with a country of its own";
                    invalid(self.point("originator/jurisdiction"), "missing_member", detail.to_owned())
                })?;
                let rulebook = &self.generation.documents().rulebook.value;
                let regimes = rulebook.strictest_for_country(country, question.transfer.date);
                regimes.applies.map_or_else(|| JurisdictionId::from(country), |entry| entry.id.clone())
            }
        };
        let country = id.country().ok_or_else(|| {
            let detail = format!("{id} is no place a VASP is in: name a country or one of its regimes");
            invalid(self.point("originator/jurisdiction"), "invalid_value", detail)
        })?;
        Ok((id, country))
    }

    /// Whether the organisation of a VASP lets the caller ask for it.
    fn may_ask_for(&self, identity: Option<&Identity>, vasp: VaspId) -> bool {
        let credentials = self.registry.directory().credentials();
        identity.is_some_and(|asking| credentials.may_act_for(asking.organisation, vasp, Scope::Precheck, self.moment.0))
    }

    fn jurisdiction(&self, text: &str, member: &str) -> Result<JurisdictionId, ServiceError> {
        let rulebook = &self.generation.documents().rulebook.value;
        let unknown = |detail: String| invalid(self.point(member), "unknown_jurisdiction", detail);
        let id = rulebook.resolve_id(text).map_err(|error| unknown(error.to_string()))?;
        if id.country().is_none() {
            return Err(unknown(format!("{id} is no place a VASP is in: name a country or one of its regimes")));
        }
        Ok(id)
    }

    fn vasp(&self, reference: VaspName, member: &str) -> Result<Arc<Vasp>, ServiceError> {
        let records = self.generation.records();
        let unknown = |detail: String| invalid(self.point(member), "unknown_vasp", detail);
        match reference {
            VaspName::Id(id) => {
                records.get(id).cloned().ok_or_else(|| unknown(format!("there is no VASP {id} in the directory")))
            }
            VaspName::Lei(lei) => {
                let mut found = records.with_lei(lei).filter(|record| is_live(record));
                let first = found.next().ok_or_else(|| unknown(format!("no VASP in the directory has the LEI {lei}")))?;
                match found.next() {
                    None => Ok(Arc::clone(first)),
                    Some(second) => Err(ServiceError::AmbiguousLei(format!(
                        "{lei} stands in several records: {} and {}.",
                        first.id, second.id
                    ))),
                }
            }
        }
    }

    fn address(&self, address: &str, network: Option<String>, memo: Option<String>) -> Result<ResolveAnswer, ServiceError> {
        // A CAIP-10 account says its network itself.
        let kind = if network.is_none() && address.contains(':') { SubjectKind::Caip10 } else { SubjectKind::Address };
        self.resolve(address, kind, network, memo, "address")
    }

    fn travel_address(&self, text: &str) -> Result<ResolveAnswer, ServiceError> {
        self.resolve(text, SubjectKind::TravelAddress, None, None, "travel_address")
    }

    fn resolve(
        &self,
        text: &str,
        kind: SubjectKind,
        network: Option<String>,
        memo: Option<String>,
        member: &str,
    ) -> Result<ResolveAnswer, ServiceError> {
        let question = ResolveQuestion { subject: text.to_owned(), kind: Some(kind), network, memo };
        let place = |asked: &str| self.point(&format!("beneficiary/{}", if asked == "subject" { member } else { asked }));
        let subject = read_question(&question, Effort::Reason, place)?;
        resolve(self.registry, self.generation, subject, self.reader, self.moment.0)
    }
}
