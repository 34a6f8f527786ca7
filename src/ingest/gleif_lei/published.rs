//! A record as text, in any of the published forms, and its conversion. Errors name the elements of the format.

use super::Wrong;
use vasp_record::lei_record::{EntityStatus, LeiName, LeiNameType, LeiRecord, Successor, published_word};
use vasp_record::register::Reason;
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

/// A name with its type, as published.
pub(super) struct PublishedName {
    pub(super) name: String,
    pub(super) kind: Option<String>,
}

/// A record as text.
#[derive(Default)]
pub(super) struct Published {
    pub(super) legal_name: Option<String>,
    pub(super) country: Option<String>,
    pub(super) jurisdiction: Option<String>,
    pub(super) entity_status: Option<String>,
    pub(super) updated_at: Option<String>,
    pub(super) registration_status: Option<String>,
    pub(super) next_renewal: Option<String>,
    pub(super) category: Option<String>,
    pub(super) other_names: Vec<PublishedName>,
    /// LEI and name of each successor.
    pub(super) successors: Vec<[Option<String>; 2]>,
}

/// The maximum length of a name in the format; a longer text is cut.
///
/// Source: GLEIF LEI-CDF 3.1, NameType (500 characters).
const LONGEST_NAME: usize = 500;

impl Published {
    /// Converts the text. Statuses are read strictly, because an unknown status could be an important one. An invalid country or date is
    /// left out.
    ///
    /// # Errors
    /// The element that is wrong, with reason and text.
    pub(super) fn record(self, lei: Lei) -> Result<LeiRecord, Wrong> {
        let legal_name = self.legal_name.ok_or(("LegalName", Reason::Missing, lei.to_string()))?;
        let unknown = |column, text: &Option<String>| (column, Reason::StatusUnknown, text.clone().unwrap_or_default());
        let word = |text: &Option<String>| text.as_deref().map(str::trim).unwrap_or_default().to_owned();
        let registration_status = published_word(&word(&self.registration_status))
            .ok_or_else(|| unknown("RegistrationStatus", &self.registration_status))?;
        // An API's answer has null where the file has NULL.
        let entity_status = match &self.entity_status {
            None => EntityStatus::Null,
            Some(text) => published_word(text.trim()).ok_or_else(|| unknown("EntityStatus", &self.entity_status))?,
        };
        let mut other_names: Vec<LeiName> = self.other_names.into_iter().filter_map(other_name).collect();
        other_names.sort();
        other_names.dedup();
        let updated_at = self.updated_at.map(|text| instant(&text).ok_or(("LastUpdateDate", Reason::DateInvalid, text)));
        Ok(LeiRecord {
            lei,
            legal_name: short(&legal_name),
            other_names,
            jurisdiction: self.jurisdiction,
            country: self.country.and_then(|code| code.parse().ok()),
            category: self.category,
            entity_status,
            registration_status,
            successors: self.successors.into_iter().filter_map(successor).collect(),
            next_renewal_on: self.next_renewal.and_then(|text| day(&text)),
            updated_at: updated_at.transpose()?,
        })
    }
}

fn other_name(name: PublishedName) -> Option<LeiName> {
    let kind = name.kind.as_deref().and_then(|kind| published_word(kind.trim())).unwrap_or(LeiNameType::Other);
    let name = short(&name.name);
    (!name.is_empty()).then_some(LeiName { name, kind })
}

fn successor([lei, name]: [Option<String>; 2]) -> Option<Successor> {
    let lei = lei.and_then(|text| text.parse().ok());
    (lei.is_some() || name.is_some()).then(|| Successor { lei, name: name.map(|name| short(&name)) })
}

/// Returns a name on one line, without control characters, which databases refuse.
fn short(name: &str) -> String {
    let words: Vec<&str> = name.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(LONGEST_NAME).collect()
}

/// Reads `2024-05-03T08:31:20.554+02:00`, or a day alone.
fn instant(text: &str) -> Option<UtcTime> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<Date>().ok().map(Date::start))
}

/// Reads the day as written, whatever its offset from UTC: this is the day that the issuer means.
fn day(text: &str) -> Option<Date> {
    text.trim().get(..10)?.parse().ok()
}
