//! The GLEIF reference data (LEI-CDF 3.1) of one LEI that the registry uses, from any file or API answer. The store keeps it in
//! this form too. `lei_evidence` derives the evidence for a VASP from it.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;

use super::vasp::LeiStatus;
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

closed_list! {
    /// The status of the legal entity, worst first.
    ///
    /// Source: GLEIF LEI-CDF 3.1, EntityStatusEnum.
    pub enum EntityStatus {
        /// The entity was dissolved or merged, or has ended for another reason.
        Inactive = "INACTIVE",
        /// Not applicable: the LEI was annulled or issued twice.
        Null = "NULL",
        /// The entity existed, as far as known at the last update.
        Active = "ACTIVE",
    }

    /// The kind of a name other than the legal name.
    ///
    /// Source: GLEIF LEI-CDF 3.1, EntityNameTypeEnum and TransliteratedNameTypeEnum.
    pub enum LeiNameType {
        /// The legal name in another language.
        AlternativeLanguageLegalName = "ALTERNATIVE_LANGUAGE_LEGAL_NAME",
        /// A former legal name.
        PreviousLegalName = "PREVIOUS_LEGAL_NAME",
        /// A trading name.
        TradingOrOperatingName = "TRADING_OR_OPERATING_NAME",
        /// The legal name in ASCII letters, made by a program.
        AutoAsciiTransliteratedLegalName = "AUTO_ASCII_TRANSLITERATED_LEGAL_NAME",
        /// The legal name in ASCII letters, as the entity itself writes it.
        PreferredAsciiTransliteratedLegalName = "PREFERRED_ASCII_TRANSLITERATED_LEGAL_NAME",
        /// Another kind, from a later version of the format.
        Other = "OTHER",
    }
}

/// A name other than the legal name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeiName {
    /// The name.
    pub name: String,
    /// Its kind.
    pub kind: LeiNameType,
}

/// The successor of an entity: its LEI if it has one, otherwise its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// LEI of the successor; `None` if it has none.
    pub lei: Option<Lei>,
    /// Its name.
    pub name: Option<String>,
}

/// The GLEIF record of one LEI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeiRecord {
    /// The LEI.
    pub lei: Lei,
    /// Registered name.
    pub legal_name: String,
    /// Other names, including transliterated ones.
    pub other_names: Vec<LeiName>,
    /// Legal jurisdiction: ISO 3166-1 or 3166-2, such as `DE` or `US-DE`.
    pub jurisdiction: Option<String>,
    /// Country of the legal address.
    pub country: Option<Country>,
    /// Category, such as `GENERAL` or `BRANCH`, as published.
    pub category: Option<String>,
    /// Status of the entity.
    pub entity_status: EntityStatus,
    /// Status of the registration.
    pub registration_status: LeiStatus,
    /// Successors of the entity; empty if there are none.
    pub successors: Vec<Successor>,
    /// The day by which the registration must be renewed.
    pub next_renewal_on: Option<Date>,
    /// When the issuer last changed the record.
    pub updated_at: Option<UtcTime>,
}

/// Reads a closed-list word in GLEIF's spelling; `None` if it is unknown.
#[must_use]
pub fn published_word<T: DeserializeOwned>(text: &str) -> Option<T> {
    let text: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
    T::deserialize(text).ok()
}

impl LeiRecord {
    /// Returns the countries of the entity: of its legal jurisdiction and of its legal address.
    #[must_use]
    pub fn countries(&self) -> Vec<Country> {
        let jurisdiction = self.jurisdiction.as_deref().and_then(|code| code.split('-').next()?.parse().ok());
        let mut found: Vec<Country> = jurisdiction.into_iter().chain(self.country).collect();
        found.dedup();
        found
    }

    /// Tells whether registration and entity are in good standing.
    ///
    /// Source: GLEIF LEI-CDF 3.1 (ISSUED, and ISSUED while being transferred to another issuer) with an ACTIVE entity.
    #[must_use]
    pub fn is_in_good_standing(&self) -> bool {
        let registered =
            matches!(self.registration_status, LeiStatus::Issued | LeiStatus::PendingTransfer | LeiStatus::PendingArchival);
        registered && self.entity_status == EntityStatus::Active
    }

