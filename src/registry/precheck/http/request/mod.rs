//! The body of a pre-check, and how it is read into a question of the service. If the server does not support a member of the contract,
//! it refuses that member by name; it never ignores it. `amount`, and the caller's own `customer_country` for an incoming transfer, are
//! checked but do not affect the decision under the current rules.

mod incoming;
mod proofs;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::node::{AsOf, Fault, ServiceError};
use crate::precheck::{Declaration, Destination, Extras, OwnSide, PrecheckQuestion, Transfer, Way};
use crate::rulebook::http::rate_request::RateRequest;
use proofs::ProofRequest;
use vasp_addresses::asset::{AssetError, is_ticker, read_id};
use vasp_record::vasp_name::{VaspName, VaspNameError};
use vasp_rules::policy::PolicyReference;
use vasp_rules::precheck::EarlierTotals;
use vasp_rules::rulebook::PersonType;
use vasp_words::country::Country;
use vasp_words::money::{Amount, Money};
use vasp_words::time::Date;

/// The direction of the transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// Your side sends.
    Outgoing,
    /// Your side receives.
    Incoming,
}

/// A pre-check.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrecheckRequest {
    /// The direction of the transfer.
    direction: Direction,
    /// The originating side. For an outgoing transfer it is your side, by default your own VASP. For an incoming transfer it is the
    /// counterparty.
    #[serde(default)]
    originator: Option<OriginatorRequest>,
    /// The receiving side. For an outgoing transfer it is the destination: an address, a VASP, a Travel Address or only a jurisdiction.
    /// For an incoming transfer it is your side: by default your own VASP, and the address that the transfer came to.
    #[serde(default)]
    beneficiary: Option<BeneficiaryRequest>,
    /// The transfer.
    #[serde(default)]
    transfer: TransferRequest,
    /// Codes of the data fields that you have, or that you received with an incoming transfer; for example `originator.name`. Null if
    /// you do not say: the fields then count as still to be provided, and no endpoint is ruled out because it needs them. `[]` means
    /// that you have none.
    #[serde(default)]
    provided_fields: Option<Vec<String>>,
    /// Proofs of who controls the other side's self-hosted address, at most 4. Each must name your VASP and be at most 24 hours old.
    #[serde(default)]
    #[schema(max_items = 4)]
    proofs: Option<Vec<ProofRequest>>,
    /// Answer as of a time, or as of `seq:N`, with what the directory knew then and the age that its sources had then. Policies and
    /// relationships are those of now; the health of endpoints is unknown. The default is now.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "seq:120")]
    pub(crate) as_of: Option<AsOf>,
    /// Policy to judge by, `name` or `name@version`. It is the registry's or one of your organisation's, and not looser than the policy
    /// in force. The default is the policy that your organisation put in force, or else the registry's.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "strict@2")]
    policy: Option<PolicyReference>,
    /// Whether to record the pre-check; by default it is recorded if you send credentials.
    #[serde(default)]
    pub(crate) record: Option<bool>,
    /// Whether to list better outcomes through another legal entity of the counterparty's group, or of your own group.
    #[serde(default)]
    alternatives: bool,
    /// Whether to explain the answer in plain sentences.
    #[serde(default)]
    explanation: bool,
    /// Idempotency key of one pre-check of a batch. If you send it again within 24 hours, you get the recorded answer, and nothing more
    /// is recorded. For a single pre-check, use the header `Idempotency-Key` instead.
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
    /// A VASP, by id or LEI. For an outgoing transfer it is the VASP that you act for. For an incoming transfer it is the counterparty.
    #[serde(default)]
    vasp: Option<String>,
    /// The jurisdiction of this side: a country or a regime of the rulebook. For an incoming transfer you can give it instead of a
    /// counterparty.
    #[serde(default)]
    #[schema(example = "DE")]
    jurisdiction: Option<String>,
    /// SHA-256 of the certificate that the counterparty of an incoming transfer showed.
    #[serde(default)]
    certificate_sha256: Option<String>,
    /// Common name of the certificate that the counterparty of an incoming transfer showed. It must match exactly.
    #[serde(default)]
    common_name: Option<String>,
    /// The address that an incoming transfer comes from.
    #[serde(default)]
    address: Option<String>,
    /// The network of the address: its CAIP-2 id, or a ticker or name such as `BTC`.
    #[serde(default)]
    #[schema(example = "eip155:1")]
    network: Option<String>,
    /// The memo of the address.
    #[serde(default)]
    memo: Option<String>,
    /// Travel Address of the counterparty of an incoming transfer, alone or together with an address.
    #[serde(default)]
    travel_address: Option<String>,
    /// What the customer states about the address that an incoming transfer comes from.
    #[serde(default)]
    declared: Option<DeclaredRequest>,
    /// For an incoming transfer, the country of the counterparty's customer.
    #[serde(default)]
    customer_country: Option<Country>,
}

