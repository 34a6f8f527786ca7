//! How a format gets the controller from a decoded address. Most formats take the payload; the others name a rule of `Derivation` in the
//! seed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::AccountKey;
use super::controller::ControllerBytes;
use super::layout;
use crate::class::{Class, ClassNumber};
use serde::Deserialize;

/// A rule with its name in the seed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Derivation {
    /// The payload; outside a class, with the version before it. Formats without bytes take the canonical text.
    #[default]
    Payload,
    /// The canonical text.
    Text,
    /// The credential that spends: whether it is a script, and its hash. Source: CIP-19.
    PaymentCredential,
    /// Each receiver; its type selects the class. Source: ZIP-316.
    ZcashReceivers,
    /// The hash of the default account. Source: Internet Computer, Ledger canister, "Accounts".
    IcpPrincipal,
    /// Code hash, hash type and arguments. Source: Nervos RFC 21.
    CkbScript,
    /// The 20 bytes of the long-zero form. Source: HIP-583.
    HederaEntity,
    /// The 20 bytes of the masked form. Source: FIP-0055.
    FilecoinId,
    /// The 20 bytes of an Ethereum account; other namespaces take the canonical text. Source: FIP-0048, FIP-0055.
    FilecoinDelegated,
    /// Workchain and hash. Source: TEP-2.
    TonAccount,
}

/// The classes of a format as written in the seed: one, or one for each length of the payload (or type of receiver).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(untagged)]
pub(super) enum ClassSeed {
    One(String),
    ByLength(BTreeMap<String, String>),
}

/// The word for accounts that only their ledger has.
const ALONE: &str = "alone";

/// The classes and the derivation of a format.
#[derive(Clone, Debug, Default)]
pub(super) struct ControllerRule {
    derivation: Derivation,
    /// Classes by length of the payload, or for every length. What has none is alone.
    classes: Vec<(Option<usize>, Arc<Class>)>,
}

/// Controllers whose network is not known yet: bytes with the number of their class, `None` if they are alone.
#[derive(Clone, Debug)]
pub(super) struct Derived {
    pub(super) class: Option<ClassNumber>,
    pub(super) bytes: ControllerBytes,
    /// The class for screening, if it is another one.
    pub(super) screening: Option<ClassNumber>,
    pub(super) others: Vec<(Option<ClassNumber>, ControllerBytes)>,
}

/// What was read of an address.
pub(super) struct Decoded<'a> {
    /// The version under which the canonical form is written.
    pub(super) version: &'a [u8],
    pub(super) account: &'a [u8],
    pub(super) canonical: &'a str,
    pub(super) key: &'a AccountKey,
    /// Whether the format encodes bytes.
    pub(super) has_bytes: bool,
}

impl ControllerRule {
    /// Makes a rule from the seed; the error names a class that is not known.
    pub(super) fn new(seed: &ClassSeed, derivation: Derivation, classes: &[Arc<Class>]) -> Result<Self, String> {
        let by_length: Vec<(Option<usize>, &String)> = match seed {
            ClassSeed::One(id) => vec![(None, id)],
            ClassSeed::ByLength(ids) => {
                let number = |text: &String| text.parse().map_err(|_| format!("`{text}` is not a length"));
                ids.iter().map(|(length, id)| Ok((Some(number(length)?), id))).collect::<Result<_, String>>()?
            }
        };
        let named = |(length, id): (Option<usize>, &String)| match classes.iter().find(|class| class.id == *id) {
            Some(class) => Ok(Some((length, Arc::clone(class)))),
            None if id == ALONE => Ok(None),
            None => Err(format!("the class `{id}` is not known")),
        };
        let classes = by_length.into_iter().filter_map(|row| named(row).transpose()).collect::<Result<_, String>>()?;
        Ok(Self { derivation, classes })
    }

    /// Iterates over the classes of the format.
    pub(super) fn classes(&self) -> impl Iterator<Item = &Class> {
        self.classes.iter().map(|(_, class)| class.as_ref())
    }

    /// Returns the class for a length of the payload, or for a type of receiver.
    fn class_of(&self, length: usize) -> Option<&Class> {
        self.classes.iter().find(|(only, _)| only.is_none_or(|only| only == length)).map(|(_, class)| class.as_ref())
    }

    /// Derives the controllers of an address.
    pub(super) fn derive(&self, decoded: &Decoded<'_>) -> Derived {
        let Decoded { version, account, canonical, .. } = *decoded;
        let special = match self.derivation {
            Derivation::Payload if decoded.has_bytes => return self.of_payload(account, version, decoded.key),
            Derivation::FilecoinDelegated => match account.strip_prefix(&super::filecoin::ETHEREUM_HEAD) {
                Some(address) => return self.of_payload(address, &[], decoded.key),
                None => None,
            },
            Derivation::ZcashReceivers => return self.of_receivers(account).unwrap_or_else(|| alone(decoded.key.into())),
            Derivation::Payload | Derivation::Text => None,
            Derivation::PaymentCredential => payment_credential(version, account),
            Derivation::IcpPrincipal => Some(default_account(account)),
            Derivation::CkbScript => ckb_script(version, account),
            Derivation::HederaEntity => hedera_entity(canonical),
            Derivation::FilecoinId => filecoin_id(canonical),
            Derivation::TonAccount => ton_account(canonical),
        };
        alone(special.map_or_else(|| decoded.key.into(), |bytes| ControllerBytes::new(&bytes)))
    }

