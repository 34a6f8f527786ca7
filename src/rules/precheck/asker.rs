//! What the asker itself is and brings: the same legal entity on both sides, and proofs of who controls a self-hosted wallet. Both are
//! applied to the first check once it is settled who the counterparty is.

use super::{Attribution, CheckCode, CheckOutcome, CheckResult, Evidence};
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// What the proofs show that came with the question, each in a sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WalletProofs {
    /// Those by the key of the address that were meant for this asker, now.
    pub good: Vec<String>,
    /// Why each of the others does not count.
    pub refused: Vec<String>,
}

impl Attribution<'_> {
    /// Notes that the counterparty is the asker's own legal entity, where it is. What is not certain of the address stays as it was found.
    ///
    /// Source: wire contract, "The same entity on both sides".
    #[must_use]
    pub fn beside(self, own: Option<VaspId>) -> Self {
        let is_own = own.is_some() && self.entity().map(|entity| entity.id) == own;
        // A brand's address, or one of which it was only declared, may be another entity's: then every duty stays.
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
        let detail = format!("{detail} It is the asker itself: there is nothing to send to oneself.");
        let result = CheckResult::new(CheckCode::AttributionSameEntity, detail, evidence).with(also);
        Self { result, is_asker: true, ..self }
    }

    /// Notes that the key of a self-hosted address was shown to be the customer's, or the third party's.
    ///
    /// Source: wire contract, "Default policy", *Self-hosted*.
    #[must_use]
    pub fn proven_by(self, proofs: &WalletProofs, now: UtcTime) -> Self {
        // What no VASP keeps, such as a mining pool's address, is owned by somebody all the same.
        let unowned = self.result.code == CheckCode::AttributionSelfHostedUnconfirmed;
        let (true, Some(shown)) = (unowned, proofs.good.first()) else { return self };
        let detail = format!("Declared self-hosted; no claim says otherwise. {shown}");
        let evidence = Evidence { source: shown.clone(), ..Evidence::declaration(now) };
        let evidence = self.result.evidence.iter().cloned().chain([evidence]).collect();
        let result = CheckResult::new(CheckCode::AttributionSelfHostedProven, detail, evidence);
        Self { result, ..self }
    }
}
