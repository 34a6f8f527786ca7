//! Routes of the public directory of VASPs, and the views of a record: complete, as a summary, and in a list.

pub(crate) mod elsewhere_view;
pub(crate) mod history;
pub(crate) mod kept;
pub(crate) mod keys;
pub(crate) mod listed_view;
pub(crate) mod quick;
pub(crate) mod summary;
pub(crate) mod values;
pub(crate) mod vasps;
pub(crate) mod view;

pub(crate) use elsewhere_view::{LeiFindingView, NonCompliantView, ThirdPartyView};
pub(crate) use kept::KeptRecords;
pub(crate) use listed_view::{ListedAs, VaspListItemView};
pub(crate) use summary::{EntityView, VaspSummaryView};
pub(crate) use values::LicenceStatusView;
pub(crate) use view::VaspView;
