//! Whether the law of the asker's side prohibits the transferred asset, whether the policy lists it as anonymity-enhanced, and whether the address
//! is the contract of a token, which people paste in place of the recipient's address.
//!
//! Source: docs/policies.md, "Assets"; docs/rulebook.md, "How a rule is read"; FATF 2021 Guidance, on anonymity-enhanced cryptocurrencies.

use super::super::policy::AssetPolicy;
use super::super::rulebook::{AssetClass, ProhibitedAsset};
use super::transfer::TransferFinding;
use super::{CheckCode, PrecheckInput, sentences};
use vasp_addresses::asset::{is_same_asset, is_same_ledger, names_contract};
use vasp_words::caip::Caip19;

/// Returns the findings about the asset.
pub(super) fn findings(input: &PrecheckInput<'_>) -> Vec<TransferFinding> {
    finding(input).into_iter().chain(token_contract(input)).collect()
}

/// Returns the finding about an address that is the contract of a token. Incoming assets can come from a contract.
fn token_contract(input: &PrecheckInput<'_>) -> Option<TransferFinding> {
    let ticker = input.relationship.transfer.token_contract.filter(|_| !input.own.incoming)?;
    let detail = format!("The address is the contract of the token {ticker}. Assets that are sent to it are usually lost.");
    Some(TransferFinding { code: CheckCode::TransferToTokenContract, detail: detail.into(), fields: vec![] })
}

/// Returns the finding about the kind of asset, if there is one: a prohibition decides before the policy's list.
pub(super) fn finding(input: &PrecheckInput<'_>) -> Option<TransferFinding> {
    prohibited(input).or_else(|| anonymity_enhanced(input))
}

/// Returns the finding about a prohibition. A class that the law names contains at least the assets of the shipped policy: an organisation's
/// own policy may add assets to it, but removes none.
fn prohibited(input: &PrecheckInput<'_>) -> Option<TransferFinding> {
    let enhanced = || AssetPolicy::anonymity_enhanced_at_least().iter().chain(&input.policy.assets().anonymity_enhanced);
    let is_meant = |one: &&ProhibitedAsset| match one.class {
        Some(AssetClass::AnonymityEnhanced) => one.ids.iter().chain(enhanced()).any(|id| is_transferred(id, input)),
        None => one.ids.iter().any(|id| is_transferred(id, input)),
    };
    let in_force = input.own.prohibited_assets.iter().filter(|one| one.holds_on(input.date));
    let one = in_force.into_iter().find(is_meant)?;
    let clause = one.clause.as_deref().unwrap_or("the clause was not looked up");
    let (own, name) = (&input.own_side.jurisdiction, sentences::cut(&one.name, 60));
    let detail =
        format!("The law of {own} has prohibited transfers of {name} since {}: {}.", one.from, sentences::cut(clause, 80));
    Some(TransferFinding { code: CheckCode::TransferAssetProhibited, detail: detail.into(), fields: vec![] })
}

fn anonymity_enhanced(input: &PrecheckInput<'_>) -> Option<TransferFinding> {
    let named = input.policy.assets().anonymity_enhanced.iter().find(|named| is_transferred(named, input))?;
    let detail = format!("The policy {} lists the asset {named} as anonymity-enhanced.", input.policy);
    Some(TransferFinding { code: CheckCode::TransferAssetAnonymityEnhanced, detail: detail.into(), fields: vec![] })
}

/// Returns whether the transfer is of this asset. If the request names no asset, the network's own asset is assumed: leaving the asset out
/// gains nothing.
fn is_transferred(named: &Caip19, input: &PrecheckInput<'_>) -> bool {
    let transfer = &input.relationship.transfer;
    let is_own = |asset: &Caip19| asset.asset_namespace() == "slip44";
    // A network has one native asset, whatever its SLIP-44 number in the request. What is not named by a contract may be it.
    let of_network = transfer.asset.as_ref().is_none_or(|asset| !names_contract(asset));
    let mut networks = transfer.possible_networks.iter().chain(&transfer.network);
    transfer.asset.as_ref().is_some_and(|asset| is_same_asset(named, asset))
        || of_network && is_own(named) && networks.any(|network| is_same_ledger(network, named.chain()))
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

    /// Source: VARA, Virtual Assets and Related Activities Regulations 2023 (anonymity-enhanced); Regulation (EU) No 833/2014 Annex LIII (A7A5).
    #[test]
    fn an_asset_that_the_askers_law_prohibits_is_rejected_from_the_first_day() {
        let a7a5 = "eip155:1/erc20:0x6fA0BE17e4beA2fCfA22ef89BF8ac9aab0AB0fc9";
        let listed = |class, ids: &[&str]| ProhibitedAsset {
            name: "X".to_owned(),
            ids: ids.iter().map(|id| id.parse().unwrap()).collect(),
            class,
            from: "2026-05-01".parse().unwrap(),
            until: None,
            clause: None,
        };
        let answer = |one: ProhibitedAsset, asset: &str, day: &str| {
            let mut case = Case::unknown_address(super::super::Declared::SelfHosted);
            case.transfer.asset = Some(asset.parse().unwrap());
            case.date = day.parse().unwrap();
            case.prohibited_assets = vec![one];
            let text = include_str!("../data/policy.json");
            let own = serde_json::from_str::<serde_json::Value>(text).map(|mut policy| {
                policy["assets"]["anonymity_enhanced"] = serde_json::json!([]);
                policy.to_string()
            });
            case.policy = super::super::super::policy::Policy::from_json(&own.unwrap()).unwrap();
            case.run()
        };
        let class = || listed(Some(AssetClass::AnonymityEnhanced), &[]);
        let monero = format!("{MONERO}/slip44:128");

        let rejected = answer(class(), &monero, "2026-05-01");
        assert_eq!(
            (rejected.recommendation, rejected.reasons[0].code),
            (Recommendation::Reject, CheckCode::TransferAssetProhibited)
        );
        assert!(rejected.reasons[0].detail.contains("the clause was not looked up"), "{}", rejected.reasons[0].detail);
        assert_ne!(answer(class(), &monero, "2026-04-30").recommendation, Recommendation::Reject);
        assert_ne!(answer(class(), "eip155:1/slip44:60", "2026-05-01").recommendation, Recommendation::Reject);
        let lower = a7a5.to_lowercase();
        assert_eq!(answer(listed(None, &[a7a5]), &lower, "2026-05-01").recommendation, Recommendation::Reject);
        assert_ne!(
            answer(listed(None, &[]), &lower, "2026-05-01").recommendation,
            Recommendation::Reject,
            "named for people only"
        );
    }
}
