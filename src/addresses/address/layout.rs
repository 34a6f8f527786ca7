//! What a payload must contain besides its length, and which part of it is the account and which the memo.

use super::cashaddr::type_fits;
use serde::Deserialize;

/// A payload layout, with its name in the table of networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Layout {
    /// Account of 20 bytes, flag, tag, four zero bytes. Source: XRP Ledger, XLS-5d, "X-address format".
    XrplX,
    /// Key of 32 bytes, then the memo's id, high byte first. Source: Stellar, SEP-23, muxed accounts.
    Key32Id8be,
    /// Two keys of 32 bytes, then the payment id. Source: Monero, "Integrated address".
    Spend32View32Pid8,
    /// A hash of 28 bytes, then three numbers to the end. Source: CIP-19, "Pointer addresses".
    CardanoPointer,
    /// The first four bits are the account's type. Source: CIP-37 (Conflux).
    ConfluxType,
    /// Receiver items, jumbled. Source: ZIP-316, "Encoding of Unified Addresses".
    ZcashUnified,
    /// Code hash, hash type and arguments. Source: Nervos RFC 21, "Full payload format".
    CkbFull,
    /// Index of a code hash, and arguments. Source: Nervos RFC 21, "Short payload format".
    CkbShort,
}

/// The account and the memo of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) account: Vec<u8>,
    pub(super) memo: Option<String>,
}

impl Layout {
    /// Splits a payload into its parts; the error says which content is not valid.
    pub(super) fn part(self, payload: &[u8]) -> Result<Parts, &'static str> {
        let whole = || Parts { account: payload.to_vec(), memo: None };
        let held = |holds: bool, reason| if holds { Ok(whole()) } else { Err(reason) };
        match self {
            Self::XrplX => xrpl(payload).ok_or("its tag is not encoded as an X-address requires"),
            Self::Key32Id8be => {
                let parted = payload.split_last_chunk::<8>();
                let parts =
                    parted.map(|(key, id)| Parts { account: key.to_vec(), memo: Some(u64::from_be_bytes(*id).to_string()) });
                parts.ok_or("the memo's id is missing")
            }
            Self::Spend32View32Pid8 => {
                let parted = payload.split_last_chunk::<8>();
                let parts = parted.map(|(keys, id)| Parts { account: keys.to_vec(), memo: Some(hex::encode(id)) });
                parts.ok_or("the payment id is missing")
            }
            Self::CardanoPointer => held(is_pointer(payload), "three numbers must follow the hash"),
            Self::ConfluxType => {
                let known = ["null", "builtin", "user", "contract"].into_iter().any(|name| type_fits(name, payload));
                held(known, "no account of the network starts with these four bits")
            }
            Self::ZcashUnified => unified_receivers(payload).map(|_| whole()),
            Self::CkbFull => held(matches!(payload.get(32), Some(0 | 1 | 2 | 4)), "its hash type is not defined"),
            Self::CkbShort => {
                // Index 1 is the multi-signature lock. All three take 20 bytes; index 2 may have one or two bytes more.
                let known = match payload.split_first() {
                    Some((0 | 1, arguments)) => arguments.len() == 20,
                    Some((2, arguments)) => (20..=22).contains(&arguments.len()),
                    _ => false,
                };
                held(known, "its code hash index or arguments are not defined")
            }
        }
    }

    /// Tells whether the layout carries a memo.
    pub(super) fn has_memo(self) -> bool {
        matches!(self, Self::XrplX | Self::Key32Id8be | Self::Spend32View32Pid8)
    }
}

fn xrpl(payload: &[u8]) -> Option<Parts> {
    let (account, rest) = payload.split_first_chunk::<20>()?;
    let [flag, a, b, c, d, 0, 0, 0, 0] = rest else { return None };
    let tag = u32::from_le_bytes([*a, *b, *c, *d]);
    match flag {
        0 if tag == 0 => Some(Parts { account: account.to_vec(), memo: None }),
        1 => Some(Parts { account: account.to_vec(), memo: Some(tag.to_string()) }),
        _ => None,
    }
}

/// Tells whether the bytes after the hash are three numbers with seven bits per byte. The high bit is set in all bytes of a number except
/// the last.
fn is_pointer(payload: &[u8]) -> bool {
    let Some(numbers) = payload.get(28..) else { return false };
    let ends = numbers.iter().filter(|byte| **byte & 0x80 == 0).count();
    ends == 3 && numbers.last().is_some_and(|byte| byte & 0x80 == 0)
}

/// The padding bytes at the end, which contain the prefix. Source: ZIP-316, "Padding"; `u` is mainnet's prefix.
const UNIFIED_PADDING: [u8; 16] = *b"u\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// The types of receivers. Source: ZIP-316, "Encoding of Unified Addresses".
const P2PKH: u8 = 0;
const P2SH: u8 = 1;
pub(super) const SAPLING: u8 = 2;

/// A receiver of a unified address, of one of the four known types.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) kind: u8,
    pub(super) bytes: Vec<u8>,
}

/// Returns the receivers of a unified address; the error says which content is not valid.
pub(super) fn unified_receivers(payload: &[u8]) -> Result<Vec<Receiver>, &'static str> {
    const BROKEN: &str = "its content is not the content of a unified address";
    let message = f4jumble::f4jumble_inv(payload).map_err(|_| BROKEN)?;
    let mut items = message.strip_suffix(&UNIFIED_PADDING).ok_or(BROKEN)?;
    let (mut last, mut receivers) = (None, Vec::new());
    while !items.is_empty() {
        let (kind, rest) = compact_size(items).ok_or(BROKEN)?;
        let (length, rest) = compact_size(rest).ok_or(BROKEN)?;
        let (bytes, rest) = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length)).ok_or(BROKEN)?;
        if last.is_some_and(|last| kind <= last) {
            return Err("its receivers are not in order, or one type occurs twice");
        }
        match (kind, length) {
            (0 | 1, 20) | (2 | 3, 43) => {
                receivers.push(Receiver { kind: u8::try_from(kind).map_err(|_| BROKEN)?, bytes: bytes.to_vec() });
            }
            (0..=3, _) => return Err("one of its receivers has the wrong length"),
            _ => {}
        }
        (last, items) = (Some(kind), rest);
    }
    let has = |kind: u8| receivers.iter().any(|receiver: &Receiver| receiver.kind == kind);
    if last.is_none_or(|last| last < u64::from(SAPLING)) {
        return Err("it has no shielded receiver");
    }
    if has(P2PKH) && has(P2SH) {
        return Err("it has both a P2PKH and a P2SH receiver, which ZIP 316 forbids");
    }
    if receivers.is_empty() {
        return Err("it has no receiver of a known type");
    }
    Ok(receivers)
}

/// Reads Bitcoin's variable-length number, in its shortest form only.
fn compact_size(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (number, rest, least) = match first {
        0xfd => rest.split_first_chunk::<2>().map(|(n, rest)| (u64::from(u16::from_le_bytes(*n)), rest, 0xfd))?,
        0xfe => rest.split_first_chunk::<4>().map(|(n, rest)| (u64::from(u32::from_le_bytes(*n)), rest, 0x1_0000))?,
        0xff => rest.split_first_chunk::<8>().map(|(n, rest)| (u64::from_le_bytes(*n), rest, 0x1_0000_0000))?,
        small => (u64::from(*small), rest, 0),
    };
    (number >= least).then_some((number, rest))
}
