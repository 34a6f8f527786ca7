//! A snapshot of a public register, independent of its source format, and the report of its rows. Importers make it; services
//! match and apply it. Without the report, it is also the project's seed format.

use std::collections::BTreeSet;

use super::licence::{Activity, PublishedStanding};
use serde::{Deserialize, Serialize};
use vasp_addresses::address::AddressError;
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::name::NameKey;
use vasp_words::time::Date;

closed_list! {
    /// How much of a register a file has, least first. Only of a whole register does absence say something.
    pub enum Extent as "RegisterExtent" default Whole {
        /// Rows that a person typed from pages or other texts.
        Typed = "typed",
        /// Some rows of the register, as it published them.
        Part = "part",
        /// All rows that the register had on the day.
        Whole = "whole",
    }
}

/// One published file of a register, after parsing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterSnapshot {
    /// Which register, such as `esma-casps`.
    pub register: String,
    /// The day on which the register showed this.
    pub observed_on: Date,
    /// How much of the register it has. Left out for the whole register.
    #[serde(default, skip_serializing_if = "Extent::is_whole")]
    pub extent: Extent,
    /// The source file or page.
    pub source: String,
    /// Entities, in order of LEI, then of authority and name.
    pub entities: Vec<RegisterEntity>,
    /// Rows that can be read, but whose authority cannot be named yet. They can be imported once it is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<HeldRow>,
    /// The result of each row.
    #[serde(skip)]
    pub rows: RowReport,
}

impl Extent {
    /// Returns whether a firm that the file does not name is known not to be in the register.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

/// One legal entity as a register shows it on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterEntity {
    /// Its LEI; `None` if the register gives no well-formed one. Then `authority` and `name_key` identify the entity.
    pub lei: Option<Lei>,
    /// Authority of its first row.
    pub authority: String,
    /// The legal name in the form that is compared.
    pub name_key: NameKey,
    /// The irregularities of its rows.
    pub flags: BTreeSet<Flag>,
    /// Registered name.
    pub legal_name: String,
    /// Names it trades under, other than the legal name.
    pub commercial_names: Vec<String>,
    /// Country of incorporation.
    pub country: Option<Country>,
    /// As the register wrote it, with normalised blanks; `None` if absent.
    pub registered_address: Option<String>,
    /// As the register wrote it, with normalised blanks; `None` if no host can be read from it.
    pub website: Option<String>,
    /// Hosts of the website cell, lower case, without `www.`.
    pub domains: BTreeSet<String>,
    /// Licences, one for each authority.
    pub licences: Vec<RegisterLicence>,
    /// The authority's own number of an entry that is no licence; `None` if it shows none, or if the entry is a licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_number: Option<String>,
    /// Line numbers in the source file.
    pub lines: Vec<u64>,
}

/// One licence as a register shows it on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterLicence {
    /// Id of the authority, such as `LI-FMA`.
    pub authority: String,
    /// Legal regime, such as `MiCA`.
    pub regime: String,
    /// The authority's own number; `None` if not published.
    pub number: Option<String>,
    /// Services, each with the dates of its row.
    pub services: BTreeSet<RegisterService>,
    /// Host states and the home state.
    pub territories: BTreeSet<Country>,
    /// The earliest date published in its rows; `None` if there is none.
    pub valid_from: Option<Date>,
    /// First day on which the licence is no longer valid: the latest published end date. `None` if any of its rows has no end
    /// date.
    pub valid_to: Option<Date>,
    /// The latest day on which the register states that it changed the entry.
    pub last_update: Option<Date>,
    /// What the register says of the licence beside its dates. Left out for a licence that is simply granted.
    #[serde(default, skip_serializing_if = "is_granted")]
    pub standing: PublishedStanding,
}

fn is_granted(standing: &PublishedStanding) -> bool {
    *standing == PublishedStanding::Granted
}

/// One service of a licence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterService {
    /// The allowed activity.
    pub activity: Activity,
    /// First day on which it is valid; `None` if not published.
    pub valid_from: Option<Date>,
    /// First day on which it is no longer valid; `None` if not published.
    pub valid_to: Option<Date>,
}

