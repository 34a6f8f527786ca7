//! The sentences for faults that the JSON reader finds. It speaks of Rust types and of places in the text; a caller wants to know what the API
//! expects. Texts that the types of this registry write are passed on as they are.

/// Returns a fault's kind, the name of the member if the place ends before it, and a sentence for people. `what` is what the request calls
/// its parts: a member or a parameter.
pub(super) fn put<'w>(words: &'w str, what: &str) -> (&'static str, Option<&'w str>, String) {
    let words = without_place(words);
    if let Some((name, _)) = quoted_after(words, "missing field ") {
        return ("missing_member", Some(name), format!("the {what} `{name}` is missing"));
    }
    if let Some((name, rest)) = quoted_after(words, "unknown field ") {
        return ("unknown_member", None, format!("there is no {what} `{name}`{}", allowed(rest, &format!("the {what}s are"))));
    }
    if let Some((name, _)) = quoted_after(words, "duplicate field ") {
        return ("duplicate_member", Some(name), format!("the {what} `{name}` stands twice"));
    }
    ("invalid_value", None, about_value(words))
}

fn about_value(words: &str) -> String {
    if let Some((word, rest)) = quoted_after(words, "unknown variant ") {
        return format!("`{word}` is not an allowed word{}", allowed(rest, "the words are"));
    }
    let parts = |start: &str| words.strip_prefix(start)?.split_once(", expected ");
    if let Some((found, expected)) = parts("invalid type: ") {
        return format!("{} is needed here, not {}", needed(expected), found_value(found));
    }
    if let Some((found, expected)) = parts("invalid value: ") {
        return format!("{} does not fit: {} is needed", found_value(found), needed(expected));
    }
    if let Some((length, _)) = parts("invalid length ") {
        return format!("a list of {length} items has the wrong length");
    }
    if words.starts_with("data did not match any variant") {
        return "the value has none of the forms that are allowed here".to_owned();
    }
    words.to_owned()
}

/// Takes off the place in the text: the pointer names the place.
fn without_place(words: &str) -> &str {
    words.rsplit_once(" at line ").filter(|(_, place)| place.contains(" column ")).map_or(words, |(words, _)| words)
}

fn quoted_after<'a>(words: &'a str, start: &str) -> Option<(&'a str, &'a str)> {
    words.strip_prefix(start)?.strip_prefix('`')?.split_once('`')
}

/// Returns the names that the reader lists behind `expected`, as the end of a sentence.
fn allowed(rest: &str, are: &str) -> String {
    match rest.split_once('`') {
        Some((_, names)) => format!("; {are} `{}", names.replace("` or `", "`, `")),
        None => String::new(),
    }
}

/// Returns what is needed, in words of JSON. Names of Rust types are not passed on.
fn needed(expected: &str) -> &str {
    match expected {
        "a sequence" => "a list",
        "a map" => "an object",
        "a boolean" => "true or false",
        "unit" => "null",
        "a string" | "a borrowed string" | "string or map" => "a text",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0, of a size that is allowed here",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number of a size that is allowed here",
        "f32" | "f64" => "a number",
        rust if rust.starts_with("struct ") || rust.starts_with("tuple struct ") => "an object",
        rust if rust.starts_with("enum ") || rust.contains("variant") => "one of the allowed forms",
        rust if rust.starts_with("a nonzero ") => "a whole number from 1, of a size that is allowed here",
        other => other,
    }
}

fn found_value(found: &str) -> String {
    match found {
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        "unit" | "null" => "null".to_owned(),
        other => {
            let kinds =
                [("integer ", "the number "), ("floating point ", "the number "), ("string ", "the text "), ("boolean ", "")];
            let named = kinds.iter().find_map(|(kind, words)| Some(format!("{words}{}", other.strip_prefix(kind)?)));
            named.unwrap_or_else(|| other.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it reads matters")]
    struct Letter {
        to: String,
        #[serde(default)]
        pages: Vec<u8>,
        #[serde(default)]
        colour: Option<Colour>,
        #[serde(default)]
        stamp: Option<Stamp>,
        #[serde(default)]
        sealed: bool,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
        Green,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only whether it reads matters")]
    struct Stamp {
        cents: i64,
    }

    fn said(body: &str) -> String {
        put(&serde_json::from_str::<Letter>(body).unwrap_err().to_string(), "member").2
    }

    #[test]
    fn faults_are_told_in_words_of_json() {
        for (body, expected) in [
            ("{}", "the member `to` is missing"),
            (r#"{"too": "a"}"#, "there is no member `too`; the members are `to`, `pages`, `colour`, `stamp`, `sealed`"),
            (r#"{"to": "a", "to": "b"}"#, "the member `to` stands twice"),
            (r#"{"to": 1}"#, "a text is needed here, not the number `1`"),
            (r#"{"to": null}"#, "a text is needed here, not null"),
            (r#"{"to": "a", "pages": {}}"#, "a list is needed here, not an object"),
            (
                r#"{"to": "a", "pages": [256]}"#,
                "the number `256` does not fit: a whole number from 0, of a size that is allowed here is needed",
            ),
            (r#"{"to": "a", "colour": "blue"}"#, "`blue` is not an allowed word; the words are `red`, `green`"),
            (r#"{"to": "a", "stamp": "x"}"#, "an object is needed here, not the text \"x\""),
            (r#"{"to": "a", "sealed": "yes"}"#, "true or false is needed here, not the text \"yes\""),
        ] {
            assert_eq!(said(body), expected, "{body}");
        }
    }

    #[test]
    fn sentences_of_our_own_types_are_passed_on() {
        let (code, name, words) = put("`x` is not an ISO 3166-1 alpha-2 country code at line 1 column 48", "member");

        assert_eq!((code, name, words.as_str()), ("invalid_value", None, "`x` is not an ISO 3166-1 alpha-2 country code"));
    }
}
