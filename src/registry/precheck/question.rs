//! The question of a pre-check, as typed values. The wire format is in `http::request`.

use crate::node::AsOf;
use vasp_addresses::proof::AnyProof;
use vasp_record::vasp_name::VaspName;
use vasp_rules::asker_screening::AskerScreening;
use vasp_rules::policy::PolicyReference;
use vasp_rules::precheck::EarlierTotals;
use vasp_rules::rulebook::PersonType;
use vasp_words::caip::Caip19;
use vasp_words::country::Country;
use vasp_words::exchange_rate::ExchangeRate;
use vasp_words::ids::VaspId;
use vasp_words::money::{Amount, Money};
use vasp_words::time::Date;

/// The direction of the transfer, and who is on the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The asker sends, to this destination.
    Outgoing(Destination),
    /// The asker receives from this sender, perhaps at a named address of its own.
    Incoming(Sender, Option<OwnPlace>),
}

/// The asker's own side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnSide {
    /// The VASP that the asker acts for. `None` means the caller's own.
    pub vasp: Option<VaspName>,
    /// Its jurisdiction. `None` means the one of the VASP's country.
    pub jurisdiction: Option<String>,
}

/// Who sends an incoming transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A VASP, an address, a Travel Address or only a jurisdiction.
    At(Destination),
    /// The party that showed the certificate with this SHA-256.
    CertificateSha256(String),
    /// The party that showed a certificate with this common name.
    CommonName(String),
}

/// The asker's place that an incoming transfer came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnPlace {
    /// An address.
    Address {
        /// The address.
        address: String,
        /// Its network.
        network: Option<String>,
        /// Memo of the transfer.
        memo: Option<String>,
    },
    /// A Travel Address.
    TravelAddress(String),
}

/// The place that the transfer goes to, or that an incoming transfer comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// An address, perhaps with what the customer stated about it.
    Address {
        /// The address.
        address: String,
        /// Its network.
        network: Option<String>,
        /// Memo of the transfer.
        memo: Option<String>,
        /// The Travel Address that came with the address.
        travel_address: Option<String>,
        /// What the customer declared.
        declared: Option<Declaration>,
    },
    /// A Travel Address without an address.
    TravelAddress {
        /// The Travel Address.
        travel_address: String,
        /// What the customer declared.
        declared: Option<Declaration>,
    },
    /// A VASP.
    Vasp(VaspName),
    /// Only a jurisdiction.
    Jurisdiction(String),
}

/// What the caller's customer states about the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declaration {
    /// A VASP hosts the address.
    Vasp(VaspName),
    /// The address is self-hosted. The value says whether it is the customer's own; `None` if that is unknown.
    SelfHosted(Option<bool>),
}

/// The facts about the transfer that the rules need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The date of the transfer.
    pub date: Date,
    /// The asset.
    pub asset: Option<Caip19>,
    /// The ticker of the asset, which is read with the networks of the transfer's addresses.
    pub ticker: Option<String>,
    /// The amount of the asset. Nothing is judged by it.
    pub amount: Option<Amount>,
    /// The value of the transfer.
    pub fiat: Option<Money>,
    /// Whether the originator is a natural or a legal person.
    pub originator_type: PersonType,
    /// Whether the transfer uses a correspondent relationship.
    pub correspondent: Option<bool>,
    /// The total value of this transfer and the transfers that it is linked to.
    pub linked_total: Option<Money>,
    /// Whether both sides are VASPs that act on their own behalf.
    pub proprietary: bool,
    /// Whether both ends belong to the same customer. `None` if that is unknown.
    pub first_party: Option<bool>,
    /// Exchange rates that the asker vouches for.
    pub rates: Vec<ExchangeRate>,
    /// The total value of earlier transfers with the counterparty.
    pub earlier: EarlierTotals,
}

/// The question of a pre-check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrecheckQuestion {
    /// The asker's side.
    pub own: OwnSide,
    /// The other side.
    pub way: Way,
    /// Country of the counterparty's customer.
    pub customer_country: Option<Country>,
    /// The transfer.
    pub transfer: Transfer,
    /// Codes of the data fields that the caller has, or that it received. `None` if it did not say.
    pub provided_fields: Option<Vec<String>>,
    /// Proofs of who controls the other side's address.
    pub proofs: Vec<AnyProof>,
    /// What the asker screened itself.
    pub screened: Vec<AskerScreening>,
    /// The policy to judge by. `None` means the policy in force.
    pub policy: Option<PolicyReference>,
    /// The point of the past whose directory answers. `None` means the present.
    pub as_of: Option<AsOf>,
    /// Extra parts of the answer.
    pub extras: Extras,
}

/// Extra parts of the answer that the caller can ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// Other jurisdictions that lead to a better recommendation.
    pub alternatives: bool,
    /// The answer in plain sentences.
    pub explanation: bool,
}

impl PrecheckQuestion {
    /// Returns a question about a counterparty alone: no address, no amount, nothing declared.
    #[must_use]
    pub fn about(counterparty: VaspId, own: OwnSide, date: Date) -> Self {
        let transfer = Transfer {
            date,
            asset: None,
            ticker: None,
            amount: None,
            fiat: None,
            originator_type: PersonType::Natural,
            correspondent: None,
            linked_total: None,
            proprietary: false,
            first_party: None,
            rates: vec![],
            earlier: EarlierTotals::default(),
        };
        Self {
            own,
            way: Way::Outgoing(Destination::Vasp(VaspName::Id(counterparty))),
            customer_country: None,
            transfer,
            provided_fields: None,
            proofs: vec![],
            screened: vec![],
            policy: None,
            as_of: None,
            extras: Extras::default(),
        }
    }

    /// Returns the same question with the asset that its ticker named.
    pub(super) fn of_asset(&self, asset: Caip19) -> Self {
        Self { transfer: Transfer { asset: Some(asset), ..self.transfer.clone() }, ..self.clone() }
    }

    /// Returns the name of the request member for the asker's own side.
    #[must_use]
    pub fn own_member(&self) -> &'static str {
        match self.way {
            Way::Outgoing(_) => "originator",
            Way::Incoming(..) => "beneficiary",
        }
    }

    /// Returns whether a self-hosted address on the other side is the customer's own. `None` if the caller did not say.
    #[must_use]
    pub fn own_wallet(&self) -> Option<bool> {
        match self.other_side() {
            Some(Destination::Address { declared, .. } | Destination::TravelAddress { declared, .. }) => match declared {
                Some(Declaration::SelfHosted(own_wallet)) => *own_wallet,
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns where the other side is. `None` if it showed a certificate.
    #[must_use]
    pub fn other_side(&self) -> Option<&Destination> {
        match &self.way {
            Way::Outgoing(place) | Way::Incoming(Sender::At(place), _) => Some(place),
            Way::Incoming(..) => None,
        }
    }

    /// Returns whether the question names an address or a Travel Address, and not only a party.
    #[must_use]
    pub fn asks_of_transfer(&self) -> bool {
        let own = matches!(self.way, Way::Incoming(_, Some(_)));
        own || matches!(self.other_side(), Some(Destination::Address { .. } | Destination::TravelAddress { .. }))
    }

    /// Returns whether the question names an address. Such a question counts towards the limits against harvesting.
    #[must_use]
    pub fn asks_about_address(&self) -> bool {
        let own = matches!(self.way, Way::Incoming(_, Some(OwnPlace::Address { .. })));
        own || matches!(self.other_side(), Some(Destination::Address { .. }))
    }
}
