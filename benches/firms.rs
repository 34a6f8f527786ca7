//! Invented firms in any number, as a register of them: the same firm for the same number.

use serde_json::{Value, json};

const SYLLABLES: [&str; 40] = [
    "bit", "coin", "cryp", "to", "pay", "fin", "ex", "ban", "ka", "ro", "va", "lu", "mi", "ne", "tra", "de", "blo", "ck", "dex",
    "zen", "nor", "dic", "al", "pha", "ve", "ga", "sol", "ar", "ix", "on", "ter", "qua", "sta", "ble", "lin", "ju", "per", "ore",
    "um", "ya",
];

/// The name of firm `n`: four syllables, one of some words and a legal form. Few firms have the same syllables.
pub(crate) fn name(n: usize) -> String {
    let mut rest = n.wrapping_mul(2_654_435_761) % 2_560_000;
    let mut name = String::new();
    for _ in 0..4 {
        name.push_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
    let word = ["Digital", "Custody", "Exchange", "Markets", "Assets", "Capital", "Europe", "Trading"][n % 8];
    format!("{name} {word} {}", ["GmbH", "AG", "UAB", "B.V.", "Ltd"][n % 5])
}

/// A register of `count` firms on a day; firms of which `is_other` says so have another address.
pub(crate) fn register(count: usize, day: &str, is_other: impl Fn(usize) -> bool) -> Vec<u8> {
    let firm = |n: usize| -> Value {
        let street = if is_other(n) { format!("New street {n} of {day}") } else { format!("Street {n}, 10115 Berlin") };
        json!({
            "lei": null, "authority": "DE-BAFIN", "name_key": name(n).to_lowercase(), "flags": [], "legal_name": name(n),
            "commercial_names": [format!("Trade{n}")], "country": "DE", "registered_address": street,
            "website": format!("https://www.firm{n}.example"), "domains": [format!("firm{n}.example")], "lines": [n + 2],
            "licences": [{"authority": "DE-BAFIN", "regime": "MiCA", "number": null, "valid_from": "2025-01-01", "valid_to": null,
                "last_update": null, "territories": ["DE", "AT", "FR"],
                "services": [{"activity": "custody", "valid_from": "2025-01-01", "valid_to": null},
                             {"activity": "transfer", "valid_from": "2025-01-01", "valid_to": null}]}],
        })
    };
    let entities: Vec<Value> = (0..count).map(firm).collect();
    let register = json!({"register": "esma-casps", "observed_on": day, "source": "r.csv", "entities": entities});
    register.to_string().into_bytes()
}
