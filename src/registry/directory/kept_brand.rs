//! The text about a group's brand, kept for one generation: it shows entities that are not in the group, so that it may change when neither
//! the group nor its entities do. The caller is `resolve`.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::value::RawValue;

use vasp_words::time::Date;

/// The text, with the sequence and the day that it is valid for.
type Text = Option<(i64, Date, Arc<RawValue>)>;

/// The place of the text. Most records are no groups and need none.
#[derive(Debug, Default)]
pub struct KeptBrand(OnceLock<Box<Mutex<Text>>>);

impl KeptBrand {
    /// Returns the text for a sequence and a day. If another is kept, makes this one and keeps it instead; `None` if it cannot be made.
    pub(crate) fn text(
        &self,
        (sequence, day): (i64, Date),
        write: impl FnOnce() -> Option<Arc<RawValue>>,
    ) -> Option<Arc<RawValue>> {
        let place = self.0.get_or_init(Box::default);
        let locked = || place.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = locked().as_ref().filter(|(of, on, _)| (*of, *on) == (sequence, day)).map(|(.., text)| Arc::clone(text));
        kept.or_else(|| {
            let text = write()?;
            *locked() = Some((sequence, day, Arc::clone(&text)));
            Some(text)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::to_raw_value;

    #[test]
    fn a_text_is_made_once_for_a_sequence_and_a_day() {
        let (kept, mut made) = (KeptBrand::default(), 0);
        let day = |text: &str| text.parse::<Date>().unwrap();
        let mut ask = |sequence, on: &str| {
            let text = kept.text((sequence, day(on)), || {
                made += 1;
                Some(Arc::from(to_raw_value(&made).unwrap()))
            });
            text.unwrap().get().to_owned()
        };

        assert_eq!(
            [ask(1, "2026-05-01"), ask(1, "2026-05-01"), ask(2, "2026-05-01"), ask(2, "2026-05-02")],
            ["1", "1", "2", "3"]
        );
        assert!(KeptBrand::default().text((1, day("2026-05-01")), || None).is_none());
    }
}
