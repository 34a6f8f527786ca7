//! A text while the formats examine it. A decoding that several formats share (mostly base 58) is done once.

use std::cell::OnceCell;

use super::base58::{self, Alphabet};
use super::fault::Fault;

/// A text, and the decodings made from it so far.
#[derive(Debug)]
pub(super) struct Given<'a> {
    text: &'a str,
    bitcoin: OnceCell<Result<Vec<u8>, Fault>>,
    ripple: OnceCell<Result<Vec<u8>, Fault>>,
}

impl<'a> Given<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, bitcoin: OnceCell::new(), ripple: OnceCell::new() }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Tells whether the text is bech32 with a right checksum, or a long hex number after `0x` or `xdc`. Formats without prefix and checksum
    /// would accept such a text by chance; it is an address of another format, perhaps mistyped.
    pub(super) fn is_of_another_kind(&self) -> bool {
        self.is_prefixed_hex() || super::bech32::is_sound(self.text)
    }

    fn is_prefixed_hex(&self) -> bool {
        /// Account names may begin so; they have fewer digits.
        const DIGITS_MIN: usize = 32;
        let digits = ["0x", "xdc"].iter().find_map(|prefix| {
            let (head, digits) = self.text.split_at_checked(prefix.len())?;
            head.eq_ignore_ascii_case(prefix).then_some(digits)
        });
        digits.is_some_and(|digits| digits.len() >= DIGITS_MIN && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }

    /// Returns the text decoded from base 58.
    pub(super) fn base58(&self, alphabet: Alphabet) -> Result<&[u8], Fault> {
        let cell = match alphabet {
            Alphabet::Bitcoin => &self.bitcoin,
            Alphabet::Ripple => &self.ripple,
        };
        let decode = || {
            base58::decode_in(self.text, alphabet).map_err(|position| Fault::Character { position, allowed: base58::ALPHABET })
        };
        cell.get_or_init(decode).as_deref().map_err(|fault| *fault)
    }
}
