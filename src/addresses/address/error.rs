//! Why a text is not an address: one variant a reason, one stable code each, and a sentence that says what is wrong,
//! where, and what would be right. The caller is `domain::subject`; `api` shows code and sentence as they are.

use vasp_words::caip::Caip2;

/// Why a text is not an address (of the network asked about, or of any).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing in common with any form known here.
    #[error("this has the form of no address of a network supported here")]
    Unrecognised,
    /// A character that cannot stand here.
    #[error("character {position} is not allowed here; {allowed}")]
    InvalidCharacter {
        /// Place of the character, counted from 1.
        position: usize,
        /// What may stand there.
        allowed: &'static str,
    },
    /// Too short or too long.
    #[error("the length is wrong: {found}, expected {expected}")]
    WrongLength {
        /// Length found, with its unit.
        found: String,
        /// Lengths allowed, with their unit.
        expected: String,
    },
    /// What every address of this form starts with is missing.
    #[error("an address of this form starts with `{prefix}`")]
    MissingPrefix {
        /// The prefix.
        prefix: String,
    },
    /// Upper and lower case in a form that allows only one of them.
    #[error("upper and lower case are mixed (character {position}); write the address in one case only")]
    MixedCase {
        /// Place of the first letter in the other case, counted from 1.
        position: usize,
    },
    /// A character beyond visible ASCII, or a blank.
    #[error("character {position} is {found}; addresses have visible ASCII characters only")]
    Unwritable {
        /// Place of the character, counted from 1.
        position: usize,
        /// What it is, and what it looks like.
        found: String,
    },
    /// The checksum does not fit the rest.
    #[error("the {checksum} checksum does not match: {}", wrong(*position))]
    ChecksumMismatch {
        /// Name of the checksum.
        checksum: &'static str,
        /// Place of the character whose replacement would make it match, if there is one, counted from 1.
        position: Option<usize>,
    },
    /// The checksum holds, and what it covers is no account.
    #[error("this is no account: {reason}")]
    InvalidPayload {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A name that any word could be, without its network.
    #[error("this may be an account's name on {networks}; such names are read only where the network is named")]
    NetworkNeeded {
        /// Names of networks that have such names.
        networks: String,
    },
    /// An address of a test network, whose assets are worthless.
    #[error("this is an address of {network}, a test network")]
    TestNetwork {
        /// Name of the test network.
        network: String,
    },
    /// A witness version or address type that the network does not define.
    #[error("version {version} is not defined for this form of address")]
    UnsupportedVersion {
        /// The version found.
        version: u8,
    },
    /// Spare bits at the end that are not zero or too many.
    #[error("the last characters carry spare bits that must be at most four zeros")]
    InvalidPadding,
    /// A well-formed address of another network.
    #[error("this is not an address of {asked}; {}", belongs(belongs_to))]
    WrongNetwork {
        /// Name of the network asked about.
        asked: String,
        /// Supported networks it does belong to, most likely first.
        belongs_to: Vec<Caip2>,
    },
    /// The network asked about is not in the table.
    #[error("network `{network}` is not supported; `GET /v1/networks` lists those that are")]
    UnsupportedNetwork {
        /// The network as written, cut to 80 characters.
        network: String,
    },
    /// Well formed, its checksum holds, but its prefix belongs to no supported network.
    #[error("the checksum holds, but the prefix belongs to no network supported here")]
    UnknownPrefix,
    /// A form that is known and cannot be paid to.
    #[error("this is a `{format}` of the network, which cannot receive a transfer")]
    NotReceivable {
        /// Name of the form.
        format: String,
    },
    /// The id of a transaction.
    #[error("this looks like the id of a transaction ({form}): give the address. Read as an address: {refusal}")]
    TransactionId {
        /// The form by which it is told.
        form: &'static str,
        /// Why it is no address.
        refusal: Box<AddressError>,
    },
    /// A memo that the network does not have, or not in this form.
    #[error("the memo is not usable: {reason}")]
    MemoInvalid {
        /// Why, and what would be right.
        reason: String,
    },
}

impl AddressError {
    /// Returns the stable code of this reason, as it stands in `errors[].code`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unrecognised => "unrecognised",
            Self::InvalidCharacter { .. } | Self::Unwritable { .. } => "invalid_character",
            Self::WrongLength { .. } => "wrong_length",
            Self::MissingPrefix { .. } => "missing_prefix",
            Self::MixedCase { .. } => "mixed_case",
            Self::ChecksumMismatch { .. } => "checksum_mismatch",
            Self::UnsupportedVersion { .. } => "unsupported_version",
            Self::InvalidPadding => "invalid_padding",
            Self::WrongNetwork { .. } | Self::TestNetwork { .. } => "wrong_network",
            Self::InvalidPayload { .. } => "invalid_payload",
            Self::NetworkNeeded { .. } => "network_needed",
            Self::UnsupportedNetwork { .. } | Self::UnknownPrefix => "unsupported_network",
            Self::TransactionId { .. } => "transaction_id",
            Self::NotReceivable { .. } => "not_receivable",
            Self::MemoInvalid { .. } => "memo_invalid",
        }
    }

    /// Makes the error for a network that is not in the table.
    pub(crate) fn unsupported_network(network: &str) -> Self {
        Self::UnsupportedNetwork { network: network.chars().take(80).collect() }
    }
}

/// Says where an address belongs, naming at most three networks.
fn belongs(networks: &[Caip2]) -> String {
    let named = networks.iter().take(3).map(Caip2::as_str).collect::<Vec<_>>().join(", ");
    match networks.len() {
        0 => "its checksum holds, but its prefix belongs to no network supported here".to_owned(),
        1..=3 => format!("it belongs to {named}"),
        more => format!("it belongs to {named} and {} more", more - 3),
    }
}

/// Says what a checksum that does not match means.
fn wrong(position: Option<usize>) -> String {
    match position {
        Some(position) => format!("if one character was mistyped, it is character {position}"),
        None => "a character is wrong, missing or in excess".to_owned(),
    }
}
