//! The body of a pre-check, and its reading into a question of the service. What the contract names and this server does
//! not answer yet is refused by name, never ignored; `amount` and, of an incoming transfer, the caller's own `customer_country` are
//! checked and decide nothing by the rules known so far.

mod incoming;
mod proofs;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::node::{AsOf, Fault, ServiceError};
use crate::precheck::{Declaration, Destination, Extras, OwnSide, PrecheckQuestion, Transfer, Way};
use crate::rulebook::http::rate_request::RateRequest;
use proofs::ProofRequest;
use vasp_record::vasp_name::{VaspName, VaspNameError};
use vasp_rules::policy::PolicyReference;
use vasp_rules::precheck::EarlierTotals;
use vasp_rules::rulebook::PersonType;
use vasp_words::caip::Caip19;
use vasp_words::country::Country;
use vasp_words::money::{Amount, Money};
use vasp_words::time::Date;

/// Which way the transfer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// The caller's side sends.
    Outgoing,
    /// The caller's side receives.
    Incoming,
}

/// A pre-check.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrecheckRequest {
    /// Which way the transfer goes.
    direction: Direction,
    /// The originating side: of an outgoing transfer the caller's, its own VASP by default; of an incoming one the counterparty.
    #[serde(default)]
    originator: Option<OriginatorRequest>,
    /// Where an outgoing transfer goes: an address, a VASP, a Travel Address or only a jurisdiction. Of an incoming one the caller's
    /// side: its own VASP by default, and the address that the transfer came to.
    #[serde(default)]
    beneficiary: Option<BeneficiaryRequest>,
    /// The transfer.
    #[serde(default)]
    transfer: TransferRequest,
    /// Field codes that the caller has or, of an incoming transfer, that came in; such as `originator.name`. Null: not
    /// said; then they count as still to be provided, and what an endpoint needs is not held against it. `[]`: nothing is there.
    #[serde(default)]
    provided_fields: Option<Vec<String>>,
    /// Proofs of who controls the other side's self-hosted address, at most 4: each must name your VASP and be at most 24 hours old.
    #[serde(default)]
    #[schema(max_items = 4)]
    proofs: Option<Vec<ProofRequest>>,
    /// Answer as of then: a time, or `seq:N`; by what the directory knew, and by the age that its sources had. Policies and
    /// relationships are those of now, and how endpoints fared is not known. Without: now.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "seq:120")]
    as_of: Option<AsOf>,
    /// Policy to judge by, `name` or `name@version`: the registry's or the organisation's own, not looser than the one in force.
    /// Without: the one that the organisation put in force, else the registry's.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "strict@2")]
    policy: Option<PolicyReference>,
    /// Whether to record it; by default with credentials.
    #[serde(default)]
    pub(crate) record: Option<bool>,
    /// Whether to tell what would come out better through another legal entity of the counterparty's group, or of one's own.
    #[serde(default)]
    alternatives: bool,
    /// Whether to explain the answer in plain sentences.
    #[serde(default)]
    explanation: bool,
    /// Idempotency key of one pre-check of a batch: sent again within 24 hours, it is answered as before and recorded once. A
    /// single pre-check has the header `Idempotency-Key` instead.
    #[serde(default)]
    #[schema(max_length = 255)]
    pub(crate) key: Option<String>,
}

/// Several pre-checks.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrecheckBatch {
    /// 1 to 1,000 pre-checks.
    #[schema(value_type = Vec<PrecheckRequest>, min_items = 1, max_items = 1000)]
    pub(crate) prechecks: Vec<Box<RawValue>>,
}

/// The originating side.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OriginatorRequest {
    /// By id or LEI: the VASP acted for, only the caller's own; of an incoming transfer the counterparty.
    #[serde(default)]
    vasp: Option<String>,
    /// Its jurisdiction, a country or a regime of the rulebook; of an incoming transfer in place of a counterparty.
    #[serde(default)]
    #[schema(example = "DE")]
    jurisdiction: Option<String>,
    /// SHA-256 of the certificate that the counterparty of an incoming transfer showed.
    #[serde(default)]
    certificate_sha256: Option<String>,
    /// Common name of the certificate that the counterparty of an incoming transfer showed; exactly.
    #[serde(default)]
    common_name: Option<String>,
    /// Address that an incoming transfer comes from.
    #[serde(default)]
    address: Option<String>,
    /// Its network, CAIP-2 or an alias.
    #[serde(default)]
    #[schema(example = "eip155:1")]
    network: Option<String>,
    /// Memo of that address.
    #[serde(default)]
    memo: Option<String>,
    /// Travel Address of the counterparty of an incoming transfer, alone or beside an address.
    #[serde(default)]
    travel_address: Option<String>,
    /// What the customer says of the address that an incoming transfer comes from.
    #[serde(default)]
    declared: Option<DeclaredRequest>,
    /// Country of the counterparty's customer, of an incoming transfer.
    #[serde(default)]
    customer_country: Option<Country>,
}

