//! What a new version of a list may have lost of the versions before it: a file that was cut must not take their place.

use super::DocumentKind;
use super::succession::check_stays;
use crate::imported::RegisterOptions;
use crate::node::ImportError;
use vasp_rules::brand_links::BrandLinks;
use vasp_rules::non_compliant::NonCompliantList;
use vasp_rules::screening::{ListCoverage, SanctionsList};
use vasp_rules::third_party::ThirdPartyList;
use vasp_rules::vasp_list::VaspList;
use vasp_store::{Conn, DocumentRow, SCREENING_KINDS, VASP_LIST_KINDS};
use vasp_words::reference_rates::ReferenceRates;

/// A list that keeps less than this percentage of the previous version is refused. No sanctions list loses a twentieth of its entries
/// between two publications. A file that does was cut, or is another list.
const KEPT_LIMIT_PERCENT: usize = 95;

/// Lengths of those parts of a document that must not shrink unnoticed; empty for a document that may shrink, or has a rule of its own.
type Lengths = Vec<(&'static str, usize)>;

fn lengths(kind: &str, body: &str) -> Result<Lengths, String> {
    Ok(match kind {
        "non-compliant" => vec![("entries", NonCompliantList::from_json(body).map_err(|e| e.to_string())?.entries.len())],
        "brand-links" => vec![("links", BrandLinks::from_json(body)?.links.len())],
        "master-register" => vec![("rows", ThirdPartyList::from_json(body).map_err(|e| e.to_string())?.rows.len())],
        "reference-rates" => vec![("days", ReferenceRates::from_json(body).map_err(|e| e.to_string())?.count())],
        _ if kind.starts_with(VASP_LIST_KINDS) => vec![("rows", VaspList::from_json(body)?.rows.len())],
        _ if kind.starts_with(SCREENING_KINDS) => {
            let list = SanctionsList::from_json(body).map_err(|e| e.to_string())?;
            // In a list of mostly persons, the total would hide the loss of half its firms, and VASPs are firms.
            let firms = list.entries.iter().filter(|entry| entry.kind.may_be_a_firm()).count();
            vec![("entries", list.entries.len()), ("entities", firms), ("addresses", list.address_count())]
        }
        _ => vec![],
    })
}

/// Refuses a list that would replace a much longer one, the newest.
pub(super) fn check_shrink(newest: Option<&DocumentRow>, row: &DocumentRow, options: RegisterOptions) -> Result<(), ImportError> {
    let refused = |reason| ImportError::Document { file: row.source.clone(), reason };
    if options.accept_shrink {
        return Ok(());
    }
    let Some(newest) = newest else { return Ok(()) };
    if row.kind == DocumentKind::Lists.as_str() {
        return check_stays(newest, row).map_err(refused);
    }
    check_rates(newest, row).map_err(refused)?;
    let (before, after) = (lengths(&row.kind, &newest.body).map_err(refused)?, lengths(&row.kind, &row.body).map_err(refused)?);
    // Of one day, the last import counts: a version with less may be the earlier one.
    let is_of_one_day = newest.observed_on == row.observed_on && row.kind.starts_with(SCREENING_KINDS);
    let limit = if is_of_one_day { 100 } else { KEPT_LIMIT_PERCENT };
    let shrunk = |((_, before), (_, after)): &(&(_, usize), &(_, usize))| after * 100 < before * limit;
    let Some(((what, before), (_, after))) = before.iter().zip(&after).find(shrunk) else { return Ok(()) };
    let left = match is_of_one_day {
        true => "it may be an earlier one of that day".to_owned(),
        false => format!("less than {KEPT_LIMIT_PERCENT} % are left"),
    };
    let newest = &newest.version;
    // With --accept-shrink, an incomplete list would drop whom the missing files name, so that is no advice.
    let incomplete = incomplete_list(&row.kind, &row.body).map_err(refused)?;
    Err(refused(match incomplete {
        Some(lacks) => format!(
            "it is incomplete ({lacks}): give all files of the list together. It has {after} {what}, but the newest stored version \
             ({newest}) has {before}, so {left}"
        ),
        None => format!(
            "it has {after} {what}, but the newest stored version ({newest}) has {before}, so {left}; if the list really shrank, \
             import it with --accept-shrink"
        ),
    }))
}

/// How long ago the version may be with which a screening list is compared, so that small losses, each allowed, are told together.
const MONTH_SECS: i64 = 30 * 86_400;

/// Returns in words what a screening list has lost in 30 days, if that is more than one version may lose; otherwise `None`.
pub(super) fn lost_in_a_month(conn: &mut Conn, row: &DocumentRow) -> Result<Option<String>, ImportError> {
    if !row.kind.starts_with(SCREENING_KINDS) {
        return Ok(None);
    }
    let since = row.observed_on.start().plus_secs(-MONTH_SECS).date();
    let Some(oldest) = conn.oldest_document(&row.kind, (since, row.observed_on))? else { return Ok(None) };
    let refused = |reason| ImportError::Document { file: row.source.clone(), reason };
    // An old version that cannot be read refuses no new one.
    let Ok(before) = lengths(&row.kind, &oldest.body) else { return Ok(None) };
    let after = lengths(&row.kind, &row.body).map_err(refused)?;
    let lost = before.iter().zip(&after).find(|((_, before), (_, after))| after * 100 < before * KEPT_LIMIT_PERCENT);
    Ok(lost.map(|((what, before), (_, after))| {
        format!("it has {after} {what}, but {} had {before}: hold it against the publisher's own count", oldest.version)
    }))
}

/// Refuses rates of exchange that are other than those held for the same day. A central bank does not change them afterwards.
fn check_rates(newest: &DocumentRow, row: &DocumentRow) -> Result<(), String> {
    if row.kind != DocumentKind::ReferenceRates.as_str() {
        return Ok(());
    }
    let read = |row: &DocumentRow| ReferenceRates::from_json(&row.body).map_err(|error| error.to_string());
    let Some((day, currency)) = read(row)?.differs_from(&read(newest)?) else { return Ok(()) };
    let held = &newest.version;
    Err(format!(
        "its rate of {currency} for {day} is another than the one of {held}; if the bank corrected it, import it with --accept-shrink"
    ))
}

/// Returns what a screening list lacks, in its own words; `None` for a complete list and any other document.
fn incomplete_list(kind: &str, body: &str) -> Result<Option<String>, String> {
    if !kind.starts_with(SCREENING_KINDS) {
        return Ok(None);
    }
    let list = SanctionsList::from_json(body).map_err(|error| error.to_string())?;
    let lacks = list.source.split_once("; ").map_or(list.source.clone(), |(_, lacks)| lacks.to_owned());
    Ok((list.coverage == ListCoverage::Partial).then_some(lacks))
}
