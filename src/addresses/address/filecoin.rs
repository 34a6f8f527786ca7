//! The kind `filecoin-delegated`: the number of the namespace, `f`, and base 32 of payload and checksum. The decoded bytes are `0x04 ‖
//! namespace as LEB128 ‖ payload ‖ checksum`, because the checksum covers everything before it.
//!
//! Source: Filecoin, FIP-0048 (f4 addresses); namespace 10 is the Ethereum Address Manager, FIP-0055.

use super::base32::Alphabet;
use super::fault::Fault;

/// The protocol number of delegated addresses.
const PROTOCOL: u8 = 4;

/// The namespace whose payloads are 20-byte EVM accounts.
const ETHEREUM: u64 = 10;

/// Protocol and namespace of Ethereum accounts.
pub(super) const ETHEREUM_HEAD: [u8; 2] = [PROTOCOL, 10];

/// The beginning of an Ethereum account that contains an actor id. Source: FIP-0055, "Ethereum addresses".
pub(super) const MASKED_ID: [u8; 12] = [0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// The length of the checksum, in bytes.
const CHECKSUM: usize = 4;

/// The number of bytes of an EVM account, and the maximum payload of any namespace.
const ETHEREUM_BYTES: usize = 20;
const PAYLOAD_MAX: usize = 54;

/// The maximum number of bytes of protocol and namespace.
pub(super) const HEAD_MAX: usize = 1 + 10;

/// Reads the text after `f4`.
pub(super) fn read(text: &str) -> Result<Vec<u8>, Fault> {
    let not_number = Fault::Character { position: 1, allowed: "the namespace number and an `f` must come before the account" };
    let (number, digits) = text.split_once('f').ok_or(not_number)?;
    let canonical = number.bytes().all(|c| c.is_ascii_digit()) && (number == "0" || !number.starts_with('0'));
    let namespace: u64 = number.parse().ok().filter(|_| canonical).ok_or(not_number)?;
    let moved = |fault| match fault {
        Fault::Character { position, allowed } => Fault::Character { position: position + number.len() + 1, allowed },
        other => other,
    };
    let payload = Alphabet::Rfc4648Lower.decode(digits).map_err(moved)?;
    let length = payload.len().checked_sub(CHECKSUM).filter(|length| *length <= PAYLOAD_MAX);
    let length = length.ok_or(Fault::Characters(text.len()))?;
    if namespace == ETHEREUM && length != ETHEREUM_BYTES {
        return Err(Fault::Payload(length, ETHEREUM_BYTES));
    }
    if namespace == ETHEREUM && payload.starts_with(&MASKED_ID) {
        return Err(Fault::Layout("it contains an actor id, which is written `f0` and the id"));
    }
    Ok([&[PROTOCOL], leb128(namespace).as_slice(), payload.as_slice()].concat())
}

/// Returns the minimum and maximum number of characters after `f4` for a range of byte lengths. A namespace has up to twenty digits.
pub(super) fn text_lengths(min: usize, max: usize) -> (usize, usize) {
    (2 + super::base32::text_length(min), 21 + super::base32::text_length(max))
}

fn leb128(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let [.., low] = number.to_be_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & 0x7f);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
