//! Reads `seed/sources.csv`: the sources of data, one row for each. A source's files are found in a folder by patterns: `*` stands for any
//! text, `|` parts alternatives, and `&` parts files that belong together. Spaces part the addresses of several files. Every row must be
//! valid.

use std::collections::BTreeSet;

use super::IngestError;
use super::esma_casps::date_in_name;
use super::table::read_own;
use vasp_addresses::inquiry_url::InquiryUrl;
use vasp_words::time::Date;

const COLUMNS: [&str; 11] =
    ["id", "what", "publisher", "address", "form", "licence", "format", "files", "every_days", "limit_days", "download"];

/// The last columns, whose cells may be empty.
const MAY_BE_EMPTY: usize = 2;

/// A source of data, as its publisher offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceDefinition {
    /// Id, lower case.
    pub id: String,
    /// What it has.
    pub what: String,
    /// Who publishes it.
    pub publisher: String,
    /// The page or file where it is published.
    pub address: String,
    /// The form in which it is published.
    pub form: String,
    /// Under which terms it may be used.
    pub licence: String,
    /// The format with which it is imported.
    pub format: String,
    /// Alternatives; each has patterns of the files that belong together.
    files: Vec<Vec<String>>,
    /// How often it is published, in days.
    pub every_days: u16,
    /// How old it may be, in days; `None` if there is no limit.
    pub limit_days: Option<u16>,
    /// Where its files can be downloaded, in the order in which they belong together; empty if nowhere.
    pub download: Vec<InquiryUrl>,
}

impl SourceDefinition {
    /// Chooses the newest files of the source among names, by the date in the name. Files that belong together have one date. `None` if
    /// there are none.
    ///
    /// # Errors
    /// In words, with the names: if several files have no date, the same date, or only some of them a date, so that nobody can tell which is
    /// the newest; or if files that belong together are not there for one day.
    pub fn choose(&self, names: &[String]) -> Result<Option<Vec<String>>, String> {
        let is_own = |name: &&String| self.files.iter().flatten().any(|pattern| matches(pattern, name));
        let (dated, undated): (Vec<&String>, Vec<&String>) =
            names.iter().filter(is_own).partition(|name| date_in_name(name).is_some());
        if !dated.is_empty() && !undated.is_empty() {
            let undated = listed(&undated);
            return Err(format!("{undated} has no date in its name, but another file of this source has one: remove the older"));
        }
        let days: BTreeSet<Option<Date>> = dated.iter().chain(&undated).map(|name| date_in_name(name)).collect();
        for day in days.iter().rev() {
            let of_day: Vec<&String> = dated.iter().chain(&undated).filter(|name| date_in_name(name) == *day).copied().collect();
            if let Some(chosen) = self.choose_of_day(&of_day)? {
                return Ok(Some(chosen));
            }
        }
        match days.is_empty() {
            true => Ok(None),
            false => {
                let all: Vec<&String> = dated.into_iter().chain(undated).collect();
                Err(format!("{} are not all the files of one day: {} belong together", listed(&all), self.patterns()))
            }
        }
    }

    /// Chooses among names of one day; `None` if no set is complete.
    fn choose_of_day(&self, names: &[&String]) -> Result<Option<Vec<String>>, String> {
        let mut sets = Vec::new();
        for together in &self.files {
            let matching = |pattern: &String| names.iter().filter(|name| matches(pattern, name)).copied().collect();
            let found: Vec<Vec<&String>> = together.iter().map(matching).collect();
            if found.iter().any(Vec::is_empty) {
                continue;
            }
            if let Some(same) = found.iter().find(|same| same.len() > 1) {
                return Err(tied(same));
            }
            sets.push(found.concat());
        }
        match sets.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one.iter().map(|name| (*name).clone()).collect())),
            several => Err(tied(&several.concat())),
        }
    }

    /// Returns the patterns of its files, for people.
    #[must_use]
    pub fn patterns(&self) -> String {
        self.files.iter().map(|together| together.join(" and ")).collect::<Vec<_>>().join(", or ")
    }
}

