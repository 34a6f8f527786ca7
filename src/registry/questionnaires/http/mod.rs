//! Routes of due-diligence questionnaires: drafts, submissions, and access to the answers.

pub(crate) mod access;
pub(crate) mod ownership;
pub(crate) mod questionnaires;
pub(crate) mod request_view;
pub(crate) mod view;

pub(crate) use request_view::AccessRequestView;
