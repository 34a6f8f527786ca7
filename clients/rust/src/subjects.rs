//! Hygiene of addresses and other subjects before they are sent, and their short form for people to read. Whether an address exists on its
//! network is the registry's question.

use serde_json::{Map, Value};

use crate::error::{InvalidSubject, InvalidSubjectCode};

/// The members of requests that name a subject.
const SUBJECTS: [&str; 5] = ["address", "subject", "travel_address", "vasp", "memo"];
/// The kinds of subjects that may be written in any script.
const ANY_SCRIPT: [&str; 2] = ["common_name", "identifier"];

/// Which letters a subject may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Ascii,
    Any,
}

/// Returns the value without blanks around it. Refuses characters that cannot be seen, and letters that look like others.
pub(crate) fn clean(value: &str, script: Script) -> Result<&str, InvalidSubject> {
    let value = value.trim_matches([' ', '\t', '\r', '\n']);
    if value.is_empty() {
        return Err(InvalidSubject::new(InvalidSubjectCode::Empty, "the subject is empty"));
    }
    for (number, letter) in (1..).zip(value.chars()) {
        let place = format!("character {number} is U+{:04X}", u32::from(letter));
        if is_unseen(letter) || (script == Script::Ascii && letter.is_whitespace()) {
            return Err(InvalidSubject::new(InvalidSubjectCode::InvisibleCharacter, format!("{place}, which cannot be seen")));
        }
        if script == Script::Ascii && !letter.is_ascii() {
            let detail = format!("{place}: an address has ASCII characters only, and a domain is written as xn--…");
            return Err(InvalidSubject::new(InvalidSubjectCode::LookAlike, detail));
        }
    }
    Ok(value)
}

/// Returns whether people cannot see a character: controls, format characters, separators of lines, private use.
///
/// Source: Unicode 16.0, UnicodeData.txt: general categories Cc, Cf, Zl, Zp and Co.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}'
            | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

/// Cleans the members of an object that name a subject; a memo may be in any script.
pub(crate) fn clean_item(item: &Map<String, Value>) -> Result<Map<String, Value>, InvalidSubject> {
    let kind = item.get("kind").and_then(Value::as_str).unwrap_or_default();
    let kind = kind.split(':').next().unwrap_or_default();
    let cleaned = item.iter().map(|(name, value)| {
        let any = name == "memo" || (name == "subject" && ANY_SCRIPT.contains(&kind));
        let script = if any { Script::Any } else { Script::Ascii };
        match value.as_str().filter(|_| SUBJECTS.contains(&name.as_str())) {
            Some(text) => Ok((name.clone(), clean(text, script)?.into())),
            None => Ok((name.clone(), value.clone())),
        }
    });
    cleaned.collect()
}

/// Returns the first 6 and the last 4 characters; a short value is hidden entirely.
#[must_use]
pub fn redacted(value: &str) -> String {
    let length = value.chars().count();
    if length <= 12 {
        return "…".to_owned();
    }
    let (first, last): (String, String) = (value.chars().take(6).collect(), value.chars().skip(length - 4).collect());
    format!("{first}…{last}")
}

/// Returns every subject in a request.
pub(crate) fn named_in(value: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

fn collect<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str().filter(|_| SUBJECTS.contains(&name.as_str())) {
                    Some(subject) => found.push(subject),
                    None => collect(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

/// Returns the text with every one of these subjects in its short form, in whatever case it is written.
pub(crate) fn without(text: &str, mut subjects: Vec<&str>) -> String {
    subjects.sort_unstable_by_key(|subject| std::cmp::Reverse(subject.len()));
    subjects.dedup();
    let named = subjects.into_iter().filter(|subject| subject.chars().count() > 3);
    named.fold(text.to_owned(), |text, subject| shortened(&text, subject))
}

fn shortened(text: &str, subject: &str) -> String {
    let (mut kept, mut rest) = (String::with_capacity(text.len()), text);
    while !rest.is_empty() {
        if let Some(after) = strip_prefix_in_any_case(rest, subject) {
            kept.push_str(&redacted(rest.strip_suffix(after).unwrap_or_default()));
            rest = after;
        } else {
            let mut letters = rest.chars();
            kept.extend(letters.next());
            rest = letters.as_str();
        }
    }
    kept
}

fn strip_prefix_in_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let mut letters = text.chars();
    prefix
        .chars()
        .all(|wanted| letters.next().is_some_and(|letter| letter.to_lowercase().eq(wanted.to_lowercase())))
        .then_some(())?;
    Some(letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_short_subject_is_hidden_entirely() {
        assert_eq!(redacted("123456789012"), "…");
        assert_eq!(redacted("1234567890123"), "123456…0123");
        assert_eq!(redacted("ключключключк"), "ключкл…лючк");
    }

    #[test]
    fn every_subject_of_a_request_is_found() {
        let request = json!({"subjects": [{"subject": "a", "network": "n"}], "beneficiary": {"address": "b", "memo": 5}});
        let mut found = named_in(&request);
        found.sort_unstable();
        assert_eq!(found, ["a", "b"]);
    }

    #[test]
    fn the_longer_of_two_subjects_is_shortened_first() {
        assert_eq!(without("x ABCDEFghijklm x", vec!["ghij", "abcdefghijklm"]), "x ABCDEF…jklm x");
    }

    #[test]
    fn a_memo_in_any_script_keeps_its_blanks_but_no_hidden_letters() {
        let item = |memo: &str| json!({"memo": memo}).as_object().cloned().unwrap();
        assert_eq!(clean_item(&item(" памятка 1 ")).unwrap(), item("памятка 1"));
        assert_eq!(clean_item(&item("a\u{200d}b")).unwrap_err().code, InvalidSubjectCode::InvisibleCharacter);
    }
}
