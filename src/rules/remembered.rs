//! What was made of names, remembered: pre-checks ask for the names of few firms again and again, and to fold or search one takes
//! microseconds.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use foldhash::fast::RandomState;

/// Most names that are remembered; then all are forgotten.
const MOST: usize = 200_000;

/// A longer name, in bytes, is not remembered.
const LONGEST: usize = 256;

/// A value for each name that was asked for. The value must follow from the name, and from what does not change as long as this memory lives,
/// so that it does not matter who asked. Names that only one organisation may know do not belong here.
#[derive(Debug)]
pub(super) struct Remembered<V>(RwLock<Option<HashMap<Box<str>, V, RandomState>>>);

impl<V: Clone> Remembered<V> {
    /// Remembers nothing yet.
    pub(super) const fn nothing() -> Self {
        Self(RwLock::new(None))
    }

    /// Returns the value of a name, made if nobody asked for the name yet.
    pub(super) fn of(&self, name: &str, make: impl FnOnce() -> V) -> V {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|all| all.get(name)) {
            return known.clone();
        }
        let made = make();
        if name.len() > LONGEST {
            return made;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let all = known.get_or_insert_default();
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(name.into(), made.clone());
        made
    }
}

impl<V: Clone> Default for Remembered<V> {
    fn default() -> Self {
        Self::nothing()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_worked_on_once() {
        let lengths = Remembered::nothing();
        let mut made = vec![];
        for name in ["Kraken", "Bitpanda", "Kraken", ""] {
            let length = lengths.of(name, || {
                made.push(name);
                name.len()
            });
            assert_eq!(length, name.len());
        }
        assert_eq!(made, ["Kraken", "Bitpanda", ""]);
    }

    #[test]
    fn the_memory_has_an_end() {
        let (numbers, kept) = (Remembered::nothing(), |all: &Remembered<usize>| all.0.read().unwrap().as_ref().unwrap().len());
        for number in 0..MOST {
            numbers.of(&number.to_string(), || number);
        }
        numbers.of(&"x".repeat(LONGEST + 1), || 0);
        assert_eq!(kept(&numbers), MOST);
        numbers.of("one more", || 0);
        assert_eq!(kept(&numbers), 1);
    }
}
