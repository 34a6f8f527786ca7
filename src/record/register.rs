//! A neutral snapshot of a public register, whatever format it came in, and the report of its rows. Importers make it,
//! services match and apply it; without its report it is also the project's own seed format.

use std::collections::BTreeSet;

use super::licence::Activity;
use serde::{Deserialize, Serialize};
use vasp_addresses::address::AddressError;
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::name::NameKey;
use vasp_words::time::Date;

/// One published file of a register, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterSnapshot {
    /// Which register, such as `esma-casps`.
    pub register: String,
    /// The day the register said this.
    pub observed_on: Date,
    /// File or page it was read from.
    pub source: String,
    /// Entities by LEI, then by authority and name.
    pub entities: Vec<RegisterEntity>,
    /// What became of each row.
    #[serde(skip)]
    pub rows: RowReport,
}

/// One legal entity as a register shows it on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterEntity {
    /// Its LEI, if the register gives a well-formed one. Without it `authority` and `name_key` identify the entity.
    pub lei: Option<Lei>,
    /// Authority of its first row.
    pub authority: String,
    /// Compared form of the legal name.
    pub name_key: NameKey,
    /// What was odd about its rows.
    pub flags: BTreeSet<Flag>,
    /// Registered name.
    pub legal_name: String,
    /// Names it trades under, other than the legal name.
    pub commercial_names: Vec<String>,
    /// Country of incorporation.
    pub country: Option<Country>,
    /// As the register wrote it, blanks tidied.
    pub registered_address: Option<String>,
    /// As the register wrote it, blanks tidied; none where no host can be read from it.
    pub website: Option<String>,
    /// Hosts of the website cell, lower case, without `www.`.
    pub domains: BTreeSet<String>,
    /// One licence an authority.
    pub licences: Vec<RegisterLicence>,
    /// Lines of the file it was read from.
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
    /// The authority's own number, if published.
    pub number: Option<String>,
    /// Services, each with the dates of its own row.
    pub services: BTreeSet<RegisterService>,
    /// Host states and the home state.
    pub territories: BTreeSet<Country>,
    /// Earliest published date of its rows.
    pub valid_from: Option<Date>,
    /// Latest published end date; none while one of its rows has none. The first day the licence no longer holds.
    pub valid_to: Option<Date>,
    /// Latest day on which the register says it changed the entry.
    pub last_update: Option<Date>,
}

/// One service of a licence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterService {
    /// What is allowed.
    pub activity: Activity,
    /// First day, if published.
    pub valid_from: Option<Date>,
    /// First day it no longer holds, if published.
    pub valid_to: Option<Date>,
}

/// What became of the rows of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowReport {
    /// Rows after the heading.
    pub read: u64,
    /// Rows equal to an earlier one of the same file.
    pub repeated: u64,
    /// Rows not taken, in the order of the file.
    pub rejected: Vec<RejectedRow>,
    /// Rows taken in spite of something odd.
    pub flagged: Vec<FlaggedRow>,
    /// LEIs that stand in rejected rows: the register shows these entities, only what it says could not be read. They are
    /// not missing from it.
    #[serde(skip)]
    pub unread: BTreeSet<Lei>,
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// File name.
    pub file: String,
    /// Line on which the row begins, counted from 1.
    pub line: u64,
    /// The column at fault, where there is one.
    pub column: Option<String>,
    /// Why.
    pub reason: Reason,
    /// The text at fault, cut to 200 characters.
    pub text: String,
}

/// A row that was taken in spite of something odd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlaggedRow {
    /// File name.
    pub file: String,
    /// Line on which the row begins, counted from 1.
    pub line: u64,
    /// What is odd.
    pub flag: Flag,
    /// The text in question, cut to 200 characters.
    pub text: String,
}

