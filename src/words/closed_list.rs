//! Closed lists of words. One macro makes the type, its words, parsing and writing, the API schema and the database columns.
//! Words are stored, sent and signed, so never rename them. Every crate with a closed list uses it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Visitor};

/// Re-exports that the macro needs at its call site.
#[doc(hidden)]
pub mod needs {
    pub use serde;
    #[cfg(feature = "schema")]
    pub use utoipa;
}
pub use crate::closed_list_of_words as closed_list;

/// The common functions of every closed list.
pub trait ClosedList: Copy + 'static {
    /// Its name in the API schema.
    const NAME: &'static str;
    /// The words, in the order of the definition.
    const WORDS: &'static [&'static str];

    /// Returns the item of a word; `None` if the word is unknown.
    fn of_word(word: &str) -> Option<Self>;

    /// Returns the documentation of the item in one line.
    fn documentation(self) -> &'static str;
}

/// The text is not a word of the closed list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not known; {}", right(text, known))]
pub struct UnknownWord {
    /// Name of the list.
    pub list: &'static str,
    /// The refused text, cut to 40 characters.
    pub text: String,
    /// The known words.
    pub known: &'static [&'static str],
}

/// Describes the correct words: all words of a short list, or the three most similar of a long one.
fn right(text: &str, known: &[&str]) -> String {
    if known.len() <= 40 {
        return format!("known are {}", known.join(", "));
    }
    let mut nearest: Vec<_> = known.iter().map(|word| (strsim::jaro_winkler(text, word), *word)).collect();
    nearest.sort_by(|a, b| b.0.total_cmp(&a.0));
    let nearest: Vec<&str> = nearest.iter().take(3).map(|(_, word)| *word).collect();
    format!("similar words are {}", nearest.join(", "))
}

/// Reads a word of a closed list.
pub fn read<T: ClosedList>(text: &str) -> Result<T, UnknownWord> {
    let unknown = || UnknownWord { list: T::NAME, text: text.chars().take(40).collect(), known: T::WORDS };
    T::of_word(text).ok_or_else(unknown)
}

/// Deserialises a word of a closed list from any format.
///
/// # Errors
/// The format's, with the words of [`UnknownWord`].
pub fn deserialize<'de, T: ClosedList, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Word<T>(PhantomData<T>);

    impl<T: ClosedList> Visitor<'_> for Word<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "one of {}", T::WORDS.join(", "))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            read(text).map_err(E::custom)
        }
    }

    deserializer.deserialize_str(Word(PhantomData))
}

/// Returns the schema of a closed list: its words, with the first paragraph of its documentation as description.
#[cfg(feature = "schema")]
#[doc(hidden)]
#[must_use]
pub fn schema<T: ClosedList>(docs: &[&str]) -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
    use utoipa::openapi::schema::{ObjectBuilder, Type};

    let first: Vec<&str> = docs.iter().map(|line| line.trim()).take_while(|line| !line.is_empty()).collect();
    let words = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(T::WORDS.iter().copied()));
    words.description(Some(first.join("\n"))).into()
}

