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
    let json = serde_json::to_string_pretty(document()).map(|json| json + "\n");
    #[cfg(not(feature = "describe"))]
    let json = Ok(COMMITTED.to_owned());
    json
}
