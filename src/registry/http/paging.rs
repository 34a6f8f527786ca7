//! `?limit=` and `?cursor=` of every list. A cursor names the last item seen, encoded so that callers do not build one by hand. The
//! service of each list decides what the name means; `marked` ties it to the list.

use std::fmt::Display;
use std::num::NonZeroU32;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// How many items a page may have at most.
pub(crate) const MAX_LIMIT: usize = 1_000;
const DEFAULT_LIMIT: usize = 50;

/// The `limit` of a list query: how many items a page has at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Limit(usize);

/// The error for a text that is not a valid limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a whole number from 1 to {MAX_LIMIT}")]
pub(crate) struct LimitError(String);

/// The `cursor` of a list query: where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String", bound = "P: FromStr")]
pub(crate) struct Cursor<P>(pub(crate) P);

/// The error for a text that is not a cursor of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a cursor of this list with these filters; send the `next_cursor` of the previous page, or no cursor for the first page"
)]
pub(crate) struct CursorError;

impl Limit {
    /// Returns how many questions a page costs whose query string this is: one for each default page that it may fill. A query without a
    /// valid limit costs one.
    pub(crate) fn price(query: &str) -> NonZeroU32 {
        let mut pairs = query.split('&').map(|pair| percent_decode_str(pair).decode_utf8_lossy());
        let limit = pairs.find_map(|pair| Self::try_from(pair.strip_prefix("limit=")?.to_owned()).ok());
        let limit = Self::or_default(limit);
        u32::try_from(limit.div_ceil(DEFAULT_LIMIT)).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
    }

    /// Returns the limit, or the default if there is none.
    pub(crate) fn or_default(limit: Option<Self>) -> usize {
        limit.map_or(DEFAULT_LIMIT, |limit| limit.0)
    }
}

impl TryFrom<String> for Limit {
    type Error = LimitError;
    fn try_from(text: String) -> Result<Self, LimitError> {
        let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
        limit.map(Self).ok_or_else(|| LimitError(text.chars().take(20).collect()))
    }
}

impl<P: FromStr> TryFrom<String> for Cursor<P> {
    type Error = CursorError;
    fn try_from(text: String) -> Result<Self, CursorError> {
        let bytes = hex::decode(text).map_err(|_| CursorError)?;
        let position = String::from_utf8(bytes).map_err(|_| CursorError)?;
        position.parse().map(Self).map_err(|_| CursorError)
    }
}

/// Encodes a position as a cursor.
pub(crate) fn cursor(position: &impl Display) -> String {
    hex::encode(position.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_costs_one_question_for_each_default_page_however_it_is_written() {
        let price = |query: &str| Limit::price(query).get();

        assert_eq!(["", "q=a", "limit=1", "limit=50", "limit=51", "q=a&limit=1000"].map(price), [1, 1, 1, 1, 2, 20]);
        assert_eq!(
            ["limit=%31000", "%6Cimit=1000", "limit=0", "limit=1001", "limit=", "xlimit=1000"].map(price),
            [20, 20, 1, 1, 1, 1]
        );
    }

    #[test]
    fn limits_are_1_to_1000() {
        for text in ["1", "50", "1000"] {
            assert!(Limit::try_from(text.to_owned()).is_ok(), "{text}");
        }
        for text in ["", "0", "1001", "-1", "x", "1.0", "99999999999999999999"] {
            assert!(Limit::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn cursors_round_trip(position in "\\PC*") {
            prop_assert_eq!(Cursor::<String>::try_from(cursor(&position)), Ok(Cursor(position)));
        }

        #[test]
        fn reading_never_panics(text in "\\PC*") {
            let _ = Cursor::<u64>::try_from(text.clone());
            let _ = Limit::try_from(text);
        }
    }
}
