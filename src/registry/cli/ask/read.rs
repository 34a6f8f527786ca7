//! How `ask` read what somebody typed, in words; and what networks and assets are called. Ids that the tables do not have stay as they are.

use serde_json::Value;

use super::lines::{list, text};
pub(super) use crate::resolve::networks::{asset_in_words as asset, network_in_words as network};

/// How a subject was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// In words, such as "Address on Bitcoin".
    pub(super) words: String,
    /// The CAIP-2 ids of the networks on which an address without a network has owners; empty for everything else.
    pub(super) choices: Vec<String>,
    /// The host that a Travel Address or LNURL names; `None` for everything else.
    pub(super) host: Option<String>,
}

impl Reading {
    /// The name of a firm.
    pub(super) fn name() -> Self {
        Self { words: "Name of a firm".to_owned(), choices: Vec::new(), host: None }
    }

    /// Returns how a registry read the subject of a resolution.
    pub(super) fn of(answer: &Value) -> Self {
        let kind = text(answer, "/subject/kind");
        let host = text(answer, "/subject/travel_address/host");
        let words = match kind {
            "address" => address(answer),
            "caip10" => format!("Account on {}", network(text(answer, "/subject/network"))),
            "travel_address" => format!("Travel Address of {host}"),
            "lnurl" => format!("LNURL of {host}"),
            "url" if host.is_empty() => "URL".to_owned(),
            "url" => format!("URL of {host}"),
            "domain" => "Domain".to_owned(),
            "lei" => "LEI".to_owned(),
            "vasp" => "Id of a VASP".to_owned(),
            "certificate_sha256" => "Fingerprint of a certificate".to_owned(),
            "common_name" => "Common name of a certificate".to_owned(),
            other => other.replace("identifier:", "Identifier of the scheme "),
        };
        let is_hidden = matches!(kind, "travel_address" | "lnurl") && !host.is_empty();
        Self { words, choices: choices(answer), host: is_hidden.then(|| host.to_owned()) }
    }
}

fn address(answer: &Value) -> String {
    let what = match text(answer, "/subject/payment_uri/standard") {
        "" => "Address",
        "bip21" => "Payment text (BIP-21): address",
        "erc681" => "Payment text (ERC-681): address",
        "solana_pay" => "Payment text (Solana Pay): address",
        "sep7" => "Payment text (SEP-7): address",
        "xrpl" => "Payment text (XRP Ledger): address",
        _ => "Payment text: address",
    };
    let candidates = list(answer, "/candidates").iter().filter_map(Value::as_str).map(network);
    match text(answer, "/subject/network") {
        "" => {
            let candidates: Vec<String> = candidates.collect();
            if candidates.is_empty() { what.to_owned() } else { format!("{what}, possible on {}", candidates.join(", ")) }
        }
        id => format!("{what} on {}", network(id)),
    }
}

/// Returns the networks on which an address has owners, if that is not settled.
fn choices(answer: &Value) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    if text(answer, "/status") == "ambiguous" {
        let claims = list(answer, "/owners").iter().chain(list(answer, "/related_claims"));
        for id in claims.map(|claim| text(claim, "/network")).filter(|id| !id.is_empty() && !id.ends_with('*')) {
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(answer: &Value) -> String {
        Reading::of(answer).words
    }

    #[test]
    fn people_read_names_of_networks_and_assets() {
        assert_eq!(network("bip122:000000000019d6689c085ae165831e93"), "Bitcoin");
        assert_eq!(asset("bip122:000000000019d6689c085ae165831e93/slip44:0"), "BTC");
        assert_eq!((network("eip155:987654321").as_str(), asset("a").as_str()), ("eip155:987654321", "a"));
    }

    #[test]
    fn every_kind_says_how_it_was_read() {
        let on_bitcoin = json!({"subject": {"kind": "address", "network": "bip122:000000000019d6689c085ae165831e93"}});
        let uri = json!({"subject": {"kind": "address", "network": "eip155:1", "payment_uri": {"standard": "erc681"}}});
        let hidden = json!({"subject": {"kind": "travel_address", "travel_address": {"host": "beneficiary.com"}}});

        assert_eq!(words(&on_bitcoin), "Address on Bitcoin");
        assert!(words(&uri).starts_with("Payment text (ERC-681): address on Ethereum"), "{}", words(&uri));
        assert_eq!(words(&hidden), "Travel Address of beneficiary.com");
        assert_eq!(Reading::of(&hidden).host.as_deref(), Some("beneficiary.com"));
        assert_eq!(words(&json!({"subject": {"kind": "identifier:entity_key"}})), "Identifier of the scheme entity_key");
    }

    #[test]
    fn an_address_with_owners_on_several_networks_has_choices() {
        let on = |id: &str| json!({"network": id});
        let owners = json!({"status": "ambiguous", "owners": [on("eip155:1"), on("eip155:56"), on("eip155:1")]});

        assert_eq!(Reading::of(&owners).choices, ["eip155:1", "eip155:56"]);
        assert!(Reading::of(&json!({"status": "owned", "owners": [on("eip155:1")]})).choices.is_empty());
    }
}
