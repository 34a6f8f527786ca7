//! The shapes of answers that several routes share, each made from what the domain or the directory says. Nothing is
//! decided here. Values that decide something stand worst first, because generated clients take the first as default.

/// Makes a view of a closed list of values: the same names (written in the given case), in the
/// order given here.
macro_rules! mirrored {
    ($case:tt: $($(#[$meta:meta])* $view:ident of $domain:ty { $($(#[$rename:meta])? $value:ident),* $(,)? })*) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
        #[serde(rename_all = $case)]
        $(#[$meta])*
        pub(crate) enum $view { $($(#[$rename])? $value,)* }

        impl From<$domain> for $view {
            fn from(value: $domain) -> Self {
                type Domain = $domain;
                match value { $(Domain::$value => Self::$value,)* }
            }
        }
    )*};
}
pub(crate) use mirrored;

mod address_reading;
mod certificate;
mod claim_dispute;
mod directory;
mod due_diligence;
mod endpoint;
mod endpoint_health;
mod jurisdiction;
mod member_claim;
mod member_domain;
mod message_key;
mod network;
mod obligations;
mod precheck;
mod resolution;
mod session;
mod sourced;
mod threshold;
mod vasp;
mod vasp_elsewhere;
mod vasp_listed;
mod vasp_summary;
mod vasp_values;
mod verdict;
mod written;

pub(crate) use address_reading::AddressReadingView;
pub(crate) use certificate::CertificateView;
pub(crate) use claim_dispute::{ClaimDecisionView, DisputeView};
pub(crate) use directory::{CoverageView, DirectoryView};
pub(crate) use due_diligence::{AccessRequestView, DueDiligenceFileView};
pub(crate) use endpoint::EndpointView;
pub(crate) use endpoint_health::EndpointHealthView;
pub(crate) use jurisdiction::{JurisdictionSummaryView, JurisdictionView};
pub(crate) use member_claim::{AttestedView, BatchCheckView, MemberClaimView, MemberImportView, SpotCheckedView, UsageView};
pub(crate) use member_domain::MemberDomainView;
pub(crate) use message_key::MessageKeyView;
pub(crate) use network::NetworkView;
pub(crate) use obligations::ObligationsView;
pub(crate) use precheck::PrecheckView;
pub(crate) use resolution::ResolutionView;
pub(crate) use session::{NewSessionView, PasswordChangedView, RecoveryCodesView, SessionView};
pub(crate) use threshold::MoneyView;
pub(crate) use vasp::VaspView;
pub(crate) use vasp_elsewhere::{LeiFindingView, NonCompliantView, ThirdPartyView};
pub(crate) use vasp_listed::ListedVaspView;
pub(crate) use vasp_summary::{EntityView, VaspSummaryView};
pub(crate) use vasp_values::LicenceStatusView;
pub(crate) use written::Written;
