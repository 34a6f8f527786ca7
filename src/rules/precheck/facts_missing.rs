//! What a check says that has nothing to judge by: `unknown` for an entity whose facts are not on record and where nobody is settled,
//! `not_applicable` for a self-hosted address.

use super::{CheckCode, CheckResult, Counterparty, Evidence, PrecheckInput};

/// The codes of a check without facts.
pub(super) struct Missing {
    /// For an entity.
    pub entity: CheckCode,
    /// Where no legal entity is settled.
    pub nobody: CheckCode,
    /// For a self-hosted address.
    pub self_hosted: CheckCode,
    /// What is missing about an entity.
    pub detail: &'static str,
}

/// Answers a check without facts.
pub(super) fn answer(missing: &Missing, input: &PrecheckInput<'_>) -> CheckResult {
    match input.attribution.counterparty {
        Counterparty::Entity(_) => CheckResult::new(missing.entity, missing.detail, vec![Evidence::directory(input.now)]),
        Counterparty::SelfHosted => {
            let detail = "Self-hosted: there is no legal entity.";
            CheckResult::new(missing.self_hosted, detail, vec![Evidence::declaration(input.now)])
        }
        Counterparty::Party { .. } | Counterparty::Nobody { .. } => {
            let detail = "No legal entity is settled on the other side.";
            CheckResult::new(missing.nobody, detail, vec![Evidence::directory(input.now)])
        }
    }
}