/// The destination of an outgoing transfer: `address` (with `network`), `vasp`, `travel_address` or `jurisdiction`. For an incoming
/// transfer it is your own side: `vasp` or `jurisdiction`, and `address` or `travel_address`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BeneficiaryRequest {
    /// An address.
    #[serde(default)]
    address: Option<String>,
    /// The network of the address, CAIP-2 id or another name.
    #[serde(default)]
    #[schema(example = "eip155:1")]
    network: Option<String>,
    /// The memo of the transfer.
    #[serde(default)]
    memo: Option<String>,
    /// A Travel Address, alone or together with an address.
    #[serde(default)]
    travel_address: Option<String>,
    /// What the customer states about the destination.
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

/// What the customer states about the other side's address.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum DeclaredRequest {
    /// A VASP hosts the address.
    Vasp {
        /// The VASP, by id or LEI.
        vasp: String,
    },
    /// The address is self-hosted.
    SelfHosted {
        /// Whether the address is the customer's own; null if you do not say.
        #[serde(default)]
        own_wallet: Option<bool>,
    },
}

/// The total value of your earlier transfers with the counterparty.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = EarlierTotal)]
#[serde(deny_unknown_fields, default)]
struct EarlierRequest {
    /// The total of the transfer's day; null if you do not say.
    day: Option<Money>,
    /// The total of the transfer's calendar month; null if you do not say.
    month: Option<Money>,
}

/// The transfer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TransferRequest {
    /// The asset: its CAIP-19 id, or its ticker such as `USDT`, which is read with the address's network (422 `unknown_asset`,
    /// `ambiguous_asset`). Its network must be one that the address can be on (422 `asset_network_mismatch`).
    #[serde(default)]
    asset: Option<String>,
    /// The amount of the asset, a decimal.
    #[serde(default)]
    amount: Option<Amount>,
    /// The value of the transfer.
    #[serde(default)]
    fiat: Option<Money>,
    /// The total value of this transfer and the transfers that it is linked to. It counts against thresholds instead of the transfer's
    /// own value.
    #[serde(default)]
    linked_total: Option<Money>,
    /// The value exchanged with this counterparty before; it counts against the daily and monthly limits that you decided.
    #[serde(default)]
    earlier_total: EarlierRequest,
    /// Exchange rates that you vouch for, at most 20.
    #[serde(default)]
    rates: Vec<RateRequest>,
    /// The date of the transfer; today by default.
    #[serde(default)]
    date: Option<Date>,
    /// Whether both ends belong to the same customer.
    #[serde(default)]
    first_party: Option<bool>,
    /// Whether the originator is a `natural` or `legal` person; `natural` by default.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "natural")]
    originator_type: Option<PersonType>,
    /// Whether both sides are VASPs acting on their own behalf.
    #[serde(default)]
    proprietary: Option<bool>,
    /// Whether the transfer uses a correspondent relationship.
    #[serde(default)]
    correspondent: Option<bool>,
}

type Pointer<'a> = &'a dyn Fn(&str) -> String;

fn fault(pointer: Pointer<'_>, member: &str, code: &'static str, detail: impl Into<String>) -> ServiceError {
    ServiceError::Invalid(Fault { pointer: pointer(member), code, detail: detail.into() })
}

