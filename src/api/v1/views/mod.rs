//! The shapes of answers that several routes share, each made from what the domain or the directory says. Nothing is
//! decided here. Values that decide something stand worst first, because generated clients take the first as default.

/// Makes a view of a closed list of values: the same names (written in the given case), in the
/// order given here.
macro_rules! mirrored {
    ($case:literal: $($(#[$meta:meta])* $view:ident of $domain:ty { $($value:ident),* $(,)? })*) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
        #[serde(rename_all = $case)]
        $(#[$meta])*
        pub(crate) enum $view { $($value,)* }

        impl From<$domain> for $view {
            fn from(value: $domain) -> Self {
                type Domain = $domain;
                match value { $(Domain::$value => Self::$value,)* }
            }
        }
    )*};
}

mod directory;
mod resolution;
mod vasp_summary;
mod vasp_values;

pub(crate) use directory::{CoverageView, DirectoryView};
pub(crate) use resolution::ResolutionView;
pub(crate) use vasp_summary::{EntityView, VaspSummaryView};
pub(crate) use vasp_values::{DomainStatusView, LeiStatusView, LicenceStatusView, VaspKindView, VaspStatusView};
