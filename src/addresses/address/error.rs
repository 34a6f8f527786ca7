//! Why a text is not an address: one variant per reason. Each has a stable code and a sentence that says what is wrong, where, and what
//! would be right. The caller is `domain::subject`; `api` shows code and sentence unchanged.

use std::sync::Arc;

use crate::network::{Network, NetworkTable};
use vasp_words::caip::Caip2;
use vasp_words::similar::did_you_mean;

/// Why a text is not an address, either on the given network or on any network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text does not resemble any known form of address.
    #[error("this does not have the form of an address of any supported network")]
    Unrecognised,
    /// A character is not allowed at its position.
    #[error("character {position} is not allowed; {allowed}")]
    InvalidCharacter {
        /// The position of the character, counted from 1.
        position: usize,
        /// The characters that are allowed there.
        allowed: &'static str,
    },
    /// The text is too short or too long.
    #[error("the length is wrong: {found}, expected {expected}")]
    WrongLength {
        /// The length found, with its unit.
        found: String,
        /// The allowed lengths, with their unit.
        expected: String,
    },
    /// The prefix that every address of this form has is missing.
    #[error("an address of this form starts with `{prefix}`")]
    MissingPrefix {
        /// The prefix.
        prefix: String,
    },
    /// The text mixes upper and lower case in a form that allows only one of them.
    #[error("upper and lower case are mixed (character {position}); write the address in one case only")]
    MixedCase {
        /// The position of the first letter in the other case, counted from 1.
        position: usize,
    },
    /// A character is not visible ASCII, or is a space.
    #[error("character {position} is {found}; an address may only have visible ASCII characters")]
    Unwritable {
        /// The position of the character, counted from 1.
        position: usize,
        /// The character, and what it looks like.
        found: String,
    },
    /// The checksum does not match the rest of the text.
    #[error("the {checksum} checksum does not match: {}", wrong(*position))]
    ChecksumMismatch {
        /// The name of the checksum.
        checksum: &'static str,
        /// The position of the character whose replacement would make it match, counted from 1; `None` if there is none.
        position: Option<usize>,
    },
    /// The checksum matches, but the content is not a valid account.
    #[error("this is not a valid account: {reason}")]
    InvalidPayload {
        /// What is wrong with the content.
        reason: &'static str,
    },
    /// The text may be an account name, but any word could be one, so the network is needed.
    #[error("this may be an account name on {networks}; name the network, because such names are only read with it")]
    NetworkNeeded {
        /// The names of networks that have such account names.
        networks: String,
    },
    /// The text is an address of a test network, whose assets are worthless.
    #[error("this is an address of {network}, a test network")]
    TestNetwork {
        /// The name of the test network.
        network: String,
    },
    /// The network does not define this witness version or address type.
    #[error("version {version} is not defined for this form of address")]
    UnsupportedVersion {
        /// The version found.
        version: u8,
    },
    /// The unused bits at the end are not zero, or there are too many.
    #[error("the unused bits at the end must be zero, and at most four")]
    InvalidPadding,
    /// The text is a valid address of another network.
    #[error("this is not an address of {asked}; {}", belongs(belongs_to))]
    WrongNetwork {
        /// The name of the given network.
        asked: String,
        /// The supported networks of the address, most likely first.
        belongs_to: Vec<Caip2>,
    },
    /// The given network is not in the table.
    #[error("network `{network}` is not supported{}; `GET /v1/networks` lists the supported networks", did_you_mean(similar.as_deref()))]
    UnsupportedNetwork {
        /// The network as written, cut to 80 characters.
        network: String,
        /// The name that was probably meant.
        similar: Option<String>,
    },
    /// The name of a token standard was given as a network.
    #[error("`{network}` is a token standard, not a network; give the network of the transfer, with `{network}` usually {usual}")]
    TokenStandard {
        /// The standard as written.
        network: String,
        /// The networks that people mean by it, most likely first.
        usual: String,
    },
    /// The name is that of several ledgers, and no address decides between them.
    #[error("`{network}` is a name of several networks; give the id of the one you mean: {networks}")]
    AmbiguousNetwork {
        /// The network as written.
        network: String,
        /// The networks with this name.
        networks: String,
    },
    /// The text is well formed and its checksum matches, but its prefix belongs to no supported network.
    #[error("the checksum is correct, but the prefix belongs to no supported network")]
    UnknownPrefix,
    /// The form is known, but it cannot receive a transfer.
    #[error("this is a `{format}` of the network, which cannot receive a transfer")]
    NotReceivable {
        /// The name of the form.
        format: String,
    },
    /// The text is the id of a transaction.
    #[error("this looks like a transaction id ({form}): give the address instead. Read as an address: {refusal}")]
    TransactionId {
        /// The form of transaction id that the text has.
        form: &'static str,
        /// Why the text is not an address.
        refusal: Box<AddressError>,
    },
    /// The text is a URI around an address.
    #[error("this is a URI or a prefix around an address: send {send}")]
    PaymentUri {
        /// The part to send.
        send: String,
    },
    /// The text is an account and its network in another form than CAIP-10.
    #[error("this is {form}")]
    OtherCaip10 {
        /// The form, and what to send.
        form: &'static str,
    },
    /// The text is a Lightning invoice.
    #[error("this is a Lightning invoice, which names a payment and not an account: send an address or a Travel Address")]
    LightningInvoice,
    /// The text is a name that a name service resolves to an address.
    #[error("this is {system}: send the address to which it resolves, because this registry asks no name service")]
    NameNotResolved {
        /// The kind of name.
        system: &'static str,
    },
    /// The network has no memo, or none of this form.
    #[error("the memo is not valid: {reason}")]
    MemoInvalid {
        /// The reason, and what would be right.
        reason: String,
    },
}

