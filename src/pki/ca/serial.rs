//! Serial numbers of certificates: random, positive, 20 octets.

use std::fmt;
use std::str::FromStr;

use rand_core::RngCore;

/// The serial number of a certificate of this registry, always 20 octets long.
///
/// Source: RFC 5280 section 4.1.2.2 (positive, at most 20 octets); CA/Browser Forum Baseline Requirements section 7.1 (at least 64
/// bits of a CSPRNG). These have 159 bits. If the first octet is zero, which is rare, the number is drawn again, so that all have the same
/// length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Serial([u8; 20]);

/// The text is not such a serial number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a serial number must have 40 lower-case hex digits, and its first octet must be 01 to 7f")]
pub struct SerialError;

impl Serial {
    /// Draws a serial number.
    pub fn draw(rng: &mut dyn RngCore) -> Self {
        loop {
            let mut bytes = [0; 20];
            rng.fill_bytes(&mut bytes);
            if let Some(first) = bytes.first_mut() {
                *first &= 0x7f;
                if *first != 0 {
                    return Self(bytes);
                }
            }
        }
    }

    /// Returns its octets.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 20] {
        &self.0
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for Serial {
    type Err = SerialError;

    fn from_str(text: &str) -> Result<Self, SerialError> {
        let lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let bytes: Option<[u8; 20]> = hex::decode(text).ok().filter(|_| lower).and_then(|bytes| bytes.try_into().ok());
        bytes.filter(|bytes| matches!(bytes.first(), Some(0x01..=0x7f))).map(Self).ok_or(SerialError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    proptest! {
        #[test]
        fn drawn_ones_are_positive_of_20_octets_and_read_back(seed: u64) {
            let serial = Serial::draw(&mut ChaCha8Rng::seed_from_u64(seed));
            prop_assert!((1..=0x7f).contains(&serial.bytes()[0]));
            prop_assert_eq!(serial.to_string().len(), 40);
            prop_assert_eq!(serial.to_string().parse::<Serial>(), Ok(serial));
        }

        #[test]
        fn reading_never_panics(text in "[0-9a-fA-F]{0,42}|\\PC*") {
            let _ = text.parse::<Serial>();
        }
    }

    #[test]
    fn other_lengths_cases_and_signs_are_refused() {
        for text in ["", "01", &"80".repeat(20), &"00".repeat(20), &"0A".repeat(20), &"01".repeat(21)] {
            assert_eq!(text.parse::<Serial>(), Err(SerialError), "{text}");
        }
    }
}
