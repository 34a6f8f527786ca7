//! Japan's lists of bodies to which exports are banned, as text of the published PDFs: one list each for Russia, for Belarus and for other
//! countries. A number begins each entry, sometimes in the middle of a line; then come the name in Japanese, the name in English, other names,
//! and the address after `所在地`. These lists ban exports and block no payment. The caller is `vasp_registry::imports`.
//!
//! Source: Ministry of Economy, Trade and Industry, lists under the Ministry of Foreign Affairs' notices No. 82 and No. 104 of 2022 and No. 447
//! of 2023, as amended up to 12 September 2025.

use super::IngestError;
use super::ofac_digital_currency::add_new;
use super::published_list::{Collected, add_alias, joined};
use vasp_record::register::{Reason, RowReport};
use vasp_rules::screening::{EntryKind, SanctionsEntry, SanctionsList};
use vasp_words::time::Date;

/// What each list's title calls those on it, and the registry's id. The first that occurs counts.
const LISTS: [(&str, &str); 3] = [
    ("以外の国の団体", "JP-METI-EXPORTS-OTHER"),
    ("ベラルーシ共和国の団体", "JP-METI-EXPORTS-BELARUS"),
    ("ロシア連邦の団体", "JP-METI-EXPORTS-RUSSIA"),
];

/// Reads the text of one list. The file states its own day; `as_of`, if given, must be the same day.
///
/// # Errors
/// `Table` if the text is no such list, has no day or no entries, or is not UTF-8.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
    let wrong = |detail: &str| IngestError::Table { file: file.to_owned(), line: 1, detail: detail.to_owned() };
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("its bytes are not UTF-8"))?.replace('\r', "");
    let (head, _) =
        text.split_once("所在地").ok_or_else(|| wrong("it has no address (`所在地`): it is no list of the ministry"))?;
    let title: String = head.split_whitespace().collect();
    let (_, id) =
        LISTS.iter().find(|(words, _)| title.contains(words)).ok_or_else(|| wrong("its title names none of the three lists"))?;
    let day = title.split_once("最終更新日：").and_then(|(_, rest)| written_day(rest));
    let day = day.ok_or_else(|| wrong("it has no day after `最終更新日：`"))?;
    let mut list = Collected::new(file);
    let (mut from, mut number) = (number_at(&text, 0, 1), 1u32);
    while let Some((start, end)) = from {
        let next = number_at(&text, end, number + 1);
        let body = text.get(end..next.map_or(text.len(), |(start, _)| start)).unwrap_or_default();
        let line = text.get(..start).map_or(1, |before| before.matches('\n').count() + 1);
        list.rows.read += 1;
        let line = u64::try_from(line).unwrap_or(u64::MAX);
        match entry(number, body) {
            Some(entry) => list.add(line, entry),
            None => list.reject(line, "name", Reason::Missing, body),
        }
        (from, number) = (next, number + 1);
    }
    // Nothing in the text says how many entries there are, and a PDF's text may lose some.
    list.lacks.push("taken from the text of a PDF".to_owned());
    list.finish(id, day, as_of)
}

fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ff66}'..='\u{ff9f}')
}

