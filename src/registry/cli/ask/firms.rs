//! Firms that `ask` finds by a name, and what it says if no one firm has exactly that name. A verdict about the nearest name would be one
//! about a firm that nobody asked about.

use std::io::{Result, Write};

use serde_json::Value;

use super::lines::{lines, sentence, text};
use vasp_words::lei::Lei;

/// Characters in which an LEI that may be meant differs at most from what was typed.
const TYPOS: usize = 2;

/// Returns the one firm with exactly this name: a legal name, else another name of a firm. A brand is no firm, if there is a choice.
pub(super) fn exact(firms: &[Value]) -> Option<&Value> {
    let is = |firm: &Value, fields: &[&str]| {
        let is_choice = text(firm, "/kind") != "group" || firms.len() == 1;
        is_choice && text(firm, "/matched/kind") == "exact" && fields.contains(&text(firm, "/matched/field"))
    };
    let only = |fields: &[&str]| {
        let mut found = firms.iter().filter(|firm| is(firm, fields));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    };
    only(&["legal_name"]).or_else(|| only(&["legal_name", "other_name"]))
}

/// Says that an LEI has wrong check digits, and which one may be meant.
pub(super) fn wrong_lei(typed: &str, firms: &[Value]) -> String {
    let is_near = |firm: &&Value| {
        let lei = text(firm, "/lei");
        lei.parse::<Lei>().is_ok() && lei.chars().zip(typed.to_ascii_uppercase().chars()).filter(|(a, b)| a != b).count() <= TYPOS
    };
    let hint = firms
        .iter()
        .find(is_near)
        .map_or_else(String::new, |firm| format!("; did you mean {}, {}?", text(firm, "/lei"), text(firm, "/legal_name")));
    format!("`{typed}` has the form of an LEI, but its check digits do not match{hint}")
}

/// Says that a text is nothing that is known, and why it is no address, if it could be one.
pub(super) fn no_such(typed: &str, why: &str) -> String {
    let why = if typed.contains(char::is_whitespace) { String::new() } else { format!(": {why}") };
    format!("no such firm or address: no firm has a name like `{typed}`, and it is no address{why}")
}

/// Names a firm with what to ask again with.
pub(super) fn named(firm: &Value) -> String {
    let parts = ["/country", "/lei", "/id"].map(|member| text(firm, member));
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{} ({})", text(firm, "/legal_name"), parts.join(", "))
}

/// Writes the firms that have a name like the one that was asked for.
pub(super) fn firms(out: &mut dyn Write, name: &str, firms: &[Value]) -> Result<()> {
    let is_brand = |firm: &Value| text(firm, "/kind") == "group" && text(firm, "/matched/kind") == "exact";
    let why = match firms.iter().find(|firm| is_brand(firm)) {
        Some(brand) => format!("{} is a brand, not a firm.", text(brand, "/legal_name")),
        None => format!("No one firm has exactly the name \"{name}\"."),
    };
    sentence(out, &format!("{why} Ask again with the id or LEI of the firm that you mean:"))?;
    writeln!(out)?;
    lines(out, "Firms", firms.iter().map(named))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn firm(name: &str, matched: &str, field: &str) -> Value {
        json!({"kind": "entity", "legal_name": name, "matched": {"kind": matched, "field": field}})
    }

    #[test]
    fn a_brand_is_told_from_a_name_that_no_firm_has() {
        let said = |found: &[Value]| {
            let mut out = Vec::new();
            firms(&mut out, "Binance", found).unwrap();
            String::from_utf8(out).unwrap()
        };
        let brand = json!({"kind": "group", "legal_name": "Binance", "matched": {"kind": "exact", "field": "legal_name"}});
        let firm = firm("Binance France", "prefix", "legal_name");

        assert!(said(&[brand, firm.clone()]).starts_with("Binance is a brand, not a firm. Ask again"));
        assert!(said(&[firm]).starts_with("No one firm has exactly the name"));
    }

    #[test]
    fn only_an_exact_name_is_an_answer() {
        let near = [firm("Laser Digital (AD) Limited", "similar", "legal_name")];
        let longer = [firm("A Solutions", "exact", "legal_name"), firm("A Solutions Limited", "prefix", "legal_name")];
        let alias = [firm("A GmbH", "exact", "other_name"), firm("B GmbH", "words", "legal_name")];
        let twice = [firm("A GmbH", "exact", "legal_name"), firm("A GmbH", "exact", "legal_name")];

        assert_eq!((exact(&near), exact(&twice), exact(&[])), (None, None, None));
        assert_eq!((exact(&longer), exact(&alias)), (longer.first(), alias.first()));
    }

    #[test]
    fn a_brand_is_no_answer_beside_its_firms() {
        let brand = json!({"kind": "group", "legal_name": "Kraken", "matched": {"kind": "exact", "field": "legal_name"}});
        let all = [brand.clone(), firm("Payward Ltd.", "exact", "group_name")];

        assert_eq!(exact(&all), None);
        assert_eq!(exact(std::slice::from_ref(&brand)), Some(&brand));
    }

    #[test]
    fn an_lei_with_wrong_check_digits_names_the_near_one_at_most() {
        let firms = [json!({"legal_name": "Bitpanda GmbH", "lei": "5493007WZ7IFULIL8G21"})];

        let near = wrong_lei("5493007WZ7IFULIL8G22", &firms);
        let far = wrong_lei("5493007WZ7IFULXXXX22", &firms);

        assert!(near.ends_with("its check digits do not match; did you mean 5493007WZ7IFULIL8G21, Bitpanda GmbH?"), "{near}");
        assert!(far.ends_with("do not match"), "{far}");
    }

    #[test]
    fn an_unknown_name_is_no_such_firm() {
        assert!(!no_such("Pay to: 1NDy", "character 4 is a blank").contains("blank"));
        assert!(no_such("1NDx", "the checksum is wrong").ends_with(": the checksum is wrong"));
    }
}
