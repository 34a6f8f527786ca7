//! The checks whose facts the registry does not hold yet. They answer `unknown` with a code that names what is missing,
//! never a pass.

use super::{CheckCode, CheckResult, Counterparty, Evidence, PrecheckInput};

/// For each check: the codes for an entity without the facts, for nobody known and for self-hosted, and what is missing.
const PENDING: [(CheckCode, CheckCode, CheckCode, &str); 4] = [
    (
        CheckCode::ShellVaspPresenceNotOnRecord,
        CheckCode::ShellVaspNoCounterparty,
        CheckCode::ShellVaspSelfHosted,
        "Nothing on record about physical presence or a supervised group where it is licensed.",
    ),
    (
        CheckCode::DataProtectionNoAssessment,
        CheckCode::DataProtectionNoCounterparty,
        CheckCode::DataProtectionSelfHosted,
        "No assessment of how it protects personal data on record.",
    ),
    (
        CheckCode::TravelRuleNotStarted,
        CheckCode::TravelRuleNoCounterparty,
        CheckCode::TravelRuleSelfHosted,
        "No counterparty due diligence (FATF R.16) by the asking organisation on record.",
    ),
    (
        CheckCode::CorrespondentNotStarted,
        CheckCode::CorrespondentNoCounterparty,
        CheckCode::CorrespondentSelfHosted,
        "No correspondent due diligence (FATF R.13) by the asking organisation on record.",
    ),
];

/// Answers the four checks in the order of the contract.
pub(super) fn checks(input: &PrecheckInput<'_>) -> [CheckResult; 4] {
    PENDING.map(|(missing, nobody, self_hosted, detail)| match input.attribution.counterparty {
        Counterparty::Entity(_) => CheckResult::new(missing, detail, vec![Evidence::directory(input.now)]),
        Counterparty::SelfHosted => {
            let detail = "Self-hosted: there is no legal entity.";
            CheckResult::new(self_hosted, detail, vec![Evidence::declaration(input.now)])
        }
        Counterparty::Party { .. } | Counterparty::Nobody { .. } => {
            let detail = "No legal entity is settled on the other side.";
            CheckResult::new(nobody, detail, vec![Evidence::directory(input.now)])
        }
    })
}
