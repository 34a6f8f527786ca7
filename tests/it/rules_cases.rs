//! Whole answers of `/v1/obligations`. The cases of `tests/fixtures/rules/cases.txt` are asked in the tests of `vasp_rules::obligations`.

use serde_json::{Value, json};

use crate::filled::Filled;
use crate::support::on_every_database;

/// A whole answer, all of its members.
#[on_every_database(Filled::start)]
fn whole_answers_are_as_they_were_looked_at(filled: Filled) {
    let ask = |from: &str, to: Option<&str>, mut transfer: Value, (amount, currency): (&str, &str)| {
        transfer["date"] = json!("2025-01-01");
        transfer["fiat"] = json!({"amount": amount, "currency": currency});
        let to = to.map(|id| json!({"jurisdiction": id}));
        let body = json!({"originator": {"jurisdiction": from}, "beneficiary": to, "transfer": transfer});
        filled.post("/v1/obligations", &body).answered(200)
    };

    insta::assert_json_snapshot!("whole_ch_de", ask("CH", Some("DE"), json!({"originator_type": "legal"}), ("100", "CHF")));
    let rate = json!({"from": "CAD", "to": "USD", "rate": "0.7", "as_of": "2025-01-01", "source": "the case"});
    let linked = json!({"linked_total": {"amount": "4000", "currency": "USD"}, "rates": [rate]});
    insta::assert_json_snapshot!("whole_us_ca", ask("US", Some("CA"), linked, ("2900", "USD")));
    let third_party = json!({"counterparty": "self_hosted", "own_wallet": false});
    insta::assert_json_snapshot!("whole_bm_self_hosted", ask("BM", None, third_party, ("5000", "USD")));
}
