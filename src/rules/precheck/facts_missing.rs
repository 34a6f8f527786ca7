//! The result of a check without facts: `unknown` for an entity whose facts are not on record and if nobody is settled,
//! `not_applicable` for a self-hosted address.

use super::{CheckCode, CheckResult, Counterparty, Evidence, PrecheckInput};

/// The codes of a check for missing facts.
pub(super) struct Missing {
    /// The code for an entity whose facts are not on record.
    pub entity: CheckCode,
    /// The code if no legal entity is settled.
    pub nobody: CheckCode,
    /// The code for a self-hosted address.
    pub self_hosted: CheckCode,
    /// The text that says what is missing about an entity.
    pub detail: &'static str,
}

/// Returns the result of a check without facts.
pub(super) fn answer(missing: &Missing, input: &PrecheckInput<'_>) -> CheckResult {
    match input.attribution.counterparty {
        Counterparty::Entity(_) => CheckResult::new(missing.entity, missing.detail, vec![Evidence::directory(input.now)]),
        Counterparty::SelfHosted => {
            let detail = "The wallet is self-hosted, so there is no legal entity.";
            CheckResult::new(missing.self_hosted, detail, vec![Evidence::declaration(input.now)])
        }
        Counterparty::Party { .. } | Counterparty::Nobody { .. } => {
            let detail = "The counterparty's legal entity is not known.";
            CheckResult::new(missing.nobody, detail, vec![Evidence::directory(input.now)])
        }
    }
}
