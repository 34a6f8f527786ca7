//! Whether the policy lists the transferred asset as anonymity-enhanced, and whether the address is the contract of a token, which people
//! paste in place of the recipient's address.
//!
//! Source: wire contract, "Default policy" (`transfer.asset_anonymity_enhanced`); FATF 2021 Guidance, on anonymity-enhanced cryptocurrencies.

use super::transfer::TransferFinding;
use super::{CheckCode, PrecheckInput};
use vasp_addresses::asset::{is_same_asset, is_same_ledger};
use vasp_words::caip::Caip19;

/// Returns the findings about the asset.
pub(super) fn findings(input: &PrecheckInput<'_>) -> Vec<TransferFinding> {
    anonymity(input).into_iter().chain(token_contract(input)).collect()
}

/// Returns the finding about an address that is the contract of a token. Incoming assets can come from a contract.
fn token_contract(input: &PrecheckInput<'_>) -> Option<TransferFinding> {
    let ticker = input.relationship.transfer.token_contract.filter(|_| !input.own.incoming)?;
    let detail = format!("The address is the contract of the token {ticker}. Assets that are sent to it are usually lost.");
    Some(TransferFinding { code: CheckCode::TransferToTokenContract, detail: detail.into(), fields: vec![] })
}

/// Returns the finding about an anonymity-enhanced asset. If the request names no asset, the network's own asset is assumed: leaving the
/// asset out gains nothing.
fn anonymity(input: &PrecheckInput<'_>) -> Option<TransferFinding> {
    let transfer = &input.relationship.transfer;
    let is_own = |asset: &Caip19| asset.asset_namespace() == "slip44";
    // A network has one native asset, whatever its SLIP-44 number in the request.
    let of_network = transfer.asset.as_ref().is_none_or(is_own);
    let networks = transfer.possible_networks.iter().chain(&transfer.network);
    let named = input.policy.assets().anonymity_enhanced.iter().find(|named| {
        transfer.asset.as_ref().is_some_and(|asset| is_same_asset(named, asset))
            || of_network && is_own(named) && networks.clone().any(|network| is_same_ledger(network, named.chain()))
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
    fn a_tokens_contract_is_told_for_an_outgoing_transfer_only() {
        let told = |incoming: bool, token: Option<&'static str>| {
            let mut case = Case::about(Question::Address(vec![claim(1, 1)]), vec![entity(1)]);
            case.incoming = incoming;
            case.transfer.token_contract = token;
            let answer = case.run();
            let asked = answer.conditions.iter().any(|one| one.code == ConditionCode::ConfirmAddressWithCounterparty);
            asked && answer.reasons.iter().any(|reason| reason.code == CheckCode::TransferToTokenContract)
        };

        assert!(told(false, Some("USDT")));
        assert!(!told(true, Some("USDT")) && !told(false, None));
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
