//! Gives each variant of a "one of" a schema with a name of its own, so that generated clients have a type for it. If all variants have a
//! member with one fixed word, that member is the discriminator; otherwise variants differ in the members that they require.

use serde_json::{Map, Value, json};

use super::{SCHEMAS, schemas};

/// Schemas of which one variant has all members of another. A validator finds both in one answer.
const INCLUSIVE: [&str; 1] = ["VaspListItem"];

/// Names the variants of all schemas.
pub(super) fn name(document: &mut Value) {
    let Some(schemas) = schemas(document) else { return };
    let mut named = Map::new();
    for (parent, schema) in schemas.iter_mut() {
        let Some(Value::Array(variants)) = schema.get_mut("oneOf") else { continue };
        let tag = tag_of(variants);
        let mut mapping = Map::new();
        for variant in variants.iter_mut().filter(|variant| variant.get("properties").is_some()) {
            let word = tag.as_deref().and_then(|tag| word_of(variant, tag)).map(str::to_owned);
            let Some(suffix) = word.clone().or_else(|| first_required(variant)) else { continue };
            let name = format!("{parent}{}", pascal(&suffix));
            let reference = json!({"$ref": format!("{SCHEMAS}{name}")});
            mapping.extend(word.map(|word| (word, json!(format!("{SCHEMAS}{name}")))));
            named.insert(name, std::mem::replace(variant, reference));
        }
        if let (Some(tag), Value::Object(schema)) = (tag, schema) {
            schema.insert("discriminator".to_owned(), json!({"propertyName": tag, "mapping": mapping}));
        }
    }
    schemas.extend(named);
    for name in INCLUSIVE {
        if let Some(Value::Object(schema)) = schemas.get_mut(name)
            && let Some(variants) = schema.remove("oneOf")
        {
            schema.insert("anyOf".to_owned(), variants);
        }
    }
}

/// Returns the member that has one fixed word in each variant.
fn tag_of(variants: &[Value]) -> Option<String> {
    let names = variants.first()?.get("properties")?.as_object()?.keys();
    let mut tags = names.filter(|name| variants.iter().all(|variant| word_of(variant, name).is_some()));
    tags.next().cloned()
}

/// Returns the only word that a member of a variant may have.
fn word_of<'a>(variant: &'a Value, member: &str) -> Option<&'a str> {
    match variant.get("properties")?.get(member)?.get("enum")?.as_array()?.as_slice() {
        [Value::String(word)] => Some(word),
        _ => None,
    }
}

fn first_required(variant: &Value) -> Option<String> {
    variant.get("required")?.as_array()?.first()?.as_str().map(str::to_owned)
}

/// Writes a snake_case word as part of a schema's name.
fn pascal(word: &str) -> String {
    let capital = |part: &str| {
        let mut characters = part.chars();
        characters.next().map(|first| first.to_ascii_uppercase().to_string() + characters.as_str()).unwrap_or_default()
    };
    word.split('_').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_get_names_and_a_discriminator() {
        let variant = |word: &str| json!({"type": "object", "properties": {"kind": {"type": "string", "enum": [word]}}});
        let mut document = json!({"components": {"schemas": {"Place": {"oneOf": [variant("url"), variant("host_port")]}}}});

        name(&mut document);

        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["PlaceHostPort"], variant("host_port"));
        assert_eq!(schemas["Place"]["oneOf"][0], json!({"$ref": "#/components/schemas/PlaceUrl"}));
        assert_eq!(
            schemas["Place"]["discriminator"],
            json!({"propertyName": "kind", "mapping": {
                "url": "#/components/schemas/PlaceUrl", "host_port": "#/components/schemas/PlaceHostPort"}})
        );
    }

    #[test]
    fn variants_without_a_common_word_are_named_by_what_they_require() {
        let refused = json!({"type": "object", "required": ["problem"], "properties": {"problem": {"type": "string"}}});
        let answer = json!({"$ref": "#/components/schemas/Answer"});
        let mut document = json!({"components": {"schemas": {"Result": {"oneOf": [answer, refused]}}}});

        name(&mut document);

        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["Result"], json!({"oneOf": [answer, {"$ref": "#/components/schemas/ResultProblem"}]}));
        assert_eq!(schemas["ResultProblem"], refused);
    }
}
