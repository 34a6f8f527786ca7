//! Path parameters that routes of several capabilities share.

use serde::Deserialize;
use utoipa::IntoParams;

use vasp_words::ids::VaspId;

/// The path of one record.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct VaspIdPath {
    /// Id of the record.
    pub(crate) id: VaspId,
}
