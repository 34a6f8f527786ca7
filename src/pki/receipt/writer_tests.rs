//! Tests the writer against a library that implements RFC 8785, on values whose members come in any order.

use super::*;
use crate::receipt::canonical::tests::any_json;
use crate::receipt::{canonical_json, json_digest};
use proptest::prelude::*;
use serde::ser::SerializeMap;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// A value whose objects are written in the opposite order.
struct Backwards<'a>(&'a Value);

impl Serialize for Backwards<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => serializer.collect_seq(items.iter().map(Backwards)),
            Value::Object(members) => serializer.collect_map(members.iter().rev().map(|(name, value)| (name, Backwards(value)))),
            other => other.serialize(serializer),
        }
    }
}

#[derive(Serialize)]
struct Answer {
    recommendation: &'static str,
    id: Option<u8>,
    nested: Nested,
    likeness: f64,
    whole: f32,
    raw: Box<RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Nested {
    Both { z: i64, a: Vec<()> },
}

fn answer() -> Answer {
    Answer {
        recommendation: "hold",
        id: None,
        nested: Nested::Both { z: -1, a: vec![] },
        likeness: 0.97,
        whole: 1.0,
        raw: RawValue::from_string(r#"{"a":1,"b":"é"}"#.to_owned()).unwrap(),
    }
}

#[test]
fn members_are_put_in_order_and_the_outermost_may_stay_as_they_are() {
    let mut kept = b"before ".to_vec();
    let digest = write_digested(&answer(), &mut kept).unwrap();

    let inside = r#""nested":{"both":{"a":[],"z":-1}}"#;
    let expected =
        format!(r#"before {{"recommendation":"hold","id":null,{inside},"likeness":0.97,"whole":1,"raw":{{"a":1,"b":"é"}}}}"#);
    assert_eq!(String::from_utf8(kept).unwrap(), expected);
    let canonical = to_canonical(&answer()).unwrap();
    assert_eq!(
        canonical,
        format!(r#"{{"id":null,"likeness":0.97,{inside},"raw":{{"a":1,"b":"é"}},"recommendation":"hold","whole":1}}"#)
    );
    assert_eq!((digest.clone(), digest), (digest_text(canonical.as_bytes()), json_digest(&canonical).unwrap()));
}

#[test]
fn names_that_begin_alike_are_in_order() {
    let value = json!({"candidates": 1, "candidate": 2, "candidat": 3, "candidates_more": 4, "candida": 5, "candidaté": 6});

    let text = to_canonical(&Backwards(&value)).unwrap();

    assert_eq!(text, r#"{"candida":5,"candidat":3,"candidate":2,"candidates":1,"candidates_more":4,"candidaté":6}"#);
}

/// UTF-16 puts a character beyond the basic plane before U+E000; bytes do not.
///
/// Source: RFC 8785 section 3.2.3.
#[test]
fn names_are_in_the_order_of_their_code_units() {
    let value = json!({"\u{ffff}": 1, "\u{10000}": 2, "a!": 3, "a": 4, "\n": 5, "": 6, "é": 7});

    let text = to_canonical(&value).unwrap();

    assert_eq!(text, canonical_json(&value.to_string()).unwrap());
    assert_eq!(text, "{\"\":6,\"\\n\":5,\"a\":4,\"a!\":3,\"é\":7,\"\u{10000}\":2,\"\u{ffff}\":1}");
}

#[test]
fn what_has_two_meanings_is_not_written() {
    struct Twice;
    impl Serialize for Twice {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("a", &1)?;
            map.serialize_entry("a", &1)?;
            map.end()
        }
    }

    to_canonical(&Twice).unwrap_err();
    to_canonical(&9_007_199_254_740_992_u64).unwrap_err();
    to_canonical(&-9_007_199_254_740_992_i64).unwrap_err();
    to_canonical(&9_007_199_254_740_993.0_f64).unwrap_err();
    assert_eq!(to_canonical(&9_007_199_254_740_991_u64).unwrap(), "9007199254740991");
    write_digested(&1, &mut Vec::new()).unwrap_err();
}

proptest! {
    #[test]
    fn any_value_is_written_as_the_library_writes_it(value in any_json()) {
        let canonical = serde_json_canonicalizer::to_string(&value).unwrap();
        for written in [to_canonical(&value), to_canonical(&Backwards(&value))] {
            prop_assert_eq!(&written.unwrap(), &canonical);
        }
        if value.is_object() {
            let mut kept = Vec::new();
            let digest = write_digested(&Backwards(&value), &mut kept).unwrap();
            prop_assert_eq!(digest, json_digest(&value.to_string()).unwrap());
            prop_assert_eq!(serde_json::from_slice::<Value>(&kept).unwrap(), serde_json::from_str::<Value>(&canonical).unwrap());
        }
    }
}
