//! Whether the registers of the customer's country show an entity of a brand. That one is missing means something only if the register is held
//! whole, if it is recent, and if every row can be compared with the brand. Callers: the check `identity`, and the service, which compares the
//! rows.
//!
//! Source: docs/brands.md, "What a pre-check asks".

use std::collections::BTreeSet;

use super::super::elsewhere::JudgedVasp;
use super::super::lei_evidence::fold;
use super::{CheckCode, CheckResult, Evidence, EvidenceOf, PrecheckInput, sentences};
use vasp_record::vasp::Vasp;
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::time::Date;

/// Fewer letters are found in many names.
const SHORTEST: usize = 3;
/// Fewer letters of a first word are found in many names.
const SHORTEST_FIRST_WORD: usize = 4;
/// First words that tell no firm from another: an operator `Digital One Software Limited` is not looked for as `digital`.
const GENERAL: [&str; 6] = ["asset", "crypto", "digital", "global", "smart", "virtual"];

/// The registers of a country, held whole, that show no entity of a brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoneRegistered {
    /// The country.
    pub country: Country,
    /// Ids of the authorities.
    pub authorities: Vec<String>,
    /// The day of the oldest snapshot.
    pub observed_on: Date,
    /// The file of that snapshot.
    pub source: String,
}

impl NoneRegistered {
    /// Returns whether the registers are within the policy's age limit.
    pub(super) fn is_recent(&self, input: &PrecheckInput<'_>) -> bool {
        let days = input.now.date().days_since(self.observed_on).max(0);
        Some(self.country) == input.customer_country && !input.policy.freshness().register.is_passed(days)
    }

    /// Returns the finding about a brand.
    pub(super) fn result(&self, brand: &str, evidence: Vec<Evidence>) -> CheckResult {
        let (authorities, brand) = (sentences::cut(&self.authorities.join(", "), 40), sentences::cut(brand, 40));
        let detail = format!(
            "No entity of {brand} or of its known operators is in the register of {authorities} of {}.",
            self.observed_on
        );
        let register = |authority: &String| Evidence {
            of: EvidenceOf::Register(authority.clone().into()),
            source: self.source.clone().into(),
            observed_at: Some(self.observed_on.start()),
            valid_until: None,
        };
        let evidence = evidence.into_iter().chain(self.authorities.iter().map(register)).collect();
        CheckResult::new(CheckCode::IdentityNoneRegisteredThere, detail, evidence)
    }
}

/// What the names of a brand and of its operators look like in one word. It finds too much rather than too little.
#[derive(Clone, Debug)]
pub struct BrandWords {
    group: VaspId,
    /// The whole names.
    words: Vec<String>,
    /// The first words of operators.
    firsts: Vec<String>,
    /// Parts of the names that are whole words.
    parts: BTreeSet<String>,
}

impl BrandWords {
    /// Returns the words of a brand; `None` if its name is too short to be told apart from other names.
    #[must_use]
    pub fn of(group: &JudgedVasp) -> Option<Self> {
        let own = names(&group.record).map(compact);
        let hosts =
            group.record.website.iter().map(|site| label(site)).chain(group.record.domains.iter().map(|d| label(&d.domain)));
        let operators = || group.elsewhere.links.iter().map(|link| link.entity.legal_name.as_str());
        let folded = operators().filter_map(fold).map(|folded| compact(&folded));
        let words: Vec<String> = own.chain(hosts).chain(folded).filter(|word| !word.is_empty()).collect();
        let firsts = operators().filter_map(|name| name.split_whitespace().next()).map(compact);
        let firsts = firsts.filter(|word| word.len() >= SHORTEST_FIRST_WORD && !GENERAL.contains(&word.as_str())).collect();
        let has_short = words.iter().any(|word| word.len() < SHORTEST);
        let parts = names(&group.record).chain(operators()).flat_map(whole_words).collect();
        (!words.is_empty() && !has_short).then_some(Self { group: group.record.id, words, firsts, parts })
    }

    /// Returns whether a register's row may be an entity of the brand, or cannot be compared with it: it has a name in other letters than
    /// Latin ones, and no site. An entity of another brand may be this one's only if it has this one's whole name: Binance Japan is none of
    /// `Binance TR`, but a firm `OKCoin Japan` of OKX may be one of `OKCoin`.
    #[must_use]
    pub fn may_be(&self, row: &Vasp) -> bool {
        let hosts =
            row.website.iter().map(String::as_str).chain(row.domains.iter().map(|domain| domain.domain.as_str())).map(compact);
        let texts: Vec<String> = names(row).map(compact).chain(hosts).filter(|text| text.len() >= SHORTEST).collect();
        // The row's name in the brand's counts at its beginning, or as whole words: `INEX` is no part of `Bitfinex`.
        let begins = |text: &String| self.words.iter().chain(&self.firsts).any(|word| word.starts_with(text));
        let is_partly =
            |text: &String| self.parts.contains(text) || begins(text) || self.firsts.iter().any(|word| text.contains(word));
        let is_anothers = row.group.is_some_and(|group| group != self.group);
        let is_like = |text: &String| !is_anothers && is_partly(text) || self.words.iter().any(|word| text.contains(word));
        let is_foreign = |name: &str| name.chars().any(|letter| letter.is_alphabetic() && letter > '\u{024F}');
        let is_unread = row.website.is_none() && row.domains.is_empty() && names(row).all(is_foreign);
        texts.is_empty() || is_unread || row.group == Some(self.group) || texts.iter().any(is_like)
    }
}

