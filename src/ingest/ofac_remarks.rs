//! The remarks of OFAC's SDN file. They consist of items, separated by `; `, and each item begins with its kind. Only kinds that help to
//! identify somebody are read. Works on text only; the caller is `ofac_sdn`.

use vasp_words::host::Host;
use vasp_words::lei::Lei;

/// The items of remarks, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Remarks {
    /// The currency code and the address text.
    pub addresses: Vec<(String, String)>,
    /// Names in quotes: OFAC calls them weak.
    pub weak_aliases: Vec<String>,
    /// LEIs.
    pub leis: Vec<Lei>,
    /// The hosts of websites.
    pub hosts: Vec<Host>,
    /// Countries in which it is registered, as published.
    pub countries: Vec<String>,
    /// Numbers in registers and at tax offices, with their kind and country as published.
    pub numbers: Vec<String>,
    /// Days on which it was founded.
    pub founded: Vec<String>,
    /// Items that begin like an address but do not have the form of one.
    pub unread: Vec<String>,
}

const ADDRESS: &str = "Digital Currency Address - ";
const WEAK: &str = "a.k.a. '";
const WEBSITE: &str = "Website ";
/// The first prefix is OFAC's own. Both prefixes also precede numbers of national registers, which are not LEIs.
const LEI: [&str; 2] = ["Legal Entity Number ", "LEI "];

const FOUNDED: &str = "Organization Established Date ";
const NATIONALITY: &str = "Nationality of Registration ";
/// What precedes a number of a firm, and after it, in brackets, the country.
const NUMBERS: [&str; 10] = [
    "Registration ID ",
    "Registration Number ",
    "Business Registration Number ",
    "Business Registration Document # ",
    "Business Number ",
    "Commercial Registry Number ",
    "Company Number ",
    "C.R. No. ",
    "Tax ID No. ",
    "Trade License No. ",
];

impl Remarks {
    /// Reads the remarks of one entry.
    pub(super) fn read(text: &str) -> Self {
        let mut remarks = Self::default();
        let text = text.trim();
        for item in text.strip_suffix('.').unwrap_or(text).split("; ") {
            let item = item.trim();
            let item = item.strip_prefix("alt. ").unwrap_or(item);
            if let Some(address) = item.strip_prefix(ADDRESS) {
                match address.split_once(' ') {
                    Some((code, text)) if is_code(code) && is_one_word(text) => {
                        remarks.addresses.push((code.to_owned(), text.trim().to_owned()));
                    }
                    _ => remarks.unread.push(item.to_owned()),
                }
            } else if let Some(alias) = item.strip_prefix(WEAK) {
                remarks.weak_aliases.push(alias.strip_suffix('\'').unwrap_or(alias).to_owned());
            } else if let Some(site) = item.strip_prefix(WEBSITE) {
                remarks.hosts.extend(Host::all_of_website_cell(site).map(|host| host.without_www()));
            } else if let Some(number) = LEI.iter().find_map(|kind| item.strip_prefix(kind)) {
                remarks.leis.extend(number.split_whitespace().next().and_then(|word| word.parse::<Lei>().ok()));
            } else if let Some(day) = item.strip_prefix(FOUNDED) {
                remarks.founded.push(day.trim().to_owned());
            } else if let Some(country) = item.strip_prefix(NATIONALITY) {
                remarks.countries.push(country.trim().to_owned());
            } else if NUMBERS.iter().any(|kind| item.starts_with(kind)) {
                let country = item.strip_suffix(')').and_then(|both| both.split_once(" ("));
                remarks.countries.extend(country.map(|(_, country)| country.to_owned()));
                remarks.numbers.push(item.to_owned());
            }
        }
        remarks
    }
}

fn is_code(text: &str) -> bool {
    (2..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn is_one_word(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.len() <= 200 && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Source: OFAC's entries 29703, 26138, 32064 and 306 as published in July 2021.
    #[test]
    fn items_are_read_by_their_kind() {
        let text = "DOB 03 Mar 1985; Website www.enexchanger.com; alt. Website secondeyesolution.su; Digital Currency Address - LTC \
            LWnbjLYUfqeokfbWM4FcU7uk2FP2DSxuWS; alt. Digital Currency Address - XBT 1Fz29BQp82pE3vXXcsZoMNQ3KSHfMzfMe3; \
            Legal Entity Number 485100GBI2SE0KIX8T70; alt. Legal Entity Number 851683897 (Netherlands); a.k.a. 'BNC'.";

        let remarks = Remarks::read(text);

        let addresses: Vec<_> = remarks.addresses.iter().map(|(code, text)| (code.as_str(), text.as_str())).collect();
        assert_eq!(addresses, [("LTC", "LWnbjLYUfqeokfbWM4FcU7uk2FP2DSxuWS"), ("XBT", "1Fz29BQp82pE3vXXcsZoMNQ3KSHfMzfMe3")]);
        assert_eq!(
            remarks.hosts.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["enexchanger.com", "secondeyesolution.su"]
        );
        assert_eq!(remarks.leis.iter().map(ToString::to_string).collect::<Vec<_>>(), ["485100GBI2SE0KIX8T70"]);
        assert_eq!(remarks.weak_aliases, ["BNC"]);
        assert!(remarks.unread.is_empty());
    }

    /// Source: OFAC's entries 23414, 8127 and 8247 as published in July 2021; the last item as in the list of November 2022.
    #[test]
    fn numbers_countries_and_the_day_of_foundation_are_read() {
        let remarks = Remarks::read(
            "D-U-N-S Number 53-400-4559; Trade License No. C 76398 (Malta); Registration ID 27134614 (Netherlands); \
             Business Registration Document # P9800004558 (United States); Organization Established Date 10 Apr 2014; \
             Nationality of Registration Russia; Tax ID No. 7710549038.",
        );

        let numbers = [
            "Trade License No. C 76398 (Malta)",
            "Registration ID 27134614 (Netherlands)",
            "Business Registration Document # P9800004558 (United States)",
            "Tax ID No. 7710549038",
        ];
        assert_eq!(remarks.numbers, numbers);
        assert_eq!(remarks.countries, ["Malta", "Netherlands", "United States", "Russia"]);
        assert_eq!(remarks.founded, ["10 Apr 2014"]);
    }

    #[test]
    fn an_address_of_another_form_is_told() {
        for text in ["Digital Currency Address - XBT", "Digital Currency Address - btc abc", "Digital Currency Address - XBT a b"]
        {
            assert_eq!(Remarks::read(text).unread.len(), 1, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let _ = Remarks::read(&text);
        }
    }
}
