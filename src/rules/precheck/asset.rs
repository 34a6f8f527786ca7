//! Whether the policy lists the transferred asset as anonymity-enhanced.
//!
//! Source: wire contract, "Default policy" (`transfer.asset_anonymity_enhanced`); FATF 2021 Guidance, on anonymity-enhanced cryptocurrencies.

use super::transfer::TransferFinding;
use super::{CheckCode, PrecheckInput};
use vasp_addresses::asset::is_same_asset;
use vasp_words::caip::Caip19;

/// Returns the finding, if there is one. If the request names no asset, the network's own asset is assumed: leaving the asset
/// out gains nothing.
pub(super) fn finding(input: &PrecheckInput<'_>) -> Option<TransferFinding> {
    let transfer = &input.relationship.transfer;
    let is_own = |asset: &Caip19| asset.asset_namespace() == "slip44";
    // A network has one native asset, whatever its SLIP-44 number in the request.
    let of_network = transfer.asset.as_ref().is_none_or(is_own);
    let networks = transfer.possible_networks.iter().chain(&transfer.network);
    let named = input.policy.assets().anonymity_enhanced.iter().find(|named| {
        transfer.asset.as_ref().is_some_and(|asset| is_same_asset(named, asset))
            || of_network && is_own(named) && networks.clone().any(|network| network == named.chain())
    })?;
    let detail = format!("The policy {} lists the asset {named} as anonymity-enhanced.", input.policy);
    Some(TransferFinding { code: CheckCode::TransferAssetAnonymityEnhanced, detail: detail.into(), fields: vec![] })
}

#[cfg(test)]
mod tests {
    use super::super::super::policy::{ConditionCode, Recommendation};
    use super::super::examples::{Case, Question, claim, entity};
    use super::*;

    const MONERO: &str = "monero:418015bb9ae982a1975da7d79277c270";

    fn told(network: Option<&str>, asset: Option<String>) -> bool {
        let mut case = Case::about(Question::Address(vec![claim(1, 1)]), vec![entity(1)]);
        case.transfer.network = network.map(|text| text.parse().unwrap());
        case.transfer.asset = asset.map(|text| text.parse().unwrap());
        let answer = case.run();
        let found = answer.reasons.iter().any(|reason| reason.code == CheckCode::TransferAssetAnonymityEnhanced);
        let asked = answer.conditions.iter().any(|one| one.code == ConditionCode::EnhancedDueDiligence);
        assert_eq!(found, asked, "{answer:?}");
        assert!(!found || answer.recommendation <= Recommendation::ProceedWithConditions);
        found
    }

    #[test]
    fn an_anonymity_enhanced_asset_is_told_however_it_is_said_and_not_saying_it_hides_nothing() {
        assert!(told(Some(MONERO), Some(format!("{MONERO}/slip44:128"))));
        assert!(told(None, Some(format!("{MONERO}/slip44:128"))), "only a counterparty was asked about");
        assert!(told(Some(MONERO), None));
        assert!(told(Some(MONERO), Some(format!("{MONERO}/slip44:0"))), "a wrong number is no other asset");
        assert!(told(Some("bip122:00040fe8ec8471911baa1db1266ea15d"), None));
        assert!(!told(Some("eip155:1"), Some("eip155:1/slip44:60".to_owned())));
        assert!(!told(Some("eip155:1"), None) && !told(None, None));
        assert!(!told(Some("bip122:00000ffd590b1485b3caadc19b22e637"), None), "Dash is not named by the default policy");
    }
}
