//! Types that go into the API's description have names of their own there: of two with one name the description keeps one, and the
//! other's values are then not described.

use std::collections::BTreeMap;

/// Returns the names under which a file's types are described, or would be.
fn described(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut attributes, mut in_list) = (String::new(), false);
    for whole in text.lines() {
        let line = whole.trim();
        if line.starts_with("//") || line.is_empty() {
            continue;
        }
        if line.starts_with("closed_list!") || whole == "}" {
            in_list = whole != "}";
        } else if line.starts_with("#[") {
            attributes.push_str(line);
        } else {
            let name = name_of(line).filter(|_| in_list || attributes.contains("ToSchema"));
            names.extend(name.map(|name| renamed(&attributes, line).unwrap_or(name)));
            attributes.clear();
        }
    }
    names
}

fn name_of(line: &str) -> Option<String> {
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.find(|word| ["struct", "enum"].contains(word))?;
    words.next().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The name that `#[schema(as = Name)]` gives, or `enum X as "Name"` of a closed list.
fn renamed(attributes: &str, line: &str) -> Option<String> {
    let (_, after) = attributes.split_once("schema(as = ").or_else(|| line.split_once(" as \""))?;
    after.split(|c: char| !c.is_alphanumeric() && c != '_').next().map(str::to_owned)
}

/// Says which names stand for two types.
pub(super) fn shared<'t>(files: impl Iterator<Item = (String, &'t str)>) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in files {
        for name in described(text) {
            places.entry(name).or_default().push(path.clone());
        }
    }
    let shared = places.into_iter().filter(|(_, places)| places.len() > 1);
    shared.map(|(name, places)| format!("`{name}` is described by {}", places.join(" and "))).collect()
}

#[test]
fn two_types_of_one_name_are_found() {
    let view = "#[derive(Serialize, ToSchema)]\n#[schema(as = Kind)]\nstruct KindView {\n";
    let list = "closed_list! {\n/// What it is.\npub enum Kind {\n    }\n}\n";
    let named =
        "closed_list! {\npub enum First {\nA = \"a\",\n}\npub enum Kind as \"OtherKind\" with (i16, i64) {\n}\nstruct Kind {\n";
    let found = |texts: &[&'static str]| shared(texts.iter().zip('a'..).map(|(text, path)| (path.to_string(), *text)));

    assert_eq!(found(&[view, list]), ["`Kind` is described by a and b"]);
    assert_eq!(found(&[view, named]), [""; 0]);
}
