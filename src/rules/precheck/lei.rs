//! What GLEIF's files say about the counterparty's LEI, and whether they describe the entity that has the LEI here.
//!
//! Source: GLEIF LEI-CDF 3.1, RegistrationStatusEnum.

use super::super::elsewhere::JudgedVasp;
use super::super::lei_evidence::{LeiFinding, LeiFindingCode, LeiWord};
use super::{CheckCode, CheckOutcome, CheckResult, Counterparty, Evidence, EvidenceOf, PrecheckInput, sentences};
use vasp_record::vasp::{LeiStatus, Vasp};
use vasp_words::lei::Lei;

/// Judges the LEI's registration.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    match &input.attribution.counterparty {
        Counterparty::Entity(entity) => match entity.record.lei {
            Some(lei) => of_lei(lei, entity, input),
            None => none_on_record(&entity.record, input),
        },
        Counterparty::SelfHosted => {
            let detail = "The wallet is self-hosted, so there is no legal entity.";
            CheckResult::new(CheckCode::LeiSelfHosted, detail, vec![Evidence::declaration(input.now)])
        }
        Counterparty::Party { .. } | Counterparty::Nobody { .. } => {
            let detail = "The counterparty's legal entity is not known, so no LEI could be checked.";
            CheckResult::new(CheckCode::LeiNoCounterparty, detail, vec![Evidence::directory(input.now)])
        }
    }
}

fn none_on_record(entity: &Vasp, input: &PrecheckInput<'_>) -> CheckResult {
    let own = input.countries.iter().map(|facts| &facts.regime).filter(|regime| Some(regime.country) == entity.country);
    let asking = own.chain([input.own_side]).find(|regime| regime.lei_required);
    let evidence = vec![Evidence::directory(input.now)];
    match asking {
        Some(regime) => {
            let detail =
                format!("The rule of {} requires an LEI, but no LEI of the counterparty is on record.", regime.jurisdiction);
            CheckResult::new(CheckCode::LeiRequiredNoneOnRecord, detail, evidence)
        }
        None => CheckResult::new(CheckCode::LeiNoneOnRecord, "No LEI is on record, and no rule requires one.", evidence),
    }
}

fn of_lei(lei: Lei, JudgedVasp { record: entity, elsewhere }: &JudgedVasp, input: &PrecheckInput<'_>) -> CheckResult {
    let text = lei.as_str();
    let Some(status) = entity.lei_status else {
        let mut evidence = Evidence::of_attribute(entity, "lei", &EvidenceOf::Lei(lei));
        if evidence.is_empty() {
            evidence.push(Evidence::directory(input.now));
        }
        let detail = format!("LEI {text} is well formed, but no GLEIF record of it is loaded.");
        return CheckResult::new(CheckCode::LeiStatusNotOnRecord, detail, evidence);
    };
    let (code, meaning) = match status {
        LeiStatus::Annulled => (CheckCode::LeiAnnulled, "annulled: it was never valid"),
        LeiStatus::Duplicate => (CheckCode::LeiDuplicate, "a duplicate of another LEI"),
        LeiStatus::Retired => (CheckCode::LeiRetired, "retired: the entity ceased to exist"),
        LeiStatus::Merged => (CheckCode::LeiMerged, "merged: the entity merged into another one"),
        LeiStatus::Cancelled => (CheckCode::LeiCancelled, "cancelled before it was issued"),
        LeiStatus::Transferred => (CheckCode::LeiTransferred, "transferred to another issuer"),
        LeiStatus::Lapsed => (CheckCode::LeiLapsed, "lapsed: its renewal was missed"),
        LeiStatus::PendingValidation => (CheckCode::LeiPendingValidation, "not yet validated"),
        LeiStatus::PendingArchival | LeiStatus::PendingTransfer => {
            (CheckCode::LeiIssued, "in good standing and being transferred to another issuer")
        }
        LeiStatus::Issued => (CheckCode::LeiIssued, "in good standing"),
    };
    let evidence = match &elsewhere.lei {
        Some(word) => vec![Evidence::gleif(word)],
        None => Evidence::of_attribute(entity, "lei_status", &EvidenceOf::Lei(lei)),
    };
    let result = CheckResult::new(code, format!("LEI {text} is {meaning}."), dated(evidence, lei));
    match &elsewhere.lei {
        Some(word) => with_findings(result, word),
        None => result,
    }
}

/// Adds an undated piece of evidence if there is none: the freshness check then reports the status as undated.
fn dated(mut evidence: Vec<Evidence>, lei: Lei) -> Vec<Evidence> {
    if evidence.is_empty() {
        let of = EvidenceOf::Lei(lei);
        evidence.push(Evidence { of, source: "the registry".into(), observed_at: None, valid_until: None });
    }
    evidence
}

