//! The VASP that a path names: by id, by LEI, or as `mine`, the caller's own. Routes of several capabilities share it.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use utoipa::IntoParams;

use super::blocking::blocking;
use super::{App, Problem};
use crate::acts::Identity;
use crate::node::{ServiceError, find_vasp, no_vasp};
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

impl fmt::Display for NamedVasp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mine => f.write_str(MINE),
            Self::Named(name) => name.fmt(f),
        }
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

    /// Refuses a VASP that is not the caller's own, which may still be a draft.
    ///
    /// # Errors
    /// `Problem` 404.
    pub(crate) async fn own(self, app: &App, identity: &Identity) -> Result<(), Problem> {
        let Self::Named(name) = self else { return Ok(()) };
        let (registry, organisation, vasp) = (app.registry.clone(), identity.organisation, identity.vasp);
        let lei = vasp.and_then(|vasp| app.registry.pin(app.clock.now()).records().get(vasp)?.lei);
        if match name {
            VaspName::Id(id) => vasp == Some(id),
            VaspName::Lei(given) => lei == Some(given),
        } {
            return Ok(());
        }
        let kept =
            blocking(move || registry.store().read::<_, ServiceError>(|conn| Ok(conn.kept_record_of(organisation)?))).await?;
        let is_kept = kept.is_some_and(|kept| match name {
            VaspName::Id(id) => kept.vasp == id,
            VaspName::Lei(lei) => kept.said.lei == Some(lei),
        });
        if is_kept {
            return Ok(());
        }
        Err(ServiceError::NotFound(format!("Your organisation keeps no VASP {name}; `mine` names its own.")).into())
    }
}
