//! The body of a pre-check, and how it is read into a question of the service. If the server does not support a member,
//! it refuses that member by name; it never ignores it. `amount`, and the caller's own `customer_country` for an incoming transfer, are
//! checked but do not affect the decision under the current rules.

mod incoming;
mod payment_uri;
pub(super) mod proofs;
mod transfer;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::node::{AsOf, Fault, ServiceError};
use crate::precheck::{Declaration, Destination, Extras, OwnSide, PrecheckQuestion, Way};
use crate::rulebook::obligations::document_fields;
use proofs::ProofRequest;
use transfer::TransferRequest;
use vasp_record::vasp_name::{VaspName, VaspNameError};
use vasp_rules::asker_screening::AskerScreening;
use vasp_rules::ivms101::Ivms101;
use vasp_rules::policy::PolicyReference;
use vasp_rules::rulebook::PersonType;
use vasp_words::country::Country;
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
    /// An IVMS 101 document in the spelling of 2020 or 2023, in place of `provided_fields`: the fields that it holds are the ones that you have,
    /// and `data.missing` names what lacks. Its values are dropped as it is read. The record of the pre-check, and the request whose digest the
    /// receipt signs, have the names of the fields in `provided_fields` instead.
    #[serde(default, skip_serializing)]
    #[schema(value_type = Option<Object>)]
    ivms101: Option<Ivms101>,
    /// Proofs of who controls the other side's self-hosted address, at most 4. Each must name your VASP and be at most 24 hours old.
    #[serde(default)]
    #[schema(max_items = 4)]
    proofs: Option<Vec<ProofRequest>>,
    /// The lists that you searched yourself for the counterparty and its address, at most 50. Each fulfils `screen_yourself` for its list
    /// until it is as old as a list may be; a `hit` holds the transfer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    screened: Vec<AskerScreening>,
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
    /// The address that an incoming transfer comes from, or a payment URI with it.
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
    /// An address, or a payment URI such as `bitcoin:…` with the address in it. The URI's network, memo, amount and asset are those of the
    /// transfer; a member that contradicts it is refused (422 `payment_uri_contradiction`).
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

    /// Returns the request as it is recorded: as it was sent, but with the names of fields in place of an IVMS 101 document.
    ///
    /// # Errors
    /// If `sent` is no JSON object, which it is.
    pub(crate) fn to_record<'a>(&self, sent: &'a RawValue) -> Result<Cow<'a, RawValue>, serde_json::Error> {
        let Some(document) = &self.ivms101 else { return Ok(Cow::Borrowed(sent)) };
        let mut members: Map<String, Value> = serde_json::from_str(sent.get())?;
        members.remove("ivms101");
        members.insert("provided_fields".to_owned(), document.fields().collect());
        if let Some(of_document) = document.originator_type() {
            let transfer = members.entry("transfer").or_insert_with(|| Value::Object(Map::new()));
            if let Some(transfer) = transfer.as_object_mut() {
                transfer.insert("originator_type".to_owned(), of_document.as_str().into());
            }
        }
        serde_json::value::to_raw_value(&members).map(Cow::Owned)
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
        let mut transfer = self.transfer.read(today, pointer)?;
        payment_uri::add(&mut transfer, &way, pointer)?;
        let told = (self.provided_fields.as_deref(), self.transfer.originator_type());
        let (provided_fields, originator_type) = document_fields(self.ivms101.as_ref(), told, pointer)?;
        transfer.originator_type = originator_type.unwrap_or(PersonType::Natural);
        let question = PrecheckQuestion {
            own,
            way,
            customer_country,
            transfer,
            provided_fields,
            screened: self.screened.clone(),
            proofs: proofs::read(self.proofs.as_deref().unwrap_or_default(), pointer)?,
            policy: self.policy.clone(),
            as_of: self.as_of,
            extras: Extras { alternatives: self.alternatives, explanation: self.explanation },
        };
        AskerScreening::check_all(&question.screened, today)
            .map_err(|(place, detail)| fault(pointer, &format!("screened{place}"), "invalid_value", detail))?;
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
