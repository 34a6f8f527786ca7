//! Parses the cells of ESMA's interim MiCA registers: services, states, dates, LEIs and websites, with all irregularities of the published
//! files. Pure functions; the caller is `esma_casps`.

use std::collections::BTreeSet;

use vasp_record::licence::Activity;
use vasp_record::register::Flag;
use vasp_words::country::{Country, CountryError};
use vasp_words::host::Host;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// Words that distinguish the services of the regulation.
///
/// Source: Regulation (EU) 2023/1114 Art. 3(1)(16); wordings as published in the register from December 2025 to April 2026.
const SERVICES: [(char, &str); 10] = [
    ('a', "custody"),
    ('b', "trading platform"),
    ('c', "exchange of crypto-assets for funds"),
    ('d', "exchange of crypto-assets for other"),
    ('e', "execution of orders"),
    ('f', "placing"),
    ('g', "reception and transmission"),
    ('h', "advice"),
    ('i', "portfolio management"),
    ('j', "transfer services"),
];

/// Returns the services of one cell and its irregularities, or the piece that is not a service.
pub(super) fn services(cell: &str) -> Result<(BTreeSet<Activity>, BTreeSet<Flag>), String> {
    let (mut found, mut flags) = (BTreeSet::new(), BTreeSet::new());
    for piece in cell.split('|').map(tidy).filter(|piece| !piece.is_empty()) {
        one_piece(&piece.to_lowercase(), &mut found, &mut flags).map_err(|()| piece)?;
    }
    Ok((found, flags))
}

/// Reads one piece between separators. It may still contain several services, without separators or separated by commas or ` I `.
fn one_piece(text: &str, found: &mut BTreeSet<Activity>, flags: &mut BTreeSet<Flag>) -> Result<(), ()> {
    let words = text.replace("crypto assets", "crypto-assets");
    let named: Vec<char> = SERVICES.iter().filter(|(_, phrase)| words.contains(phrase)).map(|(letter, _)| *letter).collect();
    let lettered = letter_of(text);
    if named.is_empty() {
        // A letter alone identifies the service. A service with a letter or the word "crypto-asset", but with other words, keeps its
        // published name.
        match (lettered, words.contains("crypto-asset")) {
            (Some((letter, "")), _) => found.extend(Activity::from_mica_letter(letter)),
            (Some((_, rest)), _) => return note_other(rest, found, flags),
            (None, true) => return note_other(text, found, flags),
            (None, false) => return Err(()),
        }
        return Ok(());
    }
    if lettered.is_some_and(|(letter, _)| !named.contains(&letter)) {
        flags.insert(Flag::ServiceLetterDisagrees);
    }
    found.extend(named.into_iter().filter_map(Activity::from_mica_letter));
    Ok(())
}

fn note_other(text: &str, found: &mut BTreeSet<Activity>, flags: &mut BTreeSet<Flag>) -> Result<(), ()> {
    let name = text.trim_end_matches(['.', ' ']);
    if name.is_empty() {
        return Err(());
    }
    flags.insert(Flag::ServiceOther);
    found.insert(Activity::Other(name.to_owned()));
    Ok(())
}

/// Returns the letter before the words ("a. providing …"), and the words.
fn letter_of(text: &str) -> Option<(char, &str)> {
    let mut characters = text.chars();
    let letter = characters.next().filter(|letter| ('a'..='j').contains(letter))?;
    let rest = characters.as_str();
    if rest.is_empty() { Some((letter, "")) } else { Some((letter, rest.strip_prefix(['.', ')'])?.trim())) }
}

/// Returns the states of one cell, separated by `|`, by ` I ` or by whitespace.
pub(super) fn states(cell: &str) -> Result<BTreeSet<Country>, CountryError> {
    cell.split(|c: char| c == '|' || c.is_whitespace()).filter(|code| !code.is_empty() && *code != "I").map(str::parse).collect()
}

