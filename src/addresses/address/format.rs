//! One format of addresses, applied to texts: take off the prefix, decode, open, check, write the canonical form. What a
//! kind means lies in the module of its name; `seed` makes formats from data; `explain` puts refusals into words.

use std::borrow::Cow;
use std::sync::Arc;

use super::AccountKey;
use super::case::Case;
use super::case_checksum::CaseChecksum;
use super::checksum::Checksum;
use super::coding::Coding;
use super::fault::Fault;
use super::frame::{Body, Frame};
use super::given::Given;
use super::layout::{Layout, Parts};
use serde::Deserialize;
use vasp_words::closed_list::closed_list;

/// What a format is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// Names an account that can receive.
    Receive,
    /// Another spelling of such an account, read only where the network is named.
    Alternate,
    /// Recognised only to say why it is refused.
    Refused,
}

closed_list! {
    /// Whether a checksum vouches for an address, worst first.
    pub enum Assurance as "AddressChecksum" {
        /// No checksum, or an optional one that the text does not carry.
        None = "none",
        /// An optional checksum that the text carries.
        Optional = "optional",
        /// A checksum that every text of the form carries.
        Mandatory = "mandatory",
    }
}

/// An accepted text: its account and how sure the text makes it.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) canonical: String,
    pub(super) key: AccountKey,
    pub(super) memo: Option<String>,
    pub(super) assurance: Assurance,
}

/// What the index stores.
#[derive(Debug)]
pub(super) enum Canonical {
    /// The text as given.
    AsIs,
    /// The text in lower case.
    Lower,
    /// The text in upper case, without what is ignored.
    WithoutSeparators,
    /// The text up to the first `-`.
    WithoutSuffix,
    /// The text with the first of the prefixes.
    FirstPrefix,
    /// Written anew from the bytes.
    Encoded,
    /// `0x` and all digits in lower case.
    PaddedHex,
    /// `0x` and digits with a checksum in their case; the key is the bytes where all of a network's addresses are such.
    CaseChecksum { checksum: CaseChecksum, bytes_are_key: bool },
    /// Workchain, `:` and 64 hex digits: the version's second byte and the payload. Source: TON, TEP-2.
    Workchain,
    /// The account written in another format of the network, with this version.
    Convert { format: String, version: Vec<u8> },
}

/// When a format counts although no network was named.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Detection {
    /// Always.
    Always,
    /// Never: any word would be such a name.
    Never,
    /// Only texts that end so.
    Suffixes(Vec<String>),
    /// Only texts of so many characters: shorter spellings have too much in common with other networks' accounts.
    LengthMin(usize),
}

/// Names of a format's rules, as the reference table of networks has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// How characters become bytes, such as `base58`.
    pub kind: String,
    /// Such as `sha256d-4`.
    pub checksum: String,
    /// Such as `as-is`, or `convert`.
    pub canonical: String,
    /// The format that canonical addresses have, where it is another one.
    pub canonical_format: Option<String>,
}

/// One format of a network's addresses.
#[derive(Debug)]
pub struct Format {
    pub(super) id: Arc<str>,
    /// How the seed names kind, checksum and canonical form, for people.
    pub(super) names: Names,
    pub(super) role: Role,
    /// The test network whose addresses these are; for formats of role `refused`.
    pub(super) test_network: Option<String>,
    pub(super) detection: Detection,
    /// Characters that people put in for reading.
    pub(super) ignored: String,
    /// One of these stands in front; the first is the one to write.
    pub(super) text_prefixes: Vec<String>,
    pub(super) prefix_in_any_case: bool,
    /// Fewest and most characters of a text, kept because every text is measured against every format.
    pub(super) text_lengths: (usize, usize),
    /// Longest text; longer ones have what checksums cannot vouch for.
    pub(super) text_length_max: Option<usize>,
    pub(super) case: Case,
    pub(super) coding: Coding,
    pub(super) frame: Frame,
    pub(super) case_checksum: Option<CaseChecksum>,
    pub(super) layout: Option<Layout>,
    pub(super) canonical: Canonical,
}

impl Format {
    /// Returns the format's id, unique within its network, such as `p2pkh`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the names of its rules.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Tells whether any of its addresses is read although no network is named.
    #[must_use]
    pub fn is_ever_detected(&self) -> bool {
        self.receives() && self.detection != Detection::Never
    }

