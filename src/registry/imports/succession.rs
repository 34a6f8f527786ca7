//! What a new version of a document must keep of the one before it.

use super::DocumentKind;
use crate::node::ImportError;
use vasp_rules::lists::{EMBEDDED, JurisdictionLists};
use vasp_rules::questionnaire::Questionnaire;
use vasp_store::{Conn, DocumentRow};

/// Refuses lists of jurisdictions that lack a stay which the newest stored version has, or the program itself, whose lists count until some are
/// stored: a country leaves a list by a date, so a file without its row was cut.
pub(super) fn check_stays(newest: Option<&DocumentRow>, row: &DocumentRow) -> Result<(), String> {
    let stays = |body: &str| JurisdictionLists::from_json(body).map(|lists| lists.stays()).map_err(|error| error.to_string());
    let (body, version) =
        newest.map_or((EMBEDDED, "those of the program"), |newest| (newest.body.as_str(), newest.version.as_str()));
    let (mut before, after) = (stays(body)?, stays(&row.body)?);
    // A file of an earlier day knows no later stay.
    before.retain(|stay| stay.from <= row.observed_on);
    let mut missing = before.difference(&after);
    let Some(first) = missing.next() else { return Ok(()) };
    Err(format!(
        "it lacks {} of the {} stays of the newest version ({version}), such as {first}; a country leaves a list by a day in `to`, not by \
         a missing row; if a stay was wrong, import the file with --accept-shrink",
        missing.count() + 1,
        before.len(),
    ))
}

/// Refuses a questionnaire that would drop ids of the current one, or silently change the meaning of an item. Answers stay valid across
/// versions.
pub(super) fn check_succession(conn: &mut Conn, row: &DocumentRow) -> Result<(), ImportError> {
    let refused = |reason: String| ImportError::Document { file: row.source.clone(), reason };
    if row.kind != DocumentKind::Questionnaire.as_str() {
        return Ok(());
    }
    let older = match conn.document_at(&row.kind, i64::MAX)? {
        Some(known) if known.observed_on > row.observed_on => {
            return Err(refused(format!("the stored version {} of {} is newer", known.version, known.observed_on)));
        }
        Some(known) => Questionnaire::from_json(&known.body),
        None => Questionnaire::embedded(),
    };
    let older = older.map_err(|error| refused(error.to_string()))?;
    let newer = Questionnaire::from_json(&row.body).map_err(|error| refused(error.to_string()))?;
    if newer == older {
        return Ok(());
    }
    newer.check_succeeds(&older).map_err(|error| refused(error.to_string()))
}