impl PrecheckRequest {
    /// Returns whether the answer holds evidence that only the request asks for, so that it would be lost if it were not sent.
    pub(crate) fn asks_for_evidence(&self) -> bool {
        self.alternatives || self.explanation
    }

    /// Returns whether the answer may take longer than a memory lookup.
    pub(crate) fn may_block(&self) -> bool {
        self.as_of.is_some() || self.alternatives || self.proofs.is_some()
    }

    /// Reads the question. `today` is the date of a transfer that names none.
    ///
    /// # Errors
    /// `ServiceError::Invalid` or `ServiceError::UnsupportedOption`; it names the member.
    pub(crate) fn question(&self, today: Date, pointer: Pointer<'_>) -> Result<PrecheckQuestion, ServiceError> {
        let (own, way, customer_country) = match self.direction {
            Direction::Outgoing => {
                let own = self.originator.as_ref().map(|given| given.read(pointer)).transpose()?.unwrap_or_default();
                let beneficiary = self
                    .beneficiary
                    .as_ref()
                    .ok_or_else(|| fault(pointer, "beneficiary", "missing_member", "name the destination of the transfer"))?;
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
            transfer: self.transfer.read(today, pointer)?,
            provided_fields: self.provided_fields.clone(),
            proofs: proofs::read(self.proofs.as_deref().unwrap_or_default(), pointer)?,
            policy: self.policy.clone(),
            as_of: self.as_of,
            extras: Extras { alternatives: self.alternatives, explanation: self.explanation },
        };
        if !question.proofs.is_empty() && !matches!(question.other_side(), Some(Destination::Address { .. })) {
            return Err(fault(
                pointer,
                "proofs",
                "invalid_value",
                "proofs require the address of the other side; add the address",
            ));
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
            let detail = "this describes the counterparty of an incoming transfer; leave it out";
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
    /// Reads who or where the other side is. `side` is the member's name for error reports.
    fn destination(&self, side: &str, pointer: Pointer<'_>) -> Result<Destination, ServiceError> {
        let refuse = |member: &str, detail: &str| Err(fault(pointer, &format!("{side}/{member}"), "invalid_value", detail));
        let named =
            [("address", self.address.is_some()), ("vasp", self.vasp.is_some()), ("jurisdiction", self.jurisdiction.is_some())];
        let mut forms = named.iter().filter(|(_, given)| *given).map(|(name, _)| *name);
        let form = forms.next();
        if let Some(second) = forms.next() {
            return refuse(second, "name the counterparty in one way only: address, vasp, travel_address or jurisdiction");
        }
        if form != Some("address") {
            let strays = [("network", self.network.is_some()), ("memo", self.memo.is_some())];
            if let Some((stray, _)) = strays.iter().find(|(_, given)| *given) {
                return refuse(stray, "this is allowed only together with an address");
            }
        }
        if matches!(form, Some("vasp" | "jurisdiction")) {
            let strays = [("travel_address", self.travel_address.is_some()), ("declared", self.declared.is_some())];
            if let Some((stray, _)) = strays.iter().find(|(_, given)| *given) {
                return refuse(stray, "this is allowed only together with an address or a Travel Address");
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
    fn read(&self, today: Date, pointer: Pointer<'_>) -> Result<Transfer, ServiceError> {
        let asset = self.asset.as_ref().filter(|text| !is_ticker(text)).map(|text| read_id(text)).transpose();
        let refused = |error: AssetError| fault(pointer, "transfer/asset", error.code(), error.to_string());
        Ok(Transfer {
            date: self.date.unwrap_or(today),
            asset: asset.map_err(refused)?,
            ticker: self.asset.clone().filter(|text| is_ticker(text)),
            amount: self.amount,
            fiat: self.fiat,
            originator_type: self.originator_type.unwrap_or(PersonType::Natural),
            correspondent: self.correspondent,
            linked_total: self.linked_total,
            proprietary: self.proprietary == Some(true),
            first_party: self.first_party,
            rates: self.rates.iter().map(Into::into).collect(),
            earlier: EarlierTotals { day: self.earlier_total.day, month: self.earlier_total.month },
        })
    }
}
