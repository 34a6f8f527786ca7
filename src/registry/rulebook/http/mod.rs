//! Routes of the Travel Rule by jurisdiction: the requirements, and the rulebook in force.

pub(crate) mod imports;
pub(crate) mod jurisdiction_view;
pub(crate) mod jurisdictions;
pub(crate) mod obligations;
pub(crate) mod rate_request;

pub(crate) use jurisdiction_view::{JurisdictionSummaryView, JurisdictionView};