/// Reads a day such as `2025年9月12日` at the start of a text without blanks.
fn written_day(text: &str) -> Option<Date> {
    let (year, rest) = text.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let (day, _) = rest.split_once('日')?;
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Finds where an entry's number stands after `from`: in digits of either width, at the start of a line or right after a word, with Japanese
/// after it in the same line.
fn number_at(text: &str, from: usize, number: u32) -> Option<(usize, usize)> {
    let narrow = number.to_string();
    let wide: String = narrow.chars().map(|digit| char::from_u32(u32::from(digit) + 0xfee0).unwrap_or(digit)).collect();
    let is_number = |at: usize, form: &str| {
        let before = text.get(..at).and_then(|before| before.chars().next_back()).unwrap_or('\n');
        let line = text.get(at + form.len()..).and_then(|rest| rest.split('\n').next()).unwrap_or_default();
        let starts = line.chars().next().is_some_and(|c| c.is_whitespace() || is_japanese(c));
        // An address may begin a line, too, but it has a comma before the Japanese of the next entry.
        let is_name = line.find(is_japanese).and_then(|at| line.get(..at)).is_some_and(|latin| !latin.contains(", "));
        !before.is_numeric() && (before == '\n' || !before.is_whitespace()) && starts && is_name
    };
    let first = |form: &str| {
        let mut found = text.get(from..)?.match_indices(form).map(|(at, _)| at + from);
        found.find(|at| is_number(*at, form)).map(|at| (at, at + form.len()))
    };
    [first(&narrow), first(&wide)].into_iter().flatten().min()
}

/// Reads what follows the number of an entry; `None` if it has no name.
fn entry(number: u32, body: &str) -> Option<SanctionsEntry> {
    let named = body.split("所在地").next().unwrap_or_default();
    let (named, others) = named.split_once("別称：").unwrap_or((named, ""));
    let (japanese, english) = parted(named);
    let marked = ["（別称", "(別称"].iter().find_map(|mark| japanese.split_once(mark));
    let (local, local_others) = marked.unwrap_or((japanese, ""));
    let marked = ["a.k.a", ", the following"].iter().find_map(|mark| english.split_once(mark));
    let (name, aliases) = marked.unwrap_or_else(|| english.split_once(';').unwrap_or((english, "")));
    let local = local.split_whitespace().collect::<String>();
    let name = joined([name.trim_matches([' ', ',', '\n'])]);
    let mut entry = SanctionsEntry {
        uid: number.to_string(),
        kind: EntryKind::Entity,
        name: if name.is_empty() { local.clone() } else { name },
        ..SanctionsEntry::default()
    };
    if entry.name.is_empty() {
        return None;
    }
    let own = entry.name.clone();
    add_new(&mut entry.aliases, std::iter::once(local).filter(|local| *local != own));
    let local_others = local_others.trim_end_matches(['）', ')', ' ', '\n']).replace('\n', "").replace("及び", "、");
    local_others.split('、').skip(1).for_each(|alias| add_alias(&mut entry, alias));
    let aliases = aliases.split_once(':').map_or(aliases, |(_, aliases)| aliases);
    let marked = ["\n-", "\n—", "\n–"].iter().fold(aliases.to_owned(), |text, mark| text.replace(mark, ";"));
    for alias in marked.split(';').chain(separate(others).split(';')) {
        let alias = joined([alias.trim_matches(['-', '—', '–', ' ', '\n', '.', ','])]);
        let alias = alias.strip_prefix("and ").unwrap_or(&alias);
        let alias = alias.strip_suffix(" and").unwrap_or(alias);
        add_alias(&mut entry, if alias == "and" { "" } else { alias });
    }
    Some(entry)
}

/// Parts the Japanese name from the English one, which begins after a closing bracket or on the next line.
fn parted(named: &str) -> (&str, &str) {
    let last = |is: fn(char) -> bool| named.char_indices().rfind(|(_, c)| is(*c)).map_or(0, |(at, c)| at + c.len_utf8());
    let (word, bracket) = (last(is_japanese), last(|c| c == '）'));
    if bracket > word {
        return named.split_at(bracket);
    }
    let line_end = named.get(word..).and_then(|rest| rest.find('\n')).map_or(named.len(), |at| at + word);
    named.split_at(if word == 0 { 0 } else { line_end })
}

/// Joins lines, but not a Japanese one with an English one.
fn separate(lines: &str) -> String {
    let mut text = String::new();
    for line in lines.lines() {
        let is_other = text.rsplit(';').next().is_some_and(|before| before.contains(is_japanese) != line.contains(is_japanese));
        text.push_str(if is_other { ";" } else { " " });
        text.push_str(line);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vasp_rules::screening::ListCoverage;

    /// Title and layout of the published text, with its defects; everybody in it is invented.
    const FILE: &str = include_str!("../../tests/fixtures/jp/meti_other.txt");

    #[test]
    fn entries_are_found_by_their_numbers_wherever_they_stand() {
        let (list, rows) = parse(FILE.as_bytes(), "jp.txt", None).unwrap();

        assert_eq!((list.id.as_str(), list.as_of.to_string().as_str()), ("JP-METI-EXPORTS-OTHER", "2025-09-12"));
        assert_eq!((list.coverage, rows.read, rows.rejected.len()), (ListCoverage::Partial, 4, 0));
        let names: Vec<_> = list.entries.iter().map(|one| (one.uid.as_str(), one.name.as_str())).collect();
        assert_eq!(names, [("1", "Example LLC"), ("2", "SAMPLE GLOBAL DMCC"), ("3", "MCST Example"), ("4", "Laserexample FZCO")]);
    }

    #[test]
    fn names_in_both_languages_and_other_names_are_read() {
        let (list, _) = parse(FILE.as_bytes(), "jp.txt", None).unwrap();
        let aliases = |at: usize| list.entries[at].aliases.iter().map(String::as_str).collect::<Vec<_>>();

        assert_eq!(aliases(0), ["有限会社エグザンプル", "Exampel LLC"]);
        assert_eq!(
            aliases(1),
            ["サンプル・グローバルDMCC", "サンプル", "サンプル・サービス", "Sample Aviation Services", "Sample East"]
        );
        assert_eq!(list.entries[1].weak_aliases, ["iSam"]);
        assert_eq!(aliases(2), ["エグザンプル名称MCST", "SPARCセンター", "非公開株式会社見本 MCST", "Moscow Example Center"]);
        assert_eq!(aliases(3), ["レーザーFZCO", "有限会社 AMG", "LLC Company AMG", "Kompaniya AMG"]);
    }

    #[test]
    fn another_text_is_refused() {
        let refused = |text: &str| parse(text.as_bytes(), "jp.txt", None).unwrap_err().to_string();

        assert!(refused("1 x").contains("it has no address"));
        assert!(refused(&FILE.replace("以外の国の団体", "")).contains("names none of the three lists"));
        assert!(refused(&FILE.replace("最終更新日", "")).contains("it has no day"));
        assert!(refused(FILE.split_once("\n1 ").unwrap().0).contains("it has no address"));
    }

    proptest! {
        #[test]
        fn any_damage_is_read_without_panic(at in 0..FILE.len(), bytes in proptest::collection::vec(any::<u8>(), 0..8), text in "\\PC{0,60}") {
            let mut damaged = FILE.as_bytes().to_vec();
            damaged.splice(at..at, bytes);
            let _ = parse(&damaged, "jp.txt", None);
            let _ = parse(format!("{FILE}5 {text}\n所在地").as_bytes(), "jp.txt", None);
        }
    }
}
