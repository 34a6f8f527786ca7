//! Accounts of TON: the proof of TON Connect. The address is the hash of the wallet's state init, so code and key are taken from the state
//! init. Only the code of known wallets is trusted to require the key's signature.

use super::bytes::{from_base64, from_hex, sha256};
use super::error::ProofError;
use super::ton_cell::{Bag, Cell};
use super::{Case, Challenge, Note, ed25519};
use vasp_words::time::UtcTime;

/// The maximum length of a domain, in bytes. Wallets on small devices accept no longer ones.
const DOMAIN_LENGTH_MAX: usize = 128;

/// The hash of each wallet's code, and the bit position of the key in its data.
///
/// Source: ton-blockchain/ton `crypto/smartcont`, ton-blockchain/wallet-contract-v5; the hashes of v2 to v4 made again with
/// tonsdk 1.0.15. v5 first appeared with code in a library; that cell names the same hash.
const WALLETS: [(&str, usize); 8] = [
    ("5c9a5e68c108e18721a07c42f9956bfb39ad77ec6d624b60c576ec88eee65329", 32),
    ("fe9530d3243853083ef2ef0b4c2908c0abf6fa1c31ea243aacaa5bf8c7d753f1", 32),
    ("b61041a58a7980b946e8fb9e198e3c904d24799ffa36574ea4251c41a566f581", 64),
    ("84dafa449f98a6987789ba232358072bc0f76dc4524002a5d0918b9a75d2d599", 64),
    ("64dd54805522c5be8a9db59cea0105ccf0d08786ca79beb8cb79e880a8d7322d", 64),
    ("feb5ff6820e2ff0d9483e7e0d62c817d846789fb4ae580c878866d959dabd5c0", 64),
    ("e4cf3b2f4c6d6a61ea0f2b5447d266785b26af3637db2deee6bcd1aa826f3412", 113),
    ("20834b7b72b112147e1b2fb457b84e74d1a30f04f737d4f62a668e9552d2b72f", 65),
];

/// The data that a wallet signs.
struct Item<'a> {
    workchain: i32,
    account: [u8; 32],
    domain: &'a str,
    timestamp: u64,
    payload: &'a str,
}

/// Returns the payload for TON Connect: SHA-256 of a challenge's text in lower-case hex. Wallets on small devices do not accept the whole
/// text.
#[must_use]
pub fn payload(challenge: &Challenge) -> String {
    hex::encode(sha256(&[challenge.to_string().as_bytes()]))
}

/// Checks a proof item over the challenge's payload.
///
/// Source: TON Connect, "Address proof signature (ton_proof)"; ton-connect/demo-dapp-backend, `proof.go`.
pub(super) fn verify(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    let item = case.proof.ton.as_ref();
    let item = item.ok_or(ProofError::Malformed { part: "ton", expected: "domain, timestamp and state init are required" })?;
    let payload = match &case.challenge {
        Some(challenge) => {
            let registry = challenge.registry().as_str();
            if item.domain != registry || item.domain.len() > DOMAIN_LENGTH_MAX {
                let (challenged, proven) = (registry.to_owned(), item.domain.clone());
                return Err(ProofError::ChallengeMismatch { part: "domain", challenged, proven });
            }
            expect_time(challenge, item.timestamp)?;
            payload(challenge)
        }
        None => std::str::from_utf8(case.message)
            .map_err(|_| ProofError::Malformed { part: "message", expected: "it must be the payload of TON Connect, as text" })?
            .to_owned(),
    };
    let (workchain, account) =
        read_address(&case.account.canonical).ok_or(ProofError::Unsupported("this address is not in raw form"))?;
    let signature = from_base64(&case.proof.signature).ok_or(ProofError::signature("it must be in base 64"))?;
    let signed = Item { workchain, account, domain: &item.domain, timestamp: item.timestamp, payload: &payload };
    ed25519::verify(&wallet_key(&account, &item.state_init)?, &digest(&signed), &signature)?;
    Ok(vec![Note::LedgerMayDiffer])
}

/// Checks that a proof was signed while the challenge was open. The start has a tolerance, because the clocks of wallet and registry
/// differ.
fn expect_time(challenge: &Challenge, timestamp: u64) -> Result<(), ProofError> {
    let micros = i64::try_from(timestamp).ok().and_then(|secs| secs.checked_mul(1_000_000));
    let signed = micros.and_then(|micros| UtcTime::from_micros(micros).ok());
    match signed {
        Some(signed) if signed >= challenge.issued().plus_secs(-60) && signed <= challenge.expires() => Ok(()),
        _ => Err(ProofError::ChallengeMismatch {
            part: "time",
            challenged: format!("{} to {}", challenge.issued(), challenge.expires()),
            proven: signed.map_or_else(|| timestamp.to_string(), |signed| signed.to_string()),
        }),
    }
}

/// Reads `workchain:hash`, with the hash in hex.
fn read_address(raw: &str) -> Option<(i32, [u8; 32])> {
    let (workchain, hash) = raw.split_once(':')?;
    Some((workchain.parse().ok()?, from_hex(hash)?.try_into().ok()?))
}

/// Returns the key from the data of the wallet whose state init has the account as its hash.
fn wallet_key(account: &[u8; 32], state_init: &str) -> Result<[u8; 32], ProofError> {
    let malformed = ProofError::Malformed { part: "ton", expected: "the state init must be a bag of cells with code and data" };
    let bag = from_base64(state_init).and_then(|bytes| Bag::read(&bytes)).ok_or(malformed.clone())?;
    let root = bag.root().ok_or(malformed.clone())?;
    if root.hash != *account {
        return Err(ProofError::WrongKey { found: Some(format!("the wallet {}", hex::encode(root.hash))) });
    }
    // The state init must have no split depth, no special part and no libraries, but code and data.
    let below = [0, 1].map(|place| root.references.get(place).and_then(|place| bag.cell(*place)));
    let ([0x34], 5, false, 2, [Some(code), Some(data)]) =
        (root.data.as_slice(), root.bits, root.exotic, root.references.len(), below)
    else {
        return Err(malformed);
    };
    let known = WALLETS.iter().find(|(hash, _)| *hash == hex::encode(code_hash(code)));
    let (_, bit) = known
        .ok_or(ProofError::Unsupported("the code belongs to no known wallet, so it is unknown whether a key controls it"))?;
    data.word_at(*bit).filter(|_| !data.exotic).ok_or(malformed)
}

/// Returns the hash of the code. A library cell contains the hash of the code that it refers to.
fn code_hash(code: &Cell) -> [u8; 32] {
    let library = code.data.split_first().filter(|_| code.exotic).and_then(|(_, hash)| hash.first_chunk());
    library.copied().unwrap_or(code.hash)
}

fn digest(item: &Item<'_>) -> [u8; 32] {
    let length = u32::try_from(item.domain.len()).unwrap_or(u32::MAX);
    let message = sha256(&[
        b"ton-proof-item-v2/",
        &item.workchain.to_be_bytes(),
        &item.account,
        &length.to_le_bytes(),
        item.domain.as_bytes(),
        &item.timestamp.to_le_bytes(),
        item.payload.as_bytes(),
    ]);
    sha256(&[b"\xff\xff", b"ton-connect", &message])
}

#[cfg(test)]
mod tests;
