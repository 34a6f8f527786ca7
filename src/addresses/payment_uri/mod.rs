//! Reads what a QR code or a clipboard holds: a URI that asks for a payment. It says which address, network, memo, amount and asset the
//! URI names, and leaves the address to the parser that reads every other address. The caller is `subject`; a caller that needs the amount and
//! the asset, such as a pre-check, asks here as well.
//!
//! Labels and messages are never kept: they may name a person. Nothing is guessed: what contradicts itself, or must be understood and is
//! not, is refused.

mod bip21;
mod erc681;
mod error;
mod number;
mod query;
mod sep7;
mod solana_pay;
#[cfg(test)]
mod tests;
mod xrpl;

pub use error::PaymentUriError;

use crate::address::AddressError;
use crate::asset::{read_id, read_ticker};
use crate::network::{Family, Network, NetworkTable};
use query::Query;
use vasp_words::caip::{Caip2, Caip10, Caip19};
use vasp_words::closed_list::closed_list;
use vasp_words::money::Amount;

closed_list! {
    /// The standard of a payment URI.
    pub enum PaymentStandard {
        /// BIP-21: `bitcoin:`, and the coins that took it over.
        Bip21 = "bip21",
        /// ERC-681: `ethereum:`.
        Erc681 = "erc681",
        /// Solana Pay: `solana:`.
        SolanaPay = "solana_pay",
        /// SEP-7: `web+stellar:pay`.
        Sep7 = "sep7",
        /// An XRP Ledger address with its destination tag as `dt`, with or without `xrpl:`, `ripple:` or `xrp:` before it.
        Xrpl = "xrpl",
    }
}

/// What a payment URI names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentUri {
    /// The standard.
    pub standard: PaymentStandard,
    /// The address as written in the URI; it was read on the network of the URI.
    pub address: String,
    /// The network that the URI names; `None` if it names only a family.
    pub network: Option<Caip2>,
    /// The family that the URI names instead of a network; `None` if it names a network.
    pub family: Option<Family>,
    /// The memo; `None` if there is none. On a network whose transfers have no memo it is a note of the payment and part of no account.
    pub memo: Option<String>,
    /// The amount in units of the asset; `None` if the URI names none, or only one in base units of a token.
    pub amount: Option<Amount>,
    /// The amount in base units of a token, such as `1500000`: how many make one unit is only known to the token's contract. `None` if
    /// there is none.
    pub base_units: Option<String>,
    /// What is paid; `None` if the URI leaves it open.
    pub paid: Option<Paid>,
    /// What the URI says about the VASP of the address (`vasp`). Nothing follows from it, because the maker of a URI can write any name.
    pub vasp: Option<String>,
    /// The names of the parameters that were not taken, such as `label`.
    pub ignored: Vec<String>,
}

/// What is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paid {
    /// The network's own asset.
    Native,
    /// A token, by the namespace and the reference of its CAIP-19 id.
    Token(&'static str, String),
}

/// What the reader of one standard found. `PaymentUri::read` adds the rest.
struct Found<'a> {
    standard: PaymentStandard,
    address: String,
    place: Place<'a>,
    memo: Option<String>,
    amount: Option<Amount>,
    base_units: Option<String>,
    paid: Option<Paid>,
}

/// Where the address of a URI is.
enum Place<'a> {
    Network(&'a Network),
    Family(Family),
}

impl PaymentUri {
    /// Reads a payment URI. `None` if the text is none, or of no standard that is read here.
    ///
    /// # Errors
    /// `PaymentUriError` if the text is a payment URI that names no destination, contradicts itself or cannot be understood.
    pub fn read(table: &NetworkTable, text: &str) -> Result<Option<Self>, PaymentUriError> {
        let Some(reader) = Reader::of(text) else { return Ok(None) };
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        if text.contains('#') {
            return Err(PaymentUriError::parameter("#", "is a fragment, which no standard of payments has: leave it out"));
        }
        let mut query = Query::read(query, reader)?;
        let rest = path.split_once(':').map_or(path, |(_, rest)| rest);
        let found = match reader {
            Reader::Bip21(coin) => bip21::read(table, coin, path, rest, &mut query),
            Reader::Erc681 => erc681::read(table, rest, &mut query),
            Reader::SolanaPay => solana_pay::read(table, rest, &mut query),
            Reader::Sep7 => sep7::read(table, rest, &mut query),
            Reader::Xrpl => xrpl::read(table, rest, &mut query),
        }?;
        let vasp = query.take("vasp")?;
        let (network, family) = match found.place {
            Place::Network(network) => (Some(network.caip2.clone()), None),
            Place::Family(family) => (None, Some(family)),
        };
        Ok(Some(Self {
            standard: found.standard,
            address: found.address,
            network,
            family,
            memo: found.memo,
            amount: found.amount,
            base_units: found.base_units,
            paid: found.paid,
            vasp,
            ignored: query.left(),
        }))
    }

    /// Returns the asset that is paid on a network. `None` if the URI leaves it open, or if the table does not know the network's own asset.
    #[must_use]
    pub fn asset_on(&self, network: &Network) -> Option<Caip19> {
        match self.paid.as_ref()? {
            Paid::Native => read_ticker(&network.native_asset, &[network]).ok(),
            Paid::Token(namespace, reference) => read_id(&format!("{}/{namespace}:{reference}", network.caip2)).ok(),
        }
    }
}

/// The reader of one standard.
#[derive(Clone, Copy)]
enum Reader {
    Bip21(&'static bip21::Coin),
    Erc681,
    SolanaPay,
    Sep7,
    Xrpl,
}

impl Reader {
    /// Returns the reader of a text by its scheme; `None` if no standard is recognised.
    fn of(text: &str) -> Option<Self> {
        let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
        let Some((scheme, rest)) = path.split_once(':') else {
            return query.filter(|query| xrpl::names_tag(query)).map(|_| Self::Xrpl);
        };
        // CAIP-10 has `solana:` and `xrpl:`, too; its network is followed by another colon.
        if text.parse::<Caip10>().is_ok() || (rest.contains(':') && !rest.to_ascii_lowercase().starts_with("http")) {
            return None;
        }
        match scheme.to_ascii_lowercase().as_str() {
            "ethereum" => Some(Self::Erc681),
            "solana" => Some(Self::SolanaPay),
            "web+stellar" => Some(Self::Sep7),
            "xrpl" | "ripple" | "xrp" => Some(Self::Xrpl),
            // `bitcoincash:q…` without a query is an address, not a URI.
            scheme => bip21::Coin::of(scheme).filter(|coin| !coin.has_prefix || query.is_some()).map(Self::Bip21),
        }
    }
}

/// Returns the network that a standard is about.
fn network<'a>(table: &'a NetworkTable, name: &str) -> Result<&'a Network, PaymentUriError> {
    table.resolve_name(name).ok_or_else(|| PaymentUriError::Address(AddressError::unsupported_network(table, name)))
}

/// Reads an address on the network of its URI; returns it in its canonical spelling.
fn checked(table: &NetworkTable, network: &Network, address: &str) -> Result<String, PaymentUriError> {
    table.parse_on(network, address).map(|account| account.canonical).map_err(PaymentUriError::Address)
}
