//! A Travel Rule protocol as the registry knows it: what an endpoint of it needs, and where it leads.

use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint::RequiredFieldsView;
use vasp_record::certificate::{CertificateUse, RootSet};
use vasp_rules::protocol::{
    Bridge, CertificateDemand, LocationKind, ProbeKind, Protocol, ProtocolState, ProtocolVersion, VersionRule,
};
use vasp_words::time::Date;

mirrored! {
    "snake_case":
    /// What a certificate is for.
    #[schema(as = ProtocolCertificateUse)]
    DemandedUseView of CertificateUse { TlsServer, TlsClient, Signing, Encryption }
    /// By which roots a certificate is believed.
    #[schema(as = ProtocolRootSet)]
    DemandedRootsView of RootSet { Pinned, Private, Trisa, WebPki, RegistryCa }
}

/// A Travel Rule protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Protocol)]
pub(crate) struct ProtocolView {
    #[schema(example = "trp")]
    id: String,
    #[schema(example = "Travel Rule Protocol")]
    name: String,
    status: ProtocolState,
    /// What took its place.
    superseded_by: Option<String>,
    /// How its endpoints may be reached.
    locations: Vec<LocationKind>,
    /// Scheme of its identifiers, where it has them.
    #[schema(example = "did")]
    identifier_scheme: Option<String>,
    /// What an identifier looks like, as a regular expression of the whole text; null: nobody says.
    identifier_pattern: Option<String>,
    /// Versions that an endpoint may name, oldest first; empty: none are known, and an endpoint names none.
    versions: Vec<ProtocolVersionView>,
    version_rule: VersionRule,
    /// Certificates that each VASP needs of its own; null: the network vouches for its members itself.
    certificates: Option<CertificateDemandView>,
    probe: ProbeKind,
    /// Format of its messages.
    #[schema(example = "IVMS101")]
    message_format: Option<String>,
    /// Data that each message carries, as the receiver sees it.
    required_fields: RequiredFieldsView,
    /// Countries whose VASPs may use it; null: all.
    countries: Option<Vec<String>>,
    /// Ways into other protocols.
    bridges: Vec<BridgeView>,
    note: Option<String>,
    /// Where this was read.
    sources: Vec<String>,
}

/// A version of a protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProtocolVersion)]
pub(crate) struct ProtocolVersionView {
    #[schema(example = "3.2.1")]
    version: String,
    #[schema(value_type = Option<String>, format = Date)]
    published_on: Option<Date>,
}

/// Certificates that each VASP needs of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CertificateDemand)]
pub(crate) struct CertificateDemandView {
    uses: Vec<DemandedUseView>,
    root_sets: Vec<DemandedRootsView>,
}

/// A way from one protocol into another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProtocolBridge)]
pub(crate) struct BridgeView {
    #[schema(example = "verifyvasp")]
    to: String,
    /// Countries that both VASPs must be of; empty: any.
    #[schema(example = json!(["KR"]))]
    countries: Vec<String>,
    source: String,
}

impl From<&Protocol> for ProtocolView {
    fn from(known: &Protocol) -> Self {
        Self {
            id: known.id.to_string(),
            name: known.name.clone(),
            status: known.status,
            superseded_by: known.superseded_by.as_ref().map(ToString::to_string),
            locations: known.locations.clone(),
            identifier_scheme: known.identifier_scheme.clone(),
            identifier_pattern: known.identifier_pattern.clone(),
            versions: known.versions.iter().map(ProtocolVersionView::from).collect(),
            version_rule: known.version_rule,
            certificates: known.certificates.as_ref().map(CertificateDemandView::from),
            probe: known.probe,
            message_format: known.message_format.clone(),
            required_fields: RequiredFieldsView::from(&known.required_fields),
            countries: known.countries.as_ref().map(|countries| countries.iter().map(ToString::to_string).collect()),
            bridges: known.bridges.iter().map(BridgeView::from).collect(),
            note: known.note.clone(),
            sources: known.sources.clone(),
        }
    }
}

impl From<&ProtocolVersion> for ProtocolVersionView {
    fn from(known: &ProtocolVersion) -> Self {
        Self { version: known.version.clone(), published_on: known.published_on }
    }
}

impl From<&CertificateDemand> for CertificateDemandView {
    fn from(demand: &CertificateDemand) -> Self {
        let uses = demand.uses.iter().map(|wanted| (*wanted).into()).collect();
        Self { uses, root_sets: demand.root_sets.iter().map(|roots| (*roots).into()).collect() }
    }
}

impl From<&Bridge> for BridgeView {
    fn from(bridge: &Bridge) -> Self {
        let countries = bridge.countries.iter().map(ToString::to_string).collect();
        Self { to: bridge.to.to_string(), countries, source: bridge.source.clone() }
    }
}
