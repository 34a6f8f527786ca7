//! Conversion of characters to bytes and back: which kind a format has, and the call of that kind's module.

use super::bech32::HumanReadable;
use super::cashaddr::CashAddr;
use super::fault::Fault;
use super::given::Given;
use super::hex::Hex;
use super::pattern::Pattern;
use super::{base32, base58, base58_blocks, base64, byron, c32check, filecoin, iban32, icp_principal, nano32};

/// How a format converts characters to bytes.
#[derive(Debug)]
pub(super) enum Coding {
    Base58(base58::Alphabet),
    Base58Blocks,
    Bech32(HumanReadable),
    CashAddr(CashAddr),
    Hex(Hex),
    Base32(base32::Alphabet),
    Nano32,
    C32Check,
    Iban32,
    Base64(base64::Alphabet),
    IcpPrincipal,
    FilecoinDelegated,
    Byron,
    Pattern(Pattern),
}

/// The decoded bytes of a text.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    /// Whether the text had a valid checksum that is no longer in the bytes.
    pub(super) checked: bool,
}

impl Coding {
    /// Reads a text.
    pub(super) fn decode(&self, given: &Given<'_>) -> Result<Decoded, Fault> {
        let text = given.text();
        let bytes = match self {
            Self::Base58(alphabet) => base58::read(given, *alphabet),
            Self::Base58Blocks => base58_blocks::read(text),
            Self::Bech32(coding) => coding.read(text),
            Self::CashAddr(coding) => coding.read(text),
            Self::Hex(coding) => coding.read(text),
            Self::Base32(alphabet) => alphabet.decode(text),
            Self::Nano32 => nano32::read(text),
            Self::C32Check => c32check::read(text),
            Self::Iban32 => iban32::read(text),
            Self::Base64(alphabet) => base64::read(text, *alphabet),
            Self::IcpPrincipal => icp_principal::read(text),
            Self::FilecoinDelegated => filecoin::read(text),
            Self::Byron => base58::read(given, base58::Alphabet::Bitcoin).and_then(|bytes| byron::read(&bytes)),
            Self::Pattern(coding) => return coding.read(text).map(|(bytes, checked)| Decoded { bytes, checked }),
        }?;
        Ok(Decoded { bytes, checked: self.is_checked() })
    }

    /// Encodes bytes; `None` if no such text exists, or if the kind cannot be written.
    pub(super) fn encode(&self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Base58(alphabet) => Some(base58::encode(bytes, *alphabet)),
            Self::Base58Blocks => Some(base58_blocks::encode(bytes)),
            Self::Bech32(coding) => coding.encode(bytes),
            Self::CashAddr(coding) => Some(coding.encode(bytes)),
            Self::Hex(_) => Some(::hex::encode(bytes)),
            Self::Base32(alphabet) => Some(alphabet.encode(bytes)),
            Self::Nano32 => Some(nano32::encode(bytes)),
            Self::C32Check => c32check::encode(bytes),
            Self::Iban32 => Some(iban32::encode(bytes)),
            Self::Base64(_) => Some(base64::encode(bytes)),
            Self::IcpPrincipal => Some(icp_principal::encode(bytes)),
            Self::FilecoinDelegated | Self::Byron | Self::Pattern(_) => None,
        }
    }

    /// Tells whether the kind has its own checksum in every text.
    pub(super) fn is_checked(&self) -> bool {
        matches!(self, Self::Bech32(_) | Self::CashAddr(_) | Self::Iban32 | Self::Byron)
    }

    /// Returns the name of the kind's own checksum.
    pub(super) fn checksum_name(&self) -> Option<&'static str> {
        match self {
            Self::Bech32(_) => Some("bech32"),
            Self::CashAddr(_) => Some("cashaddr"),
            Self::Iban32 => Some("ISO 7064 MOD 97-10"),
            Self::Byron => Some("CRC-32"),
            Self::Pattern(_) => Some("HIP-15"),
            _ => None,
        }
    }

    /// Returns the minimum and maximum number of characters for a range of byte lengths; without a maximum if the byte length has none.
    pub(super) fn text_lengths(&self, (min, max): (usize, Option<usize>)) -> (usize, usize) {
        let both = |length: fn(usize) -> usize| (length(min), max.map_or(usize::MAX, length));
        match self {
            Self::Base58(_) => base58::text_lengths(min, max),
            Self::Base58Blocks => both(base58_blocks::text_length),
            Self::Bech32(coding) => (coding.text_length(min), max.map_or(usize::MAX, |max| coding.text_length(max))),
            Self::CashAddr(coding) => coding.text_lengths(min, max.unwrap_or(min)),
            Self::Hex(coding) => (coding.text_length_min(min), max.map_or(usize::MAX, |max| 2 * max)),
            Self::Base32(_) => both(base32::text_length),
            Self::Nano32 => (nano32::DIGITS, nano32::DIGITS),
            Self::C32Check => (min, both(base32::text_length).1.saturating_add(2)),
            Self::Iban32 => (iban32::LENGTH, iban32::LENGTH),
            Self::Base64(_) => both(base64::text_length),
            Self::IcpPrincipal => both(icp_principal::text_length),
            Self::FilecoinDelegated => filecoin::text_lengths(min, max.unwrap_or(min)),
            Self::Byron => (min, usize::MAX),
            Self::Pattern(coding) => coding.lengths,
        }
    }
}
