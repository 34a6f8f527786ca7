//! What a new version of a list may have lost of the versions before it: a file that was cut must not take their place.

use super::DocumentKind;
use super::succession::check_stays;
use crate::imported::RegisterOptions;
use crate::node::ImportError;
use vasp_ingest::ecb_rates;
use vasp_rules::brand_links::BrandLinks;
use vasp_rules::non_compliant::NonCompliantList;
use vasp_rules::screening::{ListCoverage, SanctionsEntry, SanctionsList};
use vasp_rules::third_party::ThirdPartyList;
use vasp_rules::vasp_list::VaspList;
use vasp_store::{Conn, DocumentRow, SCREENING_KINDS, VASP_LIST_KINDS};
use vasp_words::reference_rates::ReferenceRates;

/// A list that keeps less than this percentage of the previous version is refused. No sanctions list loses a twentieth of its entries
/// between two publications. A file that does was cut, or is another list.
const KEPT_LIMIT_PERCENT: usize = 95;

/// A part of a document that must not shrink unnoticed.
struct Part {
    what: &'static str,
    length: usize,
    /// How many of it any version may lose.
    free: usize,
}

impl Part {
    fn of(what: &'static str, length: usize) -> Self {
        Self { what, length, free: 0 }
    }
}

/// How many of a detail of all its entries any version of a screening list may lose: there are few of some, such as LEIs.
const DETAILS_FREE: usize = 5;

/// What entries say besides their name. If a publisher renames an element or a column, all of one kind are lost, and no entry is.
fn details(list: &SanctionsList) -> impl Iterator<Item = Part> + '_ {
    type Count = fn(&SanctionsEntry) -> usize;
    let all: [(&str, Count); 8] = [
        ("other names", |entry| entry.aliases.len()),
        ("weak names", |entry| entry.weak_aliases.len()),
        ("programmes", |entry| entry.programs.len()),
        ("dates of birth or foundation", |entry| entry.born.len()),
        ("countries", |entry| entry.countries.len()),
        ("numbers in registers", |entry| entry.numbers.len()),
        ("LEIs", |entry| entry.leis.len()),
        ("websites", |entry| entry.hosts.len()),
    ];
    all.into_iter().map(|(what, count)| Part { what, length: list.entries.iter().map(count).sum(), free: DETAILS_FREE })
}

/// Returns the first part that keeps less than so many percent: what it is, its length before and after.
fn shrunk(before: &[Part], after: &[Part], percent: usize) -> Option<(&'static str, usize, usize)> {
    let mut pairs = before.iter().zip(after.iter().map(|after| after.length));
    let (part, after) =
        pairs.find(|(part, after)| after * 100 < part.length * percent && part.length.saturating_sub(*after) > part.free)?;
    Some((part.what, part.length, after))
}

/// Returns the parts that must not shrink; none for a document that may shrink, or has a rule of its own.
fn parts(kind: &str, body: &str) -> Result<Vec<Part>, String> {
    Ok(match kind {
        "non-compliant" => vec![Part::of("entries", NonCompliantList::from_json(body).map_err(|e| e.to_string())?.entries.len())],
        "brand-links" => vec![Part::of("links", BrandLinks::from_json(body)?.links.len())],
        "master-register" => vec![Part::of("rows", ThirdPartyList::from_json(body).map_err(|e| e.to_string())?.rows.len())],
        "reference-rates" => vec![Part::of("days", ReferenceRates::from_json(body).map_err(|e| e.to_string())?.count())],
        _ if kind.starts_with(VASP_LIST_KINDS) => vec![Part::of("rows", VaspList::from_json(body)?.rows.len())],
        _ if kind.starts_with(SCREENING_KINDS) => {
            let list = SanctionsList::from_json(body).map_err(|e| e.to_string())?;
            // In a list of mostly persons, the total would hide the loss of half its firms, and VASPs are firms.
            let firms = list.entries.iter().filter(|entry| entry.kind.may_be_a_firm()).count();
            let counted = [("entries", list.entries.len()), ("entities", firms), ("addresses", list.address_count())];
            counted.map(|(what, length)| Part::of(what, length)).into_iter().chain(details(&list)).collect()
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
    if row.kind == DocumentKind::Lists.as_str() {
        return check_stays(newest, row).map_err(refused);
    }
    check_rates(newest, row).map_err(refused)?;
    let Some(newest) = newest else { return Ok(()) };
    let (before, after) = (parts(&row.kind, &newest.body).map_err(refused)?, parts(&row.kind, &row.body).map_err(refused)?);
    // Of one day, the last import counts: a version with less may be the earlier one.
    let is_of_one_day = newest.observed_on == row.observed_on && row.kind.starts_with(SCREENING_KINDS);
    let limit = if is_of_one_day { 100 } else { KEPT_LIMIT_PERCENT };
    let Some((what, before, after)) = shrunk(&before, &after, limit) else { return Ok(()) };
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
    let Some(oldest) = conn.oldest_document(&row.kind, since, row.observed_on)? else { return Ok(None) };
    let refused = |reason| ImportError::Document { file: row.source.clone(), reason };
    // An old version that cannot be read refuses no new one.
    let Ok(before) = parts(&row.kind, &oldest.body) else { return Ok(None) };
    let after = parts(&row.kind, &row.body).map_err(refused)?;
    Ok(shrunk(&before, &after, KEPT_LIMIT_PERCENT).map(|(what, before, after)| {
        format!("it has {after} {what}, but {} had {before}: hold it against the publisher's own count", oldest.version)
    }))
}

/// The rates that come with the program: what the first ones that are imported are compared with.
pub(crate) const OWN_RATES: &str = include_str!("../../../seed/eurofxref-hist.csv");

/// Refuses rates of exchange that are other than those held for the same day, which a central bank does not change afterwards, and rates that
/// leap from one day to the next.
fn check_rates(newest: Option<&DocumentRow>, row: &DocumentRow) -> Result<(), String> {
    if row.kind != DocumentKind::ReferenceRates.as_str() {
        return Ok(());
    }
    let read = |row: &DocumentRow| ReferenceRates::from_json(&row.body).map_err(|error| error.to_string());
    let rates = read(row)?;
    let Some(newest) = newest else {
        let (own, _) = ecb_rates::parse(OWN_RATES.as_bytes(), "eurofxref-hist.csv").map_err(|error| error.to_string())?;
        return rates.far_from(&own).map_or(Ok(()), |(day, currency)| {
            Err(format!(
                "its rate of {currency} for {day} is less than half or more than twice the one that comes with the program; if that is right, \
                 import it with --accept-shrink"
            ))
        });
    };
    let (held, version) = (read(newest)?, &newest.version);
    if let Some((day, currency)) = rates.differs_from(&held) {
        return Err(format!(
            "its rate of {currency} for {day} is another than the one of {version}; if the bank corrected it, import it with --accept-shrink"
        ));
    }
    match rates.leaps_from(&held) {
        None => Ok(()),
        Some((day, currency)) => Err(format!(
            "its rate of {currency} for {day} is less than half or more than twice that of the day before; if that is right, import it with \
             --accept-shrink"
        )),
    }
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
