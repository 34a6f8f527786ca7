//! What the GLEIF record of an LEI says for and against the VASP that has it: dated findings, worst first. This module is pure. The caller
//! passes folded names, because folding them for every generation of the directory would cost too much. `precheck::lei` decides what the
//! findings mean for a pre-check.

use std::sync::Arc;

use strsim::jaro_winkler;
use vasp_words::closed_list::closed_list;

use super::remembered::Remembered;
use vasp_record::lei_record::{EntityStatus, LeiNameType, LeiRecord};
use vasp_record::search::SearchText;
use vasp_record::vasp::LeiStatus;
use vasp_words::country::Country;
use vasp_words::time::Date;

/// From this similarity on, two folded names without their legal forms differ only by a typing error.
///
/// Measured on 2,587 LEIs that registers name (ESMA's MiCA registers December 2025 to July 2026, the ISO 10383 list). Spellings of one
/// entity's name that differ after folding have a similarity of 0.951 or more (a misspelling, an added place). Renamed firms have 0.87 or
/// less. Two entities of one group reach 0.936 (`Griffin Markets`, `Griffin Markets Europe`), and the check must notice the use of the
/// other's LEI. Of 300,000 pairs of unrelated names, seven reach 0.95.
pub(crate) const LIKE_ENOUGH: f64 = 0.95;

closed_list! {
    /// Whether the GLEIF record supports the record here.
    pub enum FindingSide as "LeiFindingSide" {
        /// GLEIF contradicts the record.
        Mismatch = "mismatch",
        /// A person should know about it.
        Warning = "warning",
        /// GLEIF agrees with the record.
        Matches = "matches",
    }
}

closed_list! {
    /// What the GLEIF record says for or against the record here.
    pub enum LeiFindingCode with FindingSide {
        /// The registration is annulled, a duplicate, retired, merged or cancelled.
        RegistrationOver = "registration_over" => FindingSide::Mismatch,
        /// The entity is not active.
        EntityInactive = "entity_inactive" => FindingSide::Mismatch,
        /// The LEI belongs to an entity with another name.
        NameMismatch = "name_mismatch" => FindingSide::Mismatch,
        /// The LEI belongs to an entity of another country.
        CountryMismatch = "country_mismatch" => FindingSide::Mismatch,
        /// The LEI was not renewed in time.
        RegistrationLapsed = "registration_lapsed" => FindingSide::Warning,
        /// The LEI is moving to another issuer, or is not validated yet.
        RegistrationPending = "registration_pending" => FindingSide::Warning,
        /// The renewal date has passed, but the registration is still listed as issued.
        RenewalOverdue = "renewal_overdue" => FindingSide::Warning,
        /// GLEIF names a successor.
        SuccessorNamed = "successor_named" => FindingSide::Warning,
        /// The record's name is a former name according to GLEIF.
        FormerName = "former_name" => FindingSide::Warning,
        /// The registration and the entity are in good standing.
        GoodStanding = "good_standing" => FindingSide::Matches,
        /// The names agree.
        NameMatches = "name_matches" => FindingSide::Matches,
        /// The countries agree.
        CountryMatches = "country_matches" => FindingSide::Matches,
    }
}

impl LeiFindingCode {
    /// Returns which side the finding supports.
    #[must_use]
    pub fn side(self) -> FindingSide {
        self.with()
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeiFinding {
    /// The code.
    pub code: LeiFindingCode,
    /// One sentence for people.
    pub detail: String,
    /// The day of the GLEIF data.
    pub observed_on: Date,
}

/// The GLEIF record of an LEI, together with its findings about a VASP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeiWord {
    /// The record.
    pub record: Arc<LeiRecord>,
    /// The file or answer that last contained it.
    pub source: String,
    /// The day of that file.
    pub observed_on: Date,
    /// What it says for and against the VASP, worst first.
    pub findings: Vec<LeiFinding>,
}

/// A name in the form used for comparison, without its legal forms; `None` if it has no letter or digit.
pub type Folded = Option<String>;

/// Folds a name for comparison.
#[must_use]
pub fn fold(name: &str) -> Folded {
    SearchText::of_name(name).map(|text| text.words().to_owned())
}

/// Folds a name of the directory, and remembers it: pre-checks ask for it again and again.
pub(crate) fn remembered_fold(name: &str) -> Option<Arc<str>> {
    static KNOWN: Remembered<Option<Arc<str>>> = Remembered::nothing();
    KNOWN.of(name, || fold(name).map(Arc::from))
}

/// A GLEIF record whose names are already folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldedRecord {
    /// The record.
    pub record: Arc<LeiRecord>,
    present: Vec<String>,
    former: Vec<String>,
}

impl FoldedRecord {
    /// Folds the names of a record.
    #[must_use]
    pub fn of(record: LeiRecord) -> Self {
        let named = |former: bool| {
            let others = record.other_names.iter().filter(move |other| (other.kind == LeiNameType::PreviousLegalName) == former);
            others.filter_map(|other| fold(&other.name)).collect::<Vec<_>>()
        };
        let (former, mut present) = (named(true), named(false));
        present.extend(fold(&record.legal_name));
        Self { record: Arc::new(record), present, former }
    }
}