/// Makes closed lists: `pub enum Name { Item = "word", … }`, worst first if the items are verdicts. `as "Name"` gives the schema
/// another name than the type. With `Item = "word" / 3`, the store keeps the number instead of the word. `with Type` and `Item =
/// "word" => value` give every item a value, which the private `with()` returns. `default Item` sets the default item.
#[macro_export]
macro_rules! closed_list_of_words {
    ($(
        $(#[doc = $doc:literal])*
        $vis:vis enum $name:ident $(as $schema:literal)? $(default $default:ident)? $(with $type:ty)? {
            $($(#[doc = $item_doc:literal])* $item:ident = $word:literal $(/ $code:literal)? $(=> $value:expr)?),+ $(,)?
        }
    )+) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[doc = $item_doc])* $item,)+ }

        impl $name {
            /// All items, in the order of the definition.
            $vis const ALL: [Self; { [$(stringify!($item)),+].len() }] = [$(Self::$item,)+];

            /// Returns the word that is stored and sent.
            #[must_use]
            $vis const fn as_str(self) -> &'static str {
                match self { $(Self::$item => $word,)+ }
            }

            /// Returns the item of a word; `None` if the word is unknown.
            #[must_use]
            $vis fn from_text(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$item),)+ _ => None }
            }
        }

        impl $crate::closed_list::ClosedList for $name {
            const NAME: &'static str = $crate::closed_list_of_words!(@name $name $($schema)?);
            const WORDS: &'static [&'static str] = {
                let _in_order = Self::ALL;
                &[$($word,)+]
            };

            fn of_word(word: &str) -> Option<Self> {
                Self::from_text(word)
            }

            fn documentation(self) -> &'static str {
                match self { $(Self::$item => concat!($($item_doc),*).trim_ascii_start(),)+ }
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::closed_list::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::closed_list::read(text)
            }
        }

        impl $crate::closed_list::needs::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> Result<S::Ok, S::Error>
            where
                S: $crate::closed_list::needs::serde::Serializer,
            {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::closed_list::needs::serde::Deserialize<'de> for $name {
            fn deserialize<D>(deserializer: D) -> Result<Self, D::Error>
            where
                D: $crate::closed_list::needs::serde::Deserializer<'de>,
            {
                $crate::closed_list::deserialize(deserializer)
            }
        }

        $crate::text_schema! { @list $name $($doc)* }
        $crate::closed_list_of_words! { @stored $vis $name $($item $(/ $code)?),+ }
        $(impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        })?

        $crate::closed_list_of_words! { @with $name [$($type)?] $($item $(=> $value)?),+ }
    )+};
    (@name $name:ident) => { stringify!($name) };
    (@name $name:ident $schema:literal) => { $schema };
    (@with $name:ident [] $($item:ident),+) => {};
    (@with $name:ident [$type:ty] $($item:ident => $value:expr),+) => {
        impl $name {
            const fn with(self) -> $type {
                match self { $(Self::$item => $value,)+ }
            }
        }
    };
    (@stored $vis:vis $name:ident $($item:ident),+) => {
        $crate::sql_column! { $name as Text: String, |text| text.parse::<$name>() }
        $crate::sql_column! { @borrowed $name as Text: str, |item| $name::as_str(*item) }
    };
    (@stored $vis:vis $name:ident $($item:ident / $code:literal),+) => {
        impl $name {
            /// Returns the number of the item in the store; it never changes.
            #[must_use]
            $vis const fn code(self) -> i16 {
                *self.stored_code()
            }

            const fn stored_code(self) -> &'static i16 {
                match self { $(Self::$item => &$code,)+ }
            }

            /// Returns the item of a stored number; `None` if the number is unknown.
            #[must_use]
            $vis fn from_code(code: i16) -> Option<Self> {
                match code { $($code => Some(Self::$item),)+ _ => None }
            }
        }

        impl TryFrom<i16> for $name {
            type Error = $crate::closed_list::UnknownWord;
            fn try_from(code: i16) -> Result<Self, Self::Error> {
                Self::from_code(code).map_or_else(|| $crate::closed_list::read(&code.to_string()), Ok)
            }
        }

        $crate::sql_column! { $name as SmallInt: i16, |code| $name::try_from(code) }
        $crate::sql_column! { @borrowed $name as SmallInt: i16, |item| $name::stored_code(*item) }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    closed_list! {
        /// How bad it is, worst first.
        ///
        /// Source: made up.
        enum Harm as "HowBad" with (u8, &'static str) {
            /// Much of it,
            /// in two lines.
            Bad = "bad" => (90, "at once"),
            /// Little.
            NotSoBad = "not so bad" => (10, "some day"),
        }
        /// Kept as numbers.
        enum Kept default Two {
            /// One.
            One = "one" / 1,
            /// Two.
            Two = "two" / 2,
        }
    }

    #[test]
    fn words_read_back_in_every_way() {
        for harm in Harm::ALL {
            assert_eq!(harm.as_str().parse(), Ok(harm));
            assert_eq!(Harm::from_text(&harm.to_string()), Some(harm));
            let json = serde_json::to_string(&harm).unwrap();
            assert_eq!(serde_json::from_str::<Harm>(&json).unwrap(), harm);
        }
        assert_eq!(serde_json::to_string(&Harm::NotSoBad).unwrap(), "\"not so bad\"");
    }

    #[test]
    fn the_written_order_is_kept() {
        assert_eq!(Harm::ALL, [Harm::Bad, Harm::NotSoBad]);
        assert_eq!(Harm::WORDS, ["bad", "not so bad"]);
        assert!(Harm::Bad < Harm::NotSoBad);
    }

    #[test]
    fn unknown_words_are_refused_with_those_that_would_be_right() {
        let refused = "x".repeat(50).parse::<Harm>().unwrap_err();

        let expected = UnknownWord { list: "HowBad", text: "x".repeat(40), known: &["bad", "not so bad"] };
        assert_eq!(refused, expected);
        assert_eq!("Bad".parse::<Harm>().unwrap_err().to_string(), "`Bad` is not known; known are bad, not so bad");
        let json = serde_json::from_str::<Harm>("\"worse\"").unwrap_err().to_string();
        assert!(json.starts_with("`worse` is not known; known are bad, not so bad"), "{json}");
        assert!(serde_json::from_str::<Harm>("1").unwrap_err().to_string().contains("expected one of bad, not so bad"));
    }

    #[test]
    fn items_have_their_value_and_their_documentation() {
        assert_eq!((Harm::Bad.with(), Harm::NotSoBad.with()), ((90, "at once"), (10, "some day")));
        assert_eq!(Harm::Bad.documentation(), "Much of it, in two lines.");
    }

    #[test]
    fn numbers_read_back() {
        for kept in Kept::ALL {
            assert_eq!(Kept::from_code(kept.code()), Some(kept));
            assert_eq!(Kept::try_from(kept.code()), Ok(kept));
        }
        assert_eq!((Kept::default().code(), Kept::from_code(3)), (2, None));
        assert_eq!(Kept::try_from(3).unwrap_err().to_string(), "`3` is not known; known are one, two");
    }

    #[cfg(feature = "schema")]
    #[test]
    fn the_schema_has_the_words_in_order_and_the_first_paragraph() {
        use utoipa::{PartialSchema, ToSchema};

        assert_eq!((Harm::name().as_ref(), Kept::name().as_ref()), ("HowBad", "Kept"));
        let schema = serde_json::to_value(Harm::schema()).unwrap();
        let (kind, words) = ("string", ["bad", "not so bad"]);
        let expected = serde_json::json!({"type": kind, "description": "How bad it is, worst first.", "enum": words});
        assert_eq!(schema, expected);
    }

    #[cfg(feature = "sql")]
    #[test]
    fn columns_hold_words_or_numbers_and_refuse_others() {
        use crate::sql::tests::{raw, round_trip};

        assert_eq!(round_trip::<diesel::sql_types::Text, _>(Harm::NotSoBad), (Harm::NotSoBad, "'not so bad'".to_owned()));
        assert_eq!(round_trip::<diesel::sql_types::SmallInt, _>(Kept::Two), (Kept::Two, "2".to_owned()));
        assert!(raw::<diesel::sql_types::Text, Harm>("'worse'").unwrap_err().contains("`worse` is not known"));
        assert!(raw::<diesel::sql_types::SmallInt, Kept>("7").unwrap_err().contains("`7` is not known"));
    }
}
