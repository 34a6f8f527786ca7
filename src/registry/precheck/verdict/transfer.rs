//! What a pre-check asked, as the verdict repeats it: in normal form, with addresses in their canonical spelling. A member that was not asked
//! with is left out. It names no persons, because requests name none.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

use crate::precheck::{Declaration, Destination, OwnPlace, PrecheckAnswer, PrecheckQuestion, Sender, Way};
use crate::resolve::http::PaymentUriView;
use vasp_addresses::subject::Subject;
use vasp_rules::rulebook::PersonType;
use vasp_words::caip::{Caip2, Caip19};
use vasp_words::country::Country;
use vasp_words::money::{Amount, Money};
use vasp_words::time::Date;

/// What you asked about. Members that you left out are absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PrecheckTransfer)]
pub(crate) struct TransferView<'a> {
    /// `outgoing` if your side sends, `incoming` if it receives.
    #[schema(example = "outgoing")]
    direction: &'static str,
    #[schema(value_type = PartyView)]
    originator: PartyView<'a>,
    #[schema(value_type = PartyView)]
    beneficiary: PartyView<'a>,
    /// The date by whose rules it was judged.
    date: Date,
    /// The asset, CAIP-19, also if you named its ticker.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "eip155:1/slip44:60")]
    asset: Option<&'a Caip19>,
    /// The amount of the asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    /// The value of the transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    fiat: Option<Money>,
    /// The total value of this transfer and the transfers that it is linked to.
    #[serde(skip_serializing_if = "Option::is_none")]
    linked_total: Option<Money>,
    /// `legal` if the originator is a legal person; absent for a natural one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "legal")]
    originator_type: Option<PersonType>,
    /// Whether both ends belong to the same customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_party: Option<bool>,
    /// True if both sides are VASPs acting on their own behalf.
    #[serde(skip_serializing_if = "Option::is_none")]
    proprietary: Option<bool>,
    /// Whether the transfer uses a correspondent relationship.
    #[serde(skip_serializing_if = "Option::is_none")]
    correspondent: Option<bool>,
}

/// One side of the transfer. On your own side, `vasp` and `jurisdiction` are those that were used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PrecheckParty)]
pub(crate) struct PartyView<'a> {
    /// The VASP: id or LEI, as it was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    vasp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "DE")]
    jurisdiction: Option<Cow<'a, str>>,
    /// The network of the address, CAIP-2; absent if it is not settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "eip155:1")]
    network: Option<&'a Caip2>,
    /// The address in its canonical spelling.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memo: Option<&'a str>,
    /// What was taken from the payment URI in which the address stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_uri: Option<PaymentUriView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    travel_address: Option<Cow<'a, str>>,
    /// What the customer declared about the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    declared: Option<DeclaredView>,
    /// SHA-256 of the certificate that the counterparty showed.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_sha256: Option<&'a str>,
    /// Common name in the certificate that the counterparty showed.
    #[serde(skip_serializing_if = "Option::is_none")]
    common_name: Option<&'a str>,
    /// Country of the counterparty's customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "AT")]
    customer_country: Option<Country>,
}

/// What the customer declared about the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = PrecheckDeclared)]
pub(crate) enum DeclaredView {
    /// A VASP hosts the address.
    Vasp {
        /// The VASP: id or LEI, as it was named.
        vasp: String,
    },
    /// The address is self-hosted.
    SelfHosted {
        /// Whether the address is the customer's own; null if that was not said.
        own_wallet: Option<bool>,
    },
}

