//! One address format, applied to texts: remove the prefix, decode, check the frame and the content, and write the canonical form. Each
//! kind is implemented in the module of its name. `seed` makes formats from data; `explain` describes refusals.

use std::borrow::Cow;
use std::sync::Arc;

use super::AccountKey;
use super::case::Case;
use super::case_checksum::CaseChecksum;
use super::checksum::Checksum;
use super::coding::Coding;
use super::derivation::{ControllerRule, Decoded, Derived};
use super::fault::Fault;
use super::frame::{Body, Frame};
use super::given::Given;
use super::layout::{Layout, Parts};
use crate::class::Class;
use serde::Deserialize;
use vasp_words::closed_list::closed_list;

/// The purpose of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// It identifies an account that can receive.
    Receive,
    /// It is another spelling of such an account, read only if the network is named.
    Alternate,
    /// It is recognised only to explain why it is refused.
    Refused,
}

closed_list! {
    /// Whether a checksum protects an address, from the weakest to the strongest.
    pub enum Assurance as "AddressChecksum" {
        /// No checksum, or an optional one that the text does not carry.
        None = "none",
        /// An optional checksum that the text carries.
        Optional = "optional",
        /// A checksum that every text of the form carries.
        Mandatory = "mandatory",
    }
}

/// An accepted text: its account, and whether a checksum protects it.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) canonical: String,
    pub(super) key: AccountKey,
    pub(super) controllers: Derived,
    pub(super) memo: Option<String>,
    pub(super) assurance: Assurance,
}

/// The canonical form of an address, which the index stores.
#[derive(Debug)]
pub(super) enum Canonical {
    /// The text as given.
    AsIs,
    /// The text in lower case.
    Lower,
    /// The text in upper case, without ignored characters.
    WithoutSeparators,
    /// The text up to the first `-`.
    WithoutSuffix,
    /// The text with the first of the prefixes.
    FirstPrefix,
    /// The bytes, encoded again.
    Encoded,
    /// `0x` and all digits, in lower case.
    PaddedHex,
    /// `0x` and digits with a checksum in their case. The key is the bytes if all addresses of the network have this form.
    CaseChecksum { checksum: CaseChecksum, bytes_are_key: bool },
    /// Workchain, `:` and 64 hex digits: the second byte of the version and the payload. Source: TON, TEP-2.
    Workchain,
    /// The account written in another format of the network, with this version.
    Convert { format: String, version: Vec<u8> },
}

/// When a format is considered if no network is named.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Detection {
    /// Always.
    Always,
    /// Never: any word would be an account name of this format.
    Never,
    /// Only for texts with one of these endings.
    Suffixes(Vec<String>),
    /// Only for texts with at least this number of characters: shorter spellings are too similar to other networks' accounts.
    LengthMin(usize),
}

/// The names of a format's rules, as in the reference table of networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// How characters are converted to bytes, such as `base58`.
    pub kind: String,
    /// The checksum, such as `sha256d-4`.
    pub checksum: String,
    /// The canonical form, such as `as-is` or `convert`.
    pub canonical: String,
    /// The format of canonical addresses; `None` if it is this format.
    pub canonical_format: Option<String>,
}

/// One format of a network's addresses.
#[derive(Debug)]
pub struct Format {
    pub(super) id: Arc<str>,
    /// The names of kind, checksum and canonical form in the seed, for display.
    pub(super) names: Names,
    pub(super) role: Role,
    /// The test network of these addresses, for formats of role `refused`; `None` if they belong to no test network.
    pub(super) test_network: Option<String>,
    pub(super) detection: Detection,
    /// Characters that people insert for readability; they are ignored.
    pub(super) ignored: String,
    /// The prefixes; a text has one of them. The first one is used for writing.
    pub(super) text_prefixes: Vec<String>,
    pub(super) prefix_in_any_case: bool,
    /// The minimum and maximum number of characters of a text, stored because every text is compared with every format.
    pub(super) text_lengths: (usize, usize),
    /// The maximum length of a text; checksums cannot protect the content of longer texts.
    pub(super) text_length_max: Option<usize>,
    pub(super) case: Case,
    pub(super) coding: Coding,
    pub(super) frame: Frame,
    pub(super) case_checksum: Option<CaseChecksum>,
    pub(super) layout: Option<Layout>,
    pub(super) canonical: Canonical,
    pub(super) controllers: ControllerRule,
}

impl Format {
    /// Returns the id of the format, unique within its network, such as `p2pkh`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the names of the format's rules.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Tells whether any address of the format is read without a named network.
    #[must_use]
    pub fn is_ever_detected(&self) -> bool {
        self.receives() && self.detection != Detection::Never
    }

    /// Tells whether the format's accounts are names that people choose.
    pub(super) fn has_names(&self) -> bool {
        self.receives() && matches!(self.coding, Coding::Pattern(_)) && self.detection != Detection::Always
    }

