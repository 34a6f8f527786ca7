//! Maps that generations share: a changed copy costs what it changes.

use foldhash::fast::RandomState;
use imbl::GenericHashMap;
use imbl::shared_ptr::DefaultSharedPtr;

use vasp_words::ids::VaspId;

/// A hash map whose copies share what they do not change.
pub(super) type SharedMap<K, V> = GenericHashMap<K, V, RandomState, DefaultSharedPtr>;

/// The ids of records that share a value, in order of id.
pub(super) type Ids = Vec<VaspId>;

/// Adds a record to those that share a value.
pub(super) fn put<K: std::hash::Hash + Eq + Clone>(map: &mut SharedMap<K, Ids>, key: K, id: VaspId) {
    let ids = map.entry(key).or_default();
    if let Err(place) = ids.binary_search(&id) {
        ids.insert(place, id);
    }
}

/// Removes a record from those that share a value.
pub(super) fn take<K, Q>(map: &mut SharedMap<K, Ids>, key: &Q, id: VaspId)
where
    K: std::hash::Hash + Eq + Clone + std::borrow::Borrow<Q>,
    Q: std::hash::Hash + Eq + ?Sized,
{
    let Some(ids) = map.get_mut(key) else { return };
    ids.retain(|other| *other != id);
    if ids.is_empty() {
        map.remove(key);
    }
}
