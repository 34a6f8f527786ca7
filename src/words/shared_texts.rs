//! Texts that many rows repeat, such as the name of a source: each is held once.

use std::collections::HashSet;
use std::sync::Arc;

/// A set of texts.
#[derive(Clone, Debug, Default)]
pub struct SharedTexts(HashSet<Arc<str>>);

impl SharedTexts {
    /// Returns the set's copy of a text; adds the text if it is new.
    pub fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one() {
        let mut texts = SharedTexts::default();
        let [first, other, again] = ["MiCA", "VARA", "MiCA"].map(|text| texts.share(text));

        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!([&*first, &*other], ["MiCA", "VARA"]);
    }
}