/// The results of the rows of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowReport {
    /// The number of rows after the heading.
    pub read: u64,
    /// The number of rows that repeat an earlier row of the same file.
    pub repeated: u64,
    /// The rejected rows, in file order.
    pub rejected: Vec<RejectedRow>,
    /// The rows accepted despite an irregularity.
    pub flagged: Vec<FlaggedRow>,
    /// The entities of rows that could not be used.
    #[serde(skip)]
    pub unread: Unread,
}

/// The entities of rejected rows and of rows set aside. The register does list them, so they do not count as missing from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// LEIs.
    pub leis: BTreeSet<Lei>,
    /// Names, for entities without an LEI; and texts of other columns, which are nobody's name.
    pub names: BTreeSet<NameKey>,
}

impl Unread {
    /// Adds what a cell says.
    pub fn add(&mut self, cell: &str) {
        match cell.trim().parse() {
            Ok(lei) => drop(self.leis.insert(lei)),
            Err(_) => self.names.extend(NameKey::of(cell)),
        }
    }
}

/// A rejected row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// File name.
    pub file: String,
    /// Line on which the row begins, counted from 1.
    pub line: u64,
    /// The faulty column; `None` if there is none.
    pub column: Option<String>,
    /// The reason.
    pub reason: Reason,
    /// The faulty text, cut to 200 characters.
    pub text: String,
}

/// A row that was not imported, because the registry cannot name its authority. It is kept, and imported once the authority is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldRow {
    /// Line on which the row begins, counted from 1.
    pub line: u64,
    /// The authority, as the register writes it.
    pub authority: String,
    /// The state in which the register places the authority; `None` if it names none.
    pub state: Option<Country>,
    /// Why the authority has no name here.
    pub why: WhyHeld,
    /// The cells of the row with their columns, enough to read it again.
    pub cells: Vec<(String, String)>,
}

closed_list! {
    /// Why the registry cannot name the authority of a row.
    pub enum WhyHeld {
        /// No known authority has this spelling in this state.
        AuthorityUnknown = "authority_unknown",
        /// Several authorities have this spelling, and the register names no state.
        AuthorityAmbiguous = "authority_ambiguous",
    }
}

/// A row that was accepted despite an irregularity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlaggedRow {
    /// File name.
    pub file: String,
    /// Line on which the row begins, counted from 1.
    pub line: u64,
    /// The irregularity.
    pub flag: Flag,
    /// The text in question, cut to 200 characters.
    pub text: String,
}

closed_list! {
    /// Why a row is rejected; one closed list for all importers.
    pub enum Reason as "RowReason" {
        /// The number of columns differs from the heading.
        ColumnCount = "column_count",
        /// A quotation mark is never closed.
        QuoteNotClosed = "quote_not_closed",
        /// The bytes are not UTF-8.
        NotUtf8 = "not_utf8",
        /// A required cell is empty.
        Missing = "missing",
        /// The date does not have the form of this format, or the day does not exist.
        DateInvalid = "date_invalid",
        /// Not an ISO 3166-1 alpha-2 code.
        CountryUnknown = "country_unknown",
        /// Not a service of the regime.
        ServiceUnknown = "service_unknown",
        /// Not an LEI.
        LeiInvalid = "lei_invalid",
        /// Contradicts another row of the same table.
        Contradicts = "contradicts",
        /// Not a status of the format.
        StatusUnknown = "status_unknown",
        /// The record is of another kind than the format's.
        OtherKind = "other_kind",
        /// No such network is known (`unknown:*`).
        NetworkUnknown = "network_unknown",
        /// This version cannot read addresses of the network.
        NetworkUnsupported = "network_unsupported",
        /// The name means several networks, and the address does not decide.
        NetworkAmbiguous = "network_ambiguous",
        /// The text does not have the form of an address.
        Unrecognised = "unrecognised",
        /// A character that is not allowed in addresses of the network, or NUL.
        InvalidCharacter = "invalid_character",
        /// Too long or too short; often a truncated fragment of a label list.
        WrongLength = "wrong_length",
        /// The prefix of all addresses of the network is missing.
        MissingPrefix = "missing_prefix",
        /// The checksum does not match.
        ChecksumMismatch = "checksum_mismatch",
        /// Upper and lower case are mixed, which the format forbids.
        MixedCase = "mixed_case",
        /// An address version that the network does not define.
        UnsupportedVersion = "unsupported_version",
        /// Padding bits are not zero.
        InvalidPadding = "invalid_padding",
        /// The encoding is correct, but the content is not an account of the network.
        WrongContent = "wrong_content",
        /// An address of another network.
        WrongNetwork = "wrong_network",
        /// An address of a test network.
        TestNetwork = "test_network",
        /// An address of this form cannot receive transfers.
        NotReceivable = "not_receivable",
    }
}