impl<'a> TransferView<'a> {
    /// Renders a question, with what its answer read in it.
    pub(super) fn of(question: &'a PrecheckQuestion, answer: &'a PrecheckAnswer) -> Self {
        let transfer = &question.transfer;
        let own = PartyView {
            vasp: answer.own.map(|id| id.to_string()),
            jurisdiction: Some(answer.own_jurisdiction.as_str().into()),
            ..PartyView::default()
        };
        let read = answer.resolution.as_ref().map(|resolution| &resolution.subject);
        let (direction, originator, beneficiary) = match &question.way {
            Way::Outgoing(place) => ("outgoing", own, PartyView::default().at(place, read)),
            Way::Incoming(sender, place) => ("incoming", PartyView::of_sender(sender, read), own.came_to(place.as_ref(), answer)),
        };
        let (mut originator, mut beneficiary) = (originator, beneficiary);
        let other = if direction == "outgoing" { &mut beneficiary } else { &mut originator };
        other.customer_country = question.customer_country;
        other.payment_uri = answer.resolution.as_ref().and_then(PaymentUriView::of_answer);
        if direction == "incoming" {
            beneficiary.payment_uri = answer.own_address.as_ref().and_then(PaymentUriView::of_answer);
        }
        Self {
            direction,
            originator,
            beneficiary,
            date: transfer.date,
            asset: transfer.asset.as_ref().or(answer.asset.as_ref()),
            amount: transfer.amount,
            fiat: transfer.fiat,
            linked_total: transfer.linked_total,
            originator_type: Some(transfer.originator_type).filter(|kind| *kind != PersonType::Natural),
            first_party: transfer.first_party,
            proprietary: Some(true).filter(|_| transfer.proprietary),
            correspondent: transfer.correspondent,
        }
    }
}

impl<'a> PartyView<'a> {
    /// Adds where the other side is; `read` is the address or Travel Address as it was read.
    fn at(self, place: &'a Destination, read: Option<&'a Subject>) -> Self {
        match place {
            Destination::Vasp(name) => Self { vasp: Some(name.to_string()), ..self },
            Destination::Jurisdiction(text) => Self { jurisdiction: Some(text.as_str().into()), ..self },
            Destination::TravelAddress { travel_address, declared } => {
                Self { declared: declared.as_ref().map(DeclaredView::from), ..self.travel(travel_address, read) }
            }
            Destination::Address { travel_address, declared, .. } => Self {
                travel_address: travel_address.as_deref().map(|text| text.trim().into()),
                declared: declared.as_ref().map(DeclaredView::from),
                ..self.address(read)
            },
        }
    }

    fn of_sender(sender: &'a Sender, read: Option<&'a Subject>) -> Self {
        match sender {
            Sender::At(place) => Self::default().at(place, read),
            Sender::CertificateSha256(digest) => Self { certificate_sha256: Some(digest), ..Self::default() },
            Sender::CommonName(name) => Self { common_name: Some(name), ..Self::default() },
        }
    }

    /// Adds the asker's own address, to which an incoming transfer came.
    fn came_to(self, place: Option<&'a OwnPlace>, answer: &'a PrecheckAnswer) -> Self {
        let read = answer.came_to.as_ref();
        match place {
            None => self,
            Some(OwnPlace::Address { .. }) => self.address(read),
            Some(OwnPlace::TravelAddress(text)) => self.travel(text, read),
        }
    }

    fn address(self, read: Option<&'a Subject>) -> Self {
        let (network, address) = match read {
            Some(Subject::Address(account) | Subject::Caip10(account)) => (Some(&account.caip2), Some(account)),
            // The networks may spell the address differently; this is the spelling of the likeliest one.
            Some(Subject::BareAddress(candidates)) => (None, candidates.accounts.first()),
            _ => (None, None),
        };
        let address = address.map(|account| account.canonical.as_str());
        Self { network, address, memo: read.and_then(Subject::memo), ..self }
    }

    fn travel(self, text: &'a str, read: Option<&'a Subject>) -> Self {
        let canonical = match read {
            Some(Subject::TravelAddress(travel, _)) => Cow::Owned(travel.to_string()),
            _ => text.trim().into(),
        };
        Self { travel_address: Some(canonical), ..self }
    }
}

impl From<&Declaration> for DeclaredView {
    fn from(declared: &Declaration) -> Self {
        match declared {
            Declaration::Vasp(name) => Self::Vasp { vasp: name.to_string() },
            Declaration::SelfHosted(own_wallet) => Self::SelfHosted { own_wallet: *own_wallet },
        }
    }
}