    /// Returns the successors as a phrase; `None` if there are none.
    #[must_use]
    pub fn successors_in_words(&self) -> Option<String> {
        let one = |successor: &Successor| match (&successor.lei, &successor.name) {
            (Some(lei), Some(name)) => Some(format!("{name} ({lei})")),
            (Some(lei), None) => Some(lei.to_string()),
            (None, Some(name)) => Some(name.clone()),
            (None, None) => None,
        };
        let named: Vec<String> = self.successors.iter().filter_map(one).collect();
        (!named.is_empty()).then(|| named.join(", "))
    }

    /// Tells whether this version replaces one that was read on `seen_on`. The later reading wins; on the same day, the later
    /// update wins.
    #[must_use]
    pub fn is_later(&self, looked_on: Date, other: &Self, seen_on: Date) -> bool {
        (looked_on, self.updated_at) >= (seen_on, other.updated_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The record of Amazon Digital UK Limited, as GLEIF's API returned it on 15 May 2025.
    fn record() -> LeiRecord {
        LeiRecord {
            lei: "254900LNRYNOQ9YPU758".parse().unwrap(),
            legal_name: "Amazon Digital UK Limited".into(),
            other_names: vec![LeiName { name: "LOVEFILM UK LIMITED".into(), kind: LeiNameType::PreviousLegalName }],
            jurisdiction: Some("GB".into()),
            country: Some("GB".parse().unwrap()),
            category: Some("GENERAL".into()),
            entity_status: EntityStatus::Active,
            registration_status: LeiStatus::Issued,
            successors: vec![],
            next_renewal_on: Some("2026-05-20".parse().unwrap()),
            updated_at: Some("2025-04-21T10:50:46Z".parse().unwrap()),
        }
    }

    #[test]
    fn words_are_those_of_the_published_format() {
        for (text, status) in [
            ("ISSUED", LeiStatus::Issued),
            ("LAPSED", LeiStatus::Lapsed),
            ("RETIRED", LeiStatus::Retired),
            ("PENDING_TRANSFER", LeiStatus::PendingTransfer),
            ("PENDING_ARCHIVAL", LeiStatus::PendingArchival),
        ] {
            assert_eq!(published_word(text), Some(status));
        }
        assert_eq!(published_word("NULL"), Some(EntityStatus::Null));
        assert_eq!(published_word::<LeiStatus>("issued"), None);
        assert_eq!(published_word("TRADING_OR_OPERATING_NAME"), Some(LeiNameType::TradingOrOperatingName));
    }

    #[test]
    fn a_jurisdiction_of_a_state_is_of_its_country() {
        let of = |jurisdiction: &str, country: &str| {
            let record = LeiRecord { jurisdiction: Some(jurisdiction.into()), country: country.parse().ok(), ..record() };
            record.countries().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };

        assert_eq!(of("US-DE", "US"), "US");
        assert_eq!(of("KY", "GB"), "KY GB");
        assert_eq!(of("EU", "LU"), "LU");
    }

    #[test]
    fn good_standing_takes_a_kept_registration_and_an_active_entity() {
        let with = |registration_status, entity_status| LeiRecord { registration_status, entity_status, ..record() };

        assert!(record().is_in_good_standing());
        assert!(with(LeiStatus::PendingArchival, EntityStatus::Active).is_in_good_standing());
        assert!(!with(LeiStatus::Issued, EntityStatus::Inactive).is_in_good_standing());
        assert!(!with(LeiStatus::Issued, EntityStatus::Null).is_in_good_standing());
        assert!(!with(LeiStatus::Lapsed, EntityStatus::Active).is_in_good_standing());
    }

    #[test]
    fn a_later_look_counts_and_on_one_day_the_later_update() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let updated = |text: &str| LeiRecord { updated_at: text.parse().ok(), ..record() };
        let (early, late) = (updated("2026-01-01T00:00:00Z"), updated("2026-01-01T16:00:00Z"));

        assert!(late.is_later(day("2026-01-02"), &early, day("2026-01-02")));
        assert!(!early.is_later(day("2026-01-02"), &late, day("2026-01-02")));
        assert!(early.is_later(day("2026-01-03"), &late, day("2026-01-02")));
        assert!(!late.is_later(day("2026-01-01"), &early, day("2026-01-02")));
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let text = serde_json::to_string(&record()).unwrap();

        assert_eq!(serde_json::from_str::<LeiRecord>(&text).unwrap(), record());
    }
}
