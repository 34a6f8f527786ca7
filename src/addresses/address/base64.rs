//! The kind `base64`: without padding; unused bits must be zero.
//!
//! Source: RFC 4648, sections 4 and 5.

use super::fault::Fault;
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, DecodeKind};
use serde::Deserialize;

/// The characters for the values 62 and 63.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Alphabet {
    /// `-` and `_`.
    Url,
    /// Either `-` and `_`, or `+` and `/`, but not both in one text.
    UrlOrStandard,
}

/// Reads a text.
pub(super) fn read(text: &str, alphabet: Alphabet) -> Result<Vec<u8>, Fault> {
    let (encoding, allowed) = if alphabet == Alphabet::UrlOrStandard && text.contains(['+', '/']) {
        (BASE64_NOPAD, "allowed are letters, digits, + and / (base 64)")
    } else {
        (BASE64URL_NOPAD, "allowed are letters, digits, - and _ (base 64)")
    };
    encoding.decode(text.as_bytes()).map_err(|error| match error.kind {
        DecodeKind::Symbol => Fault::Character { position: error.position + 1, allowed },
        DecodeKind::Length => Fault::Characters(text.len()),
        _ => Fault::Padding,
    })
}

/// Encodes bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// Returns the number of characters for a number of bytes.
pub(super) fn text_length(bytes: usize) -> usize {
    (bytes * 8).div_ceil(6)
}
