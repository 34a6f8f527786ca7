//! Whose bundles a registry takes, and which was the last: the key of the first bundle is pinned, and the serial only grows. Kept beside what
//! was fetched from sources, under the id `bundle`, so that all nodes of a registry know it.

use rand_core::RngCore;
use serde::{Deserialize, Serialize};

use super::{BundleError, Manifest};
use vasp_store::{Store, StoreError};
use vasp_words::time::{Date, UtcTime};

/// The id under which it is kept. No source has it.
const ID: &str = "bundle";

/// Whose bundles are taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    /// The id of the only key that is taken.
    pub key: String,
    /// The day since when.
    pub since: Date,
    /// The serial of the last bundle that was applied whole, and the day on which; `None` before the first.
    pub last: Option<(u64, Date)>,
}

impl Pinned {
    /// Checks that a bundle may be applied now: the pinned key signed it, and it is newer than the last.
    ///
    /// # Errors
    /// `BundleError::Key` or `NotNewer`.
    pub fn admit(&self, key: &str, manifest: &Manifest) -> Result<(), BundleError> {
        if key != self.key {
            let (found, wanted) = (key.to_owned(), self.key.clone());
            return Err(BundleError::Key { found, wanted, since: format!("since {}", self.since) });
        }
        match self.last {
            Some((last, on)) if manifest.serial <= last => Err(BundleError::NotNewer { serial: manifest.serial, last, on }),
            _ => Ok(()),
        }
    }
}

/// Returns whose bundles the registry takes; `None` before the first.
///
/// # Errors
/// `BundleError::Store`; `Rule` if what is kept cannot be read.
pub fn read_pinned(store: &Store) -> Result<Option<Pinned>, BundleError> {
    let states = store.read::<_, StoreError>(|conn| conn.source_states()).map_err(BundleError::Store)?;
    let kept = states.into_iter().find(|state| state.id == ID).and_then(|state| state.validators);
    let read = kept.map(|text| serde_json::from_str(&text)).transpose();
    read.map_err(|error| BundleError::Rule { file: "the pinned key in the database", detail: error.to_string() })
}

/// Keeps whose bundles the registry takes, and which was the last.
///
/// # Errors
/// `BundleError::Store`.
pub fn keep_pinned(store: &Store, pinned: &Pinned, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), BundleError> {
    let text = serde_json::to_string(pinned)
        .map_err(|error| BundleError::Rule { file: "the pinned key in the database", detail: error.to_string() })?;
    let kept = store.write::<_, StoreError>(now, rng, |transaction| {
        transaction.change_source_state(ID, |row| (row.succeeded_at, row.validators) = (Some(now), Some(text)))
    });
    kept.map(drop).map_err(BundleError::Store)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_newer_bundle_of_the_pinned_key_is_admitted() {
        let day: Date = "2026-11-28".parse().unwrap();
        let pinned = |last: Option<u64>| Pinned { key: "K".to_owned(), since: day, last: last.map(|serial| (serial, day)) };
        let bundle = |serial| Manifest::new(UtcTime::EPOCH, serial, vec![]);

        assert!(pinned(None).admit("K", &bundle(0)).is_ok());
        assert!(pinned(Some(7)).admit("K", &bundle(8)).is_ok());
        for serial in [6, 7] {
            let said = pinned(Some(7)).admit("K", &bundle(serial)).unwrap_err().to_string();
            assert!(
                said.contains(&format!("has serial {serial}, and the last one that was applied, on 2026-11-28, had 7")),
                "{said}"
            );
        }
        let said = pinned(None).admit("L", &bundle(9)).unwrap_err().to_string();
        assert!(said.starts_with("the key L signed this bundle, but since 2026-11-28 only the key K is taken"), "{said}");
        assert!(said.ends_with("--key FILE"), "{said}");
    }
}
