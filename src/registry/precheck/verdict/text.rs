//! The text of a verdict. A receipt can be signed only over a text with a digest. The members that are not signed follow behind.

use super::Verdict;
use vasp_pki::receipt::write_digested;

/// Initial buffer size, in bytes. Most verdicts fit in it together with their receipt; larger ones make it grow.
const USUAL_BYTES: usize = 5 << 10;

/// The text of a verdict without receipt and evidence.
#[derive(Clone, Debug)]
pub(crate) struct VerdictText {
    /// The JSON text, of which only the closing brace is missing.
    open: String,
    /// The digest of the text, `sha256:` and 64 hex digits.
    digest: String,
}

/// Writes a verdict that nobody signs, as it is sent. Nothing in it need be canonical.
///
/// # Errors
/// If a part cannot be written.
pub(crate) fn unsigned_text(verdict: &Verdict<'_>) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut bytes, verdict)?;
    let mut open = String::from_utf8(bytes).map_err(serde::ser::Error::custom)?;
    open.pop();
    Ok(with_receipt(open, None))
}

/// Adds the receipt, if there is one, to a text of which only the closing brace is missing. A compact JWS has no character that JSON must
/// escape.
fn with_receipt(mut open: String, receipt: Option<&str>) -> String {
    open.push_str(",\"receipt\":");
    match receipt {
        Some(receipt) => open.extend(["\"", receipt, "\""]),
        None => open.push_str("null"),
    }
    open.push('}');
    open
}

impl VerdictText {
    /// Writes a verdict. Its own members have the order of their type, so that people find the recommendation first; all parts are canonical.
    ///
    /// # Errors
    /// If a part cannot be written.
    pub(crate) fn of(verdict: &Verdict<'_>) -> Result<Self, serde_json::Error> {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        let digest = write_digested(verdict, &mut bytes)?;
        let mut open = String::from_utf8(bytes).map_err(serde::ser::Error::custom)?;
        open.pop();
        Ok(Self { open, digest })
    }

    /// Returns the digest that a receipt signs.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// Adds the receipt, if there is one.
    pub(crate) fn with_receipt(self, receipt: Option<&str>) -> String {
        with_receipt(self.open, receipt)
    }
}
