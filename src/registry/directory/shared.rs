//! Maps that generations share: a changed copy costs what it changes.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use foldhash::fast::RandomState;
use imbl::GenericHashMap;
use imbl::shared_ptr::DefaultSharedPtr;

use vasp_words::ids::VaspId;

/// A hash map whose copies share what they do not change. It needs some 250 bytes an entry beside key and value.
pub(super) type SharedMap<K, V> = GenericHashMap<K, V, RandomState, DefaultSharedPtr>;

/// A copy's changes are kept apart until there are this many, or one for so many entries.
const CHANGES: usize = 256;
const ENTRIES_A_CHANGE: usize = 8;

/// A [`SharedMap`] for many entries, in few bytes: its copies share one dense table, and each keeps apart what differs from it.
#[derive(Clone, Debug)]
pub(super) struct Table<K: Hash + Eq, V> {
    /// Changed in place while there is no copy.
    dense: Arc<HashMap<K, V, RandomState>>,
    /// What differs from `dense`; `None` if the entry is gone.
    changed: SharedMap<K, Option<V>>,
}

impl<K: Hash + Eq, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { dense: Arc::default(), changed: SharedMap::default() }
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Table<K, V> {
    /// Returns the value of a key.
    pub(super) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        if !self.changed.is_empty()
            && let Some(changed) = self.changed.get(key)
        {
            return changed.as_ref();
        }
        self.dense.get(key)
    }

    /// Returns the value of a key, to change it.
    pub(super) fn get_mut<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if !self.changed.contains_key(key) {
            let (own, value) = self.dense.get_key_value(key)?;
            if Arc::strong_count(&self.dense) > 1 {
                self.changed.insert(own.clone(), Some(value.clone()));
            }
        }
        match self.changed.get_mut(key) {
            Some(changed) => changed.as_mut(),
            None => Arc::get_mut(&mut self.dense)?.get_mut(key),
        }
    }

    /// Returns whether the table is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.changed.values().all(Option::is_none) && self.dense.keys().all(|key| self.changed.contains_key(key))
    }

    /// Sets the value of a key.
    pub(super) fn insert(&mut self, key: K, value: V) {
        if let Some(dense) = Arc::get_mut(&mut self.dense) {
            self.changed.remove(&key);
            dense.insert(key, value);
        } else {
            self.changed.insert(key, Some(value));
            self.settle();
        }
    }

    /// Removes a key and returns its value.
    pub(super) fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let removed = self.get(key).cloned();
        match self.dense.get_key_value(key) {
            Some((own, _)) => self.changed.insert(own.clone(), None),
            None => self.changed.remove(key),
        };
        self.settle();
        removed
    }

    /// Makes a new dense table if much differs from the present one.
    fn settle(&mut self) {
        if self.changed.len() < CHANGES.max(self.dense.len() / ENTRIES_A_CHANGE) {
            return;
        }
        let dense = Arc::make_mut(&mut self.dense);
        for (key, changed) in std::mem::take(&mut self.changed) {
            match changed {
                Some(value) => drop(dense.insert(key, value)),
                None => drop(dense.remove(&key)),
            }
        }
    }
}

/// The ids of records that share a value, in order of id.
pub(super) type Ids = Vec<VaspId>;

/// Adds a record to those that share a value.
pub(super) fn put<K: Hash + Eq + Clone>(map: &mut Table<K, Ids>, key: K, id: VaspId) {
    let Some(ids) = map.get_mut(&key) else { return map.insert(key, vec![id]) };
    if let Err(place) = ids.binary_search(&id) {
        ids.insert(place, id);
    }
}

/// Removes a record from those that share a value.
pub(super) fn take<K, Q>(map: &mut Table<K, Ids>, key: &Q, id: VaspId)
where
    K: Hash + Eq + Clone + Borrow<Q>,
    Q: Hash + Eq + ?Sized,
{
    let Some(ids) = map.get_mut(key) else { return };
    ids.retain(|other| *other != id);
    if ids.is_empty() {
        map.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u16, u8),
        Remove(u16),
        Change(u16, u8),
        /// The copies so far stay as they are.
        Copy,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        // Few keys, so that they meet; enough of them that the table is made anew.
        let key = || 0_u16..600;
        let step = prop_oneof![
            20 => (key(), any::<u8>()).prop_map(|(key, value)| Step::Insert(key, value)),
            5 => key().prop_map(Step::Remove),
            5 => (key(), any::<u8>()).prop_map(|(key, value)| Step::Change(key, value)),
            1 => Just(Step::Copy),
        ];
        proptest::collection::vec(step, 0..1_500)
    }

    fn same(table: &Table<u16, u8>, map: &HashMap<u16, u8>) -> Result<(), TestCaseError> {
        for key in 0..600 {
            prop_assert_eq!(table.get(&key), map.get(&key));
        }
        prop_assert_eq!(table.is_empty(), map.is_empty());
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_table_is_a_map_and_its_copies_do_not_change_with_it(steps in steps()) {
            let (mut table, mut map) = (Table::default(), HashMap::new());
            let mut copies = vec![];
            for step in steps {
                match step {
                    Step::Insert(key, value) => {
                        table.insert(key, value);
                        map.insert(key, value);
                    }
                    Step::Remove(key) => prop_assert_eq!(table.remove(&key), map.remove(&key)),
                    Step::Change(key, value) => {
                        let (changed, expected) = (table.get_mut(&key), map.get_mut(&key));
                        prop_assert_eq!(changed.is_some(), expected.is_some());
                        changed.into_iter().chain(expected).for_each(|place| *place = value);
                    }
                    Step::Copy => copies.push((table.clone(), map.clone())),
                }
            }
            copies.push((table, map));
            for (table, map) in &copies {
                same(table, map)?;
            }
        }
    }
}