/// The VASP that the record is compared with.
#[derive(Clone, Debug)]
pub struct Bearer<'a> {
    /// Its legal name.
    pub legal_name: &'a str,
    /// The legal name, folded.
    pub folded: Folded,
    /// Its country.
    pub country: Option<Country>,
}

/// Judges a record that was seen on `observed_on` against the VASP with its LEI, for `day`.
#[must_use]
pub fn judge(folded: &FoldedRecord, bearer: &Bearer<'_>, observed_on: Date, day: Date) -> Vec<LeiFinding> {
    let record = folded.record.as_ref();
    let mut found = vec![name(folded, bearer)];
    found.extend(country(record, bearer));
    found.extend(standing(record, day));
    let mut findings: Vec<LeiFinding> =
        found.into_iter().map(|(code, detail)| LeiFinding { code, detail, observed_on }).collect();
    findings.sort_by_key(|finding| finding.code);
    findings
}

type Found = (LeiFindingCode, String);

fn name(folded: &FoldedRecord, bearer: &Bearer<'_>) -> Found {
    let (own, published) = (bearer.legal_name, &folded.record.legal_name);
    let agrees = |names: &[String], least: f64| {
        bearer.folded.as_ref().is_some_and(|own| names.iter().any(|name| name == own || jaro_winkler(name, own) >= least))
    };
    if agrees(&folded.present, LIKE_ENOUGH) {
        return (LeiFindingCode::NameMatches, format!("GLEIF's name is `{published}`."));
    }
    if agrees(&folded.former, LIKE_ENOUGH) {
        return (LeiFindingCode::FormerName, format!("GLEIF lists `{own}` as a former name; the name is now `{published}`."));
    }
    (LeiFindingCode::NameMismatch, format!("GLEIF says that the LEI belongs to `{published}`; in this registry `{own}` has it."))
}

fn country(record: &LeiRecord, bearer: &Bearer<'_>) -> Option<Found> {
    let (own, published) = (bearer.country?, record.countries());
    let words = published.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    match (published.is_empty(), published.contains(&own)) {
        (true, _) => None,
        (false, true) => Some((LeiFindingCode::CountryMatches, format!("GLEIF's country is {words}."))),
        (false, false) => {
            Some((LeiFindingCode::CountryMismatch, format!("GLEIF gives the country {words}; this registry has {own}.")))
        }
    }
}

fn standing(record: &LeiRecord, day: Date) -> Vec<Found> {
    let mut found = Vec::new();
    let status = record.registration_status;
    match status {
        LeiStatus::Annulled | LeiStatus::Duplicate | LeiStatus::Retired | LeiStatus::Merged | LeiStatus::Cancelled => {
            found.push((LeiFindingCode::RegistrationOver, format!("The registration of the LEI is {}.", in_words(status))));
        }
        LeiStatus::Lapsed => {
            found.push((LeiFindingCode::RegistrationLapsed, "The LEI was not renewed in time.".to_owned()));
        }
        LeiStatus::Transferred | LeiStatus::PendingValidation => {
            found.push((LeiFindingCode::RegistrationPending, format!("The registration of the LEI is {}.", in_words(status))));
        }
        LeiStatus::Issued | LeiStatus::PendingTransfer | LeiStatus::PendingArchival => {
            if let Some(due) = record.next_renewal_on.filter(|due| *due < day) {
                let detail = format!("The registration was due for renewal by {due} and has not lapsed yet.");
                found.push((LeiFindingCode::RenewalOverdue, detail));
            }
        }
    }
    if record.entity_status != EntityStatus::Active {
        found.push((LeiFindingCode::EntityInactive, "GLEIF does not show the entity as active.".to_owned()));
    }
    if let Some(successors) = record.successors_in_words() {
        found.push((LeiFindingCode::SuccessorNamed, format!("GLEIF names a successor: {successors}.")));
    }
    if record.is_in_good_standing() {
        found.push((LeiFindingCode::GoodStanding, "Registration and entity are in good standing.".to_owned()));
    }
    found
}

fn in_words(status: LeiStatus) -> &'static str {
    match status {
        LeiStatus::Annulled => "annulled",
        LeiStatus::Duplicate => "a duplicate of another",
        LeiStatus::Retired => "retired",
        LeiStatus::Merged => "merged into another",
        LeiStatus::Cancelled => "cancelled",
        LeiStatus::Transferred => "transferred to another issuer",
        LeiStatus::PendingValidation => "not validated yet",
        LeiStatus::Lapsed => "lapsed",
        LeiStatus::PendingArchival | LeiStatus::PendingTransfer => "being transferred to another issuer",
        LeiStatus::Issued => "issued",
    }
}

#[cfg(test)]
pub(crate) mod examples {
    use super::LeiRecord;

