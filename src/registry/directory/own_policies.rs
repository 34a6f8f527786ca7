//! The policies of one organisation: all versions, and the one that applies if a request names none.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::DirectoryError;
use vasp_rules::policy::{Policy, PolicyName, PolicyReference};
use vasp_store::{Conn, PolicyRow};
use vasp_words::ids::OrganisationId;

/// An organisation's policies.
#[derive(Clone, Debug, Default)]
pub struct OwnPolicies {
    versions: BTreeMap<(String, u32), Arc<Policy>>,
    active: Option<Arc<Policy>>,
}

impl OwnPolicies {
    /// Reads the policies as of a revision.
    pub(super) fn load(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Self, DirectoryError> {
        let versions: BTreeMap<(String, u32), Arc<Policy>> =
            conn.policies_at(organisation, revision)?.iter().map(read).collect::<Result<_, _>>()?;
        let counts = conn.policy_activation_at(organisation, revision)?;
        let key = counts.map(|row| (row.name, u32::try_from(row.version).unwrap_or_default()));
        let active = key.and_then(|key| versions.get(&key).cloned());
        Ok(Self { versions, active })
    }

    /// Returns the policy that applies if a request names none; `None` means the registry's default.
    #[must_use]
    pub fn active(&self) -> Option<&Arc<Policy>> {
        self.active.as_ref()
    }

    /// Returns the named policy: exactly the given version; without a version the active policy if it has this name, or else the newest of
    /// this name.
    #[must_use]
    pub fn get(&self, wanted: &PolicyReference) -> Option<&Arc<Policy>> {
        match wanted.version {
            Some(version) => self.versions.get(&(wanted.name.as_str().to_owned(), version)),
            None => {
                self.active.as_ref().filter(|active| active.name() == wanted.name.as_str()).or_else(|| self.newest(&wanted.name))
            }
        }
    }

    /// Returns the newest version of a name.
    #[must_use]
    pub fn newest(&self, name: &PolicyName) -> Option<&Arc<Policy>> {
        let text = name.as_str().to_owned();
        self.versions.range((text.clone(), 0)..=(text, u32::MAX)).next_back().map(|(_, policy)| policy)
    }

    /// Returns all versions, by name and version.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Policy>> {
        self.versions.values()
    }
}

fn read(row: &PolicyRow) -> Result<((String, u32), Arc<Policy>), DirectoryError> {
    let wrong = |reason: String| DirectoryError::Document { kind: "policy", reason };
    let policy = Policy::from_json(&row.body).map_err(|error| wrong(format!("{}@{}: {error}", row.name, row.version)))?;
    let version = u32::try_from(row.version).map_err(|error| wrong(error.to_string()))?;
    Ok(((row.name.clone(), version), Arc::new(policy)))
}