    /// Tells whether the format is recognised only to be refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.role == Role::Refused
    }

    /// Tells whether addresses of the format identify accounts that can receive a transfer.
    #[must_use]
    pub fn receives(&self) -> bool {
        self.role == Role::Receive
    }

    /// Tells whether addresses of the format contain the memo.
    #[must_use]
    pub fn carries_memo(&self) -> bool {
        self.receives() && self.layout.is_some_and(Layout::has_memo)
    }

    /// Tells whether an account may have several controllers.
    pub(crate) fn has_several(&self) -> bool {
        self.controllers.has_several()
    }

    /// Tells whether every text has a checksum.
    pub(super) fn is_checked(&self) -> bool {
        self.frame.checksum != Checksum::None || self.coding.is_checked()
    }

    /// Tells whether every text of the format has a prefix. A format without this property accepts an empty beginning.
    pub(super) fn has_prefix(&self) -> bool {
        self.prefix_of("").is_none()
    }

    /// Tells whether every text has a prefix and a checksum.
    pub(super) fn is_prefixed(&self) -> bool {
        self.is_checked() && self.has_prefix()
    }

    /// Tells whether the format has neither prefix nor checksum, so that it accepts some texts of other networks by chance.
    pub(super) fn accepts_by_chance(&self) -> bool {
        !self.is_checked() && !self.has_prefix() && !matches!(self.coding, Coding::Hex(_))
    }

    /// Tells quickly whether a text can be of this format. Only a few of a hundred formats are worth decoding.
    pub(super) fn may_be(&self, text: &str) -> bool {
        let (min, max) = self.text_lengths();
        (!self.ignored.is_empty() || (min..=max).contains(&text.len())) && self.prefix_of(text).is_some()
    }

    /// Tells whether an accepted text is considered if no network is named.
    pub(super) fn is_detected(&self, text: &str) -> bool {
        match &self.detection {
            Detection::Always => true,
            Detection::Never => false,
            Detection::Suffixes(suffixes) => suffixes.iter().any(|suffix| text.ends_with(suffix)),
            Detection::LengthMin(length) => text.len() >= *length,
        }
    }

    /// Reads a text that has passed the general checks (visible ASCII). `siblings` are all formats of the network; a conversion writes one
    /// of them.
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
            // The case was already checked against the same checksum that would be written.
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
        let decoded = Decoded {
            version: self.canonical_version().unwrap_or(&body.version),
            account: &parts.account,
            canonical: &canonical,
            key: &key,
            has_bytes: self.has_bytes(),
        };
        let controllers = self.controllers.derive(&decoded);
        Ok(Reading { canonical, key, controllers, memo: parts.memo, assurance })
    }

    /// Returns the version under which another format of the network writes the account; `None` if it is written in this format.
    fn canonical_version(&self) -> Option<&[u8]> {
        if let Canonical::Convert { version, .. } = &self.canonical { Some(version) } else { None }
    }

    fn has_bytes(&self) -> bool {
        !matches!(self.coding, Coding::Pattern(_))
    }

    /// Iterates over the classes of the format's accounts.
    pub(crate) fn classes(&self) -> impl Iterator<Item = &Class> {
        self.controllers.classes()
    }

    /// Writes the canonical form of the account with this controller; `None` if the controller does not contain all of it.
    pub(crate) fn write_controller(&self, bytes: &[u8], siblings: &[Self]) -> Option<String> {
        if self.controllers.is_text(self.has_bytes()) {
            return String::from_utf8(bytes.to_vec()).ok();
        }
        if let Canonical::Convert { format, version } = &self.canonical {
            let payload = self.controllers.payload_of(version, bytes)?;
            return siblings.iter().find(|sibling| *sibling.id == **format)?.write(version, payload);
        }
        let payload_after = |version: &Vec<u8>| Some((version.clone(), self.controllers.payload_of(version, bytes)?.to_vec()));
        let fits = |(_, payload): &(Vec<u8>, Vec<u8>)| self.frame.lengths.allow(payload.len());
        let mut bodies = self.frame.versions.iter().filter_map(payload_after).filter(fits);
        let (Some((version, payload)), None) = (bodies.next(), bodies.next()) else { return None };
        let text = self.write(&version, &payload)?;
        let body = Body { version, payload };
        self.canonical_of(&text, &body, &body.payload, siblings)
    }

    /// Writes an account in this format; `None` if the format has no such account.
    pub(crate) fn write(&self, version: &[u8], payload: &[u8]) -> Option<String> {
        let body = self.coding.encode(&self.frame.close(version, payload))?;
        let body = if self.case == Case::Upper { body.to_ascii_uppercase() } else { body };
        Some(self.text_prefixes.first().cloned().unwrap_or_default() + &body)
    }

    /// Returns the minimum and maximum number of characters of a text, including the prefix.
    pub(super) fn text_lengths(&self) -> (usize, usize) {
        self.text_lengths
    }

    /// Returns the text without ignored characters.
    pub(super) fn cleaned<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if !self.ignored.is_empty() && text.contains(|c| self.ignored.contains(c)) {
            Cow::Owned(text.chars().filter(|c| !self.ignored.contains(*c)).collect())
        } else {
            Cow::Borrowed(text)
        }
    }

    /// Finds the prefix of a text: the longest text prefix, or a prefix that the kind decodes itself.
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

    /// Checks the checksum in letters of mixed case; tells whether there was one.
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

/// The prefix of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prefix {
    /// The number of characters that are removed before the kind reads the text.
    pub(super) stripped: usize,
    /// The number of characters that identify the format.
    pub(super) whole: usize,
}

impl Fault {
    /// Moves the position by the length of the text before it.
    pub(super) fn moved(self, by: usize) -> Self {
        match self {
            Self::Character { position, allowed } => Self::Character { position: position + by, allowed },
            Self::MixedCase { position } => Self::MixedCase { position: position + by },
            Self::WrongCase { position, allowed } => Self::WrongCase { position: position + by, allowed },
            other => other,
        }
    }
}
