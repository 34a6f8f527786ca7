//! What a pre-check is asked, as typed values; what the wire calls them stands in `api`.

use crate::node::AsOf;
use vasp_addresses::proof::AnyProof;
use vasp_record::vasp_name::VaspName;
use vasp_rules::policy::PolicyReference;
use vasp_rules::precheck::EarlierTotals;
use vasp_rules::rulebook::PersonType;
use vasp_words::caip::Caip19;
use vasp_words::country::Country;
use vasp_words::exchange_rate::ExchangeRate;
use vasp_words::ids::VaspId;
use vasp_words::money::Money;
use vasp_words::time::Date;

/// Which way the transfer goes, and who is on the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The asker sends, to there.
    Outgoing(Destination),
    /// The asker receives, from this sender, perhaps at an address of its own.
    Incoming(Sender, Option<OwnPlace>),
}

/// The asker's own side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnSide {
    /// The VASP acted for; the caller's own by default.
    pub vasp: Option<VaspName>,
    /// Its jurisdiction; that of the VASP's country by default.
    pub jurisdiction: Option<String>,
}

/// Who sends an incoming transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Whoever is at this place: a VASP, an address, a Travel Address or only a jurisdiction.
    At(Destination),
    /// Whoever showed the certificate with this SHA-256.
    CertificateSha256(String),
    /// Whoever showed a certificate with this common name.
    CommonName(String),
}

/// Where an incoming transfer came to.
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

/// Where the transfer goes, or where an incoming one comes from.
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
    Vasp(VaspName),
    /// Only a jurisdiction.
    Jurisdiction(String),
}

/// What the caller's customer says of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declaration {
    /// A VASP keeps it.
    Vasp(VaspName),
    /// It is self-hosted; whether it is the customer's own, none: not known.
    SelfHosted(Option<bool>),
}

/// The transfer, as far as rules turn on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Day.
    pub date: Date,
    /// What is transferred.
    pub asset: Option<Caip19>,
    /// Worth.
    pub fiat: Option<Money>,
    /// Natural or legal person.
    pub originator_type: PersonType,
    /// Whether it runs over a correspondent relationship.
    pub correspondent: Option<bool>,
    /// Worth with the transfers it is linked to.
    pub linked_total: Option<Money>,
    /// Whether both sides are providers acting on their own behalf.
    pub proprietary: bool,
    /// Whether both ends are one and the same customer; none: not known.
    pub first_party: Option<bool>,
    /// Exchange rates that the asker vouches for.
    pub rates: Vec<ExchangeRate>,
    /// What earlier transfers with the counterparty were worth.
    pub earlier: EarlierTotals,
}

/// A pre-check's question.
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
    /// Field codes of the data that the caller has, or that came in; none where it did not say.
    pub provided_fields: Option<Vec<String>>,
    /// Proofs of who controls the other side's address.
    pub proofs: Vec<AnyProof>,
    /// The policy to judge by; the one in force by default.
    pub policy: Option<PolicyReference>,
    /// What the directory knew then; what it knows now by default.
    pub as_of: Option<AsOf>,
    /// What is told beside the answer.
    pub extras: Extras,
}

/// What is told beside an answer where it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// What would come out better through another jurisdiction.
    pub alternatives: bool,
    /// The answer in plain sentences.
    pub explanation: bool,
}

impl PrecheckQuestion {
    /// Returns the question about a counterparty alone: no address, no amount, nothing declared.
    #[must_use]
    pub fn about(counterparty: VaspId, own: OwnSide, date: Date) -> Self {
        let transfer = Transfer {
            date,
            asset: None,
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
            policy: None,
            as_of: None,
            extras: Extras::default(),
        }
    }

    /// Names the member of the request that the asker's own side is told by.
    #[must_use]
    pub fn own_member(&self) -> &'static str {
        match self.way {
            Way::Outgoing(_) => "originator",
            Way::Incoming(..) => "beneficiary",
        }
    }

    /// Tells whether a self-hosted address at the other end is the customer's own, as far as it was said.
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

    /// Returns where the other side is, unless it showed a certificate.
    #[must_use]
    pub fn other_side(&self) -> Option<&Destination> {
        match &self.way {
            Way::Outgoing(place) | Way::Incoming(Sender::At(place), _) => Some(place),
            Way::Incoming(..) => None,
        }
    }

    /// Tells whether the other end of a transfer is named, not only who may be there: an address or a Travel Address.
    #[must_use]
    pub fn asks_of_transfer(&self) -> bool {
        let own = matches!(self.way, Way::Incoming(_, Some(_)));
        own || matches!(self.other_side(), Some(Destination::Address { .. } | Destination::TravelAddress { .. }))
    }

    /// Tells whether an address is asked about, which counts against harvesting.
    #[must_use]
    pub fn asks_about_address(&self) -> bool {
        let own = matches!(self.way, Way::Incoming(_, Some(OwnPlace::Address { .. })));
        own || matches!(self.other_side(), Some(Destination::Address { .. }))
    }
}