closed_list! {
    /// Why a row is not taken; one closed list for all importers.
    pub enum Reason as "RowReason" {
        /// Another number of columns than the heading.
        ColumnCount = "column_count",
        /// A quotation mark that is never closed.
        QuoteNotClosed = "quote_not_closed",
        /// Bytes that are not UTF-8.
        NotUtf8 = "not_utf8",
        /// A cell that must not be empty is.
        Missing = "missing",
        /// Not a date in the format's own form, or no such day.
        DateInvalid = "date_invalid",
        /// No authority is known by this spelling in this state.
        AuthorityUnknown = "authority_unknown",
        /// Not an ISO 3166-1 alpha-2 code.
        CountryUnknown = "country_unknown",
        /// Not a service of the regime.
        ServiceUnknown = "service_unknown",
        /// Not an LEI.
        LeiInvalid = "lei_invalid",
        /// Not a status of the format.
        StatusUnknown = "status_unknown",
        /// A record of another kind than the format's.
        OtherKind = "other_kind",
        /// No such network is known (`unknown:*`).
        NetworkUnknown = "network_unknown",
        /// A network that this version cannot read addresses of.
        NetworkUnsupported = "network_unsupported",
        /// Not of the form of an address.
        Unrecognised = "unrecognised",
        /// A character that no address of the network has, or NUL.
        InvalidCharacter = "invalid_character",
        /// Too long or too short; often a label's cut-off fragment.
        WrongLength = "wrong_length",
        /// What every address of the network starts with is missing.
        MissingPrefix = "missing_prefix",
        /// The checksum does not fit.
        ChecksumMismatch = "checksum_mismatch",
        /// Upper and lower case mixed where the format forbids it.
        MixedCase = "mixed_case",
        /// An address version that the network does not define.
        UnsupportedVersion = "unsupported_version",
        /// Spare bits that are not zero.
        InvalidPadding = "invalid_padding",
        /// Well framed, and nothing that an account of the network is.
        InvalidPayload = "invalid_payload",
        /// An address of another network.
        WrongNetwork = "wrong_network",
        /// A form of address that cannot receive.
        NotReceivable = "not_receivable",
    }
}

impl From<&AddressError> for Reason {
    fn from(error: &AddressError) -> Self {
        match error {
            AddressError::Unrecognised | AddressError::MemoInvalid { .. } | AddressError::NetworkNeeded { .. } => {
                Self::Unrecognised
            }
            AddressError::InvalidCharacter { .. } | AddressError::Unwritable { .. } => Self::InvalidCharacter,
            AddressError::WrongLength { .. } => Self::WrongLength,
            AddressError::MissingPrefix { .. } => Self::MissingPrefix,
            AddressError::MixedCase { .. } => Self::MixedCase,
            AddressError::ChecksumMismatch { .. } => Self::ChecksumMismatch,
            AddressError::UnsupportedVersion { .. } => Self::UnsupportedVersion,
            AddressError::InvalidPadding => Self::InvalidPadding,
            AddressError::WrongNetwork { .. } | AddressError::TestNetwork { .. } => Self::WrongNetwork,
            AddressError::InvalidPayload { .. } => Self::InvalidPayload,
            AddressError::UnsupportedNetwork { .. } | AddressError::UnknownPrefix => Self::NetworkUnsupported,
            AddressError::NotReceivable { .. } => Self::NotReceivable,
            AddressError::TransactionId { refusal, .. } => refusal.as_ref().into(),
        }
    }
}

closed_list! {
    /// What is odd about a row that was taken.
    pub enum Flag {
        /// Punctuation after the LEI was taken off.
        LeiTrimmed = "lei_trimmed",
        /// No LEI.
        LeiMissing = "lei_missing",
        /// Not an LEI.
        LeiMalformed = "lei_malformed",
        /// More than one LEI in the cell; none of them is taken.
        LeiDouble = "lei_double",
        /// No home state: the authority's country is taken.
        HomeStateMissing = "home_state_missing",
        /// No country of incorporation: the home state is taken.
        CountryMissing = "country_missing",
        /// No date of authorisation or notification.
        DateMissing = "date_missing",
        /// No service at all.
        ServicesMissing = "services_missing",
        /// The letter of a service is not that of its words; the words are taken.
        ServiceLetterDisagrees = "service_letter_disagrees",
        /// The words of a service are none of the regime's.
        ServiceOther = "service_other",
        /// No host state.
        HostStatesMissing = "host_states_missing",
        /// No host can be read from the website.
        WebsiteUnreadable = "website_unreadable",
        /// The website's scheme is misspelt.
        WebsiteSchemeMalformed = "website_scheme_malformed",
        /// The source lost a character (U+FFFD).
        CharacterLost = "character_lost",
        /// No address of the networks on which its currency is paid; kept as text.
        AddressUnreadable = "address_unreadable",
        /// Not a date in the format's own form; the row is taken without it.
        DateUnreadable = "date_unreadable",
        /// Not a country; the row is taken without it.
        CountryUnreadable = "country_unreadable",
        /// A status that is not understood; kept as text.
        StatusUnclear = "status_unclear",
        /// A known VASP has a name that is much the same; a note for people, nothing follows from it.
        NameSimilar = "name_similar",
        /// Another row of the same entity says something else; the first row is taken.
        RowsDisagree = "rows_disagree",
    }
}

/// Returns the first 200 characters of `text`, for a report.
#[must_use]
pub fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}
