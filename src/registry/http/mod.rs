//! What all routes share: extractors, permissions, problems, paging, how a write is read. Knows no capability.

pub(crate) mod blocking;
pub(crate) mod caller;
pub(crate) mod directory_view;
pub mod edge;
pub mod error;
pub mod extract;
pub(crate) mod forwarded;
pub mod headers;
pub(crate) mod html;
pub(crate) mod listing;
pub(crate) mod mirrored;
pub(crate) mod paging;
pub(crate) mod patience;
pub mod permission;
pub(crate) mod problem_code;
pub(crate) mod refusals;
pub(crate) mod sourced;
pub(crate) mod state;
pub(crate) mod tagged;
pub mod throttle;
pub mod unread;
pub(crate) mod upload;
pub mod visibility;
pub(crate) mod write;
pub(crate) mod written;

pub use caller::Caller;
pub(crate) use directory_view::{CoverageView, DirectoryView};
pub use error::{FieldError, Problem, Problems};
pub(crate) use extract::RawJson;
pub use extract::{Json, Query};
pub use headers::PRIVATE;
pub use permission::Resolve;
pub use problem_code::ProblemCode;
pub use state::{App, Limits, Readiness};
pub use throttle::Throttle;
pub(crate) use written::Written;