impl AddressError {
    /// Returns the stable code of this reason, as used in `errors[].code`.
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
            Self::WrongNetwork { .. } => "wrong_network",
            Self::TestNetwork { .. } => "test_network",
            Self::InvalidPayload { .. } => "wrong_content",
            Self::PaymentUri { .. } => "payment_uri",
            Self::OtherCaip10 { .. } => "wrong_shape",
            Self::LightningInvoice => "lightning_invoice",
            Self::NameNotResolved { .. } => "name_not_resolved",
            Self::NetworkNeeded { .. } => "network_needed",
            Self::UnsupportedNetwork { .. } | Self::TokenStandard { .. } | Self::UnknownPrefix => "unsupported_network",
            Self::AmbiguousNetwork { .. } => "ambiguous_network",
            Self::TransactionId { .. } => "transaction_id",
            Self::NotReceivable { .. } => "not_receivable",
            Self::MemoInvalid { .. } => "memo_invalid",
        }
    }

    /// Makes the error for a network that is not in the table.
    pub(crate) fn unsupported_network(table: &NetworkTable, network: &str) -> Self {
        let network: String = network.chars().take(80).collect();
        Self::UnsupportedNetwork { similar: table.similar_name(&network).map(str::to_owned), network }
    }

    /// Makes the error for a token standard in place of a network.
    pub(crate) fn token_standard(name: &str, networks: &[Arc<Network>]) -> Self {
        let usual = listed(networks.iter().take(3).map(AsRef::as_ref));
        Self::TokenStandard { network: name.to_owned(), usual }
    }

    /// Makes the error for a name of several networks.
    pub(crate) fn ambiguous_network(name: &str, networks: Vec<&Network>) -> Self {
        Self::AmbiguousNetwork { network: name.to_owned(), networks: listed(networks) }
    }
}

/// Lists networks by id and name.
fn listed<'a>(networks: impl IntoIterator<Item = &'a Network>) -> String {
    let shown = |network: &Network| format!("{} ({})", network.caip2, network.name);
    networks.into_iter().map(shown).collect::<Vec<_>>().join(", ")
}

/// Says to which networks an address belongs; names at most three.
fn belongs(networks: &[Caip2]) -> String {
    let named = networks.iter().take(3).map(Caip2::as_str).collect::<Vec<_>>().join(", ");
    match networks.len() {
        0 => "its checksum is correct, but its prefix belongs to no supported network".to_owned(),
        1..=3 => format!("it belongs to {named}"),
        more => format!("it belongs to {named} and {} more", more - 3),
    }
}

/// Explains a checksum that does not match.
fn wrong(position: Option<usize>) -> String {
    match position {
        Some(position) => format!("if one character was mistyped, it is character {position}"),
        None => "a character is wrong, missing or extra".to_owned(),
    }
}