impl From<&AddressError> for Reason {
    fn from(error: &AddressError) -> Self {
        match error {
            AddressError::Unrecognised
            | AddressError::MemoInvalid { .. }
            | AddressError::NetworkNeeded { .. }
            | AddressError::PaymentUri { .. }
            | AddressError::OtherCaip10 { .. }
            | AddressError::LightningInvoice
            | AddressError::NameNotResolved { .. } => Self::Unrecognised,
            AddressError::InvalidCharacter { .. } | AddressError::Unwritable { .. } => Self::InvalidCharacter,
            AddressError::WrongLength { .. } => Self::WrongLength,
            AddressError::MissingPrefix { .. } => Self::MissingPrefix,
            AddressError::MixedCase { .. } => Self::MixedCase,
            AddressError::ChecksumMismatch { .. } => Self::ChecksumMismatch,
            AddressError::UnsupportedVersion { .. } => Self::UnsupportedVersion,
            AddressError::InvalidPadding => Self::InvalidPadding,
            AddressError::WrongNetwork { .. } => Self::WrongNetwork,
            AddressError::TestNetwork { .. } => Self::TestNetwork,
            AddressError::InvalidPayload { .. } => Self::WrongContent,
            AddressError::UnsupportedNetwork { .. } | AddressError::TokenStandard { .. } | AddressError::UnknownPrefix => {
                Self::NetworkUnsupported
            }
            AddressError::AmbiguousNetwork { .. } => Self::NetworkAmbiguous,
            AddressError::NotReceivable { .. } => Self::NotReceivable,
            AddressError::TransactionId { refusal, .. } => refusal.as_ref().into(),
        }
    }
}

closed_list! {
    /// An irregularity of an accepted row.
    pub enum Flag {
        /// Punctuation after the LEI was removed.
        LeiTrimmed = "lei_trimmed",
        /// No LEI.
        LeiMissing = "lei_missing",
        /// Not an LEI.
        LeiMalformed = "lei_malformed",
        /// The cell has more than one LEI; none is used.
        LeiDouble = "lei_double",
        /// No home state; the authority's country is used.
        HomeStateMissing = "home_state_missing",
        /// No country of incorporation; the home state is used.
        CountryMissing = "country_missing",
        /// No date of authorisation or notification.
        DateMissing = "date_missing",
        /// No service at all.
        ServicesMissing = "services_missing",
        /// The letter of a service disagrees with its words; the words are used.
        ServiceLetterDisagrees = "service_letter_disagrees",
        /// The words of a service match no service of the regime.
        ServiceOther = "service_other",
        /// No host state.
        HostStatesMissing = "host_states_missing",
        /// No host can be read from the website.
        WebsiteUnreadable = "website_unreadable",
        /// The website's scheme is misspelt.
        WebsiteSchemeMalformed = "website_scheme_malformed",
        /// The row is about no record; it is kept for the next look.
        VaspUnmatched = "vasp_unmatched",
        /// The source lost a character (U+FFFD).
        CharacterLost = "character_lost",
        /// The address belongs to none of the networks of its currency, or its spelling is wrong; its text is kept.
        AddressUnreadable = "address_unreadable",
        /// The date does not have the form of this format, or is after the day of its list; the row is accepted without it.
        DateUnreadable = "date_unreadable",
        /// Not a country; the row is accepted without it.
        CountryUnreadable = "country_unreadable",
        /// The status is unknown; it is kept as text.
        StatusUnclear = "status_unclear",
        /// A known VASP has a similar name; this is only a note for people and has no effect.
        NameSimilar = "name_similar",
        /// The rulebook has no jurisdiction with this id, or it has one that the row does not name.
        RegimeUnknown = "regime_unknown",
        /// Another row of the same entity contradicts it; the first row is used.
        RowsDisagree = "rows_disagree",
    }
}

/// Returns the first 200 characters of `text`, for a report.
#[must_use]
pub fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}
