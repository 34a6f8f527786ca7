//! Who owns a subject, if no verdict is possible: in words, with what to ask again with.

use std::io::{Result, Write};

use serde_json::Value;

use super::firms::named;
use super::lines::{line, lines, list, sentence, text};
use super::read::{Reading, network};
use super::shown::environment;

/// Writes who owns a subject. `has_from`: the asker's jurisdiction was given.
pub(super) fn owner(out: &mut dyn Write, answer: &Value, has_from: bool) -> Result<()> {
    let (subject, reading) = (text(answer, "/subject/value"), Reading::of(answer));
    let found = match text(answer, "/status") {
        "owned" => format!("{subject} has a known owner."),
        "conflicted" => format!("{subject}: several parties say that it is theirs."),
        "ambiguous" => format!("{subject}: it has owners on several networks."),
        _ => format!("{subject}: no owner is known."),
    };
    sentence(out, &found)?;
    writeln!(out)?;
    environment(out, answer)?;
    line(out, "Read as", &reading.words)?;
    lines(out, "Owner", list(answer, "/owners").iter().map(claimed))?;
    let names = |firm: &Value| format!("{} names this without proof.", named(firm));
    lines(out, "Perhaps", list(answer, "/unverified_candidates").iter().map(names))?;
    for known in list(answer, "/coverage") {
        let claims = known["claims"].as_u64().unwrap_or(0);
        line(out, "Looked", &format!("on {}, where {claims} claims are known", network(text(known, "/network"))))?;
    }
    if !text(answer, "/platform").is_empty() {
        line(out, "", &format!("The host is shared: {}.", text(answer, "/platform")))?;
    }
    let warnings = list(answer, "/subject/warnings").iter().map(|warning| text(warning, "/detail").to_owned());
    lines(out, "Warning", warnings)?;
    lines(out, "Next", next(answer, &reading, has_from))
}

fn claimed(owner: &Value) -> String {
    let on = match text(owner, "/network") {
        "" => String::new(),
        id => format!(" on {}", network(id)),
    };
    format!("{}{on}, {} by {}", named(&owner["vasp"]), text(owner, "/claim/strength"), text(owner, "/claim/source"))
}

/// Says on which networks an address can be.
pub(super) fn choose(choices: &[String]) -> Option<String> {
    let named = choices.iter().map(|id| format!("--network {id} ({})", network(id)));
    let named: Vec<String> = named.collect();
    (!named.is_empty()).then(|| format!("Say on which network the address is: {}.", named.join(", or ")))
}

fn next(answer: &Value, reading: &Reading, has_from: bool) -> Vec<String> {
    let has_candidates = !list(answer, "/unverified_candidates").is_empty() || !list(answer, "/owners").is_empty();
    let again = match (has_from, has_candidates, text(answer, "/subject/kind")) {
        (false, ..) => "Give --from with your jurisdiction, such as --from DE, for a verdict.",
        (true, true, _) => "Ask again with the id or LEI of the firm above that you mean.",
        (true, false, "lei") => "No firm with this LEI is known here. Ask again with its name.",
        (true, false, _) => "Ask again with the firm's name or LEI.",
    };
    choose(&reading.choices).into_iter().chain(std::iter::once(again.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(answer: &Value, has_from: bool) -> String {
        let mut out = Vec::new();
        owner(&mut out, answer, has_from).unwrap();
        String::from_utf8(out).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn whoever_gave_from_is_told_whom_to_ask_about_again() {
        let firm = json!({"legal_name": "Binance FZE", "country": "AE", "id": "vasp_1"});
        let named = json!({"environment": "demo", "status": "not_found", "subject": {"kind": "domain", "value": "binance.com"},
            "unverified_candidates": [firm]});
        let lei = json!({"status": "not_found", "subject": {"kind": "lei", "value": "529900T8BM49AURSDO55"}});

        let (with, without) = (written(&named, true), written(&named, false));

        assert!(with.contains("Not for real transfers.") && with.contains("Read as Domain"), "{with}");
        assert!(with.contains("Ask again with the id or LEI") && !with.contains("--from"), "{with}");
        assert!(without.contains("--from"), "{without}");
        assert!(written(&lei, true).contains("Ask again with its name."));
    }

    #[test]
    fn networks_are_named_as_choices() {
        let choices = ["eip155:1".to_owned(), "eip155:987654321".to_owned()];

        let said = choose(&choices).unwrap();

        assert!(said.contains("--network eip155:1 (Ethereum") && said.contains(", or --network eip155:987654321"), "{said}");
        assert_eq!(choose(&[]), None);
    }
}