/// Returns a date in the form `dd/mm/yyyy`; `None` for an empty cell.
pub(super) fn date(cell: &str) -> Result<Option<Date>, ()> {
    if cell.is_empty() {
        return Ok(None);
    }
    let form =
        cell.len() == 10 && cell.bytes().enumerate().all(|(i, b)| if i == 2 || i == 5 { b == b'/' } else { b.is_ascii_digit() });
    let mut parts = cell.split('/');
    let (day, month, year) = (parts.next(), parts.next(), parts.next());
    let number = |part: Option<&str>| part.and_then(|text| text.parse::<i16>().ok());
    let small = |part: Option<&str>| number(part).and_then(|n| i8::try_from(n).ok());
    match (form, number(year), small(month), small(day)) {
        (true, Some(year), Some(month), Some(day)) => Date::new(year, month, day).map(Some).ok_or(()),
        _ => Err(()),
    }
}

/// Returns the LEI of a cell, and any irregularity of the cell. Only punctuation after the LEI is removed; nothing else is repaired.
pub(super) fn lei(cell: &str) -> (Option<Lei>, Option<Flag>) {
    if cell.is_empty() {
        return (None, Some(Flag::LeiMissing));
    }
    if let Ok(lei) = cell.parse() {
        return (Some(lei), None);
    }
    let trimmed = cell.trim_end_matches(|c: char| c.is_ascii_punctuation() || c.is_whitespace());
    if let Ok(lei) = trimmed.parse() {
        return (Some(lei), Some(Flag::LeiTrimmed));
    }
    let parts = cell.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| part.parse::<Lei>().is_ok()).count();
    (None, Some(if parts > 1 { Flag::LeiDouble } else { Flag::LeiMalformed }))
}

/// Returns the hosts of a website cell, which may contain several, without `www.`, and any irregularity of the cell.
pub(super) fn hosts(cell: &str) -> (BTreeSet<Host>, Option<Flag>) {
    let found: BTreeSet<Host> = Host::all_of_website_cell(cell).map(|host| host.without_www()).collect();
    let misspelt = |site: &str| {
        let site = site.to_lowercase();
        site.starts_with("http") && !site.starts_with("http://") && !site.starts_with("https://")
    };
    let flag = match (cell.is_empty(), found.is_empty()) {
        (true, _) => None,
        (false, true) => Some(Flag::WebsiteUnreadable),
        (false, false) => cell
            .split(|c: char| matches!(c, '|' | ',' | ';') || c.is_whitespace())
            .any(misspelt)
            .then_some(Flag::WebsiteSchemeMalformed),
    };
    (found, flag)
}