    /// Tells whether it is recognised only to be refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.role == Role::Refused
    }

    /// Tells whether its addresses name accounts that can receive a transfer.
    #[must_use]
    pub fn receives(&self) -> bool {
        self.role == Role::Receive
    }

    /// Tells whether its addresses contain the memo.
    #[must_use]
    pub fn carries_memo(&self) -> bool {
        self.receives() && self.layout.is_some_and(Layout::has_memo)
    }

    /// Tells whether every text has a checksum.
    pub(super) fn is_checked(&self) -> bool {
        self.frame.checksum != Checksum::None || self.coding.is_checked()
    }

    /// Tells whether every text begins alike: what does not, may be empty.
    pub(super) fn has_prefix(&self) -> bool {
        self.prefix_of("").is_none()
    }

    /// Tells whether every text has a prefix and a checksum.
    pub(super) fn is_prefixed(&self) -> bool {
        self.is_checked() && self.has_prefix()
    }

    /// Tells whether the format has neither prefix nor checksum, so that texts of other networks are of it by chance.
    pub(super) fn accepts_by_chance(&self) -> bool {
        !self.is_checked() && !self.has_prefix() && !matches!(self.coding, Coding::Hex(_))
    }

    /// Tells at a glance whether a text can be of this format: of a hundred formats few are worth decoding.
    pub(super) fn may_be(&self, text: &str) -> bool {
        let (min, max) = self.text_lengths();
        (!self.ignored.is_empty() || (min..=max).contains(&text.len())) && self.prefix_of(text).is_some()
    }

    /// Tells whether an accepted text counts although no network was named.
    pub(super) fn is_detected(&self, text: &str) -> bool {
        match &self.detection {
            Detection::Always => true,
            Detection::Never => false,
            Detection::Suffixes(suffixes) => suffixes.iter().any(|suffix| text.ends_with(suffix)),
            Detection::LengthMin(length) => text.len() >= *length,
        }
    }

    /// Reads a text that has passed the general checks (visible ASCII). `siblings` are all formats of the network, among
    /// them the one that a conversion writes.
    pub(super) fn read(&self, given: &Given<'_>, siblings: &[Self]) -> Result<Reading, Fault> {
        let text = self.cleaned(given.text());
        let prefix = self.prefix_of(&text).ok_or(Fault::Foreign)?;
        let rest = text.get(prefix.stripped..).unwrap_or_default();
        let cased = self.case.apply(rest).map_err(|fault| fault.moved(prefix.stripped))?;
        let decoded = if std::ptr::eq(cased.as_bytes(), given.text().as_bytes()) {
            self.coding.decode(given)
        } else {
            self.coding.decode(&Given::new(&cased))
        };
        let decoded = decoded.map_err(|fault| fault.moved(prefix.stripped))?;
        let body = self.frame.open(&decoded.bytes)?;
        let parts = match self.layout {
            Some(layout) => layout.part(&body.payload).map_err(Fault::Layout)?,
            None => Parts { account: body.payload.clone(), memo: None },
        };
        let case_carried = self.check_case(&cased, &decoded.bytes)?;
        if self.text_length_max.is_some_and(|max| text.len() > max) {
            return Err(Fault::Characters(text.len()));
        }
        let assurance = match () {
            () if self.is_checked() => Assurance::Mandatory,
            () if case_carried || decoded.checked => Assurance::Optional,
            () => Assurance::None,
        };
        let canonical = match (&self.canonical, self.case_checksum) {
            // The case was just held against the checksum that would be written.
            (Canonical::CaseChecksum { checksum, .. }, Some(held))
                if case_carried && *checksum == held && parts.account == decoded.bytes =>
            {
                format!("0x{cased}")
            }
            _ => self.canonical_of(&text, &body, &parts.account, siblings).ok_or(Fault::Foreign)?,
        };
        let key = match self.canonical {
            Canonical::CaseChecksum { bytes_are_key: true, .. } => AccountKey::new(&parts.account),
            _ => AccountKey::new(canonical.as_bytes()),
        };
        Ok(Reading { canonical, key, memo: parts.memo, assurance })
    }

    /// Writes an account in this format; `None` where the format has no such account.
    pub(crate) fn write(&self, version: &[u8], payload: &[u8]) -> Option<String> {
        let body = self.coding.encode(&self.frame.close(version, payload))?;
        let body = if self.case == Case::Upper { body.to_ascii_uppercase() } else { body };
        Some(self.text_prefixes.first().cloned().unwrap_or_default() + &body)
    }

    /// Fewest and most characters of a text, prefix included.
    pub(super) fn text_lengths(&self) -> (usize, usize) {
        self.text_lengths
    }

    /// Returns the text without what is ignored.
    pub(super) fn cleaned<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if !self.ignored.is_empty() && text.contains(|c| self.ignored.contains(c)) {
            Cow::Owned(text.chars().filter(|c| !self.ignored.contains(*c)).collect())
        } else {
            Cow::Borrowed(text)
        }
    }

    /// Finds what stands in front: the longest text prefix, or a prefix that the kind decodes itself.
    pub(super) fn prefix_of(&self, text: &str) -> Option<Prefix> {
        let starts = |prefix: &str, any_case: bool| {
            text.get(..prefix.len()).is_some_and(|head| head == prefix || (any_case && head.eq_ignore_ascii_case(prefix)))
        };
        let stripped = if self.text_prefixes.is_empty() {
            0
        } else {
            let found = self.text_prefixes.iter().filter(|prefix| starts(prefix, self.prefix_in_any_case));
            found.map(String::len).max()?
        };
        let rest = text.get(stripped..)?;
        let inner = match &self.coding {
            Coding::Bech32(coding) => Some((coding.hrp.as_str(), '1')),
            Coding::CashAddr(coding) if coding.prefix_required => Some((coding.hrp.as_str(), ':')),
            _ => None,
        };
        let Some((hrp, separator)) = inner else { return Some(Prefix { stripped, whole: stripped }) };
        let (head, tail) = rest.split_at_checked(hrp.len())?;
        (head.eq_ignore_ascii_case(hrp) && tail.starts_with(separator))
            .then_some(Prefix { stripped, whole: stripped + hrp.len() + 1 })
    }

    /// Checks letters of mixed case; tells whether they carried a checksum.
    fn check_case(&self, digits: &str, bytes: &[u8]) -> Result<bool, Fault> {
        let lower = digits.bytes().any(|b| b.is_ascii_lowercase());
        let upper = digits.bytes().any(|b| b.is_ascii_uppercase());
        match self.case_checksum {
            Some(checksum) if lower && upper => {
                if checksum.write(bytes) == digits {
                    Ok(true)
                } else {
                    Err(Fault::Checksum)
                }
            }
            _ => Ok(false),
        }
    }

    fn canonical_of(&self, text: &str, body: &Body, account: &[u8], siblings: &[Self]) -> Option<String> {
        Some(match &self.canonical {
            Canonical::AsIs => text.to_owned(),
            Canonical::Lower => text.to_ascii_lowercase(),
            Canonical::WithoutSeparators => text.to_ascii_uppercase(),
            Canonical::WithoutSuffix => text.split('-').next()?.to_owned(),
            Canonical::FirstPrefix => format!("{}{}", self.text_prefixes.first()?, text.get(self.prefix_of(text)?.stripped..)?),
            Canonical::Encoded => self.write(&body.version, &body.payload)?,
            Canonical::PaddedHex => format!("0x{}", hex::encode(account)),
            Canonical::CaseChecksum { checksum, .. } => format!("0x{}", checksum.write(account)),
            Canonical::Workchain => {
                let workchain = if body.version.last() == Some(&0xff) { -1 } else { 0 };
                format!("{workchain}:{}", hex::encode(account))
            }
            Canonical::Convert { format, version } => {
                siblings.iter().find(|sibling| *sibling.id == **format)?.write(version, account)?
            }
        })
    }
}

/// What stands in front of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prefix {
    /// Characters that are taken off before the kind reads.
    pub(super) stripped: usize,
    /// Characters that tell the format.
    pub(super) whole: usize,
}

impl Fault {
    /// Moves the place by what stands before.
    pub(super) fn moved(self, by: usize) -> Self {
        match self {
            Self::Character { position, allowed } => Self::Character { position: position + by, allowed },
            Self::MixedCase { position } => Self::MixedCase { position: position + by },
            Self::WrongCase { position, allowed } => Self::WrongCase { position: position + by, allowed },
            other => other,
        }
    }
}