/// Where the transfer goes: `address` (with `network`), `vasp`, `travel_address` or `jurisdiction`. Of an incoming transfer the
/// caller's own side: `vasp` or `jurisdiction`, and `address` or `travel_address`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BeneficiaryRequest {
    /// An address.
    #[serde(default)]
    address: Option<String>,
    /// Its network, CAIP-2 or an alias.
    #[serde(default)]
    #[schema(example = "eip155:1")]
    network: Option<String>,
    /// Memo of the transfer.
    #[serde(default)]
    memo: Option<String>,
    /// A Travel Address, alone or beside an address.
    #[serde(default)]
    travel_address: Option<String>,
    /// What the customer says of the destination.
    #[serde(default)]
    declared: Option<DeclaredRequest>,
    /// A VASP, by id or LEI.
    #[serde(default)]
    vasp: Option<String>,
    /// Only a jurisdiction.
    #[serde(default)]
    #[schema(example = "SG")]
    jurisdiction: Option<String>,
    /// Country of the beneficiary's customer.
    #[serde(default)]
    customer_country: Option<Country>,
}

/// What the customer says of the other side's address.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum DeclaredRequest {
    /// A VASP keeps it.
    Vasp {
        /// By id or LEI.
        vasp: String,
    },
    /// It is self-hosted.
    SelfHosted {
        /// Whether it is the originator's own.
        #[serde(default)]
        own_wallet: Option<bool>,
    },
}

/// What earlier transfers were worth together.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = EarlierTotal)]
#[serde(deny_unknown_fields, default)]
struct EarlierRequest {
    /// On the day of the transfer; null: not said.
    day: Option<Money>,
    /// In its calendar month; null: not said.
    month: Option<Money>,
}

/// The transfer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TransferRequest {
    /// What is transferred, CAIP-19. Its network must be one that the address lies on (422 `asset_network_mismatch`).
    #[serde(default)]
    asset: Option<Caip19>,
    /// How much of it, a decimal.
    #[serde(default)]
    amount: Option<Amount>,
    /// What it is worth.
    #[serde(default)]
    fiat: Option<Money>,
    /// What it is worth together with the transfers that it is linked to: counts against thresholds in its place.
    #[serde(default)]
    linked_total: Option<Money>,
    /// What you exchanged with this counterparty before this transfer: counts against limits of a day and a month that you decided.
    #[serde(default)]
    earlier_total: EarlierRequest,
    /// Exchange rates that you vouch for, at most 20.
    #[serde(default)]
    rates: Vec<RateRequest>,
    /// Day of the transfer; today by default.
    #[serde(default)]
    date: Option<Date>,
    /// Whether both ends are one and the same customer.
    #[serde(default)]
    first_party: Option<bool>,
    /// `natural` or `legal`; natural by default.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "natural")]
    originator_type: Option<PersonType>,
    /// Whether both sides are VASPs acting on their own behalf.
    #[serde(default)]
    proprietary: Option<bool>,
    /// Whether it runs over a correspondent relationship.
    #[serde(default)]
    correspondent: Option<bool>,
}

type Pointer<'a> = &'a dyn Fn(&str) -> String;

fn fault(pointer: Pointer<'_>, member: &str, code: &'static str, detail: impl Into<String>) -> ServiceError {
    ServiceError::Invalid(Fault { pointer: pointer(member), code, detail: detail.into() })
}

impl PrecheckRequest {
    /// Returns the point of the past that it asks about.
    pub(crate) fn as_of(&self) -> Option<AsOf> {
        self.as_of
    }

    /// Tells whether answering it may take longer than a look into memory.
    pub(crate) fn may_block(&self) -> bool {
        self.as_of.is_some() || self.alternatives || self.proofs.is_some()
    }

    /// Reads the question; `today` is the day of a transfer that names none.
    ///
    /// # Errors
    /// `ServiceError::Invalid` and `ServiceError::UnsupportedOption`, naming the member.
    pub(crate) fn question(&self, today: Date, pointer: Pointer<'_>) -> Result<PrecheckQuestion, ServiceError> {
        let (own, way, customer_country) = match self.direction {
            Direction::Outgoing => {
                let own = self.originator.as_ref().map(|given| given.read(pointer)).transpose()?.unwrap_or_default();
                let beneficiary = self
                    .beneficiary
                    .as_ref()
                    .ok_or_else(|| fault(pointer, "beneficiary", "missing_member", "name where the transfer goes"))?;
                (own, Way::Outgoing(beneficiary.destination("beneficiary", pointer)?), beneficiary.customer_country)
            }
            Direction::Incoming => {
                let originator = self.originator.clone().unwrap_or_default();
                let customer_country = originator.customer_country;
                let sender = originator.sender(pointer)?;
                let given = self.beneficiary.as_ref().map(|given| given.own_place(pointer)).transpose()?;
                let (own, place) = given.unwrap_or_default();
                (own, Way::Incoming(sender, place), customer_country)
            }
        };
        let question = PrecheckQuestion {
            own,
            way,
            customer_country,
            transfer: self.transfer.read(today),
            provided_fields: self.provided_fields.clone(),
            proofs: proofs::read(self.proofs.as_deref().unwrap_or_default(), pointer)?,
            policy: self.policy.clone(),
            as_of: self.as_of,
            extras: Extras { alternatives: self.alternatives, explanation: self.explanation },
        };
        if !question.proofs.is_empty() && !matches!(question.other_side(), Some(Destination::Address { .. })) {
            return Err(fault(pointer, "proofs", "invalid_value", "they go with the other side's address: name it"));
        }
        Ok(question)
    }
}

