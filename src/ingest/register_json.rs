//! The project's own form of a register snapshot: `RegisterSnapshot` as JSON, as in `seed/registers/`. Taken whole or not at all.

use super::IngestError;
use crate::domain::authority::Authorities;
use crate::domain::register::RegisterSnapshot;

/// Reads a snapshot; every authority in it must be known.
///
/// # Errors
/// `Json` for another form, `Table` for an unknown authority (its line is the entity's place in the list).
pub fn parse(bytes: &[u8], file: &str, authorities: &Authorities) -> Result<RegisterSnapshot, IngestError> {
    let mut snapshot: RegisterSnapshot =
        serde_json::from_slice(bytes).map_err(|source| IngestError::Json { file: file.to_owned(), source })?;
    for (line, entity) in (1u64..).zip(&snapshot.entities) {
        let named = entity.licences.iter().map(|licence| &licence.authority).chain([&entity.authority]);
        if let Some(unknown) = named.into_iter().find(|id| authorities.get(id).is_none()) {
            let detail = format!("the authority `{unknown}` of `{}` is not known", entity.legal_name);
            return Err(IngestError::Table { file: file.to_owned(), line, detail });
        }
        snapshot.rows.read = line;
    }
    Ok(snapshot)
}

/// Writes a snapshot in the same form, ready to be read again.
///
/// # Errors
/// None that can occur with this type; the serialiser's own is passed on.
pub fn write(snapshot: &RegisterSnapshot) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(snapshot).map(|text| text + "\n")
}
