//! Kinds with five bits per character: `base32`, Nano's `nano32`, Nimiq's `iban32`, Stacks' `c32check`, the Internet Computer's principals
//! and Filecoin's delegated addresses. They share one table of alphabets.

use std::sync::LazyLock;

use super::cashaddr::five_bits;
use super::fault::Fault;
use data_encoding::{BASE32_NOPAD, Encoding};
use serde::Deserialize;

/// The alphabet of the digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Alphabet {
    /// RFC 4648, section 6.
    Rfc4648,
    /// The same alphabet in lower case.
    Rfc4648Lower,
    /// Nano's alphabet: without 0, 2, l and v.
    Nano,
    /// Nimiq's alphabet: without I, O, W and Z.
    Nimiq,
    /// Stacks' alphabet (Crockford's): without I, L, O and U.
    C32,
}

impl Alphabet {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Rfc4648, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        (Self::Rfc4648Lower, "abcdefghijklmnopqrstuvwxyz234567"),
        (Self::Nano, "13456789abcdefghijkmnopqrstuwxyz"),
        (Self::Nimiq, "0123456789ABCDEFGHJKLMNPQRSTUVXY"),
        (Self::C32, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
    ];

    fn encoding(self) -> Encoding {
        static ENCODINGS: LazyLock<Vec<(Alphabet, Encoding)>> = LazyLock::new(|| {
            // Each alphabet has 32 different characters, so every encoding exists.
            Alphabet::ALL.iter().filter_map(|(alphabet, symbols)| Some((*alphabet, five_bits(symbols)?))).collect()
        });
        ENCODINGS.iter().find(|(alphabet, _)| *alphabet == self).map_or(BASE32_NOPAD, |(_, encoding)| encoding.clone())
    }

    fn allowed(self) -> &'static str {
        match self {
            Self::Rfc4648 => "allowed are the letters A-Z and the digits 2-7 (base 32)",
            Self::Rfc4648Lower => "allowed are the letters a-z and the digits 2-7 (base 32)",
            Self::Nano => "allowed are lower-case letters except l and v, and digits except 0 and 2",
            Self::Nimiq => "allowed are digits, and letters except I, O, W and Z",
            Self::C32 => "allowed are digits, and letters except I, L, O and U",
        }
    }

    /// Decodes a text; error positions count from 1.
    pub(super) fn decode(self, text: &str) -> Result<Vec<u8>, Fault> {
        self.encoding().decode(text.as_bytes()).map_err(|error| match error.kind {
            data_encoding::DecodeKind::Symbol => Fault::Character { position: error.position + 1, allowed: self.allowed() },
            data_encoding::DecodeKind::Length => Fault::Characters(text.len()),
            _ => Fault::Padding,
        })
    }

    pub(super) fn encode(self, bytes: &[u8]) -> String {
        self.encoding().encode(bytes)
    }
}

/// Returns the number of characters for a number of bytes.
pub(super) fn text_length(bytes: usize) -> usize {
    (bytes * 8).div_ceil(5)
}
