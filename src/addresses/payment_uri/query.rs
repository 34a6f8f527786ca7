//! The parameters of a payment URI. Names and values are percent-decoded (RFC 3986), so that `%61mount` is no second `amount`. Names are
//! compared in lower case: QR codes hold upper case, because it takes less space (BIP-173, "Uppercase/lowercase").

use super::error::shown;
use super::{PaymentUriError, Reader};
use percent_encoding::percent_decode_str;

/// The most parameters of a URI. This is our limit; no standard has one.
const PARAMETERS_MAX: usize = 64;

/// The longest value that is taken, in bytes. This is our limit; a Stellar hash in base 64 has 44.
const VALUE_MAX: usize = 512;

/// The parameters, each with its name in lower case.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the text after `?`.
    pub(super) fn read(text: &str, reader: Reader) -> Result<Self, PaymentUriError> {
        let mut all: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name, name)?.to_ascii_lowercase(), decoded(name, value)?);
            if name.starts_with("req-") {
                return Err(PaymentUriError::Required { name: shown(&name) });
            }
            // Solana Pay, "Reference": there may be several.
            let may_repeat = matches!(reader, Reader::SolanaPay) && name == "reference";
            if let Some((_, before)) = all.iter().find(|(known, _)| *known == name).filter(|_| !may_repeat) {
                return Err(match name.as_str() {
                    "amount" | "value" | "uint256" => PaymentUriError::contradiction("amounts", before, &value),
                    "address" | "destination" => PaymentUriError::contradiction("addresses", before, &value),
                    _ => PaymentUriError::parameter(&name, "occurs twice; it may occur only once"),
                });
            }
            if all.len() == PARAMETERS_MAX {
                return Err(PaymentUriError::parameter(&name, "is one too many: a URI may have 64"));
            }
            all.push((name, value));
        }
        Ok(Self(all))
    }

    /// Takes a parameter out. `None` if there is none.
    pub(super) fn take(&mut self, name: &str) -> Result<Option<String>, PaymentUriError> {
        let Some(place) = self.0.iter().position(|(known, _)| known == name) else { return Ok(None) };
        let (_, value) = self.0.swap_remove(place);
        if value.is_empty() || value.len() > VALUE_MAX || value.chars().any(char::is_control) {
            return Err(PaymentUriError::parameter(name, "must have 1 to 512 bytes and no control characters"));
        }
        Ok(Some(value))
    }

    /// Returns the first of these parameters that is there.
    pub(super) fn first_of(&self, names: &[&'static str]) -> Option<&'static str> {
        names.iter().find(|name| self.0.iter().any(|(known, _)| known == *name)).copied()
    }

    /// Iterates over the names of the parameters that nobody has taken.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Returns the names of the parameters that nobody has taken, each once.
    pub(super) fn left(self) -> Vec<String> {
        let mut names: Vec<String> = self.0.into_iter().map(|(name, _)| shown(&name)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn decoded(name: &str, text: &str) -> Result<String, PaymentUriError> {
    let is_whole = |(at, _): (usize, &str)| {
        text.get(at + 1..at + 3).is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    let wrong = || PaymentUriError::parameter(name, "has a `%` without two hexadecimal digits, or bytes that are not UTF-8");
    if !text.match_indices('%').all(is_whole) {
        return Err(wrong());
    }
    percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| wrong())
}
