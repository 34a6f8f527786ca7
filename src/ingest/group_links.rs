//! Links from legal entities to groups: group_key, lei, source, as_of. Each row is one fact that a person looked up; it names both sources.
//! The caller is `vasp_registry::imports`.

use super::IngestError;
use super::table::Table;
use vasp_record::register::{Reason, RowReport};
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// A link: one entity belongs to one group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupLink {
    /// The entity key of the group, after resolving aliases.
    pub group_key: String,
    /// The LEI of the entity.
    pub lei: Lei,
    /// The sources, and what they state.
    pub source: String,
    /// The day for which the fact was established.
    pub as_of: Date,
    /// The line in the file.
    pub line: u64,
}

/// Reads the links of one file, in its order, and returns them with a report of the rows. A fact that was established after `today` is wrong.
///
/// # Errors
/// The errors of a file that is not such a table.
pub fn parse(bytes: &[u8], file: &str, today: Date) -> Result<(Vec<GroupLink>, RowReport), IngestError> {
    let mut table = Table::open(bytes, file, ["group_key", "lei", "source", "as_of"])?;
    let (mut links, mut rows) = (Vec::new(), RowReport::default());
    while let Some(row) = table.next_row()? {
        rows.read += 1;
        let link = row.and_then(|row| {
            let [group_key, lei, source, as_of] = row.cells.each_ref().map(|cell| cell.trim());
            let wrong = |column, reason, text| table.rejected(row.line, Some(column), reason, text);
            for (column, text) in [("group_key", group_key), ("source", source)] {
                if text.is_empty() {
                    return Err(wrong(column, Reason::Missing, text));
                }
            }
            let lei = lei.parse().map_err(|_| wrong("lei", Reason::LeiInvalid, lei))?;
            let day = as_of.parse::<Date>().ok().filter(|day| *day <= today);
            let as_of = day.ok_or_else(|| wrong("as_of", Reason::DateInvalid, as_of))?;
            Ok(GroupLink { group_key: group_key.to_owned(), lei, source: source.to_owned(), as_of, line: row.line })
        });
        let repeats =
            |link: &GroupLink| links.iter().any(|known: &GroupLink| GroupLink { line: link.line, ..known.clone() } == *link);
        match link {
            Ok(link) if repeats(&link) => rows.repeated += 1,
            Ok(link) => links.push(link),
            Err(rejected) => rows.rejected.push(rejected),
        }
    }
    Ok((links, rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn today() -> Date {
        "2026-11-25".parse().unwrap()
    }

    #[test]
    fn the_seed_has_no_wrong_row() {
        let (links, rows) = parse(include_bytes!("../../seed/group_links.csv"), "group_links.csv", today()).unwrap();

        assert!((10..=20).contains(&links.len()), "{}", links.len());
        assert!(rows.rejected.is_empty() && rows.repeated == 0, "{rows:?}");
        assert!(links.iter().filter(|link| link.group_key == "bitpanda").count() > 1);
        assert!(links.iter().filter(|link| link.group_key == "kraken").count() > 1);
    }

    #[test]
    fn wrong_rows_are_named_by_column_and_repeated_ones_counted() {
        let text = "group_key,lei,source,as_of\n\
                    g,529900032TYR45XIEW79,s,2026-04-26\n\
                    g,529900032TYR45XIEW79,s,2026-04-26\n\
                    g,529900032TYR45XIEW78,s,2026-04-26\n\
                    ,529900032TYR45XIEW79,s,2026-04-26\n\
                    g,529900032TYR45XIEW79,s,26/04/2026\n\
                    g,529900032TYR45XIEW79,s,2999-01-01\n";
        let (links, rows) = parse(text.as_bytes(), "g.csv", today()).unwrap();
        let found: Vec<_> = rows.rejected.iter().map(|r| (r.line, r.column.as_deref().unwrap(), r.reason)).collect();

        assert_eq!((links.len(), rows.read, rows.repeated), (1, 6, 1));
        let day = |line| (line, "as_of", Reason::DateInvalid);
        assert_eq!(found, [(4, "lei", Reason::LeiInvalid), (5, "group_key", Reason::Missing), day(6), day(7)]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut text = b"group_key,lei,source,as_of\n".to_vec();
            text.extend(bytes);
            let _ = parse(&text, "l.csv", today());
        }
    }
}
