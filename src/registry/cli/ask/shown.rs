//! The verdict of `ask` as a person reads it: one word, how the input was read, who, which data by which law, who does what next, and where
//! the signed answer is.

use std::io::{Result, Write};
use std::path::PathBuf;

use serde_json::Value;

use super::colour::{Tone, coloured};
use super::firms::named;
use super::lines::{line, lines, list, text};
use super::owner::choose;
use super::read::{Reading, asset, network};

/// Where a file was saved, or why it was not.
pub(super) type Saved = std::result::Result<PathBuf, String>;

/// What sentences call members of a request, and what they are here: an option, or a member that only the API has.
const OPTIONS: [(&str, &str); 10] = [
    ("say in `provided_fields` that they are there", "say so in the API (`provided_fields`)"),
    ("Say in `provided_fields`", "Say in the API (`provided_fields`)"),
    ("the lists that this check names", "these lists"),
    ("the result in `screened`", "the result in the API (`screened`)"),
    ("its outcome in `screened`", "its outcome in the API (`screened`)"),
    ("in `candidates`", "named under Who"),
    ("`transfer.correspondent`: false", "--correspondent false"),
    ("`customer_country`", "--customer-country"),
    ("`declared`", "--declared-vasp"),
    ("(transfer.correspondent)", "(--correspondent)"),
];

/// What sentences say of an address, and what they say of a Travel Address instead, which is no wallet.
const OF_HOST: [(&str, &str); 2] = [
    (
        "whose address it is: a provider's, by name, or a self-hosted wallet; then",
        "which provider gave it the Travel Address; then",
    ),
    ("No known party owns the address", "No known party owns the host of the Travel Address"),
];

/// Writes a sentence for somebody who types options.
fn typed(sentence: &str, reading: &Reading) -> String {
    let of_host = if reading.host.is_some() { OF_HOST.as_slice() } else { &[] };
    let words = OPTIONS.iter().chain(of_host);
    words.fold(sentence.to_owned(), |sentence, (member, option)| sentence.replace(member, option))
}

/// Says that nothing here is for real transfers, if it is not.
pub(super) fn environment(out: &mut dyn Write, answer: &Value) -> Result<()> {
    match text(answer, "/environment") {
        "demo" => line(out, "Demo", "Not for real transfers."),
        "sandbox" => line(out, "Sandbox", "Everything here is invented."),
        _ => Ok(()),
    }
}

/// Writes a verdict. `saved` says where the signed answer and its report are; `None` if it was not recorded.
pub(super) fn verdict(out: &mut dyn Write, (answer, reading): (&Value, &Reading), saved: Option<[Saved; 2]>) -> Result<()> {
    let is_incomplete = answer["incomplete"] == true;
    let (word, tone, meaning) = match text(answer, "/recommendation") {
        "proceed" if is_incomplete => {
            ("PROCEED, but incomplete", Tone::Warning, "the transfer may go out; not all facts are known")
        }
        "proceed" => ("PROCEED", Tone::Good, "the transfer may go out"),
        "proceed_with_conditions" => ("CONDITIONS", Tone::Warning, "the transfer may go out once every condition is met"),
        "reject" => ("REJECT", Tone::Bad, "the transfer may not go out"),
        _ => ("HOLD", Tone::Warning, "nothing goes out before somebody has done what is next"),
    };
    writeln!(out, "{}  {meaning}", coloured(word, tone))?;
    writeln!(out)?;
    environment(out, answer)?;
    line(out, "Read as", &reading.words)?;
    lines(out, "Transfer", transfer(answer))?;
    lines(out, "Who", who(answer, reading))?;
    lines(out, "Why", list(answer, "/reasons").iter().map(|one| reason(one, reading)))?;
    if is_incomplete && text(answer, "/recommendation").starts_with("proceed") {
        lines(out, "Note", list(answer, "/evidence/notes").iter().map(|note| typed(text(note, "/detail"), reading)))?;
    }
    lines(out, "Data", data(answer))?;
    lines(out, "Meet", list(answer, "/conditions").iter().map(|one| condition(one, reading)))?;
    lines(out, "Next", next(answer, reading))?;
    if !text(answer, "/route/protocol").is_empty() {
        line(out, "Way", &format!("{} {}", text(answer, "/route/protocol"), text(answer, "/route/version")))?;
    }
    let Some(saved) = saved else { return line(out, "Signed", "Nothing was recorded, so nothing is signed.") };
    for (heading, saved) in ["Signed", "Report"].into_iter().zip(saved) {
        line(out, heading, &saved.map_or_else(|why| why, |path| path.display().to_string()))?;
    }
    Ok(())
}

/// Says by whose law the answer is, if the question did not: that of the VASP that asks.
pub(super) fn asked_from(out: &mut dyn Write, answer: &Value) -> Result<()> {
    match text(answer, "/transfer/originator/jurisdiction") {
        "" => Ok(()),
        from => line(out, "From", &format!("{from}, where the VASP that asks is; --from asks from elsewhere")),
    }
}

