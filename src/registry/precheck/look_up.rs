//! Looks up what a pre-check's question names: VASPs, jurisdictions, addresses, certificates, and the asker's own side. An error names
//! the member of the question. The caller is `gather`.

use std::sync::Arc;

use super::{Asking, PrecheckQuestion};
use crate::directory::Generation;
use crate::node::{ProblemCode, Refusal, Registry, ServiceError, invalid};
use crate::resolve::answer::{Effort, ResolveAnswer, ResolveQuestion, read_question, resolve, resolve_again};
use vasp_addresses::address::Account;
use vasp_addresses::subject::{Subject, SubjectKind};
use vasp_record::role::Scope;
use vasp_record::vasp::Vasp;
use vasp_record::vasp_name::VaspName;
use vasp_rules::rulebook::JurisdictionId;
use vasp_words::country::Country;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::UtcTime;

/// The moment as of which the question is answered, and the function that turns a member's name into a JSON Pointer.
pub(super) type Moment<'a> = (UtcTime, &'a dyn Fn(&str) -> String);

/// The asker's own side.
pub(super) struct Own {
    /// The asker's VASP, on whose behalf the pre-check is made. `None` if there is none.
    pub vasp: Option<VaspId>,
    /// The organisation whose policies and relationships apply.
    pub whose: Option<OrganisationId>,
    /// The rulebook entry of the asker's side.
    pub jurisdiction: JurisdictionId,
    /// The country of that entry.
    pub country: Country,
}

/// Everything that a lookup needs.
pub(super) struct LookUp<'a> {
    pub registry: &'a Registry,
    pub generation: &'a Arc<Generation>,
    pub asking: &'a Asking,
    pub moment: Moment<'a>,
}