    /// The record of Amazon Digital UK Limited as the GLEIF API returned it on 15 May 2025.
    pub(crate) fn record() -> LeiRecord {
        let text = r#"{"lei": "254900LNRYNOQ9YPU758", "legal_name": "Amazon Digital UK Limited", "jurisdiction": "GB", "country": "GB",
            "other_names": [{"name": "LOVEFILM UK LIMITED", "kind": "PREVIOUS_LEGAL_NAME"}], "category": "GENERAL",
            "entity_status": "ACTIVE", "registration_status": "ISSUED", "successors": [], "next_renewal_on": "2026-05-20",
            "updated_at": "2025-04-21T10:50:46Z"}"#;
        serde_json::from_str(text).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::examples::record;
    use super::*;
    use proptest::prelude::*;
    use vasp_record::lei_record::{LeiName, Successor};

    fn codes(record: LeiRecord, legal_name: &str, of: &str, day: &str) -> Vec<LeiFindingCode> {
        let bearer = Bearer { legal_name, folded: fold(legal_name), country: of.parse().ok() };
        let day: Date = day.parse().unwrap();
        judge(&FoldedRecord::of(record), &bearer, day, day).into_iter().map(|finding| finding.code).collect()
    }

    fn named(record: LeiRecord, legal_name: &str) -> LeiFindingCode {
        let all = codes(record, legal_name, "", "2026-01-01");
        *all.iter().find(|code| code.as_str().contains("name_m") || **code == LeiFindingCode::FormerName).unwrap()
    }

    #[test]
    fn a_record_that_agrees_says_so() {
        use LeiFindingCode::{CountryMatches, GoodStanding, NameMatches};

        assert_eq!(codes(record(), "AMAZON DIGITAL (UK) Ltd", "GB", "2026-05-20"), [GoodStanding, NameMatches, CountryMatches]);
    }

    /// Pairs of names with the same LEI in ESMA's MiCA registers of December 2025 to July 2026.
    #[test]
    fn slips_are_no_mismatch_and_renamed_or_other_entities_are() {
        let called = |name: &str| LeiRecord { legal_name: name.into(), other_names: vec![], ..record() };

        for (gleif, register) in [
            ("Circle Internet Financial Europe SAS", "CIRCLE INTETRNET FINANCIAL EUROPE SAS"),
            ("WB-Shields Innovations GmbH", "WB-Shield Innovations GmbH"),
            ("ILIRIKA borzno posredniška hiša d.d., Ljubljana", "ILIRIKA borzno posredniška hiša d.d."),
        ] {
            assert_eq!(named(called(gleif), register), LeiFindingCode::NameMatches, "{gleif}");
        }
        for (gleif, register) in [
            ("Payward Global Solutions Limited", "Eterna Ltd."),
            ("OKX Europe Limited", "OKCoin Europe LTD"),
            ("FLOWDESK EUROPE SAS", "APLO SAS"),
            ("BITSTACK DIGITAL ASSETS SAS", "BITSTACK SAS"),
            ("Griffin Markets Limited", "Griffin Markets Europe SAS"),
            ("Decubate B.V.", "-"),
        ] {
            assert_eq!(named(called(gleif), register), LeiFindingCode::NameMismatch, "{gleif}");
        }
    }

    #[test]
    fn a_name_in_other_letters_agrees_and_a_former_one_is_told() {
        let ascii = LeiName { name: "Bitpanda GmbH".into(), kind: LeiNameType::AutoAsciiTransliteratedLegalName };
        let record = LeiRecord { legal_name: "株式会社".into(), other_names: vec![ascii], ..record() };

        assert_eq!(named(record, "Bitpanda GmbH"), LeiFindingCode::NameMatches);
        assert_eq!(named(super::examples::record(), "LoveFilm UK Limited"), LeiFindingCode::FormerName);
    }

    #[test]
    fn another_country_an_ended_registration_and_a_successor_are_told_worst_first() {
        use LeiFindingCode::{CountryMismatch, EntityInactive, NameMatches, RegistrationOver, SuccessorNamed};
        let successor = Successor { lei: None, name: Some("Amazon EU S.à r.l.".into()) };
        let record = LeiRecord {
            registration_status: LeiStatus::Retired,
            entity_status: EntityStatus::Inactive,
            successors: vec![successor],
            ..record()
        };

        assert_eq!(
            codes(record, "Amazon Digital UK Limited", "DE", "2026-01-01"),
            [RegistrationOver, EntityInactive, CountryMismatch, SuccessorNamed, NameMatches]
        );
    }

    #[test]
    fn a_renewal_is_overdue_from_the_day_after() {
        let on = |day: &str| codes(record(), "Amazon Digital UK Limited", "GB", day).contains(&LeiFindingCode::RenewalOverdue);

        assert_eq!([on("2026-05-20"), on("2026-05-21")], [false, true]);
    }

    #[test]
    fn codes_stand_by_side_worst_first() {
        assert!(LeiFindingCode::ALL.is_sorted_by_key(|code| code.side()));
    }

    proptest! {
        #[test]
        fn any_names_are_judged_once_without_panic(own in "\\PC*", published in "\\PC*") {
            let record = LeiRecord { legal_name: published, other_names: vec![], ..record() };
            let all = codes(record, &own, "DE", "2026-01-01");
            prop_assert_eq!(all.iter().filter(|code| code.as_str().contains("name")).count(), 1);
        }
    }
}
