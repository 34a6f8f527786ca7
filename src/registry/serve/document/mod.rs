//! The OpenAPI document. A program with the feature `describe`, as tests have it, makes it from the handlers (`made`); any other has the
//! one that is committed in `openapi/openapi.json`. A test compares the two.

#[cfg(feature = "describe")]
mod made;

use std::sync::LazyLock;

use serde_json::Value;

/// The methods of the routes, as members of a path.
#[cfg(feature = "describe")]
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[cfg(feature = "describe")]
static DOCUMENT: LazyLock<Value> = LazyLock::new(made::describe);

#[cfg(not(feature = "describe"))]
const COMMITTED: &str = include_str!("../../../../openapi/openapi.json");
#[cfg(not(feature = "describe"))]
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(COMMITTED).unwrap_or_default());

/// Returns the OpenAPI document.
#[must_use]
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// Returns the OpenAPI document as JSON, exactly as it is committed and served.
///
/// # Errors
/// `serde_json::Error` if it cannot be serialised, which does not happen.
pub fn document_json() -> Result<String, serde_json::Error> {
    #[cfg(feature = "describe")]
    let json = written(document(), 0).map(|json| json + "\n");
    #[cfg(not(feature = "describe"))]
    let json = Ok(COMMITTED.to_owned());
    json
}

/// How deep objects are written over several lines: to the members of an operation or schema, and one further. Deeper ones take a line.
#[cfg(feature = "describe")]
const DEEPEST: usize = 5;

/// Writes JSON so that a change of it is easy to read, and half as long as with a line for each value.
#[cfg(feature = "describe")]
fn written(value: &Value, depth: usize) -> Result<String, serde_json::Error> {
    match value {
        Value::Object(members) if depth < DEEPEST && !members.is_empty() => {
            let indent = " ".repeat(depth);
            let line = |(name, member): (&String, &Value)| -> Result<String, serde_json::Error> {
                Ok(format!("{indent} {}: {}", serde_json::to_string(name)?, written(member, depth.saturating_add(1))?))
            };
            let lines: Vec<String> = members.iter().map(line).collect::<Result<_, _>>()?;
            Ok(format!("{{\n{}\n{indent}}}", lines.join(",\n")))
        }
        _ => serde_json::to_string(value),
    }
}