impl OriginatorRequest {
    fn read(&self, pointer: Pointer<'_>) -> Result<OwnSide, ServiceError> {
        let strays = [
            ("address", self.address.is_some()),
            ("network", self.network.is_some()),
            ("memo", self.memo.is_some()),
            ("travel_address", self.travel_address.is_some()),
            ("declared", self.declared.is_some()),
            ("certificate_sha256", self.certificate_sha256.is_some()),
            ("common_name", self.common_name.is_some()),
            ("customer_country", self.customer_country.is_some()),
        ];
        if let Some((stray, _)) = strays.iter().find(|(_, given)| *given) {
            let detail = "tells of the counterparty of an incoming transfer; leave it out";
            return Err(fault(pointer, &format!("originator/{stray}"), "invalid_value", detail));
        }
        let vasp = self.vasp.as_ref().map(|text| text.parse::<VaspName>()).transpose();
        Ok(OwnSide {
            vasp: vasp.map_err(|error| fault(pointer, "originator/vasp", "invalid_value", error.to_string()))?,
            jurisdiction: self.jurisdiction.clone(),
        })
    }
}

impl BeneficiaryRequest {
    /// Reads where the other side is; `side` names this member in a fault.
    fn destination(&self, side: &str, pointer: Pointer<'_>) -> Result<Destination, ServiceError> {
        let refuse = |member: &str, detail: &str| Err(fault(pointer, &format!("{side}/{member}"), "invalid_value", detail));
        let named =
            [("address", self.address.is_some()), ("vasp", self.vasp.is_some()), ("jurisdiction", self.jurisdiction.is_some())];
        let mut forms = named.iter().filter(|(_, given)| *given).map(|(name, _)| *name);
        let form = forms.next();
        if let Some(second) = forms.next() {
            return refuse(second, "name the counterparty once: address, vasp, travel_address or jurisdiction");
        }
        if form != Some("address") {
            let strays = [("network", self.network.is_some()), ("memo", self.memo.is_some())];
            if let Some((stray, _)) = strays.iter().find(|(_, given)| *given) {
                return refuse(stray, "goes with an address only");
            }
        }
        if matches!(form, Some("vasp" | "jurisdiction")) {
            let strays = [("travel_address", self.travel_address.is_some()), ("declared", self.declared.is_some())];
            if let Some((stray, _)) = strays.iter().find(|(_, given)| *given) {
                return refuse(stray, "goes with an address or Travel Address only");
            }
        }
        let declared = self.declared.as_ref().map(|declared| declared.read(side, pointer)).transpose()?;
        match (&self.address, &self.vasp, &self.jurisdiction, &self.travel_address) {
            (Some(address), ..) => Ok(Destination::Address {
                address: address.clone(),
                network: self.network.clone(),
                memo: self.memo.clone(),
                travel_address: self.travel_address.clone(),
                declared,
            }),
            (None, Some(text), ..) => {
                let wrong = |error: VaspNameError| fault(pointer, &format!("{side}/vasp"), "invalid_value", error.to_string());
                text.parse().map(Destination::Vasp).map_err(wrong)
            }
            (None, None, Some(text), _) => Ok(Destination::Jurisdiction(text.clone())),
            (None, None, None, Some(text)) => Ok(Destination::TravelAddress { travel_address: text.clone(), declared }),
            (None, None, None, None) => {
                Err(fault(pointer, side, "missing_member", "name an address, vasp, travel_address or jurisdiction"))
            }
        }
    }
}

impl DeclaredRequest {
    fn read(&self, side: &str, pointer: Pointer<'_>) -> Result<Declaration, ServiceError> {
        match self {
            Self::Vasp { vasp } => vasp.parse().map(Declaration::Vasp).map_err(|error: VaspNameError| {
                fault(pointer, &format!("{side}/declared/vasp"), "invalid_value", error.to_string())
            }),
            Self::SelfHosted { own_wallet } => Ok(Declaration::SelfHosted(*own_wallet)),
        }
    }
}

impl TransferRequest {
    fn read(&self, today: Date) -> Transfer {
        Transfer {
            date: self.date.unwrap_or(today),
            asset: self.asset.clone(),
            fiat: self.fiat,
            originator_type: self.originator_type.unwrap_or(PersonType::Natural),
            correspondent: self.correspondent,
            linked_total: self.linked_total,
            proprietary: self.proprietary == Some(true),
            first_party: self.first_party,
            rates: self.rates.iter().map(Into::into).collect(),
            earlier: EarlierTotals { day: self.earlier_total.day, month: self.earlier_total.month },
        }
    }
}