/// Says where the transfer goes, and how much of what.
fn transfer(answer: &Value) -> Vec<String> {
    let party = answer.pointer("/transfer/beneficiary").unwrap_or(&Value::Null);
    let mut said = vec![match [text(party, "/address"), text(party, "/network")] {
        ["", _] => text(party, "/travel_address").to_owned(),
        [address, ""] => address.to_owned(),
        [address, id] => format!("{address} on {}", network(id)),
    }];
    let memo = [text(party, "/memo"), text(party, "/payment_uri/memo")].into_iter().find(|memo| !memo.is_empty());
    said.extend(memo.map(|memo| format!("memo {memo}")));
    let named = asset(text(answer, "/transfer/asset"));
    said.push(match [text(answer, "/transfer/amount"), text(party, "/payment_uri/base_units")] {
        ["", ""] => named,
        ["", units] if named.is_empty() => format!("{units} of the token's smallest units"),
        ["", units] => format!("{units} of the smallest units of {named}"),
        [amount, _] => format!("{amount} {named}").trim_end().to_owned(),
    });
    let worth = [text(answer, "/transfer/fiat/amount"), text(answer, "/transfer/fiat/currency")].join(" ");
    said.push(if worth.trim().is_empty() { worth } else { format!("worth {worth}") });
    if !text(party, "/payment_uri/vasp").is_empty() {
        said.push(format!("says of itself that its VASP is {}", text(party, "/payment_uri/vasp")));
    }
    said.retain(|part| !part.trim().is_empty());
    (!said.is_empty()).then(|| said.join(", ")).into_iter().collect()
}

fn who(answer: &Value, reading: &Reading) -> Vec<String> {
    let firm = answer.get("counterparty").filter(|firm| !firm.is_null());
    let mut said = vec![match firm {
        Some(firm) => named(firm),
        None => "No legal entity is settled.".to_owned(),
    }];
    let candidates = list(answer, "/candidates");
    if !candidates.is_empty() {
        let names: Vec<String> = candidates.iter().map(named).collect();
        let more = answer["candidates_more"].as_u64().map_or_else(String::new, |more| format!(", and {more} more"));
        said.push(format!("It may be {}{more}.", names.join(", ")));
    }
    match text(answer, "/owner/strength") {
        "" => {}
        strength => {
            let what = if reading.host.is_some() { "host" } else { "address" };
            said.push(format!("The {what} is {strength} by {}.", text(answer, "/owner/source")));
        }
    }
    said
}

fn reason(reason: &Value, reading: &Reading) -> String {
    let confidential = if reason["confidential"] == true { "For compliance staff only, never for the customer: " } else { "" };
    format!("{confidential}{}", typed(text(reason, "/detail"), reading))
}

fn condition(condition: &Value, reading: &Reading) -> String {
    let before = match text(condition, "/before") {
        "data" => "Before data go out",
        "credit" => "Before the customer is credited",
        _ => "Before assets go out",
    };
    let who = match text(condition, "/fulfilled_by") {
        "asker" => "you".to_owned(),
        other => format!("the {}", other.replace('_', " ")),
    };
    let detail = typed(text(condition, "/detail"), reading);
    let sources: Vec<&str> = list(condition, "/sources").iter().filter_map(Value::as_str).collect();
    match sources.is_empty() {
        true => format!("{before}, {who}: {detail}"),
        false => format!("{before}, {who}: {detail} The lists: {}.", sources.join(", ")),
    }
}

fn next(answer: &Value, reading: &Reading) -> Vec<String> {
    let mut said: Vec<String> = list(answer, "/next_steps")
        .iter()
        .map(|step| {
            let detail = match (text(step, "/code"), choose(&reading.choices)) {
                ("correct_address", Some(choices)) => choices,
                _ => typed(text(step, "/detail"), reading),
            };
            match text(step, "/who") {
                "asker" => format!("You: {detail}"),
                other => format!("The {}: {detail}", other.replace('_', " ")),
            }
        })
        .collect();
    let is_asked = said.iter().any(|step| step.contains("--customer-country"));
    if text(answer, "/question").ends_with("customer_country") && !is_asked {
        said.push("Ask again with --customer-country.".to_owned());
    }
    said
}

/// Says which data must travel, and by which law.
fn data(answer: &Value) -> Vec<String> {
    let fields = |side: &str, fields: &[Value]| {
        let of = fields.iter().filter_map(Value::as_str).filter_map(|field| field.strip_prefix(side)?.strip_prefix('.'));
        of.map(|field| field.replace('_', " ")).collect::<Vec<_>>().join(", ")
    };
    let required = list(answer, "/data/required");
    let mut said: Vec<String> = ["originator", "beneficiary"]
        .into_iter()
        .map(|side| (side, fields(side, required)))
        .filter(|(_, fields)| !fields.is_empty())
        .map(|(side, fields)| format!("{side}: {fields}"))
        .collect();
    said.extend(list(answer, "/data/one_of").iter().map(|choice| {
        let all = |way: &Value| {
            let codes = way.as_array().into_iter().flatten().filter_map(Value::as_str);
            codes.map(|code| code.replace('.', "'s ").replace('_', " ")).collect::<Vec<_>>().join(", ")
        };
        let ways: Vec<String> = list(choice, "/alternatives").iter().map(all).collect();
        format!("and one of: {}", ways.join("; or "))
    }));
    let law = law(answer);
    if said.is_empty() {
        said.push(format!("No data is known to be due{law}."));
    } else if !law.is_empty() {
        said.push(law.trim_start().to_owned());
    }
    said
}

