//! The VASP that a path names: by id, by LEI, or as `mine`, the caller's own. Routes of several capabilities share it.

use std::str::FromStr;

use serde::Deserialize;
use utoipa::IntoParams;

use super::blocking::blocking;
use super::{App, Problem};
use crate::acts::Identity;
use crate::node::{ServiceError, find_vasp, is_own_vasp, no_vasp};
use vasp_record::vasp_name::{VaspName, VaspNameError};
use vasp_words::ids::VaspId;

/// The word for the caller's own VASP.
const MINE: &str = "mine";

/// The VASP that a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NamedVasp {
    /// The caller's own.
    Mine,
    /// Any, by id or LEI.
    Named(VaspName),
}

/// The path of one VASP.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct VaspPath {
    /// The id of a record, an LEI that only one live record has, or `mine`.
    #[param(value_type = String, example = "529900HNOAA1KXQJUQ27")]
    pub(crate) vasp: NamedVasp,
}

impl FromStr for NamedVasp {
    type Err = VaspNameError;
    fn from_str(text: &str) -> Result<Self, VaspNameError> {
        if text == MINE { Ok(Self::Mine) } else { text.parse().map(Self::Named) }
    }
}

impl<'de> Deserialize<'de> for NamedVasp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl NamedVasp {
    /// Returns the VASP by id or LEI.
    ///
    /// # Errors
    /// `Problem` 409 `no_vasp` for `mine` of a caller that has no VASP in the directory.
    pub(crate) fn name(self, identity: Option<&Identity>) -> Result<VaspName, Problem> {
        match self {
            Self::Named(name) => Ok(name),
            Self::Mine => Ok(VaspName::Id(identity.and_then(|identity| identity.vasp).ok_or_else(no_vasp)?)),
        }
    }

    /// Returns the VASP's id. An id need not be one of the directory, for there are drafts.
    ///
    /// # Errors
    /// As `name`; `Problem` 404 or 409 for an LEI that does not name one live record.
    pub(crate) fn id(self, app: &App, identity: Option<&Identity>) -> Result<VaspId, Problem> {
        match self.name(identity)? {
            VaspName::Id(id) => Ok(id),
            name => Ok(find_vasp(app.registry.pin(app.clock.now()).records(), name)?.id),
        }
    }

    /// Returns whether it is the caller's own VASP, which may still be a draft.
    pub(crate) async fn is_own(self, app: &App, identity: &Identity) -> Result<bool, Problem> {
        let Self::Named(name) = self else { return Ok(true) };
        let (registry, own, now) = (app.registry.clone(), (identity.organisation, identity.vasp), app.clock.now());
        blocking(move || is_own_vasp(&registry, own, name, now)).await
    }

    /// Refuses a VASP that is not the caller's own.
    ///
    /// # Errors
    /// `Problem` 404.
    pub(crate) async fn own(self, app: &App, identity: &Identity) -> Result<(), Problem> {
        if self.is_own(app, identity).await? {
            return Ok(());
        }
        Err(ServiceError::NotFound("Your organisation keeps no such VASP; `mine` names its own.".to_owned()).into())
    }
}
