//! What a pre-check is asked, as typed values; what the wire calls them stands in `api`.

use crate::domain::country::Country;
use crate::domain::ids::VaspId;
use crate::domain::lei::Lei;
use crate::domain::money::Money;
use crate::domain::rulebook::PersonType;
use crate::domain::time::Date;

/// A VASP by its id or LEI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaspReference {
    /// By id.
    Id(VaspId),
    /// By LEI.
    Lei(Lei),
}

impl std::str::FromStr for VaspReference {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with(VaspId::PREFIX) {
            return text.parse().map(Self::Id).map_err(|error: crate::domain::ids::IdError| error.to_string());
        }
        text.parse().map(Self::Lei).map_err(|error| format!("neither a VASP id nor an LEI: {error}"))
    }
}

/// The originating side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Originator {
    /// The VASP acted for; the caller's own by default.
    pub vasp: Option<VaspReference>,
    /// Its jurisdiction; that of the VASP's country by default.
    pub jurisdiction: Option<String>,
}

/// Where the transfer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// An address, perhaps with what the customer said about it.
    Address {
        /// The address.
        address: String,
        /// Its network.
        network: Option<String>,
        /// Memo of the transfer.
        memo: Option<String>,
        /// Travel Address given along.
        travel_address: Option<String>,
        /// What the customer declared.
        declared: Option<Declaration>,
    },
    /// A Travel Address alone.
    TravelAddress {
        /// The Travel Address.
        travel_address: String,
        /// What the customer declared.
        declared: Option<Declaration>,
    },
    /// A VASP.
    Vasp(VaspReference),
    /// Only a jurisdiction.
    Jurisdiction(String),
}

/// What the caller's customer says of the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declaration {
    /// A VASP keeps it.
    Vasp(VaspReference),
    /// It is self-hosted.
    SelfHosted,
}

/// The transfer, as far as rules turn on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Day.
    pub date: Date,
    /// Worth.
    pub fiat: Option<Money>,
    /// Natural or legal person.
    pub originator_type: PersonType,
    /// Whether it runs over a correspondent relationship.
    pub correspondent: Option<bool>,
}

/// A pre-check's question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrecheckQuestion {
    /// The originating side.
    pub originator: Originator,
    /// Where it goes.
    pub destination: Destination,
    /// Country of the beneficiary's customer.
    pub customer_country: Option<Country>,
    /// The transfer.
    pub transfer: Transfer,
    /// Field codes that the caller has.
    pub provided_fields: Vec<String>,
}