/// Replaces each run of whitespace with one space and trims the ends. A control character, which no register uses on purpose, counts as
/// whitespace.
pub(super) fn tidy(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn codes(cell: &str) -> String {
        services(cell).unwrap().0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    fn dates(cell: &str) -> Result<Option<String>, ()> {
        date(cell).map(|d| d.map(|d| d.to_string()))
    }

    #[test]
    fn services_are_read_in_every_published_wording() {
        let cell = "a.\tproviding custody and administration of crypto-assets on behalf of clients ;  j. providing transfer services\
                    | d. exchange of crypto-assets for other |exchange of crypto-assets for funds ||  h. providing advice on crypto assets \
                    |e. execution of orders for crypto-assets on behalf of clients, g. reception and transmission of orders\
                    |f. placing of crypto-assets I i. providing portfolio management on crypto-assets; ";

        assert_eq!(
            codes(cell),
            "custody exchange_for_funds exchange_for_crypto order_execution placing order_transmission advice portfolio_management transfer"
        );
        assert_eq!(
            codes("reception and transmission of orders for crypto-assets  providing advice on crypto-assets"),
            "order_transmission advice"
        );
        assert_eq!(codes("b"), "trading_platform");
        assert_eq!(codes(""), "");
    }

    #[test]
    fn words_win_over_a_wrong_letter() {
        let (found, flags) = services("c. exchange of crypto-assets for other crypto-assets").unwrap();

        assert_eq!(found, BTreeSet::from([Activity::ExchangeForCrypto]));
        assert_eq!(flags, BTreeSet::from([Flag::ServiceLetterDisagrees]));
    }

    #[test]
    fn a_service_of_other_words_is_kept_as_called_and_other_text_is_refused() {
        let (found, flags) = services("a. staking of tokens.").unwrap();

        assert_eq!(found, BTreeSet::from([Activity::Other("staking of tokens".to_owned())]));
        assert_eq!(flags, BTreeSet::from([Flag::ServiceOther]));
        for text in ["AT", "01/04/2025", "https://example.com", "k. cooking"] {
            assert!(services(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_service_of_other_words_is_one_that_reads_back() {
        // Found by fuzzing: a control character inside, and nothing after the letter.
        let (found, _) = services("d. staking f\u{12}or \u{7f}tokens . ").unwrap();

        assert_eq!(found, BTreeSet::from(["other:staking f or tokens".parse().unwrap()]));
        for text in ["a..", "a. .", "d)\u{1}."] {
            assert!(services(text).is_err(), "{text}");
        }
    }

    #[test]
    fn states_are_read_with_every_separator_and_spelling() {
        let read = |cell: &str| states(cell).map(|s| s.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));

        assert_eq!(read(" NO|SE").unwrap(), "NO SE");
        assert_eq!(read("AT I DE I IE").unwrap(), "AT DE IE");
        assert_eq!(read("BE | EL |Fi||GR|").unwrap(), "BE FI GR");
        assert_eq!(read("").unwrap(), "");
        assert!(read("AT|custody").is_err());
    }

    #[test]
    fn dates_are_read_strictly() {
        assert_eq!(dates("29/02/2024"), Ok(Some("2024-02-29".to_owned())));
        assert_eq!(dates(""), Ok(None));
        for text in ["01/12/.2025", "29/02/2025", "1/12/2025", "2025-12-01", "+1/12/2025", "01/13/2025", "01/12/2025 "] {
            assert_eq!(dates(text), Err(()), "{text}");
        }
    }

    #[test]
    fn an_lei_is_trimmed_and_nothing_else() {
        let valid: Lei = "529900032TYR45XIEW79".parse().unwrap();

        assert_eq!(lei("529900032TYR45XIEW79"), (Some(valid), None));
        assert_eq!(lei("529900032TYR45XIEW79."), (Some(valid), Some(Flag::LeiTrimmed)));
        assert_eq!(lei(""), (None, Some(Flag::LeiMissing)));
        for text in ["9.60E+19", "529900032TYR45XIEW7", "529900032TYR45XIEW78", "5529900032TYR45XIEW79"] {
            assert_eq!(lei(text), (None, Some(Flag::LeiMalformed)), "{text}");
        }
        assert_eq!(lei("529900032TYR45XIEW79 / 5493007WZ7IFULIL8G21"), (None, Some(Flag::LeiDouble)));
    }

    #[test]
    fn hosts_are_read_from_every_published_website() {
        let read = |cell: &str| hosts(cell).0.iter().map(Host::as_str).collect::<Vec<_>>().join(" ");

        assert_eq!(read("https://www.bsdex.de/de/"), "bsdex.de");
        assert_eq!(read("www.skrill.com\r\nwww.neteller.com"), "neteller.com skrill.com");
        assert_eq!(read("https://bitstaete.nl/ | http://www.bitstaete.com/"), "bitstaete.com bitstaete.nl");
        assert_eq!(read("https://portal.kutxabank.es/cs/ Satellite/kb/es/particulares"), "portal.kutxabank.es");
        assert_eq!(read("www.capital.com\u{a0}"), "capital.com");
        assert_eq!(
            hosts("https.//coinbase.com"),
            (BTreeSet::from(["coinbase.com".parse().unwrap()]), Some(Flag::WebsiteSchemeMalformed))
        );
        for text in [" 75012 Paris", "N26 – Die erste Onlinebank, die du lieben wirst", "http://192.0.2.1/"] {
            assert_eq!(hosts(text), (BTreeSet::new(), Some(Flag::WebsiteUnreadable)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_cell_panics(cell in "\\PC*") {
            let _ = (services(&cell), states(&cell), date(&cell), lei(&cell), hosts(&cell));
        }

        #[test]
        fn every_date_round_trips(day in 1i8..=31, month in 1i8..=12, year in 1i16..=9999) {
            let text = format!("{day:02}/{month:02}/{year:04}");
            prop_assert_eq!(date(&text).ok().flatten(), Date::new(year, month, day));
        }
    }
}