/// Adds the differences between GLEIF's record and the one here. The worst finding comes first, and a successor is named.
fn with_findings(status: CheckResult, word: &LeiWord) -> CheckResult {
    let code_of = |finding: &LeiFinding| match finding.code {
        LeiFindingCode::EntityInactive => Some(CheckCode::LeiEntityInactive),
        LeiFindingCode::NameMismatch => Some(CheckCode::LeiNameMismatch),
        LeiFindingCode::CountryMismatch => Some(CheckCode::LeiCountryMismatch),
        LeiFindingCode::RenewalOverdue => Some(CheckCode::LeiRenewalOverdue),
        // The status code already covers the state of the registration.
        LeiFindingCode::RegistrationOver
        | LeiFindingCode::RegistrationLapsed
        | LeiFindingCode::RegistrationPending
        | LeiFindingCode::SuccessorNamed
        | LeiFindingCode::FormerName
        | LeiFindingCode::GoodStanding
        | LeiFindingCode::NameMatches
        | LeiFindingCode::CountryMatches => None,
    };
    let told = |finding: &&LeiFinding| code_of(finding).is_some() || finding.code == LeiFindingCode::SuccessorNamed;
    let details = word.findings.iter().filter(told).map(|finding| finding.detail.as_str());
    let detail = sentences::joined(std::iter::once(status.detail.as_str()).chain(details));
    let mut codes: Vec<CheckCode> = word.findings.iter().filter_map(code_of).chain([status.code]).collect();
    // Codes are declared worst first within a check.
    codes.sort_unstable();
    let mut rest = codes.split_off(1.min(codes.len()));
    rest.retain(|code| code.outcome() < CheckOutcome::Pass);
    let speaks = codes.first().copied().unwrap_or(status.code);
    CheckResult::new(speaks, detail, status.evidence).with(rest)
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use super::super::super::lei_evidence::examples::record;
    use super::super::super::policy::Recommendation;
    use super::super::CheckName;
    use super::super::examples::*;
    use super::*;

    /// GLEIF's data with some findings.
    pub(in crate::precheck) fn word(codes: &[LeiFindingCode]) -> LeiWord {
        let observed_on = date("2026-04-26");
        let finding = |code: &LeiFindingCode| LeiFinding { code: *code, detail: format!("{}.", code.as_str()), observed_on };
        let (record, findings) = (Arc::new(record()), codes.iter().map(finding).collect());
        LeiWord { record, source: "lei2.csv".into(), observed_on, findings }
    }

    fn checked(status: LeiStatus, codes: &[LeiFindingCode]) -> (CheckResult, Recommendation) {
        let mut case = Case::licensed().lei_status(status);
        case.elsewhere().lei = Some(word(codes));
        let outcome = case.run();
        let check = outcome.checks.iter().find(|check| check.check() == CheckName::Lei).unwrap();
        (check.clone(), outcome.recommendation)
    }

    #[test]
    fn mismatches_warn_and_an_inactive_entity_fails() {
        use LeiFindingCode::{CountryMatches, CountryMismatch, EntityInactive, GoodStanding, NameMatches, NameMismatch};

        let (good, _) = checked(LeiStatus::Issued, &[GoodStanding, NameMatches, CountryMatches]);
        assert_eq!((good.code, good.also), (CheckCode::LeiIssued, vec![]));
        let (name, _) = checked(LeiStatus::Issued, &[NameMismatch, CountryMismatch, GoodStanding]);
        assert_eq!((name.code, name.also), (CheckCode::LeiNameMismatch, vec![CheckCode::LeiCountryMismatch]));
        assert!(name.detail.ends_with("is in good standing. name_mismatch. country_mismatch."), "{}", name.detail);
        let (country, _) = checked(LeiStatus::Lapsed, &[CountryMismatch]);
        assert_eq!((country.code, country.also), (CheckCode::LeiCountryMismatch, vec![CheckCode::LeiLapsed]));
        let (inactive, recommendation) = checked(LeiStatus::Issued, &[EntityInactive, NameMatches]);
        assert_eq!((inactive.code, recommendation), (CheckCode::LeiEntityInactive, Recommendation::Hold));
    }

    #[test]
    fn a_retired_lei_fails_and_its_successor_is_named() {
        let (retired, recommendation) =
            checked(LeiStatus::Retired, &[LeiFindingCode::EntityInactive, LeiFindingCode::SuccessorNamed]);

        assert_eq!((retired.code, retired.also), (CheckCode::LeiRetired, vec![CheckCode::LeiEntityInactive]));
        assert!(retired.detail.contains("successor_named"), "{}", retired.detail);
        assert_eq!(recommendation, Recommendation::Hold);
    }

    #[test]
    fn an_overdue_renewal_warns_and_the_evidence_holds_until_it() {
        let (overdue, _) = checked(LeiStatus::Issued, &[LeiFindingCode::RenewalOverdue, LeiFindingCode::GoodStanding]);

        assert_eq!(overdue.code, CheckCode::LeiRenewalOverdue);
        assert_eq!(overdue.evidence[0].source, "lei2.csv");
        assert_eq!(overdue.evidence[0].valid_until, Some(date("2026-05-20").start()));
    }
}
