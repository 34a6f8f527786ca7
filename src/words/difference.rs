//! The differences between two JSON documents, member by member. Pre-checks use it for replays, and policies for changes between
//! versions.

use serde::Serialize;
use serde_json::Value;

/// One difference between two documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// JSON Pointer (RFC 6901) to the place that differs.
    pub pointer: String,
    /// The value in the first document; null if there is none.
    pub from: Value,
    /// The value in the second document; null if there is none.
    pub to: Value,
}

/// Returns all differences between two documents, in order of the members in the pointers. Lists are compared item by item.
#[must_use]
pub fn differences(from: &Value, to: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&mut String::new(), Some(from), Some(to), &mut found);
    found
}

fn compare(pointer: &mut String, from: Option<&Value>, to: Option<&Value>, found: &mut Vec<Difference>) {
    match (from, to) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let mut keys: Vec<&String> = one.keys().chain(other.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                inside(pointer, &key.replace('~', "~0").replace('/', "~1"), |place| {
                    compare(place, one.get(key), other.get(key), found);
                });
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for place in 0..one.len().max(other.len()) {
                inside(pointer, &place.to_string(), |inner| compare(inner, one.get(place), other.get(place), found));
            }
        }
        (one, other) if one == other => {}
        (one, other) => {
            let value = |side: Option<&Value>| side.cloned().unwrap_or(Value::Null);
            found.push(Difference { pointer: pointer.clone(), from: value(one), to: value(other) });
        }
    }
}

fn inside(pointer: &mut String, part: &str, work: impl FnOnce(&mut String)) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(part);
    work(pointer);
    pointer.truncate(length);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn places_are_pointed_at_and_what_is_missing_is_null() {
        let from = json!({"a": 1, "b": {"c/d": [1, 2]}, "e~f": null});
        let to = json!({"a": 1, "b": {"c/d": [1, 3, {"g": 4}]}, "h": true});

        let found: Vec<_> = differences(&from, &to).into_iter().map(|one| (one.pointer, one.from, one.to)).collect();

        assert_eq!(
            found,
            [
                ("/b/c~1d/1".to_owned(), json!(2), json!(3)),
                ("/b/c~1d/2".to_owned(), Value::Null, json!({"g": 4})),
                ("/e~0f".to_owned(), Value::Null, Value::Null),
                ("/h".to_owned(), Value::Null, json!(true)),
            ]
        );
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z/~]{0,3}".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-c/~]{0,2}", inner, 0..4)
                    .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn only_equal_documents_have_no_difference(one in document(), other in document()) {
            prop_assert_eq!(differences(&one, &one), []);
            prop_assert_eq!(differences(&one, &other).is_empty(), one == other);
        }

        #[test]
        fn every_pointer_leads_to_what_is_said(one in document(), other in document()) {
            for found in differences(&one, &other) {
                prop_assert_eq!(one.pointer(&found.pointer).cloned().unwrap_or(Value::Null), found.from);
                prop_assert_eq!(other.pointer(&found.pointer).cloned().unwrap_or(Value::Null), found.to);
            }
        }
    }
}
