//! What GLEIF publishes of one LEI, as far as the registry uses it: the reference data of LEI-CDF 3.1, whatever file or
//! answer it came in. Also the form in which the store keeps it. What follows from it for a VASP is `lei_evidence`.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;

use super::vasp::LeiStatus;
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

closed_list! {
    /// Whether the legal entity is there, worst first.
    ///
    /// Source: GLEIF LEI-CDF 3.1, EntityStatusEnum.
    pub enum EntityStatus {
        /// Dissolved, merged, or no longer there for another reason.
        Inactive = "INACTIVE",
        /// Not applicable: the LEI was annulled or issued twice.
        Null = "NULL",
        /// There, as far as was known at the last update.
        Active = "ACTIVE",
    }

    /// Kind of a name beside the legal one.
    ///
    /// Source: GLEIF LEI-CDF 3.1, EntityNameTypeEnum and TransliteratedNameTypeEnum.
    pub enum LeiNameType {
        /// The legal name in another language.
        AlternativeLanguageLegalName = "ALTERNATIVE_LANGUAGE_LEGAL_NAME",
        /// What it was called before.
        PreviousLegalName = "PREVIOUS_LEGAL_NAME",
        /// What it trades as.
        TradingOrOperatingName = "TRADING_OR_OPERATING_NAME",
        /// The legal name in ASCII letters, made by a program.
        AutoAsciiTransliteratedLegalName = "AUTO_ASCII_TRANSLITERATED_LEGAL_NAME",
        /// The legal name in ASCII letters, as the entity itself writes it.
        PreferredAsciiTransliteratedLegalName = "PREFERRED_ASCII_TRANSLITERATED_LEGAL_NAME",
        /// A kind that a later version of the format adds.
        Other = "OTHER",
    }
}

/// A name beside the legal one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeiName {
    /// The name.
    pub name: String,
    /// Its kind.
    pub kind: LeiNameType,
}

/// Who took over: by LEI where it has one, else by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// LEI of the successor.
    pub lei: Option<Lei>,
    /// Its name.
    pub name: Option<String>,
}

/// The record of one LEI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeiRecord {
    /// The LEI.
    pub lei: Lei,
    /// Registered name.
    pub legal_name: String,
    /// Other names, transliterated ones too.
    pub other_names: Vec<LeiName>,
    /// Legal jurisdiction: ISO 3166-1 or 3166-2, such as `DE` or `US-DE`.
    pub jurisdiction: Option<String>,
    /// Country of the legal address.
    pub country: Option<Country>,
    /// Category, such as `GENERAL` or `BRANCH`, as published.
    pub category: Option<String>,
    /// Whether the entity is there.
    pub entity_status: EntityStatus,
    /// State of the registration.
    pub registration_status: LeiStatus,
    /// Who took over, if anybody.
    pub successors: Vec<Successor>,
    /// The day by which the registration has to be renewed.
    pub next_renewal_on: Option<Date>,
    /// When the issuer last changed the record.
    pub updated_at: Option<UtcTime>,
}

/// Reads a word of a closed list as GLEIF writes it.
#[must_use]
pub fn published_word<T: DeserializeOwned>(text: &str) -> Option<T> {
    let text: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
    T::deserialize(text).ok()
}

impl LeiRecord {
    /// Returns the countries that the entity can be said to be of: of its legal jurisdiction and of its legal address.
    #[must_use]
    pub fn countries(&self) -> Vec<Country> {
        let jurisdiction = self.jurisdiction.as_deref().and_then(|code| code.split('-').next()?.parse().ok());
        let mut found: Vec<Country> = jurisdiction.into_iter().chain(self.country).collect();
        found.dedup();
        found
    }

    /// Tells whether registration and entity are in good standing.
    ///
    /// Source: GLEIF LEI-CDF 3.1 (ISSUED, and ISSUED while being handed to another issuer) with an ACTIVE entity.
    #[must_use]
    pub fn is_in_good_standing(&self) -> bool {
        let registered =
            matches!(self.registration_status, LeiStatus::Issued | LeiStatus::PendingTransfer | LeiStatus::PendingArchival);
        registered && self.entity_status == EntityStatus::Active
    }

    /// Names the successors in a phrase; none where there is none.
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

    /// Tells whether this version is to stand in for one that was looked at on `seen_on`: the later look counts, on one day
    /// the later update.
    #[must_use]
    pub fn is_later(&self, looked_on: Date, other: &Self, seen_on: Date) -> bool {
        (looked_on, self.updated_at) >= (seen_on, other.updated_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The record of Amazon Digital UK Limited as GLEIF's API gave it on 15 May 2025.
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