fn names(vasp: &Vasp) -> impl Iterator<Item = &str> {
    std::iter::once(vasp.legal_name.as_str()).chain(vasp.other_names.iter().map(|other| other.name.as_str()))
}

/// Returns the letters and digits of the Latin script, in lower case.
fn compact(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Returns each run of whole words of a name, written together. A capital letter after a small one begins a word, too, so that `BitTrade` is
/// `Bit Trade`.
fn whole_words(name: &str) -> Vec<String> {
    let (mut words, mut before): (Vec<String>, char) = (vec![], ' ');
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            let is_capital = before.is_ascii_lowercase() && letter.is_ascii_uppercase();
            if is_capital || !before.is_ascii_alphanumeric() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.push(letter.to_ascii_lowercase());
            }
        }
        before = letter;
    }
    let joined = |run: &mut String, word: &String| {
        run.push_str(word);
        Some(run.clone())
    };
    (0..words.len()).flat_map(|start| words.iter().skip(start).scan(String::new(), joined)).collect()
}

/// Returns the longest part of a host, which names the firm.
fn label(host: &str) -> String {
    let host = host.split("://").last().unwrap_or_default().split('/').next().unwrap_or_default();
    let parts: Vec<String> = host.split('.').filter(|part| *part != "www").map(compact).collect();
    // The first of the longest: `com` is no name of a firm.
    parts.into_iter().rev().max_by_key(String::len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::super::brand_links::tests::link;
    use super::super::super::brand_links::{LinkEvidenceKind, Served};
    use super::super::super::policy::{AgeLimit, Recommendation, StepCode};
    use super::super::examples::*;
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn brand(name: &str, operators: &[&str]) -> JudgedVasp {
        let mut brand = unlisted(Vasp { legal_name: name.to_owned(), ..group(11) });
        for operator in operators {
            let mut link = link(LinkEvidenceKind::TermsOfUse, Served::Everywhere);
            link.entity.legal_name = (*operator).to_owned();
            brand.elsewhere.links.push(Arc::new(link));
        }
        brand
    }

    fn row(name: &str, website: Option<&str>) -> Vasp {
        Vasp { legal_name: name.to_owned(), website: website.map(str::to_owned), ..entity(1) }
    }

    /// Names and sites as the registers of Ireland, Korea and Japan show them.
    #[test]
    fn rows_are_compared_by_name_site_and_operator() {
        let kraken = BrandWords::of(&brand("Kraken", &["Payward, Inc."])).unwrap();

        assert!(kraken.may_be(&row("Payward Europe Solutions Limited", None)));
        assert!(kraken.may_be(&row("Octopus Limited", Some("https://www.kraken.com/eu"))));
        assert!(kraken.may_be(&Vasp { group: Some(id(11)), ..row("Octopus Limited", None) }));
        assert!(kraken.may_be(&row("두나무 주식회사", None)), "no Latin letters: it cannot be compared");
        assert!(!kraken.may_be(&row("bitFlyer", None)));
        assert!(!kraken.may_be(&row("두나무 주식회사", Some("upbit.com"))));
        assert!(BrandWords::of(&brand("B2", &[])).is_none(), "too short to be told apart");
    }

    /// Rows of Korea's register, INEX and Robit, kept `no` away from Bitfinex and ProBit. A name that is written together or apart is the same.
    #[test]
    fn a_row_is_like_a_brand_by_whole_words_and_by_its_beginning_however_the_words_are_joined() {
        let like = |name: &str, operators: &[&str], shown: &str| {
            BrandWords::of(&brand(name, operators)).unwrap().may_be(&row(shown, None))
        };

        assert!(!like("Bitfinex", &["iFinex Inc."], "INEX"));
        assert!(!like("ProBit Global", &[], "Robit"));
        assert!(like("ProBit Global", &[], "ProBit") && like("ProBit Global", &[], "Global"));
        assert!(like("Kraken", &["BIT TRADE PTY LIMITED"], "BitTrade") && like("Kraken", &["BitTrade"], "Bit Trade"));
        assert!(like("Binance TR", &[], "Binance") && like("binancetr", &[], "Binance"), "it begins with the row's name");
        let p2b = ["SMART DIGITAL SOLUTIONS LIMITED"];
        assert!(!like("P2B", &p2b, "SMART VALOR AG") && like("P2B", &p2b, "Smart Digital Solutions GmbH"));
        assert!(like("WhiteBIT", &[], "White") && like("My Coin Desk", &[], "CoinDesk"));
    }

    /// Rows of Japan's register.
    #[test]
    fn an_entity_of_another_brand_is_like_only_with_the_whole_name() {
        let like = |name: &str, shown: &str| {
            let others = Vasp { group: Some(id(12)), ..row(shown, None) };
            BrandWords::of(&brand(name, &["Binance Turkey A.Ş."])).unwrap().may_be(&others)
        };

        assert!(!like("Binance TR", "Binance") && !like("Binance TR", "Binance Japan Inc."));
        assert!(like("OKCoin", "OKCoin Japan K.K.") && like("Binance", "Binance"));
    }

    proptest! {
        /// Whatever stands between the words, or whether anything does: the same words are like.
        #[test]
        fn a_name_stays_like_itself_however_it_is_written(words in proptest::collection::vec("[A-Z][a-z]{3,8}", 1..4), gap in "[ .-]?") {
            let words_of = BrandWords::of(&brand(&words.join(" "), &[])).unwrap();

            prop_assert!(words_of.may_be(&row(&words.join(gap.as_str()), None)));
            prop_assert!(words_of.may_be(&row(&words[words.len() - 1], None)), "its last word alone");
        }
    }

    fn asked(customer: Option<&str>) -> Case {
        let mut case = Case::about(Question::Address(vec![claim(1, 11)]), vec![group(11)]);
        case.customer_country = customer.map(country);
        let (authorities, source) = (vec!["JP-FSA".to_owned()], "jp-fsa.csv".to_owned());
        case.none_registered =
            Some(NoneRegistered { country: country("JP"), authorities, observed_on: date("2026-04-20"), source });
        case
    }

    #[test]
    fn the_answer_says_that_no_entity_is_registered_there_instead_of_asking_for_the_country() {
        let answer = asked(Some("JP")).run();

        assert_eq!(answer.checks[1].code, CheckCode::IdentityNoneRegisteredThere);
        assert_eq!(
            answer.checks[1].detail,
            "No entity of Brand 11 or of its known operators is in the register of JP-FSA of 2026-04-20."
        );
        assert_eq!(answer.recommendation, Recommendation::Hold);
        assert!(answer.next_steps.iter().all(|step| !step.detail.contains("customer_country")), "{:?}", answer.next_steps);
        assert!(answer.next_steps.iter().any(|step| step.code == StepCode::AskCounterparty));
    }

    #[test]
    fn a_register_of_another_country_or_beyond_its_age_says_nothing() {
        let mut old = asked(Some("JP"));
        old.now = at("2026-12-31T12:00:00Z");

        assert_eq!(asked(Some("DE")).run().checks[1].code, CheckCode::IdentityGroupOnly);
        assert_eq!(asked(None).run().checks[1].code, CheckCode::IdentityGroupOnly);
        assert_eq!(old.run().checks[1].code, CheckCode::IdentityGroupOnly);
        assert!(AgeLimit { warn_after: 1, unknown_after: Some(2) }.is_passed(3));
    }

    /// The directory knows no entity of the brand, or none that may serve the customer: "say which of them it is" could not be done.
    #[test]
    fn nobody_is_asked_to_name_an_entity_where_none_may_serve_the_customer() {
        let steps = |case: &Case| case.run().next_steps.iter().map(|step| step.code).collect::<Vec<_>>();
        let mut case = asked(Some("US"));
        let asked_elsewhere = [StepCode::AskCounterparty, StepCode::WaitForReview];
        assert_eq!(steps(&case), asked_elsewhere);

        case.records.extend([1, 3].map(|number| Vasp { group: Some(id(11)), ..entity(number) }));
        assert_eq!(steps(&case), asked_elsewhere, "they serve Ireland and Germany");
        case.customer_country = Some(country("DE"));
        assert_eq!(steps(&case), [StepCode::NameEntity]);
    }

    /// One more true fact told: the steps never ask for it again.
    #[test]
    fn next_steps_never_ask_for_a_member_that_the_request_has() {
        let mut case = asked(Some("DE"));
        let of_brand = |number| Vasp { group: Some(id(11)), ..entity(number) };
        case.records.extend([of_brand(1), of_brand(3)]);
        let details =
            |case: &Case| case.run().next_steps.iter().map(|step| step.detail.to_string()).collect::<Vec<_>>().join(" ");
        assert!(!details(&case).contains("customer_country"), "{}", details(&case));
        assert!(details(&case).contains("`declared`"));

        case.records.push(entity(2));
        case.declared = super::super::Declared::Vasp(id(2));
        assert!(!details(&case).contains("`declared`"), "{}", details(&case));

        case.customer_country = None;
        assert!(details(&case).contains("customer_country") && !details(&case).contains("`declared`"), "{}", details(&case));
    }
}
