//! How a case says what it expects: see `about` in clients/conformance/cases.json.

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde_json::Value;

/// The values of `$same`, and those that `$fresh` must not see again, within a case.
#[derive(Default)]
pub(crate) struct Names {
    same: BTreeMap<String, Value>,
    seen: BTreeMap<String, Vec<Value>>,
}

impl Names {
    pub(crate) fn saw(&mut self, name: &str, value: &Value) {
        self.seen.entry(name.to_owned()).or_default().push(value.clone());
    }

    fn compare(&mut self, comparison: &str, value: &Value, found: &Value) -> bool {
        let name = || value.as_str().unwrap().to_owned();
        match comparison {
            "$contains" => match found {
                Value::String(text) => text.contains(&name()),
                Value::Array(items) => items.contains(value),
                _ => false,
            },
            "$length" => found.as_array().map(Vec::len) == value.as_u64().map(|count| usize::try_from(count).unwrap()),
            "$matches" => {
                let text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
                Regex::new(&name()).unwrap().is_match(&text)
            }
            "$same" => !found.is_null() && self.same.entry(name()).or_insert_with(|| found.clone()) == found,
            "$fresh" => !found.is_null() && !self.seen.get(&name()).is_some_and(|seen| seen.contains(found)),
            other => panic!("{other} is no comparison"),
        }
    }
}

/// Returns what differs, in words.
pub(crate) fn differences(expected: &Value, found: &Value, names: &mut Names, at: &str) -> Vec<String> {
    let comparison = expected.as_object().and_then(|members| members.iter().find(|(name, _)| name.starts_with('$')));
    let holds = match (expected, found) {
        _ if comparison.is_some() => comparison.is_some_and(|(name, value)| names.compare(name, value, found)),
        (Value::Object(members), Value::Object(_)) => {
            let each = members.iter().flat_map(|(name, value)| {
                let found = found.get(name).unwrap_or(&Value::Null);
                differences(value, found, names, &format!("{at}/{name}"))
            });
            return each.collect();
        }
        (Value::Array(values), Value::Array(found)) if values.len() == found.len() => {
            let each = values.iter().zip(found).enumerate();
            return each.flat_map(|(n, (value, found))| differences(value, found, names, &format!("{at}/{n}"))).collect();
        }
        (Value::Number(value), Value::Number(found)) => value.as_f64() == found.as_f64(),
        _ => expected == found,
    };
    if holds { Vec::new() } else { vec![format!("{at}: {found} is not {expected}")] }
}
