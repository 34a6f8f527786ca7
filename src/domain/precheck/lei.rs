//! What GLEIF's files say of the counterparty's LEI.
//!
//! Source: wire contract, `lei`; GLEIF LEI-CDF 3.1, RegistrationStatusEnum.

use super::super::lei::Lei;
use super::super::vasp::{LeiStatus, Vasp};
use super::{CheckCode, CheckResult, Counterparty, Evidence, EvidenceOf, PrecheckInput};

/// Judges the LEI's registration.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    match &input.attribution.counterparty {
        Counterparty::Entity(entity) => match entity.lei {
            Some(lei) => of_lei(lei, entity, input),
            None => none_on_record(entity, input),
        },
        Counterparty::SelfHosted => {
            let detail = "Self-hosted: there is no legal entity.";
            CheckResult::new(CheckCode::LeiSelfHosted, detail, vec![Evidence::declaration(input.now)])
        }
        Counterparty::Party { .. } | Counterparty::Nobody { .. } => {
            let detail = "An LEI belongs to a legal entity, and none is settled on the other side.";
            CheckResult::new(CheckCode::LeiNoCounterparty, detail, vec![Evidence::directory(input.now)])
        }
    }
}

fn none_on_record(entity: &Vasp, input: &PrecheckInput<'_>) -> CheckResult {
    let own = input.countries.iter().map(|facts| &facts.regime).filter(|regime| Some(regime.country) == entity.country);
    let asking = own.chain([input.originator]).find(|regime| regime.lei_required);
    let evidence = vec![Evidence::directory(input.now)];
    match asking {
        Some(regime) => {
            let detail = format!("The rule of {} asks for an LEI and none is on record.", regime.jurisdiction);
            CheckResult::new(CheckCode::LeiRequiredNoneOnRecord, detail, evidence)
        }
        None => CheckResult::new(CheckCode::LeiNoneOnRecord, "No LEI on record, and no rule asks for one.", evidence),
    }
}

fn of_lei(lei: Lei, entity: &Vasp, input: &PrecheckInput<'_>) -> CheckResult {
    let text = lei.as_str();
    let Some(status) = entity.lei_status else {
        let mut evidence = Evidence::of_attribute(entity, "lei", &EvidenceOf::Lei(lei));
        if evidence.is_empty() {
            evidence.push(Evidence::directory(input.now));
        }
        let detail = format!("{text} is well formed; what GLEIF says of it is not on record.");
        return CheckResult::new(CheckCode::LeiStatusNotOnRecord, detail, evidence);
    };
    let (code, meaning) = match status {
        LeiStatus::Annulled => (CheckCode::LeiAnnulled, "annulled: void from the start"),
        LeiStatus::Duplicate => (CheckCode::LeiDuplicate, "a duplicate of another LEI"),
        LeiStatus::Retired => (CheckCode::LeiRetired, "retired: the entity ceased to exist"),
        LeiStatus::Merged => (CheckCode::LeiMerged, "merged into another"),
        LeiStatus::Cancelled => (CheckCode::LeiCancelled, "cancelled before issue"),
        LeiStatus::Transferred => (CheckCode::LeiTransferred, "handed to another issuer"),
        LeiStatus::Lapsed => (CheckCode::LeiLapsed, "lapsed: its renewal was missed"),
        LeiStatus::PendingValidation => (CheckCode::LeiPendingValidation, "not yet validated"),
        LeiStatus::PendingArchival | LeiStatus::PendingTransfer => {
            (CheckCode::LeiIssued, "in good standing, being handed to another issuer")
        }
        LeiStatus::Issued => (CheckCode::LeiIssued, "in good standing"),
    };
    let mut evidence = Evidence::of_attribute(entity, "lei_status", &EvidenceOf::Lei(lei));
    if evidence.is_empty() {
        // A status without a dated source is reported by the freshness check.
        let of = EvidenceOf::Lei(lei);
        evidence.push(Evidence { of, source: "the registry".to_owned(), observed_at: None, valid_until: None });
    }
    CheckResult::new(code, format!("{text} is {meaning}."), evidence)
}