    /// Tells whether an account may have several controllers.
    pub(super) fn has_several(&self) -> bool {
        self.derivation == Derivation::ZcashReceivers
    }

    /// Tells whether the controller of an account is its canonical text.
    pub(super) fn is_text(&self, has_bytes: bool) -> bool {
        self.derivation == Derivation::Text || (self.derivation == Derivation::Payload && !has_bytes)
    }

    /// Returns the payload of a controller that `Payload` derived; `None` if it was derived in another way.
    pub(super) fn payload_of<'a>(&self, version: &[u8], bytes: &'a [u8]) -> Option<&'a [u8]> {
        if self.derivation != Derivation::Payload {
            return None;
        }
        if self.class_of(bytes.len()).is_some() { Some(bytes) } else { bytes.strip_prefix(version) }
    }

    fn of_payload(&self, account: &[u8], version: &[u8], key: &AccountKey) -> Derived {
        let Some(class) = self.class_of(account.len()) else {
            return alone(ControllerBytes::new(&[version, account].concat()));
        };
        let bytes = if key.as_bytes() == account { key.into() } else { ControllerBytes::new(account) };
        let number = Some(class.number).filter(|_| !class.is_id(account));
        let (own, screening) = if class.screening_only { (None, number) } else { (number, None) };
        Derived { class: own, bytes, screening, others: Vec::new() }
    }

    fn of_receivers(&self, payload: &[u8]) -> Option<Derived> {
        let receivers = layout::unified_receivers(payload).ok()?;
        let mut placed = receivers.iter().map(|receiver| {
            let class = self.class_of(usize::from(receiver.kind)).map(|class| class.number);
            // A Sapling receiver has the bytes of a Sapling address; the others are marked by their type.
            let marked = [&[receiver.kind], receiver.bytes.as_slice()].concat();
            let bytes = if class.is_some() || receiver.kind == layout::SAPLING { &receiver.bytes } else { &marked };
            (class, ControllerBytes::new(bytes))
        });
        let (class, bytes) = placed.next()?;
        Some(Derived { class, bytes, screening: None, others: placed.collect() })
    }
}

fn alone(bytes: ControllerBytes) -> Derived {
    Derived { class: None, bytes, screening: None, others: Vec::new() }
}

/// The bit of a header that marks a script as payment credential. Source: CIP-19, "Header".
const PAYS_SCRIPT: u8 = 0x10;

fn payment_credential(version: &[u8], account: &[u8]) -> Option<Vec<u8>> {
    let (hash, _) = account.split_first_chunk::<28>()?;
    Some([&[version.first()? & PAYS_SCRIPT], hash.as_slice()].concat())
}

fn default_account(principal: &[u8]) -> Vec<u8> {
    let content = [b"\x0Aaccount-id", principal, [0; 32].as_slice()].concat();
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA224, &content).as_ref().to_vec()
}

/// The hash type `type`. Source: Nervos RFC 22.
const CKB_TYPE: u8 = 1;

/// The code hashes behind the indexes of short addresses: SECP256K1 with Blake160, multi-signature, anyone-can-pay.
///
/// Source: Nervos RFC 21, "Short payload format"; RFC 24 (system scripts); RFC 26.
const CKB_CODES: [&str; 3] = [
    "9bd7e06f3ecf4be0f2fcd2188b23f1b9fcc88e5d4b65a8637b17723bbda3cce8",
    "5c5069eb0857efc65e1bca0c07df34c31663b3622fd3876c876320fc9672e8e2",
    "d369597ff47f29fbc0d47d2e3775370d1250b85140c670e4718af712983a2354",
];

fn ckb_script(version: &[u8], payload: &[u8]) -> Option<Vec<u8>> {
    match version {
        [0] => Some(payload.to_vec()),
        [1] => {
            let (index, arguments) = payload.split_first()?;
            let code = ::hex::decode(CKB_CODES.get(usize::from(*index))?).ok()?;
            Some([code.as_slice(), &[CKB_TYPE], arguments].concat())
        }
        // The older full forms: 2 with the hash type `data`, 4 with `type`.
        [form] => {
            let (code, arguments) = payload.split_first_chunk::<32>()?;
            Some([code.as_slice(), &[if *form == 4 { CKB_TYPE } else { 0 }], arguments].concat())
        }
        _ => None,
    }
}

fn hedera_entity(canonical: &str) -> Option<Vec<u8>> {
    let mut parts = canonical.split('.');
    let (shard, realm, number) = (parts.next()?, parts.next()?, parts.next()?);
    let shard: u32 = shard.parse().ok()?;
    let (realm, number): (u64, u64) = (realm.parse().ok()?, number.parse().ok()?);
    Some([shard.to_be_bytes().as_slice(), &realm.to_be_bytes(), &number.to_be_bytes()].concat())
}

fn filecoin_id(canonical: &str) -> Option<Vec<u8>> {
    let number: u64 = canonical.strip_prefix("f0")?.parse().ok()?;
    Some([super::filecoin::MASKED_ID.as_slice(), &number.to_be_bytes()].concat())
}

fn ton_account(canonical: &str) -> Option<Vec<u8>> {
    let (workchain, hash) = canonical.split_once(':')?;
    let workchain: i8 = workchain.parse().ok()?;
    Some([workchain.to_be_bytes().as_slice(), &::hex::decode(hash).ok()?].concat())
}
