//! The project's own form of a register snapshot: `RegisterSnapshot` as JSON, as in `seed/registers/`. It is used as a whole or not at all.

use std::collections::BTreeSet;

use super::IngestError;
use vasp_record::authority::Authorities;
use vasp_record::register::{RegisterEntity, RegisterSnapshot};
use vasp_words::name::NameKey;

/// Reads a snapshot; every authority in it must be known.
///
/// # Errors
/// `Json` for another form. `Table` for an unknown authority, a second licence by the same authority, a name that does not belong to its
/// key, or a NUL character. Its line is the position of the entity in the list.
pub fn parse(bytes: &[u8], file: &str, authorities: &Authorities) -> Result<RegisterSnapshot, IngestError> {
    let mut snapshot: RegisterSnapshot =
        serde_json::from_slice(bytes).map_err(|source| IngestError::Json { file: file.to_owned(), source })?;
    let wrong = |line, detail| IngestError::Table { file: file.to_owned(), line, detail };
    if holds_nul(bytes) {
        return Err(wrong(0, "it holds a NUL character".to_owned()));
    }
    let mut shown = BTreeSet::new();
    for (line, entity) in (1u64..).zip(&snapshot.entities) {
        let twice = !shown.insert(entity.lei.map_or_else(|| Err((&entity.authority, &entity.name_key)), Ok));
        let twice =
            twice.then(|| "occurs twice: an entity with one LEI (or one authority and name) must have one entry".to_owned());
        if let Some(detail) = fault(entity, authorities).or(twice) {
            return Err(wrong(line, format!("`{}`: {detail}", entity.legal_name)));
        }
        snapshot.rows.read = line;
    }
    Ok(snapshot)
}

/// Tells whether a JSON text has a NUL character, which can occur only as an escape. Databases refuse it in text.
fn holds_nul(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(escape) = rest.iter().position(|byte| *byte == b'\\').and_then(|at| rest.get(at + 1..)) {
        if escape.starts_with(b"u0000") {
            return true;
        }
        // The escaped character may be a backslash itself.
        rest = escape.get(1..).unwrap_or_default();
    }
    false
}

/// Returns what is wrong with an entity that was read from JSON; `None` if nothing is.
fn fault(entity: &RegisterEntity, authorities: &Authorities) -> Option<String> {
    let named = entity.licences.iter().map(|licence| &licence.authority).chain([&entity.authority]);
    if let Some(unknown) = named.into_iter().find(|id| authorities.get(id).is_none()) {
        return Some(format!("the authority `{unknown}` is not known"));
    }
    let mut granted = BTreeSet::new();
    if let Some(twice) = entity.licences.iter().find(|licence| !granted.insert((&licence.authority, &licence.regime))) {
        return Some(format!("two licences by {} under {}", twice.authority, twice.regime));
    }
    let is_keyed = NameKey::of(&entity.legal_name).as_ref() == Some(&entity.name_key);
    (!is_keyed).then(|| format!("`{}` is not the key that its name gives", entity.name_key))
}

/// Writes a snapshot in the same form, so that it can be read again.
///
/// # Errors
/// None in practice with this type; passes on the serialiser's error.
pub fn write(snapshot: &RegisterSnapshot) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(snapshot).map(|text| text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorities;
    use proptest::prelude::*;

    const SEED: &[u8] = include_bytes!("../../tests/fixtures/esma/register-2026-04-26.json");

    fn read(bytes: &[u8]) -> Result<RegisterSnapshot, IngestError> {
        parse(bytes, "r.json", &authorities::embedded().unwrap())
    }

    /// Returns the error for the seed after one edit.
    fn refusal(from: &str, to: &str) -> String {
        let text = std::str::from_utf8(SEED).unwrap();
        assert!(text.contains(from));
        read(text.replacen(from, to, 1).as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let seed = read(SEED).unwrap();

        assert_eq!(seed.rows.read, 189);
        assert_eq!(read(write(&seed).unwrap().as_bytes()).unwrap(), seed);
    }

    #[test]
    fn what_could_not_be_stored_or_matched_is_refused() {
        assert!(refusal("\"AT-FMA\"", "\"AT-FMB\"").contains("the authority `AT-FMB` is not known"));
        assert!(refusal("\"name_key\": \"", "\"name_key\": \"x").contains("is not the key that its name gives"));
        assert!(refusal("\"legal_name\": \"", "\"legal_name\": \"\\u0000").contains("NUL"));
        // Found by fuzzing: a backslash before the same letters makes a different text.
        assert!(refusal("\"legal_name\": \"", "\"legal_name\": \"\\\\\\u0000").contains("NUL"));
        assert!(!refusal("\"legal_name\": \"", "\"legal_name\": \"\\\\u0000").contains("NUL"));
        let mut twice = read(SEED).unwrap();
        let licence = twice.entities[0].licences[0].clone();
        twice.entities[0].licences.push(licence);
        assert!(read(write(&twice).unwrap().as_bytes()).unwrap_err().to_string().contains("two licences by"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_damage_is_read_without_panic(at in 0..SEED.len(), bytes in proptest::collection::vec(any::<u8>(), 0..8)) {
            let mut text = SEED.to_vec();
            text.splice(at..at, bytes);
            let _ = read(&text);
        }
    }
}
