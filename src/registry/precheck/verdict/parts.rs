//! The small parts of a verdict: who the counterparty is, who decided it, which data must travel, and the best route.

use serde::Serialize;
use utoipa::ToSchema;

use crate::precheck::PrecheckAnswer;
use crate::resolve::ResolveAnswer;
use vasp_addresses::network::NetworkTable;
use vasp_record::claim::Strength;
use vasp_record::resolution::ResolutionStatus;
use vasp_record::vasp::{Vasp, VaspKind, VaspStatus};
use vasp_rules::policy::Circumstance;
use vasp_rules::precheck::DataDue;
use vasp_rules::routes::{Route, Routes};
use vasp_rules::rulebook::{FieldCode, OneOf};
use vasp_words::caip::Caip2;
use vasp_words::country::Country;
use vasp_words::lei::Lei;

/// What the pre-check asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PrecheckScope)]
pub(crate) enum Scope {
    /// A VASP or a jurisdiction, and no address.
    Counterparty,
    /// An address or Travel Address.
    Transfer,
}

/// The counterparty; `GET /v1/vasps/{vasp}` returns the complete record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PrecheckCounterparty)]
pub(crate) struct CounterpartyView<'a> {
    #[schema(example = "vasp_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: String,
    kind: VaspKind,
    legal_name: &'a str,
    #[schema(value_type = Option<String>, example = "529900HNOAA1KXQJUQ27")]
    lei: Option<Lei>,
    /// Country of incorporation (ISO 3166-1 alpha-2).
    #[schema(value_type = Option<String>, example = "DE")]
    country: Option<Country>,
    status: VaspStatus,
}

/// An entity that the counterparty may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PrecheckCandidate)]
pub(crate) struct CandidateView<'a> {
    #[schema(example = "vasp_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: String,
    legal_name: &'a str,
    /// Country of incorporation (ISO 3166-1 alpha-2).
    #[schema(value_type = Option<String>, example = "DE")]
    country: Option<Country>,
}

/// The claim that decided who owns the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PrecheckOwner)]
pub(crate) struct OwnerView<'a> {
    /// How strong the claim is.
    strength: Strength,
    /// The source from which the registry learnt of the claim.
    source: &'a str,
    /// The network on which it owns the address, CAIP-2.
    #[schema(value_type = Option<String>, example = "eip155:1")]
    network: Option<&'a Caip2>,
}

/// The data that must be available. For an outgoing transfer, the rules of both sides decide; for an incoming one, only your own. The evidence
/// says in `obligations` which rule requires what, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PrecheckData)]
pub(crate) struct DataView<'a> {
    /// Codes of the required fields.
    #[schema(value_type = Vec<String>, example = json!(["originator.name"]))]
    required: &'a [FieldCode],
    /// Groups of alternatives, of each of which one is required.
    #[schema(value_type = Vec<OneOf>)]
    one_of: Vec<&'a OneOf>,
    /// Codes of the fields that are not among the `provided_fields` of the request; empty if it had no such member.
    #[schema(value_type = Vec<String>, example = json!(["originator.address"]))]
    missing: Vec<FieldCode>,
}

/// The best route to the counterparty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PrecheckRoute)]
pub(crate) struct BestRouteView<'a> {
    /// Protocol, such as `trp`.
    #[schema(example = "trp")]
    protocol: String,
    /// Id of the counterparty's endpoint; null if the route comes from a list of VASPs, which the evidence shows.
    #[schema(example = "end_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    endpoint: Option<String>,
    /// The newest version that both sides speak; null if versions do not matter.
    #[schema(example = "3.2.1")]
    version: Option<&'a str>,
}

impl<'a> From<&'a Vasp> for CounterpartyView<'a> {
    fn from(vasp: &'a Vasp) -> Self {
        Self {
            id: vasp.id.to_string(),
            kind: vasp.kind,
            legal_name: &vasp.legal_name,
            lei: vasp.lei,
            country: vasp.country,
            status: vasp.status,
        }
    }
}

impl<'a> From<&'a Vasp> for CandidateView<'a> {
    fn from(vasp: &'a Vasp) -> Self {
        Self { id: vasp.id.to_string(), legal_name: &vasp.legal_name, country: vasp.country }
    }
}

impl<'a> OwnerView<'a> {
    /// Returns the claim of the only owner; `None` if nobody, or more than one party, is known to own the address.
    pub(super) fn of(answer: &'a ResolveAnswer) -> Option<Self> {
        let resolution = &answer.resolution;
        let owner = resolution.owners.first().filter(|_| resolution.status == ResolutionStatus::Owned)?;
        let claim = owner.claim.as_ref()?;
        let network = owner.network.and_then(|number| NetworkTable::embedded().by_number(number));
        Some(Self { strength: claim.strength, source: &claim.source, network: network.map(|network| &network.caip2) })
    }
}

impl<'a> DataView<'a> {
    /// Returns the data that the check of the transfer's data asks for.
    pub(super) fn of(answer: &'a PrecheckAnswer) -> Self {
        let incoming = answer.outcome.circumstances.iter().any(|one| one == Circumstance::Incoming);
        let due = DataDue::of(&answer.owed.obligations, incoming);
        let missing = answer.provided_fields.as_ref().map(|available| due.missing(available)).unwrap_or_default();
        Self { required: due.required, one_of: due.one_of, missing }
    }
}

impl<'a> BestRouteView<'a> {
    /// Returns the first route that can be used.
    pub(super) fn of(routes: &'a Routes) -> Option<Self> {
        let best = routes.items.iter().find(|route| Route::is_usable(route))?;
        let endpoint = best.listing.is_none().then(|| best.endpoint.to_string());
        let protocol = best.protocol.to_string();
        Some(Self { protocol, endpoint, version: best.version.as_deref() })
    }
}
