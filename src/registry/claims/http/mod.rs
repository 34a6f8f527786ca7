//! Routes of members' claims on addresses: to claim, prove, dispute and end.

pub(crate) mod claims;
pub(crate) mod dispute_view;
pub(crate) mod disputes;
pub(crate) mod ends;
pub(crate) mod import;
pub(crate) mod pending;
pub(crate) mod proof_body;
pub(crate) mod sub_accounts;
pub(crate) mod view;

pub(crate) use dispute_view::DisputeView;
pub(crate) use view::{AttestedView, MemberClaimView, MemberImportView, UsageView};
