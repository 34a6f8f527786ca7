//! A part of an answer as canonical JSON text. Only this file makes one, so that a value which has such a part is canonical wherever it is
//! written by `writer`. The text is written once; many answers may share it.

use std::sync::{Arc, OnceLock};

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::to_canonical;

/// The canonical JSON text (RFC 8785) of a part; `None` if serialisation failed. Then the whole answer fails too. The default
/// has no text.
#[derive(Clone, Debug, Default)]
pub struct CanonicalText(Option<Arc<RawValue>>);

impl CanonicalText {
    /// Writes a part.
    pub fn of<T: Serialize + ?Sized>(part: &T) -> Self {
        let text = to_canonical(part).and_then(RawValue::from_string);
        Self(text.ok().map(Arc::from))
    }

    /// Returns the part cached in `place`, or writes it into `place`. If `place` is `None`, writes it for this answer only.
    pub fn kept<T: Serialize>(place: Option<&OnceLock<Self>>, part: impl FnOnce() -> T) -> Self {
        match place {
            Some(place) => place.get_or_init(|| Self::of(&part())).clone(),
            None => Self::of(&part()),
        }
    }
}

impl PartialEq for CanonicalText {
    fn eq(&self, other: &Self) -> bool {
        let text = |one: &Self| one.0.as_deref().map(|text| text.get().to_owned());
        text(self) == text(other)
    }
}

impl Serialize for CanonicalText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().ok_or_else(|| S::Error::custom("a part of the answer could not be written"))?.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_kept_is_written_once_and_shown_as_it_was() {
        let place = OnceLock::new();
        let first = CanonicalText::kept(Some(&place), || json!({"name": "Bücher \"GmbH\"", "claims": 1.0}));
        let second = CanonicalText::kept(Some(&place), || -> serde_json::Value { panic!("written again") });

        assert_eq!(first, second);
        assert_eq!(serde_json::to_string(&[first]).unwrap(), r#"[{"claims":1,"name":"Bücher \"GmbH\""}]"#);
        assert_eq!(serde_json::to_value(second).unwrap(), json!({"claims": 1, "name": "Bücher \"GmbH\""}));
        assert_ne!(CanonicalText::kept(None, || 1), CanonicalText::kept(None, || 2));
    }

    #[test]
    fn what_could_not_be_written_is_no_null() {
        serde_json::to_string(&CanonicalText::of(&u64::MAX)).unwrap_err();
    }
}
