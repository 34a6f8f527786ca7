//! Reads `seed/aliases.csv`: alias, key, reason. The table lists other spellings and former names of an entity key in address labels.

use std::collections::BTreeMap;

use super::IngestError;
use super::table::read_own;

/// Other spellings of entity keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aliases(BTreeMap<String, String>);

impl Aliases {
    /// Returns the key for which `key` is an alias, or `key` itself if it is not an alias.
    #[must_use]
    pub fn resolve<'a>(&'a self, key: &'a str) -> &'a str {
        self.0.get(key).map_or(key, String::as_str)
    }

    /// Returns every (alias, key), sorted by alias.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(alias, key)| (alias.as_str(), key.as_str()))
    }
}

/// Reads the table of aliases. Each alias occurs once and never points to another alias, so there can be no chains or cycles.
///
/// # Errors
/// `IngestError::Table` with the line of the first wrong row.
pub fn parse(bytes: &[u8], file: &str) -> Result<Aliases, IngestError> {
    let mut aliases = BTreeMap::new();
    let mut lines = BTreeMap::new();
    read_own(bytes, file, ["alias", "key", "reason"], |line, [alias, key, reason]| {
        for (column, text) in [("alias", &alias), ("key", &key), ("reason", &reason)] {
            if text.trim().is_empty() || text.trim() != text {
                return Err(format!("`{column}` must not be empty, or have spaces before or after it"));
            }
        }
        if alias == key {
            return Err(format!("`{alias}` is an alias for itself"));
        }
        lines.insert(alias.clone(), line);
        match aliases.insert(alias.clone(), key) {
            None => Ok(()),
            Some(_) => Err(format!("`{alias}` occurs twice")),
        }
    })?;
    if let Some((alias, key)) = aliases.iter().find(|(_, key)| aliases.contains_key(*key)) {
        let line = lines.get(alias).copied().unwrap_or_default();
        return Err(IngestError::Table {
            file: file.to_owned(),
            line,
            detail: format!("`{alias}` is an alias for `{key}`, which is itself an alias"),
        });
    }
    Ok(Aliases(aliases))
}

/// Returns the table that is compiled into the program.
pub fn embedded() -> Result<Aliases, IngestError> {
    parse(include_bytes!("data/aliases.csv"), "aliases.csv")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wrong(rows: &str) -> String {
        parse(format!("alias,key,reason\n{rows}").as_bytes(), "a.csv").unwrap_err().to_string()
    }

    #[test]
    fn the_seed_is_right() {
        let aliases = parse(include_bytes!("../../seed/aliases.csv"), "aliases.csv").unwrap();

        assert_eq!(aliases.resolve("huobi"), aliases.resolve("htx"));
        assert_eq!(aliases.resolve("nobody-knows-this"), "nobody-knows-this");
    }

    #[test]
    fn repeated_chained_and_circular_aliases_are_refused_by_line() {
        assert_eq!(wrong("a,b,x\na,c,x\n"), "a.csv line 3: `a` occurs twice");
        assert_eq!(wrong("a,b,x\nb,c,x\n"), "a.csv line 2: `a` is an alias for `b`, which is itself an alias");
        assert_eq!(wrong("a,b,x\nb,a,x\n"), "a.csv line 2: `a` is an alias for `b`, which is itself an alias");
        assert_eq!(wrong("a,a,x\n"), "a.csv line 2: `a` is an alias for itself");
        assert_eq!(wrong("a,b,\n"), "a.csv line 2: `reason` must not be empty, or have spaces before or after it");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut text = b"alias,key,reason\n".to_vec();
            text.extend(bytes);
            let _ = parse(&text, "a.csv");
        }
    }
}