impl LookUp<'_> {
    fn point(&self, member: &str) -> String {
        (self.moment.1)(member)
    }

    /// Returns the asker's VASP and regime. The question names them, or they are those of the caller's own VASP or of the VASP that it
    /// may act for.
    pub(super) fn own_side(&self, question: &PrecheckQuestion, asking: &Asking) -> Result<Own, ServiceError> {
        let side = question.own_member();
        let (vasp, whose) = self.own_vasp(question, asking)?;
        let member = format!("{side}/jurisdiction");
        let jurisdiction = match &question.own.jurisdiction {
            Some(text) => self.jurisdiction(text, &member)?,
            None => {
                let country = vasp.and_then(|id| self.generation.records().get(id)?.country).ok_or_else(|| {
                    let why = match asking.vasp.and_then(|own| self.merged_into(own)) {
                        Some(stayed) => {
                            format!("the record of your VASP was merged into {stayed}, which belongs to another organisation")
                        }
                        None => "these credentials have no VASP with a known country".to_owned(),
                    };
                    invalid(self.point(&member), "missing_member", format!("name the {side}'s jurisdiction: {why}"))
                })?;
                let rulebook = &self.generation.documents().rulebook.value;
                let regimes = rulebook.strictest_for_country(country, question.transfer.date);
                regimes.applies.map_or_else(|| JurisdictionId::from(country), |entry| entry.id.clone())
            }
        };
        let country = jurisdiction.country().ok_or_else(|| {
            let detail = format!("a VASP cannot be in {jurisdiction}; name a country or one of its regimes");
            invalid(self.point(&member), "invalid_value", detail)
        })?;
        Ok(Own { vasp, whose, jurisdiction, country })
    }

    /// Returns the asker's VASP, and the organisation whose policies and relationships apply. In a replay both are the recorded ones.
    fn own_vasp(
        &self,
        question: &PrecheckQuestion,
        asking: &Asking,
    ) -> Result<(Option<VaspId>, Option<OrganisationId>), ServiceError> {
        if let Some(then) = asking.then() {
            return Ok((then.own, then.whose));
        }
        // If a record was merged into another, only the organisation of that other record speaks for it.
        let own = asking.vasp.filter(|own| self.merged_into(*own).is_none());
        let Some(reference) = question.own.vasp else { return Ok((own, asking.organisation)) };
        let side = question.own_member();
        let unknown = || {
            let detail = format!("the directory does not know the VASP {reference}");
            invalid(self.point(&format!("{side}/vasp")), "unknown_vasp", detail)
        };
        let named = self.vasp(reference)?.ok_or_else(unknown)?.id;
        if own == Some(named) {
            return Ok((own, asking.organisation));
        }
        let credentials = self.registry.directory().credentials();
        let leave = asking.organisation.and_then(|caller| credentials.acts_for(caller, named, Scope::Precheck, asking.asked_at));
        let refused = || {
            let detail = format!("The credentials may not act for {named}; leave out {side}.vasp.");
            ServiceError::from(Refusal::new(ProblemCode::NotDelegated, detail))
        };
        leave.map(|grantor| (Some(named), Some(grantor))).ok_or_else(refused)
    }

    /// Returns the record into which this record was merged. `None` if it was not merged.
    fn merged_into(&self, own: VaspId) -> Option<VaspId> {
        Some(self.generation.records().canonical(own)).filter(|stayed| *stayed != own)
    }

    pub(super) fn jurisdiction(&self, text: &str, member: &str) -> Result<JurisdictionId, ServiceError> {
        let rulebook = &self.generation.documents().rulebook.value;
        let unknown = |detail: String| invalid(self.point(member), "unknown_jurisdiction", detail);
        let id = rulebook.resolve_id(text).map_err(|error| unknown(error.to_string()))?;
        if id.country().is_none() {
            return Err(unknown(format!("a VASP cannot be in {id}; name a country or one of its regimes")));
        }
        Ok(id)
    }

    /// Returns the VASP with this id or LEI. `None` if the directory does not know it.
    pub(super) fn vasp(&self, reference: VaspName) -> Result<Option<Arc<Vasp>>, ServiceError> {
        let records = self.generation.records();
        match reference {
            VaspName::Id(id) => Ok(records.get(id).cloned()),
            VaspName::Lei(lei) => Ok(records.the_one_with_lei(lei)?.cloned()),
        }
    }

    pub(super) fn address(
        &self,
        address: &str,
        network: Option<String>,
        memo: Option<String>,
        side: &str,
    ) -> Result<ResolveAnswer, ServiceError> {
        let question = ResolveQuestion { subject: address.to_owned(), kind: Some(SubjectKind::Address), network, memo };
        self.resolve(&question, side, "address")
    }

    pub(super) fn travel_address(&self, text: &str, side: &str) -> Result<ResolveAnswer, ServiceError> {
        self.resolve(&alone(text, SubjectKind::TravelAddress), side, "travel_address")
    }

    pub(super) fn certificate(&self, digest: &str) -> Result<ResolveAnswer, ServiceError> {
        self.resolve(&alone(digest, SubjectKind::CertificateSha256), "originator", "certificate_sha256")
    }

    pub(super) fn common_name(&self, name: &str) -> Result<ResolveAnswer, ServiceError> {
        self.resolve(&alone(name, SubjectKind::CommonName), "originator", "common_name")
    }

    fn resolve(&self, question: &ResolveQuestion, side: &str, member: &str) -> Result<ResolveAnswer, ServiceError> {
        let place = |asked: &str| self.point(&format!("{side}/{}", if asked == "subject" { member } else { asked }));
        let read = read_question(question, Effort::Reason, place)?;
        let (reader, now) = (self.asking.reader, self.moment.0);
        match self.asking.then() {
            // The claims were counted as shown when the pre-check was recorded, so they are not counted again.
            Some(_) => resolve_again(self.registry, self.generation, read, reader, now),
            None => resolve(self.registry, self.generation, read, reader, now),
        }
    }
}

fn alone(text: &str, kind: SubjectKind) -> ResolveQuestion {
    ResolveQuestion { subject: text.to_owned(), kind: Some(kind), network: None, memo: None }
}

/// Returns the accounts that an address can be.
pub(super) fn accounts_of(subject: &Subject) -> Vec<Account> {
    match subject {
        Subject::Address(account) | Subject::Caip10(account) => vec![account.clone()],
        Subject::BareAddress(candidates) => candidates.accounts.clone(),
        _ => vec![],
    }
}