/// Names the asker's law, with its version in the rulebook.
fn law(answer: &Value) -> String {
    let incoming = text(answer, "/transfer/direction") == "incoming";
    let side = if incoming { "/evidence/obligations/beneficiary" } else { "/evidence/obligations/originator" };
    let Some(duties) = answer.pointer(side) else { return String::new() };
    let law =
        list(duties, "/sources").iter().find(|source| text(source, "/kind") == "legal_reference").map(|law| text(law, "/ref"));
    match (text(duties, "/rule_version"), law) {
        ("", _) => String::new(),
        (version, Some(law)) => format!(" by {law} (rule {version})"),
        (version, None) => format!(" by rule {version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(answer: &Value, reading: &Reading) -> String {
        let mut out = Vec::new();
        verdict(&mut out, (answer, reading), None).unwrap();
        String::from_utf8(out).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn on_bitcoin() -> Reading {
        Reading { words: "Address on Bitcoin".to_owned(), choices: Vec::new(), host: None }
    }

    #[test]
    fn a_proceed_that_is_incomplete_says_so_and_what_is_missing() {
        let note = json!({"detail": "A register has no date."});
        let mut answer = json!({"recommendation": "proceed", "incomplete": true, "evidence": {"notes": [note]}});
        let incomplete = written(&answer, &on_bitcoin());
        answer["incomplete"] = json!(false);
        let complete = written(&answer, &on_bitcoin());

        assert!(incomplete.contains("PROCEED, but incomplete"), "{incomplete}");
        assert!(incomplete.contains("Note A register has no date."), "{incomplete}");
        assert!(complete.contains("PROCEED the transfer may go out Read as Address on Bitcoin"), "{complete}");
    }

    #[test]
    fn ids_of_chains_are_names() {
        let network = "bip122:000000000019d6689c085ae165831e93";
        let asset = format!("{network}/slip44:0");
        let transfer = json!({"beneficiary": {"address": "1NDy", "network": network}, "amount": "0.05", "asset": asset,
            "fiat": {"amount": "2000", "currency": "EUR"}});

        let words = written(&json!({"recommendation": "hold", "transfer": transfer}), &on_bitcoin());

        assert!(words.contains("Transfer 1NDy on Bitcoin, 0.05 BTC, worth 2000 EUR"), "{words}");
    }

    #[test]
    fn a_condition_names_its_lists_and_what_needs_the_api() {
        let condition = json!({"before": "assets", "fulfilled_by": "asker", "sources": ["EU-SANCTIONS", "UN-SANCTIONS"],
            "detail": "Search the lists that this check names yourself, and state the result in `screened`."});
        let step = json!({"who": "asker", "detail": "Give the country of the account there in `customer_country`."});
        let answer = json!({"recommendation": "hold", "conditions": [condition], "next_steps": [step, step],
            "question": "beneficiary.customer_country"});

        let words = written(&answer, &on_bitcoin());

        assert!(words.contains("Search these lists yourself, and state the result in the API (`screened`)."), "{words}");
        assert!(words.contains("The lists: EU-SANCTIONS, UN-SANCTIONS."), "{words}");
        assert_eq!(words.matches("--customer-country").count(), 1, "{words}");
    }

    #[test]
    fn a_travel_address_is_no_wallet() {
        let detail = "Ask the customer whose address it is: a provider's, by name, or a self-hosted wallet; then ask again with `declared`.";
        let step = json!({"who": "asker", "code": "name_entity", "detail": detail});
        let reading = Reading { host: Some("a.com".to_owned()), ..on_bitcoin() };

        let words = written(&json!({"recommendation": "hold", "next_steps": [step]}), &reading);

        assert!(words.contains("which provider gave it the Travel Address; then ask again with --declared-vasp"), "{words}");
        assert!(!words.contains("wallet"), "{words}");
    }

    #[test]
    fn an_address_on_several_networks_names_the_choices() {
        let step = json!({"who": "asker", "code": "correct_address", "detail": "Say on which network the address is."});
        let reading = Reading { choices: vec!["eip155:1".to_owned()], ..on_bitcoin() };

        let words = written(&json!({"recommendation": "hold", "next_steps": [step]}), &reading);

        assert!(words.contains("--network eip155:1 (Ethereum"), "{words}");
    }
}
