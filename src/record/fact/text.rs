//! The text form of fact items and values in database columns. Identifiers, dates and closed-list words use their displayed form;
//! published objects use JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::delegation::{DelegatedPath, DelegationStatus};
use super::super::licence::{Activity, PublishedStanding};
use super::super::timeline::Shown;
use super::super::vasp::{DomainScope, DomainStatus, VaspStatus};
use super::packed::{Packed, put_day, put_text};
use crate::screening_decision::PairKey;
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// A value in one text column of a fact.
pub(super) trait FactText: Sized {
    /// Reads the value; `None` if this program cannot have written the text.
    fn read(text: &str) -> Option<Self>;

    /// Writes the value.
    fn text(&self) -> String;

    /// Adds the value to packed bytes; as its text, unless it has a shorter form.
    fn pack(&self, to: &mut Vec<u8>) {
        put_text(to, &self.text());
    }

    /// Reads the next packed value; `None` if it is not there.
    fn unpack(from: &mut Packed<'_>) -> Option<Self> {
        Self::read(from.text()?)
    }
}

/// The empty item of an attribute that has only one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoItem;

/// The dates of a licensed activity, as published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityDates {
    /// First day.
    pub from: Option<Date>,
    /// First day on which it is no longer valid.
    pub to: Option<Date>,
}

impl FactText for NoItem {
    fn read(text: &str) -> Option<Self> {
        text.is_empty().then_some(Self)
    }

    fn text(&self) -> String {
        String::new()
    }

    fn pack(&self, _: &mut Vec<u8>) {}

    fn unpack(_: &mut Packed<'_>) -> Option<Self> {
        Some(Self)
    }
}

impl FactText for String {
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn text(&self) -> String {
        self.clone()
    }

    fn pack(&self, to: &mut Vec<u8>) {
        put_text(to, self);
    }
}

/// `from/to`; a date that was not published is empty.
impl FactText for ActivityDates {
    fn read(text: &str) -> Option<Self> {
        let day = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
        let (from, to) = text.split_once('/')?;
        Some(Self { from: day(from)?, to: day(to)? })
    }

    fn text(&self) -> String {
        let text = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
        format!("{}/{}", text(self.from), text(self.to))
    }

    fn pack(&self, to: &mut Vec<u8>) {
        put_day(to, self.from);
        put_day(to, self.to);
    }

    fn unpack(from: &mut Packed<'_>) -> Option<Self> {
        Some(Self { from: from.day()?, to: from.day()? })
    }
}

impl FactText for Date {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn text(&self) -> String {
        self.to_string()
    }

    fn pack(&self, to: &mut Vec<u8>) {
        put_day(to, Some(*self));
    }

    fn unpack(from: &mut Packed<'_>) -> Option<Self> {
        from.day()?
    }
}

impl<T: Serialize + DeserializeOwned> FactText for Box<T> {
    fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn text(&self) -> String {
        // It consists of texts, lists and dates, so it always has a JSON form.
        serde_json::to_value(self).unwrap_or_default().to_string()
    }
}

macro_rules! as_shown {
    ($($name:ty),*) => {$(
        impl FactText for $name {
            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn text(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

as_shown!(Country, Lei, VaspId, Activity, DelegatedPath, PairKey);
as_shown!(VaspStatus, DomainStatus, DomainScope, DelegationStatus, PublishedStanding, Shown);
