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
    pub last: Option<(u32, Date)>,
    /// The serial of the last bundle of which a document may be imported, and the day on which it was begun; `None` before the first.
    pub begun: Option<(u32, Date)>,
}

impl Pinned {
    /// Checks that a bundle may be applied now: the pinned key signed it, and it is newer than the last. One that was begun and not finished
    /// may be applied again, and an older one may not.
    ///
    /// # Errors
    /// `BundleError::Key`, `NotNewer` or `Unfinished`.
    pub fn admit(&self, key: &str, manifest: &Manifest) -> Result<(), BundleError> {
        if key != self.key {
            let (found, wanted) = (key.to_owned(), self.key.clone());
            return Err(BundleError::Key { found, wanted, since: format!("since {}", self.since) });
        }
        let serial = manifest.serial;
        match (self.last, self.begun) {
            (Some((last, on)), _) if serial <= last => Err(BundleError::NotNewer { serial, last, on }),
            (_, Some((begun, on))) if serial < begun => Err(BundleError::Unfinished { serial, begun, on }),
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
    kept.map(|text| parsed(&text)).transpose()
}

fn parsed(text: &str) -> Result<Pinned, BundleError> {
    serde_json::from_str(text).map_err(wrong)
}

fn wrong(error: serde_json::Error) -> BundleError {
    BundleError::Rule { file: "the pinned key in the database", detail: error.to_string() }
}

/// Keeps that a bundle begins, before its first document is imported. `seen` is what was read before the person was asked.
///
/// # Errors
/// `BundleError::Meanwhile` if another process began or applied a bundle since then; `Store`.
pub fn begin(
    store: &Store,
    seen: Option<&Pinned>,
    pinned: &Pinned,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(), BundleError> {
    change(store, now, rng, |kept| if kept.as_ref() == seen { Ok(pinned.clone()) } else { Err(BundleError::Meanwhile) })
}

/// Keeps that the bundle that `pinned` began is applied whole. What another process began meanwhile stays.
///
/// # Errors
/// `BundleError::Store`.
pub fn finish(store: &Store, pinned: &Pinned, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), BundleError> {
    change(store, now, rng, |kept| {
        let kept = kept.unwrap_or_else(|| pinned.clone());
        Ok(Pinned { last: kept.last.max(pinned.begun), ..kept })
    })
}

/// Changes what is kept, in one transaction.
fn change(
    store: &Store,
    now: UtcTime,
    rng: &mut dyn RngCore,
    change: impl FnOnce(Option<Pinned>) -> Result<Pinned, BundleError>,
) -> Result<(), BundleError> {
    let written = store.write::<_, BundleError>(now, rng, |transaction| {
        let mut changed = Ok(());
        transaction.change_source_state(ID, |row| {
            let next = row.validators.as_deref().map(parsed).transpose().and_then(change);
            changed = next.and_then(|next| serde_json::to_string(&next).map_err(wrong)).map(|text| {
                (row.succeeded_at, row.validators) = (Some(now), Some(text));
            });
        })?;
        changed
    });
    written.map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;
    use vasp_log::Sealer;
    use vasp_store::{DatabaseUrl, StoreOptions};

    use super::*;

    fn begun(serial: u32) -> Pinned {
        let day = "2026-11-28".parse().unwrap();
        Pinned { key: "K".to_owned(), since: day, last: None, begun: Some((serial, day)) }
    }

    #[test]
    fn what_another_process_did_while_a_person_was_asked_is_neither_undone_nor_overtaken() {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions { create: true, migrate: true, ..StoreOptions::default() };
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        let store = Store::open(&url, &options, Arc::new(Sealer::default())).unwrap();
        let (now, rng) = (UtcTime::EPOCH, &mut ChaCha8Rng::seed_from_u64(1));

        begin(&store, None, &begun(5), now, rng).unwrap();
        let late = begin(&store, None, &begun(4), now, rng);

        assert!(matches!(late, Err(BundleError::Meanwhile)), "{late:?}");
        assert_eq!(read_pinned(&store).unwrap(), Some(begun(5)));

        begin(&store, Some(&begun(5)), &begun(6), now, rng).unwrap();
        finish(&store, &begun(5), now, rng).unwrap();

        assert_eq!(read_pinned(&store).unwrap(), Some(Pinned { last: begun(5).begun, ..begun(6) }));
    }

    #[test]
    fn only_a_newer_bundle_of_the_pinned_key_is_admitted() {
        let day: Date = "2026-11-28".parse().unwrap();
        let pinned = |last: Option<u32>| Pinned {
            key: "K".to_owned(),
            since: day,
            last: last.map(|serial| (serial, day)),
            begun: Some((8, day)),
        };
        let bundle = |serial| Manifest::new(UtcTime::EPOCH, serial, vec![]);

        assert!(Pinned { begun: None, ..pinned(None) }.admit("K", &bundle(0)).is_ok());
        assert!(pinned(Some(7)).admit("K", &bundle(8)).is_ok());
        assert!(pinned(Some(6)).admit("K", &bundle(8)).is_ok(), "the one that was begun");
        let said = pinned(Some(6)).admit("K", &bundle(7)).unwrap_err().to_string();
        assert_eq!(
            said,
            "this bundle has serial 7, and one with serial 8 was begun on 2026-11-28: apply that one again, or a newer one"
        );
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
