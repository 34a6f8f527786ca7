//! Reads `seed/sources.csv`: the sources of data, one row for each. A source's files are found in a folder by patterns: `*` stands for any
//! text, `|` parts alternatives, and `&` parts files that belong together. Every row must be valid.

use std::collections::BTreeSet;

use super::IngestError;
use super::esma_casps::date_in_name;
use super::table::read_own;

const COLUMNS: [&str; 10] =
    ["id", "what", "publisher", "address", "form", "licence", "format", "files", "every_days", "limit_days"];

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
}

impl SourceDefinition {
    /// Chooses the newest files of the source among names: by the date in the name, then by the name. `None` if there are none.
    #[must_use]
    pub fn choose(&self, names: &[String]) -> Option<Vec<String>> {
        let newest = |pattern: &String| {
            let found = names.iter().filter(|name| matches(pattern, name));
            found.max_by_key(|name| (date_in_name(name), (*name).clone())).cloned()
        };
        let sets = self.files.iter().filter_map(|together| together.iter().map(newest).collect::<Option<Vec<_>>>());
        sets.max_by_key(|set| set.first().map(|name| (date_in_name(name), name.clone())))
    }

    /// Returns the patterns of its files, for people.
    #[must_use]
    pub fn patterns(&self) -> String {
        self.files.iter().map(|together| together.join(" and ")).collect::<Vec<_>>().join(", or ")
    }
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
    let named = COLUMNS.iter().zip(&cells).take(COLUMNS.len() - 1);
    if let Some((column, _)) = named.into_iter().find(|(_, cell)| cell.trim().is_empty()) {
        return Err(format!("column {column}: it is empty"));
    }
    let [id, what, publisher, address, form, licence, format, files, every, limit] = cells;
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
    Ok(SourceDefinition { id, what, publisher, address, form, licence, format, files, every_days, limit_days })
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

    const HEADING: &str = "id,what,publisher,address,form,licence,format,files,every_days,limit_days\n";

    fn chosen(files: &str, names: &[&str]) -> Option<Vec<String>> {
        let text = format!("{HEADING}x,w,p,https://a.example,f,l,esma-casps,{files},7,\n");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        parse(text.as_bytes(), "s.csv").unwrap().pop().unwrap().choose(&names)
    }

    #[test]
    fn the_newest_file_of_a_source_is_chosen_by_the_date_in_its_name() {
        let names = ["CASPS_20260426.csv", "casps_20260729.json", "CASPS_20260510.csv", "NCASP20260130.csv", "notes.txt"];

        assert_eq!(chosen("CASPS*.csv|casps*.json", &names), Some(vec!["casps_20260729.json".to_owned()]));
        assert_eq!(chosen("CASPS*.csv", &names), Some(vec!["CASPS_20260510.csv".to_owned()]));
        assert_eq!(chosen("MSB*.csv", &names), None);
        assert_eq!(chosen("*s.txt", &names), Some(vec!["notes.txt".to_owned()]));
    }

    #[test]
    fn files_that_belong_together_are_chosen_together() {
        let both = ["SDN-20260801.CSV", "ALT-20260801.CSV", "SDN-20260701.CSV"];

        assert_eq!(chosen("SDN-*.CSV&ALT-*.CSV", &both).unwrap(), ["SDN-20260801.CSV", "ALT-20260801.CSV"]);
        assert_eq!(chosen("SDN-*.CSV&ALT-*.CSV", &both[2..]), None, "one is missing");
    }

    #[test]
    fn the_seed_is_right() {
        let sources = embedded().unwrap();

        assert!(sources.iter().any(|one| one.id == "esma-casps" && one.limit_days == Some(120)));
        assert!(sources.iter().all(|one| one.choose(&["holiday.jpg".to_owned()]).is_none()), "no pattern takes just any file");
    }

    #[test]
    fn a_wrong_cell_is_named_by_line_and_column() {
        for (row, said) in [
            ("X,w,p,https://a.example,f,l,r,a*,7,", "s.csv line 2: column id: `X` has other characters"),
            ("x,,p,https://a.example,f,l,r,a*,7,", "s.csv line 2: column what: it is empty"),
            ("x,w,p,a.example,f,l,r,a*,7,", "s.csv line 2: column address: write a web address"),
            ("x,w,p,https://a.example,f,l,r,*,7,", "s.csv line 2: column files: a pattern matches every file"),
            ("x,w,p,https://a.example,f,l,r,a*,0,", "s.csv line 2: column every_days: `0` is not a number of days"),
            ("x,w,p,https://a.example,f,l,r,a*,7,-1", "s.csv line 2: column limit_days: `-1` is not a number of days"),
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
