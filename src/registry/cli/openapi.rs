//! `openapi`: prints the OpenAPI document exactly as it is committed in `openapi/openapi.json`.

use std::io::Write;
use std::process::ExitCode;

use super::Outcome;

/// Prints the document.
pub(super) fn run() -> Outcome {
    std::io::stdout().write_all(crate::serve::document_json()?.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
