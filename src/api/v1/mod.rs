//! The versioned API: one file a resource, the shapes of answers in `views`. Handlers only; the routes stand in `api`.

pub mod resolve;
pub(crate) mod views;
