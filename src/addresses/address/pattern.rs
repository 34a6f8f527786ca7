//! The kind `text`: names and numbers that match a pattern and encode no bytes.

use super::fault::Fault;
use regex_lite::Regex;

/// One format of this kind.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The pattern; it matches whole texts.
    pub(super) pattern: Regex,
    /// The maximum of the number in the first group; `None` if there is none.
    pub(super) max_integer: Option<u64>,
    /// The minimum and maximum number of characters.
    pub(super) lengths: (usize, usize),
    /// Whether a name may end with `-` and a checksum of five letters (HIP-15).
    pub(super) hip15: bool,
}

/// The ledger of the checksum: mainnet. Source: HIP-15, "Ledger ID".
const MAINNET: [u8; 1] = [0];

impl Pattern {
    /// Reads a text and returns its own bytes. Also tells whether there was a valid optional checksum.
    pub(super) fn read(&self, text: &str) -> Result<(Vec<u8>, bool), Fault> {
        if !(self.lengths.0..=self.lengths.1).contains(&text.len()) {
            return Err(Fault::Characters(text.len()));
        }
        let groups = self.pattern.captures(text).ok_or(Fault::Foreign)?;
        let group = groups.get(1).map(|group| group.as_str());
        if let Some(max) = self.max_integer
            && group.and_then(|digits| digits.parse::<u64>().ok()).is_none_or(|number| number > max)
        {
            return Err(Fault::Layout("the number is larger than any account number"));
        }
        let checksum = self.hip15.then(|| text.split_once('-')).flatten();
        match checksum {
            Some((name, letters)) if hip15(name) != letters => Err(Fault::Checksum),
            Some(_) => Ok((text.as_bytes().to_vec(), true)),
            None => Ok((text.as_bytes().to_vec(), false)),
        }
    }
}

/// Returns the five checksum letters of an entity's number.
///
/// Source: HIP-15, "Algorithm": weighted sums of the digits, a hash of the ledger's id, a permutation of 26^5.
fn hip15(name: &str) -> String {
    const P3: u64 = 26 * 26 * 26;
    const P5: u64 = P3 * 26 * 26;
    const MULTIPLIER: u64 = 1_000_003;
    const WEIGHT: u64 = 31;
    let digits: Vec<u64> = name.chars().map(|c| c.to_digit(10).map_or(10, u64::from)).collect();
    let weighted = digits.iter().fold(0, |sum, digit| (WEIGHT * sum + digit) % P3);
    let parity =
        |odd: bool| digits.iter().enumerate().filter(|(i, _)| (i % 2 == 1) == odd).map(|(_, digit)| digit).sum::<u64>() % 11;
    let ledger = MAINNET.iter().chain(&[0; 6]).fold(0, |sum, byte| (WEIGHT * sum + u64::from(*byte)) % P5);
    let length = u64::try_from(name.len()).unwrap_or_default() % 5;
    let sum = ((((length * 11 + parity(false)) * 11 + parity(true)) * P3 + weighted + ledger) % P5) * MULTIPLIER % P5;
    let letter = |place: u32| char::from(b'a' + u8::try_from(sum / 26_u64.pow(place) % 26).unwrap_or_default());
    (0..5).rev().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_checksums_of_entities_are_computed() {
        // Source: HIP-15, "Test vectors", ledger id 0x00.
        for (name, letters) in
            [("0.0.1", "dfkxr"), ("0.0.4", "cjcuq"), ("0.0.5", "ktach"), ("0.0.123", "vfmkw"), ("0.0.1234567890", "zbhlt")]
        {
            assert_eq!(hip15(name), letters, "{name}");
        }
    }
}
