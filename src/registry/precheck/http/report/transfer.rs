//! The part of a report about what was asked: who asked, on which side, about which address, how much and for which day.

use serde_json::Value;

use crate::resolve::networks::{asset_in_words, network_in_words};
use vasp_words::ids::OrganisationId;

/// Returns the lines about the transfer, each with its name. A line without content is left out.
pub(super) fn lines(verdict: &Value, asker: Option<OrganisationId>) -> Vec<(&'static str, String)> {
    let transfer = &verdict["transfer"];
    let is_incoming = transfer["direction"] == "incoming";
    let (own, other) = if is_incoming { ("beneficiary", "originator") } else { ("originator", "beneficiary") };
    let lines = [
        ("Direction", given(transfer, "direction")),
        ("Address", address(&transfer[other])),
        ("Amount", amount(transfer)),
        ("Day of the transfer", given(transfer, "date")),
        ("Asker", asked_by(&transfer[own], asker)),
    ];
    lines.into_iter().filter(|(_, content)| !content.is_empty()).collect()
}

fn given(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}

fn joined(parts: impl IntoIterator<Item = String>, by: &str) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(by)
}

/// Writes text before another text, if there is one.
fn before(word: &str, text: String) -> String {
    if text.is_empty() { text } else { format!("{word}{text}") }
}

fn address(party: &Value) -> String {
    let on = before("on ", party["network"].as_str().map(network_in_words).unwrap_or_default());
    let place = joined([given(party, "address"), on], " ");
    let travel_address = before("Travel Address ", given(party, "travel_address"));
    joined([place, before("memo ", given(party, "memo")), travel_address], ", ")
}

fn amount(transfer: &Value) -> String {
    let asset = transfer["asset"].as_str().map(asset_in_words).unwrap_or_default();
    let fiat = joined([given(&transfer["fiat"], "amount"), given(&transfer["fiat"], "currency")], " ");
    joined([joined([given(transfer, "amount"), asset], " "), before("worth ", fiat)], ", ")
}

fn asked_by(own: &Value, asker: Option<OrganisationId>) -> String {
    let under = before("under the law of ", given(own, "jurisdiction"));
    joined([asker.map(|id| id.to_string()).unwrap_or_default(), given(own, "vasp"), under], ", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_lines_say_address_amount_day_and_asker() {
        let network = "bip122:000000000019d6689c085ae165831e93";
        let verdict = json!({"transfer": {
            "direction": "outgoing", "date": "2026-11-27", "amount": "0.05", "asset": format!("{network}/slip44:0"),
            "fiat": {"amount": "2000", "currency": "EUR"}, "originator": {"jurisdiction": "DE"},
            "beneficiary": {"address": "1NDy", "network": network}}});

        let lines = lines(&verdict, None);

        let expected = [
            ("Direction", "outgoing"),
            ("Address", "1NDy on Bitcoin"),
            ("Amount", "0.05 BTC, worth 2000 EUR"),
            ("Day of the transfer", "2026-11-27"),
            ("Asker", "under the law of DE"),
        ];
        assert_eq!(lines, expected.map(|(name, content)| (name, content.to_owned())));
    }

    #[test]
    fn what_was_not_asked_has_no_line() {
        let verdict = json!({"transfer": {"direction": "incoming", "date": "2026-11-27", "originator": {"vasp": "vasp_1"}}});

        assert_eq!(lines(&verdict, None).len(), 2);
    }
}
