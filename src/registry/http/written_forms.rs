//! Says in words which form a text must have: the patterns of the OpenAPI document are for programs.

/// Patterns of the document with what they mean. Sources: ISO 3166-1; ISO 17442-1; FIPS 180-4.
const FORMS: [(&str, &str); 5] = [
    ("^[A-Za-z]{2}$", "a country is two letters, such as DE (ISO 3166-1)"),
    (
        "^[0-9A-Za-z]{18}[0-9]{2}$",
        "an LEI is 18 letters and digits and two check digits, such as 529900HNOAA1KXQJUQ27 (ISO 17442)",
    ),
    (r"^(0|[1-9][0-9]*)(\.[0-9]+)?$", "an amount is written in digits with a point, such as 1000.50"),
    ("^[0-9a-f]{64}$", "a SHA-256 is 64 hexadecimal digits in lower case"),
    ("^([0-9A-Fa-f]{2})*$", "a cursor is the `next_cursor` of the page before"),
];

/// How the pattern of an id ends, after its prefix.
const OF_ID: &str = "[0-7][0-9a-hjkmnp-tv-z]{25}$";

/// Returns what a text of a pattern looks like.
pub(super) fn in_words(pattern: &str) -> String {
    if let Some((_, words)) = FORMS.iter().find(|(form, _)| *form == pattern) {
        return (*words).to_owned();
    }
    match pattern.strip_prefix('^').and_then(|id| id.strip_suffix(OF_ID)) {
        Some(prefix) => format!("an id is needed here: `{prefix}` and 26 characters"),
        None => format!("the text must have the form {pattern}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::serve::document;

    fn patterns<'a>(part: &'a Value, found: &mut Vec<&'a str>) {
        match part {
            Value::Object(members) => {
                found.extend(members.get("pattern").and_then(Value::as_str));
                members.values().for_each(|member| patterns(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| patterns(item, found)),
            _ => (),
        }
    }

    #[test]
    fn every_pattern_of_a_body_has_words() {
        let mut found = Vec::new();
        patterns(&document()["components"]["schemas"], &mut found);

        assert!(found.len() > 100, "{}", found.len());
        let bare: Vec<_> = found.into_iter().filter(|pattern| in_words(pattern).contains('^')).collect();
        assert_eq!(bare, [""; 0]);
    }

    #[test]
    fn an_id_is_told_by_its_beginning() {
        assert_eq!(in_words("^vasp_[0-7][0-9a-hjkmnp-tv-z]{25}$"), "an id is needed here: `vasp_` and 26 characters");
        assert_eq!(in_words("^x+$"), "the text must have the form ^x+$");
    }
}
