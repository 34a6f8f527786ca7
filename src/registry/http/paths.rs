//! Parts of paths that routes of several capabilities have.

use serde::Deserialize;
use utoipa::IntoParams;

use vasp_words::ids::VaspId;

/// One record.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct VaspIdPath {
    /// Id of the record.
    pub(crate) id: VaspId,
}
