//! Answers, and parts of them, that are serialised once.

use std::sync::Arc;

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

    #[test]
    fn what_could_not_be_written_is_no_null() {
        serde_json::to_string(&Written(None)).unwrap_err();
    }
}
