//! Code that all routes share: extractors, permissions, problems, paging, reading of writes. Depends on no capability.

pub(crate) mod connections;
pub(crate) mod csv_list;
#[cfg(feature = "describe")]
pub(crate) mod described;
pub(crate) mod tls;
pub use tls::ServerTls;
#[cfg(feature = "describe")]
pub(crate) mod access;
mod arriving;
pub(crate) mod blocking;
pub(crate) mod caller;
pub(crate) mod directory_view;
pub mod edge;
pub mod error;
pub mod extract;
mod faults;
pub(crate) mod form;
pub(crate) mod forwarded;
pub mod headers;
pub(crate) mod html;
pub(crate) mod listing;
mod marked;
pub(crate) mod page;
pub(crate) mod paging;
pub(crate) mod parts;
pub(crate) mod paths;
pub(crate) mod patience;
pub mod permission;
pub(crate) mod publishable;
pub(crate) mod quick;
pub(crate) mod quick_body;
pub(crate) mod rare;
pub(crate) mod refusals;
pub(crate) mod routed;
mod sandbox_door;
pub(crate) mod sandbox_faults;
pub(crate) mod state;
pub(crate) mod tagged;
pub mod throttle;
pub mod unread;
pub(crate) mod upload;
pub mod visibility;
pub(crate) mod write;
mod written_forms;

pub use crate::node::ProblemCode;
pub use caller::Caller;
pub(crate) use directory_view::{CoverageView, DirectoryView};
pub use error::{FieldError, Problem, ProblemPages, Problems};
pub(crate) use extract::RawJson;
pub use extract::{Json, Query};
pub(crate) use faults::BodyForms;
pub use headers::PRIVATE;
pub use permission::Resolve;
pub use state::{App, Limits, Readiness};
pub use throttle::Throttle;
