//! Compresses recorded pre-checks before they are sealed (Zstandard). Recordings resemble each other: a dictionary of three of them makes the
//! text a third of what it is without. Zstandard reads a
//! dictionary once; LZ4 reads it again for each text, and so takes longer and packs less.

use std::cell::RefCell;
use std::io;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::EncoderDictionary;

/// The dictionaries by number. A packed text begins with the number of its own, so one that was ever used must stay as it is. The first
/// is three answers of the demo, from the time when an answer was one document; the second three recordings with verdict and evidence: about
/// an entity, a self-hosted wallet and a brand. A new one is worth its place once recordings look different.
const DICTIONARIES: [(u8, &[u8]); 2] = [(1, include_bytes!("pack/answers-1.txt")), (2, include_bytes!("pack/recordings-2.txt"))];

/// The newest dictionary, prepared for compressing.
static NEWEST: LazyLock<(u8, EncoderDictionary<'static>)> = LazyLock::new(|| {
    let [.., (number, dictionary)] = DICTIONARIES;
    (number, EncoderDictionary::copy(dictionary, LEVEL))
});

/// Higher levels take longer and save less than a tenth.
const LEVEL: i32 = 1;

/// Largest size of a text, in bytes. A request has at most one megabyte.
const UNPACKED_MAX: usize = 64 << 20;

thread_local! {
    /// The working memory of this thread, which takes longer to set up than a text to compress.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// Why a packed text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UnpackError {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// A later version of the program packed it.
    #[error("its dictionary has the number {0}, which this version of the program does not know")]
    Unknown(u8),
    /// It is damaged.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

/// Compresses a text.
///
/// # Errors
/// The library's error, if there is no memory for it.
pub(super) fn pack(plain: &str) -> io::Result<Vec<u8>> {
    let (number, dictionary) = &*NEWEST;
    PACKER.with_borrow_mut(|packer| {
        let packer = match packer {
            Some(packer) => packer,
            None => packer.insert(Compressor::with_prepared_dictionary(dictionary)?),
        };
        let mut packed = packer.compress(plain.as_bytes())?;
        packed.insert(0, *number);
        Ok(packed)
    })
}

/// Decompresses a text.
///
/// # Errors
/// Every `UnpackError`.
pub(super) fn unpack(packed: &[u8]) -> Result<Vec<u8>, UnpackError> {
    let damaged = |reason: &dyn std::fmt::Display| UnpackError::Damaged(reason.to_string());
    let (number, packed) = packed.split_first().ok_or(UnpackError::Empty)?;
    let known = DICTIONARIES.iter().find(|(known, _)| known == number);
    let (_, dictionary) = known.ok_or(UnpackError::Unknown(*number))?;
    let stated = zstd::zstd_safe::get_frame_content_size(packed).map_err(|_| damaged(&"it does not begin as such a text"))?;
    let bytes = stated.and_then(|bytes| usize::try_from(bytes).ok()).filter(|bytes| *bytes <= UNPACKED_MAX);
    let bytes = bytes.ok_or_else(|| damaged(&"its stated size is larger than any pre-check"))?;
    let mut unpacker = Decompressor::with_dictionary(dictionary).map_err(|error| damaged(&error))?;
    let plain = unpacker.decompress(packed, bytes).map_err(|error| damaged(&error))?;
    if plain.len() == bytes { Ok(plain) } else { Err(damaged(&"it is shorter than its stated size")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A recording that is not in the dictionary, but like those in it.
    fn recording() -> String {
        let [.., (_, dictionary)] = DICTIONARIES;
        let text = std::str::from_utf8(dictionary).unwrap().lines().next().unwrap();
        text.replace("DE", "AT").replace("2026-11-27", "2027-03-01").replace("eip155:1", "eip155:137")
    }

    #[test]
    fn recordings_take_a_fifth_of_what_they_take_without_a_dictionary() {
        let (plain, packed) = (recording(), pack(&recording()).unwrap());

        assert_eq!(unpack(&packed).unwrap(), plain.as_bytes());
        let without = zstd::bulk::compress(plain.as_bytes(), LEVEL).unwrap();
        assert!(5 * packed.len() < without.len(), "{} of {}", packed.len(), without.len());
    }

    #[test]
    fn packed_bytes_that_were_cut_or_altered_are_refused() {
        let packed = pack(&"{\"answer\":null}".repeat(20)).unwrap();
        for length in 0..packed.len() {
            unpack(&packed[..length]).unwrap_err();
        }
        // A frame that states a size of 2^56 bytes. Source: RFC 8878 section 3.1.1.1.
        assert!(unpack(&[1, 0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0]).is_err());
        assert!(unpack(&[1, 0xff, 0xff, 0xff, 0xff, 0]).is_err());
        assert_eq!(unpack(&[3, 0, 0, 0, 0]), Err(UnpackError::Unknown(3)));
    }

    proptest! {
        #[test]
        fn texts_are_unpacked_as_they_were(text in "\\PC{0,400}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(unpack(&pack(&text).unwrap()).unwrap(), text.as_bytes());
            let _ = unpack(&bytes);
        }
    }
}
