//! What the asker itself brings: the same legal entity may be on both sides, and the request may contain proofs of who controls
//! a self-hosted wallet. Both are applied to the first check after the counterparty is settled.

use super::{Attribution, CheckCode, CheckOutcome, CheckResult, Evidence};
use vasp_addresses::address::Controller;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// What the proofs in the request show, each in a sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WalletProofs {
    /// The proofs by the address's key that were made for this asker and are valid now.
    pub good: Vec<String>,
    /// Why each of the other proofs is not accepted.
    pub refused: Vec<String>,
    /// What follows from the keys that the accepted proofs showed. Lists are searched for it.
    pub shown: Vec<Controller>,
}

impl Attribution<'_> {
    /// Returns the attribution, marked if the counterparty is the asker's own legal entity. Uncertain findings about the
    /// address do not change.
    ///
    /// Source: docs/prechecks.md, "The same legal entity on both sides".
    #[must_use]
    pub fn beside(self, own: Option<VaspId>) -> Self {
        let is_own = own.is_some() && self.entity().map(|entity| entity.id) == own;
        // The address of a brand, or an address that was only declared, may belong to another entity. Then every duty remains.
        let is_named = match self.result.code {
            CheckCode::AttributionProven | CheckCode::AttributionAttested | CheckCode::AttributionAttributed => {
                self.label.names_entity
            }
            code => matches!(code.outcome(), CheckOutcome::Pass | CheckOutcome::NotApplicable),
        };
        if !is_own || !is_named {
            return self;
        }
        let CheckResult { detail, evidence, also, .. } = self.result;
        let detail = format!("{detail} The counterparty is the asker itself, so no data have to be sent.");
        let result = CheckResult::new(CheckCode::AttributionSameEntity, detail, evidence).with(also);
        Self { result, is_asker: true, ..self }
    }

    /// Returns the attribution, marked if a proof shows that the key of a self-hosted address is the customer's or the third party's.
    ///
    /// Source: docs/prechecks.md, "Proofs of who controls a self-hosted address".
    #[must_use]
    pub fn proven_by(self, proofs: &WalletProofs, now: UtcTime) -> Self {
        // An address that no VASP keeps, for example a mining pool's, still has an owner.
        let unowned = self.result.code == CheckCode::AttributionSelfHostedUnconfirmed;
        let (true, Some(shown)) = (unowned, proofs.good.first()) else { return self };
        let detail = format!("Declared as self-hosted. No claim contradicts this. {shown}");
        let evidence = Evidence { source: shown.clone().into(), ..Evidence::declaration(now) };
        let evidence = self.result.evidence.iter().cloned().chain([evidence]).collect();
        let result = CheckResult::new(CheckCode::AttributionSelfHostedProven, detail, evidence);
        Self { result, ..self }
    }
}
