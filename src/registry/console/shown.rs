//! How values of the API's answers are shown to people: texts of members, times in UTC with their age, words instead of codes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use vasp_words::time::{Date, UtcTime};

use super::sheet::Cell;

/// Returns the text of a member, by its JSON Pointer; empty if it is null or absent.
pub(super) fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).map(plain).unwrap_or_default()
}

/// Returns the items of a member; none if it is absent.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns whether a member is true.
pub(super) fn is(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).and_then(Value::as_bool).unwrap_or_default()
}

/// Writes a value as a person reads it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| format!("{}: {}", words(name), plain(value));
            members.iter().filter(|(_, value)| !plain(value).is_empty()).map(member).collect::<Vec<_>>().join("; ")
        }
    }
}

/// Writes a code, such as `proceed_with_conditions`, in words. What stands behind a slash is no code (`domains/a_b.example`).
pub(super) fn words(code: &str) -> String {
    let (code, rest) = code.find('/').map_or((code, ""), |place| code.split_at(place));
    let short = |word: &str| match word {
        "lei" | "url" | "csr" | "pem" | "jws" | "dns" | "id" | "vasp" => word.to_uppercase(),
        "vasps" => "VASPs".to_owned(),
        "sha256" => "SHA-256".to_owned(),
        word => word.to_owned(),
    };
    code.split(['_', '.', ' ']).map(short).collect::<Vec<_>>().join(" ") + rest
}

/// Writes a code in words, the first with a capital letter.
pub(super) fn title(code: &str) -> String {
    capital(&words(code))
}

/// Returns what an attribute of a record is called. A licence has the name of its authority, if that is known, and not its id.
pub(super) fn attribute(name: &str, authority: &str) -> String {
    let Some((kind, one)) = name.split_once('/') else { return title(name) };
    if kind == "licences" && !authority.is_empty() {
        return format!("Licence of {authority}");
    }
    let kind = title(kind);
    match kind.strip_suffix("ies") {
        Some(stem) => format!("{stem}y {one}"),
        None => format!("{} {one}", kind.trim_end_matches('s')),
    }
}

/// Says that something was done: the first sentence of a summary that begins with a verb, in the past tense.
pub(super) fn past(summary: &str) -> String {
    let sentence = summary.split(". ").next().unwrap_or(summary).trim_end_matches('.');
    let (verb, rest) = sentence.split_once(' ').unwrap_or((sentence, ""));
    let done = match verb {
        "Begin" => "Begun".to_owned(),
        "Draw" | "Withdraw" | "Give" | "Take" => format!("{}n", verb),
        "Get" => "Got".to_owned(),
        "Let" => "Let".to_owned(),
        "Send" => "Sent".to_owned(),
        "Drop" | "Stop" | "Submit" | "Enrol" => {
            let last = verb.chars().last().unwrap_or_default();
            format!("{verb}{last}ed")
        }
        "Verify" | "Modify" => format!("{}ied", verb.trim_end_matches('y')),
        _ if verb.ends_with('e') => format!("{verb}d"),
        _ => format!("{verb}ed"),
    };
    format!("{done} {rest}.").replace(" .", ".")
}

/// Returns a text with a capital letter first.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Returns a cell with the words of a code.
pub(super) fn code(value: &Value, pointer: &str) -> Cell {
    Cell::text(words(&text(value, pointer)))
}

/// Returns a cell with a day or a moment in UTC, and how long ago it was or how far away it is.
pub(super) fn time(value: &Value, pointer: &str, now: UtcTime) -> Cell {
    let text = text(value, pointer);
    if let Ok(at) = text.parse::<UtcTime>() {
        let minute = text.split_once('T').map(|(day, rest)| format!("{day} {} UTC", rest.chars().take(5).collect::<String>()));
        return Cell::text(minute.unwrap_or(text)).soft(distance(seconds_between(at, now)));
    }
    match text.parse::<Date>() {
        Ok(day) => Cell::text(text).soft(distance(now.date().days_since(day).saturating_mul(86_400))),
        Err(_) => Cell::text(text),
    }
}

fn seconds_between(at: UtcTime, now: UtcTime) -> i64 {
    let secs = |time: UtcTime| i64::try_from(time.millis_since_epoch() / 1_000).unwrap_or(i64::MAX);
    secs(now).saturating_sub(secs(at))
}

/// Writes how long ago something was; negative seconds are in the future.
fn distance(secs: i64) -> String {
    let (count, unit) = match secs.unsigned_abs() {
        secs if secs >= 2 * 86_400 => (secs / 86_400, "days"),
        secs if secs >= 86_400 => (1, "day"),
        secs if secs >= 2 * 3_600 => (secs / 3_600, "hours"),
        secs if secs >= 120 => (secs / 60, "minutes"),
        _ => return "now".to_owned(),
    };
    if secs < 0 { format!("in {count} {unit}") } else { format!("{count} {unit} ago") }
}

/// Returns whether a moment has passed.
pub(super) fn is_past(value: &Value, pointer: &str, now: UtcTime) -> bool {
    text(value, pointer).parse::<UtcTime>().is_ok_and(|at| at < now)
}

/// What is escaped in parts of paths and values of queries: all but the unreserved characters.
///
/// Source: RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Escapes a text for a part of a path or a value of a query.
pub(super) fn quoted(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn moments_have_their_age_and_codes_are_words() {
        let now: UtcTime = "2026-06-01T12:00:00Z".parse().unwrap();
        let value = json!({"at": "2026-06-01T09:30:00Z", "day": "2026-06-03", "code": "wallet_proof", "none": null});

        let shown = |pointer| {
            let cell = time(&value, pointer, now);
            (cell.text, cell.soft)
        };
        assert_eq!(shown("/at"), ("2026-06-01 09:30 UTC".to_owned(), "2 hours ago".to_owned()));
        assert_eq!(shown("/day"), ("2026-06-03".to_owned(), "in 2 days".to_owned()));
        assert_eq!(shown("/none"), (String::new(), String::new()));
        assert_eq!(title("wallet_proof"), "Wallet proof");
        assert_eq!(title("shell_vasp.no_presence"), "Shell VASP no presence");
    }

    #[test]
    fn an_attribute_is_named_as_people_say_it() {
        for (name, authority, called) in [
            ("legal_name", "", "Legal name"),
            ("licences/lic_01", "DE-BAFIN", "Licence of DE-BAFIN"),
            ("licences/lic_01", "", "Licence lic_01"),
            ("domains/a_b.example", "", "Domain a_b.example"),
            ("activities/custody", "", "Activity custody"),
        ] {
            assert_eq!(attribute(name, authority), called);
        }
    }

    #[test]
    fn what_an_operation_does_is_said_when_it_is_done() {
        for (summary, done) in [
            ("Create an organisation.", "Created an organisation."),
            ("Submit the draft, signed.", "Submitted the draft, signed."),
            ("Withdraw a claim with immediate effect.", "Withdrawn a claim with immediate effect."),
            ("Send a message to the member. The case waits for the answer.", "Sent a message to the member."),
            ("Begin the sandbox anew. It answers again after some seconds, with new keys.", "Begun the sandbox anew."),
            ("Let waiting claims take effect. From then on they contradict others.", "Let waiting claims take effect."),
            ("Take a case. Only its reviewer can propose.", "Taken a case."),
            ("Verify a domain.", "Verified a domain."),
        ] {
            assert_eq!(past(summary), done);
        }
    }
}
