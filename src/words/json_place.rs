//! Where in a JSON text a reader finds its first fault. The reader's error has only words and a position behind the fault, so the place
//! follows from reading again: of a text that ends before the fault, the reader says only that it is cut off. Callers: request bodies,
//! files.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Error;
use serde_json::value::RawValue;

/// Returns the names and numbers that lead to the fault for which `read` refuses a text; none for a fault of the whole. A missing member
/// is a fault of its object; an unknown or repeated one has its own place.
pub fn place_of_fault<'t>(text: &'t [u8], read: &dyn Fn(&'t [u8]) -> Option<Error>) -> Vec<String> {
    let is_found_by = |end: usize| text.get(..end).and_then(read).is_some_and(|error| !error.is_eof());
    let start = |part: &[u8]| part.as_ptr().addr() - text.as_ptr().addr();
    let (mut place, mut whole) = (vec![], text);
    // A value of a wrong type is refused at its first byte, whatever it contains.
    while !is_found_by(start(whole) + 1) {
        let parts = parts(whole);
        let first = parts.partition_point(|(_, part)| !is_found_by(start(part) + part.len()));
        let Some((name, part)) = parts.into_iter().nth(first) else { break };
        place.push(name);
        whole = part;
    }
    place
}

/// Returns the members or items of a JSON text, in the order of the text.
fn parts(text: &[u8]) -> Vec<(String, &[u8])> {
    if let Ok(items) = serde_json::from_slice::<Vec<&RawValue>>(text) {
        return items.into_iter().enumerate().map(|(number, item)| (number.to_string(), item.get().as_bytes())).collect();
    }
    let members: BTreeMap<String, &RawValue> = serde_json::from_slice(text).unwrap_or_default();
    let mut members: Vec<_> = members.into_iter().map(|(name, value)| (name, value.get().as_bytes())).collect();
    members.sort_by_key(|(_, value)| value.as_ptr());
    members
}

/// Reads a JSON text strictly. The error says where: `versions[0].name`, or `.` for the whole text.
///
/// # Errors
/// The place, and what the reader says.
pub fn read_with_place<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, (String, Error)> {
    let read = |text: &'t [u8]| serde_json::from_slice::<T>(text);
    read(text.as_bytes()).map_err(|error| {
        let part = |part: String| if part.parse::<usize>().is_ok() { format!("[{part}]") } else { format!(".{part}") };
        let path: String = place_of_fault(text.as_bytes(), &|text| read(text).err()).into_iter().map(part).collect();
        let path = path.strip_prefix('.').unwrap_or(&path);
        (if path.is_empty() { "." } else { path }.to_owned(), error)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// A number; its constructor refuses 0, after the reader has read it.
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "u8")]
    struct Number;

    impl TryFrom<u8> for Number {
        type Error = &'static str;
        fn try_from(number: u8) -> Result<Self, &'static str> {
            if number == 0 { Err("it is 0") } else { Ok(Self) }
        }
    }

    /// A list whose constructor refuses two items.
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "Vec<u8>")]
    struct NotTwo;

    impl TryFrom<Vec<u8>> for NotTwo {
        type Error = &'static str;
        fn try_from(items: Vec<u8>) -> Result<Self, &'static str> {
            if items.len() == 2 { Err("it has two items") } else { Ok(Self) }
        }
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
        Mixed(Number),
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Sample {
        number: Option<Number>,
        numbers: Vec<Number>,
        texts: Vec<String>,
        few: Option<NotTwo>,
        colour: Option<Colour>,
        named: BTreeMap<String, Named>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only whether it reads matters")]
    struct Named {
        name: String,
        inner: Option<Box<Sample>>,
    }

    #[test]
    fn a_fault_has_the_place_of_its_member() {
        for (text, path) in [
            (r#"{"number": 0}"#, "number"),
            (r#"{"number": 0 , "texts": []}"#, "number"),
            (r#"{"number": "1"}"#, "number"),
            (r#"{"number": {"a": {"b": [1, 2]}}}"#, "number"),
            (r#"{"number": 1, "numbers": [1, 0]}"#, "numbers[1]"),
            ("{\n  \"numbers\": [\n    1,\n    0\n  ]\n}", "numbers[1]"),
            (r#"{"numbers": [0, 1]}"#, "numbers[0]"),
            (r#"{"numbers": [12, 300, 0]}"#, "numbers[1]"),
            (r#"{"numbers": {}}"#, "numbers"),
            (r#"{"texts": ["a", {"b": 1}]}"#, "texts[1]"),
            (r#"{"texts": ["a", null], "few": []}"#, "texts[1]"),
            (r#"{"few": [1, 2]}"#, "few"),
            (r#"{"few": [1, 300]}"#, "few[1]"),
            (r#"{"colour": "blue"}"#, "colour"),
            (r#"{"colour": ["red"]}"#, "colour"),
            (r#"{"colour": {"mixed": 0}}"#, "colour.mixed"),
            (r#"{"colours": {"red": 1}}"#, "colours"),
            (r#"{"number" : 1, "number" : 2}"#, "number"),
            (r#"{"named": {"a/b~c": {}}}"#, "named.a/b~c"),
            (r#"{"named": {"\"é\u00e9\\": {"name": 1}}}"#, "named.\"éé\\.name"),
            (r#"{"named": {"a": {"name": "x", "inner": {"numbers": [1, 0]}}}}"#, "named.a.inner.numbers[1]"),
            (r#"{"named": {"a": {"inner": {"numbers": [1]}}}, "few": []}"#, "named.a"),
            ("7", "."),
            ("{", "."),
            ("{} x", "."),
        ] {
            assert_eq!(read_with_place::<Sample>(text).unwrap_err().0, path, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_first_number_that_is_too_large_is_found(mut numbers in prop::collection::vec(1u16..300, 1..40), pretty: bool) {
            numbers.push(300);
            let value = json!({"texts": [], "numbers": numbers, "few": []});
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let first = numbers.iter().position(|number| *number > 255).unwrap();

            prop_assert_eq!(read_with_place::<Sample>(&text).unwrap_err().0, format!("numbers[{first}]"));
        }

        #[test]
        fn no_text_makes_it_panic(text: String, like_json in "[\\[\\]{}:,\"\\\\ 0a\n]*") {
            for text in [text, like_json] {
                prop_assert_eq!(read_with_place::<Sample>(&text).is_err(), serde_json::from_str::<Sample>(&text).is_err());
                drop(read_with_place::<Value>(&text));
            }
        }
    }
}
