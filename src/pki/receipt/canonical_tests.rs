//! Tests the digests of JSON against RFC 8785 and against a library that implements it.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn by_library(text: &str) -> Option<String> {
    let value = strict_json(text).ok()?;
    serde_json_canonicalizer::to_string(&value).ok()
}

/// Source: RFC 8785 section 3.2.2 to 3.2.4: the sample, and its canonical bytes.
#[test]
fn the_published_sample_has_its_digest() {
    let sample = "{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],\"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\"literals\":[null,true,false]}";
    let canonical = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";

    assert_eq!(json_digest(sample).unwrap(), format!("sha256:{}", hex::encode(digest(&SHA256, canonical.as_bytes()))));
    assert_eq!(json_digest(&format!(" {sample}\n")).unwrap(), json_digest(canonical).unwrap());
}

/// All JSON that this program writes takes the fast path.
#[test]
fn own_answers_are_put_in_order_as_text() {
    let text =
        r#"{"id":null,"b":{"z":[],"a":{},"confidence":0.9,"whole":1.0,"c":[{"y":1,"x":"é\"\n"},-5]},"a":0.05,"engine":"e"}"#;

    let ordered = String::from_utf8(reorder(text).unwrap()).unwrap();

    assert_eq!(
        ordered,
        r#"{"a":0.05,"b":{"a":{},"c":[{"x":"é\"\n","y":1},-5],"confidence":0.9,"whole":1,"z":[]},"engine":"e","id":null}"#
    );
    assert_eq!(by_library(text), Some(ordered));
}

/// A quote would sort after a space and `!`, which may occur in names.
#[test]
fn names_are_put_in_order_without_their_quotes() {
    for text in [
        r#"{"a!":1,"a":2}"#,
        r#"{"a b":1,"a":2,"":3}"#,
        r#"{"abcdefgh!":1,"abcdefgh":2,"abcdefg":3}"#,
        r#"{"b":{"a ":1,"a":1.0},"a":2}"#,
    ] {
        assert_eq!(String::from_utf8(reorder(text).unwrap()).ok(), by_library(text), "{text}");
    }
}

#[test]
fn what_may_be_written_otherwise_goes_the_long_way() {
    for text in [
        "1e5",
        "1E5",
        "1.50",
        "-0",
        "-0.0",
        "0.0000001",
        "1234567890123456",
        "01",
        "\"\\u0041\"",
        "\"\\/\"",
        "{\"é\":1}",
        "[1, 2]",
        "{\"a\":1,\"a\":2}",
        "",
        "[",
        "[1,]",
        "{\"a\"}",
        "tru",
        "1.",
        ".5",
        "-",
        "{\"\\n\":1}",
        "\"a",
        "[1]]",
        "0.10",
        "\"\u{1}\"",
    ] {
        assert_eq!(reorder(text), None, "{text}");
    }
}

#[test]
fn requests_with_whitespace_take_the_fast_path() {
    let text = "{\"b\": {\"z\": [1, 2], \"a\": \" kept: {} \\\" \"},\n\t\"a\": true}\r\n";

    let ordered = String::from_utf8(ordered(text).unwrap()).unwrap();

    assert_eq!(ordered, "{\"a\":true,\"b\":{\"a\":\" kept: {} \\\" \",\"z\":[1,2]}}");
    assert_eq!(by_library(text), Some(ordered));
    for text in ["1 2", "true false", "- 1", "[1 2]", "\"a\" \"b\" 1"] {
        assert_eq!(super::ordered(text), None, "{text}");
    }
}

#[test]
fn what_has_two_meanings_has_no_digest() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":{"b":1,"b":2}}"#,
        r#"{"a":1,"\u0061":2}"#,
        "9007199254740993",
        "[-9007199254740992]",
        "9007199254740991.5",
        "-9223372036854775808.0",
        "18446744073709551616",
        "6.34918109156976e19",
        "{\"a\":1} x",
        "{a:1}",
        "\"\\ud800\"",
        "1e400",
    ] {
        assert!(json_digest(text).is_err(), "{text}");
    }
    assert_eq!(json_digest("9007199254740991").unwrap(), json_digest(" 9007199254740991 ").unwrap());
}

#[test]
fn a_verdict_is_digested_without_its_receipt_and_evidence() {
    let with = json!({"b": 1, "receipt": "x", "evidence": {}, "a": {"receipt": "inside"}});

    let digest = verdict_digest(with.as_object().unwrap()).unwrap();

    assert_eq!(digest, json_digest(r#"{"a":{"receipt":"inside"},"b":1}"#).unwrap());
}

pub(in crate::receipt) fn any_json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        (-9_007_199_254_740_991i64..=9_007_199_254_740_991).prop_map(Value::from),
        (-1_000i64..1_000, 0u32..6).prop_map(|(digits, places)| json!(
            f64::from(i32::try_from(digits).unwrap()) / 10f64.powi(i32::try_from(places).unwrap())
        )),
        any::<f64>()
            .prop_filter("finite, and not written as a whole number beyond 2^53", |number| {
                number.is_finite() && !(9_007_199_254_740_992.0..1e21).contains(&number.abs())
            })
            .prop_map(|number| json!(number)),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number,
        "\\PC*|[a-z\"\\\\\n\u{1}]*".prop_map(Value::from)
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,6}|[a-c !\"]{0,10}|\\PC{0,3}", inner, 0..8)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn the_short_way_says_what_the_library_says(value in any_json()) {
        let text = value.to_string();
        if let Some(ordered) = reorder(&text) {
            prop_assert_eq!(Some(String::from_utf8(ordered).unwrap()), by_library(&text));
        }
    }

    #[test]
    fn the_order_of_members_and_blanks_do_not_matter(members in prop::collection::btree_map("[a-z]{1,5}", any_json(), 1..6), by: u8) {
        let mut members: Vec<_> = members.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
        let one = format!("{{{}}}", members.join(","));
        let middle = usize::from(by) % members.len();
        members.rotate_left(middle);
        let other = format!("{{ {} }}", members.join(" ,\n"));
        prop_assert_eq!(json_digest(&one).unwrap(), json_digest(&other).unwrap());
    }

    #[test]
    fn reading_never_panics(text in "\\PC*|[\\[\\]{}\",:0-9.eE\\\\ntrufals \n-]{0,40}") {
        for ordered in [reorder(&text), ordered(&text)] {
            let ordered = ordered.map(|bytes| String::from_utf8(bytes).unwrap());
            match by_library(&text) {
                None => prop_assert_eq!(ordered, None),
                Some(canonical) => prop_assert!(ordered.is_none_or(|ordered| ordered == canonical)),
            }
        }
        let _ = json_digest(&text);
    }

    #[test]
    fn whitespace_between_tokens_is_left_out_and_nothing_else(value in any_json()) {
        let text = value.to_string();
        prop_assert_eq!(compacted(&serde_json::to_string_pretty(&value).unwrap()), Some(text.clone()));
        prop_assert_eq!(compacted(&text), Some(text));
    }
}
