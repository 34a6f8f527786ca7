//! Routes of due-diligence questionnaires: drafts and submissions, and who may read the answers.

pub(crate) mod access;
pub(crate) mod ownership;
pub(crate) mod questionnaires;
pub(crate) mod request_view;
pub(crate) mod view;

pub(crate) use request_view::AccessRequestView;