fn listed(names: &[&String]) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}

fn tied(names: &[&String]) -> String {
    format!("{} are files of the same source and day: remove all but one", listed(names))
}

/// Returns whether a name matches a pattern, whatever their case. `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// Reads the table of sources.
///
/// # Errors
/// `IngestError::Table` with line and column of the first wrong cell.
pub fn parse(bytes: &[u8], file: &str) -> Result<Vec<SourceDefinition>, IngestError> {
    let (mut sources, mut ids) = (Vec::new(), BTreeSet::new());
    read_own(bytes, file, COLUMNS, |_, cells| {
        let source = source(cells)?;
        if !ids.insert(source.id.clone()) {
            return Err(format!("column id: {} occurs twice", source.id));
        }
        sources.push(source);
        Ok(())
    })?;
    Ok(sources)
}

fn source(cells: [String; COLUMNS.len()]) -> Result<SourceDefinition, String> {
    let named = COLUMNS.iter().zip(&cells).take(COLUMNS.len() - MAY_BE_EMPTY);
    if let Some((column, _)) = named.into_iter().find(|(_, cell)| cell.trim().is_empty()) {
        return Err(format!("column {column}: it is empty"));
    }
    let [id, what, publisher, address, form, licence, format, files, every, limit, download] = cells;
    if !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(format!("column id: `{id}` has other characters than lower-case letters, digits and hyphens"));
    }
    if !address.starts_with("https://") && !address.starts_with("http://") {
        return Err("column address: write a web address".to_owned());
    }
    let days = |column: &str, text: &str| match text.parse::<u16>() {
        Ok(days) if days > 0 => Ok(days),
        _ => Err(format!("column {column}: `{text}` is not a number of days")),
    };
    let files: Vec<Vec<String>> =
        files.split('|').map(|one| one.split('&').map(|part| part.trim().to_owned()).collect()).collect();
    if files.iter().flatten().any(|pattern| pattern.trim_matches('*').is_empty()) {
        return Err("column files: a pattern matches every file".to_owned());
    }
    let every_days = days("every_days", &every)?;
    let limit_days = if limit.is_empty() { None } else { Some(days("limit_days", &limit)?) };
    let download = download.split_whitespace().map(|url| url.parse().map_err(|error| format!("column download: {url}: {error}")));
    let download = download.collect::<Result<Vec<InquiryUrl>, String>>()?;
    Ok(SourceDefinition { id, what, publisher, address, form, licence, format, files, every_days, limit_days, download })
}

