//! Answers that are still valid, by what was asked; the oldest goes first. Nothing is returned at or after the end of its validity.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use vasp_words::time::UtcTime;

/// How many answers are kept.
const ENTRIES: usize = 10_000;

/// Answers of one kind; shared between threads.
pub(crate) struct Cache<T>(Mutex<Entries<T>>);

struct Entries<T> {
    /// The number of its entry in `order`, the end of its validity, and the answer.
    found: HashMap<String, (u64, UtcTime, T)>,
    order: VecDeque<(u64, String)>,
    next: u64,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(Mutex::new(Entries { found: HashMap::new(), order: VecDeque::new(), next: 0 }))
    }
}

impl<T: Clone> Cache<T> {
    pub(crate) fn get(&self, question: &str, now: UtcTime) -> Option<T> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.found.get(question).filter(|(_, until, _)| now < *until).map(|(_, _, answer)| answer.clone())
    }

    pub(crate) fn keep(&self, question: String, until: UtcTime, answer: T) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = entries.next;
        entries.next += 1;
        entries.order.push_back((number, question.clone()));
        entries.found.insert(question, (number, until, answer));
        while entries.order.len() > ENTRIES {
            let Some((number, oldest)) = entries.order.pop_front() else { break };
            // An answer that replaced this one has a later place.
            if entries.found.get(&oldest).is_some_and(|(kept, _, _)| *kept == number) {
                entries.found.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> UtcTime {
        UtcTime::from_micros(micros).unwrap()
    }

    #[test]
    fn an_answer_is_kept_until_its_end_and_no_longer() {
        let cache = Cache::default();
        cache.keep("a".to_owned(), at(10), 1);
        assert_eq!((cache.get("a", at(9)), cache.get("a", at(10)), cache.get("b", at(0))), (Some(1), None, None));
    }

    #[test]
    fn the_oldest_answer_goes_first_and_a_replaced_one_is_young() {
        let cache = Cache::default();
        cache.keep("first".to_owned(), at(10), 0);
        cache.keep("second".to_owned(), at(10), 0);
        cache.keep("first".to_owned(), at(10), 1);
        (0..ENTRIES - 1).for_each(|number| cache.keep(number.to_string(), at(10), 2));
        assert_eq!((cache.get("first", at(0)), cache.get("second", at(0)), cache.get("0", at(0))), (Some(1), None, Some(2)));
    }
}
