//! Routes for reviewers: cases, brands of entities, and merging records.

pub(crate) mod brands;
pub(crate) mod cases;
pub(crate) mod evidence_view;
pub(crate) mod vasps;
pub(crate) mod view;
