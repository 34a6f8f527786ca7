//! What is found out about a group's brand, kept for one generation: it depends on entities that are not in the group, so that it may change
//! when neither the group nor its entities do. The callers are `resolve` and `precheck`.

use std::sync::{Mutex, OnceLock, PoisonError};

use vasp_pki::receipt::CanonicalText;
use vasp_rules::precheck::NoneRegistered;
use vasp_words::country::Country;
use vasp_words::time::Date;

/// The place of one value, with what it is valid for. Most records are no groups and need none.
#[derive(Debug)]
pub struct Kept<K, V>(OnceLock<Box<Place<K, V>>>);

/// One value with its key.
type Place<K, V> = Mutex<Option<(K, V)>>;

/// The text about a brand, for a sequence and a day.
pub(super) type KeptBrand = Kept<(i64, Date), CanonicalText>;

/// The registers of a country that show no entity of a brand, for a sequence, a day and a country.
pub(super) type KeptRegisters = Kept<(i64, Date, Country), Option<NoneRegistered>>;

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<K: PartialEq + Copy, V: Clone> Kept<K, V> {
    /// Returns the value for a key. If another is kept, makes this one and keeps it instead; `None` if it cannot be made.
    pub(crate) fn value(&self, key: K, make: impl FnOnce() -> Option<V>) -> Option<V> {
        let place = self.0.get_or_init(Box::default);
        let locked = || place.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = locked().as_ref().filter(|(of, _)| *of == key).map(|(_, value)| value.clone());
        kept.or_else(|| {
            let value = make()?;
            *locked() = Some((key, value.clone()));
            Some(value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_made_once_for_a_sequence_and_a_day() {
        let (kept, mut made) = (KeptBrand::default(), 0);
        let day = |text: &str| text.parse::<Date>().unwrap();
        let mut ask = |sequence, on: &str| {
            let text = kept.value((sequence, day(on)), || {
                made += 1;
                Some(CanonicalText::of(&made))
            });
            serde_json::to_string(&text.unwrap()).unwrap()
        };

        assert_eq!(
            [ask(1, "2026-05-01"), ask(1, "2026-05-01"), ask(2, "2026-05-01"), ask(2, "2026-05-02")],
            ["1", "1", "2", "3"]
        );
        assert!(KeptBrand::default().value((1, day("2026-05-01")), || None).is_none());
    }
}