/// Returns the table that is compiled into the program.
///
/// # Errors
/// None in practice: a test reads the table.
pub fn embedded() -> Result<Vec<SourceDefinition>, IngestError> {
    parse(include_bytes!("data/sources.csv"), "sources.csv")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADING: &str = "id,what,publisher,address,form,licence,format,files,every_days,limit_days,download\n";

    fn chosen(files: &str, names: &[&str]) -> Result<Option<Vec<String>>, String> {
        let text = format!("{HEADING}x,w,p,https://a.example,f,l,esma-casps,{files},7,,\n");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        parse(text.as_bytes(), "s.csv").unwrap().pop().unwrap().choose(&names)
    }

    fn one(name: &str) -> Result<Option<Vec<String>>, String> {
        Ok(Some(vec![name.to_owned()]))
    }

    #[test]
    fn the_newest_file_of_a_source_is_chosen_by_the_date_in_its_name() {
        let names = ["CASPS_20260426.csv", "casps_2026-07-29.json", "CASPS_2026-05-10.csv", "NCASP20260130.csv", "notes.txt"];

        assert_eq!(chosen("CASPS*.csv|casps*.json", &names), one("casps_2026-07-29.json"));
        assert_eq!(chosen("CASPS*.csv", &names), one("CASPS_2026-05-10.csv"));
        assert_eq!(chosen("MSB*.csv", &names), Ok(None));
        assert_eq!(chosen("*s.txt", &names), one("notes.txt"));
    }

    #[test]
    fn files_of_which_nobody_can_tell_the_newest_are_refused_by_name() {
        let refused = |files: &str, names: &[&str]| chosen(files, names).unwrap_err();

        let mixed = refused("CASPS*.csv", &["CASPS.csv", "CASPS_20260426.csv"]);
        assert!(mixed.starts_with("CASPS.csv has no date in its name"), "{mixed}");
        let mixed = refused("CASPS*.csv|casps*.json", &["CASPS_20260426.csv", "casps.json"]);
        assert!(mixed.starts_with("casps.json has no date in its name"), "{mixed}");
        for (files, names) in [
            ("CASPS*.csv", ["CASPS_20260426.csv", "CASPS_2026-04-26.csv"]),
            ("CASPS*.csv|casps*.json", ["CASPS_20260426.csv", "casps_20260426.json"]),
            ("CASPS*.csv", ["CASPS.csv", "CASPS-new.csv"]),
        ] {
            let tied = refused(files, &names);
            assert_eq!(tied, format!("{} are files of the same source and day: remove all but one", names.join(", ")));
        }
    }

    #[test]
    fn files_that_belong_together_are_chosen_together_and_of_one_day() {
        let names = ["SDN-20260801.CSV", "ALT-20260801.CSV", "SDN-20260802.CSV", "ALT-20260731.CSV"];
        let files = "SDN-*.CSV&ALT-*.CSV";

        assert_eq!(chosen(files, &names).unwrap().unwrap(), ["SDN-20260801.CSV", "ALT-20260801.CSV"]);
        let apart = chosen(files, &names[2..]).unwrap_err();
        assert!(apart.starts_with("SDN-20260802.CSV, ALT-20260731.CSV are not all the files of one day"), "{apart}");
        let missing = chosen(files, &names[2..3]).unwrap_err();
        assert!(missing.starts_with("SDN-20260802.CSV are not all the files of one day: SDN-*.CSV and ALT-*.CSV"), "{missing}");
    }

    /// Source: the names of the fixtures and of the publishers' files; those with a date are named as an operator who keeps them would.
    const EXAMPLES: [(&str, &[&str]); 15] = [
        ("esma-casps", &["CASPS_20260426.csv", "CASPS.csv", "casps_20260729.json"]),
        ("esma-ncasp", &["NCASP20260130.csv", "NCASP.csv"]),
        ("jp-fsa", &["jp-fsa-2026-05-31.csv"]),
        ("fincen-msb", &["MSB_20260501.csv", "fincen-MSB-2026-05-01.csv"]),
        ("sfc-vatp", &["VATP_20260501.csv", "List-of-VATP-2026-05-01.csv"]),
        (
            "un-consolidated",
            &["consolidated.xml", "consolidated_20260227.xml", "consolidated-2026-02-27.xml", "un-consolidated-list.xml"],
        ),
        (
            "ofac-sdn",
            &[
                "SDN.CSV+ALT.CSV+SDN_COMMENTS.CSV",
                "SDN-20260822.CSV+ALT-20260822.CSV+SDN_COMMENTS-20260822.CSV",
                "sdn_20210707.csv+alt_20210707.csv+sdn_comments_20210707.csv",
            ],
        ),
        ("uk-sanctions", &["UK-Sanctions-List.csv", "uk_sanctions_list_20260213.csv"]),
        (
            "eu-consolidated",
            &["20260227-xmlFullSanctionsList_1_1.xml", "xmlFullSanctionsList_1_1.xml", "csvFullSanctionsList_1_1.csv"],
        ),
        ("seco", &["consolidated-list.xml", "consolidated-list_20260827.xml", "seco-2026-08-27.xml"]),
        ("ca-autonomous", &["sema-lmes.xml", "sema-lmes-20260501.xml"]),
        ("au-dfat", &["regulation8_consolidated.csv", "regulation8_consolidated_20260501.csv"]),
        (
            "gleif-lei",
            &["20240505-0000-gleif-goldencopy-lei2-golden-copy.csv.zip", "20240505-0000-gleif-goldencopy-lei2-golden-copy.csv"],
        ),
        ("ecb-rates", &["eurofxref-hist.csv", "eurofxref-hist-20260501.csv"]),
        ("jurisdiction-lists", &["jurisdiction-lists-2026-10-23.csv", "fatf-jurisdiction-lists.csv"]),
    ];

    #[test]
    fn the_files_of_each_source_are_of_no_other() {
        let sources = embedded().unwrap();
        assert_eq!(sources.len(), EXAMPLES.len());

        for (id, examples) in EXAMPLES {
            for example in examples {
                let names: Vec<String> = example.split('+').map(str::to_owned).collect();
                let takers: Vec<_> = sources.iter().filter(|one| one.choose(&names) == Ok(Some(names.clone()))).collect();
                let touched = sources.iter().filter(|one| one.choose(&names) != Ok(None)).count();
                assert_eq!(takers.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [id], "{example}");
                assert_eq!(touched, 1, "{example}");
            }
        }
    }

    #[test]
    fn every_source_finds_its_file_in_a_folder_of_all() {
        let names: Vec<String> = EXAMPLES.iter().flat_map(|(_, examples)| examples[0].split('+')).map(str::to_owned).collect();

        for source in embedded().unwrap() {
            let (_, examples) = EXAMPLES.iter().find(|(id, _)| *id == source.id).unwrap();
            let own: Vec<String> = examples[0].split('+').map(str::to_owned).collect();
            assert_eq!(source.choose(&names), Ok(Some(own)), "{}", source.id);
        }
    }

    #[test]
    fn the_seed_is_right() {
        let sources = embedded().unwrap();

        assert!(sources.iter().any(|one| one.id == "esma-casps" && one.limit_days == Some(120)));
        assert!(sources.iter().all(|one| one.choose(&["holiday.jpg".to_owned()]) == Ok(None)), "no pattern takes just any file");
    }

    #[test]
    fn a_wrong_cell_is_named_by_line_and_column() {
        for (row, said) in [
            ("X,w,p,https://a.example,f,l,r,a*,7,,", "s.csv line 2: column id: `X` has other characters"),
            ("x,,p,https://a.example,f,l,r,a*,7,,", "s.csv line 2: column what: it is empty"),
            ("x,w,p,a.example,f,l,r,a*,7,,", "s.csv line 2: column address: write a web address"),
            ("x,w,p,https://a.example,f,l,r,*,7,,", "s.csv line 2: column files: a pattern matches every file"),
            ("x,w,p,https://a.example,f,l,r,a*,0,,", "s.csv line 2: column every_days: `0` is not a number of days"),
            ("x,w,p,https://a.example,f,l,r,a*,7,,http://a.example.com", "s.csv line 2: column download: http://a.example.com: "),
            ("x,w,p,https://a.example,f,l,r,a*,7,-1,", "s.csv line 2: column limit_days: `-1` is not a number of days"),
        ] {
            let refused = parse(format!("{HEADING}{row}\n").as_bytes(), "s.csv").unwrap_err().to_string();
            assert!(refused.starts_with(said), "{row}: {refused}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_and_any_names_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), name in "\\PC*") {
            let _ = parse(&[HEADING.as_bytes(), &bytes].concat(), "s.csv");
            for source in embedded().unwrap() {
                let _ = source.choose(std::slice::from_ref(&name));
            }
        }

        #[test]
        fn a_pattern_without_a_star_is_the_name_itself(name in "[a-zA-Z0-9_.]{1,20}") {
            prop_assert!(matches(&name, &name.to_uppercase()));
            let starred = format!("*{}*", name);
            let longer = format!("{}x", name);
            prop_assert!(matches(&starred, &name));
            prop_assert!(!matches(&name, &longer));
        }
    }
}
