//! Answers, and parts of them, that are serialised once. Many answers may share a part.

use std::sync::{Arc, OnceLock};

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// The JSON text of an answer or of a part; `None` if serialisation failed. Then the whole answer fails too.
#[derive(Clone, Debug)]
pub(crate) struct Written(pub(crate) Option<Arc<RawValue>>);

impl Written {
    /// Serialises a part.
    pub(crate) fn of<T: Serialize>(part: &T) -> Self {
        Self(to_raw_value(part).ok().map(Arc::from))
    }

    /// Returns the text.
    pub(crate) fn text(&self) -> Result<&str, serde_json::Error> {
        self.0.as_deref().map(RawValue::get).ok_or_else(|| serde_json::Error::custom("the answer has no JSON form"))
    }

    /// Returns the part cached in `place`, or serialises it into `place`. If `place` is `None`, serialises it for this answer only.
    pub(crate) fn kept<T: Serialize>(place: Option<&OnceLock<Arc<RawValue>>>, part: impl FnOnce() -> T) -> Self {
        if let Some(text) = place.and_then(OnceLock::get) {
            return Self(Some(Arc::clone(text)));
        }
        let written = Self::of(&part());
        match (place, &written.0) {
            (Some(place), Some(text)) => Self(Some(Arc::clone(place.get_or_init(|| Arc::clone(text))))),
            _ => written,
        }
    }

    /// Returns the part cached in `place`. If there is none, makes its text and caches it.
    pub(crate) fn kept_as(place: &OnceLock<Arc<RawValue>>, text: impl FnOnce() -> Option<Box<RawValue>>) -> Self {
        if let Some(text) = place.get() {
            return Self(Some(Arc::clone(text)));
        }
        Self(text().map(|text| Arc::clone(place.get_or_init(|| Arc::from(text)))))
    }
}

impl PartialEq for Written {
    fn eq(&self, other: &Self) -> bool {
        self.text().ok() == other.text().ok()
    }
}

impl Serialize for Written {
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
        let first = Written::kept(Some(&place), || json!({"name": "Bücher \"GmbH\"", "claims": 1}));
        let second = Written::kept(Some(&place), || -> serde_json::Value { panic!("written again") });

        assert_eq!(first, second);
        assert_eq!(serde_json::to_string(&[first]).unwrap(), r#"[{"claims":1,"name":"Bücher \"GmbH\""}]"#);
        assert_eq!(serde_json::to_value(second).unwrap(), json!({"claims": 1, "name": "Bücher \"GmbH\""}));
        assert_ne!(Written::kept(None, || 1), Written::kept(None, || 2));
    }

    #[test]
    fn what_could_not_be_written_is_no_null() {
        serde_json::to_string(&Written(None)).unwrap_err();
    }
}
