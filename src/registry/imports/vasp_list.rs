//! Imports the list of the VASPs that a protocol reaches as a source for all callers. The caller is the command line; an organisation keeps its
//! own list by `vasp_lists`.

use rand_core::RngCore;

use super::file::{list_of_rows, noted};
use super::{DocumentKind, ImportFormat, ImportJob, ImportedBy, Moment, RegisterOptions};
use crate::directory::{Documents, Records, Screening, records_with};
use crate::imported::{ImportReport, ReadFile};
use crate::node::ImportError;
use vasp_ingest::source::Source;
use vasp_ingest::vasp_list::parse;
use vasp_record::register::{Flag, FlaggedRow, cut};
use vasp_rules::protocol::{Protocol, ProtocolId};
use vasp_rules::vasp_list::{ListedVasp, VaspList};
use vasp_store::Store;
use vasp_words::time::UtcTime;

/// Imports a list. Rows that are about no record are kept, and named in the report.
///
/// # Errors
/// `ImportError`; nothing is written on an error.
pub fn import_vasp_list(
    job: ImportJob<'_>,
    protocol: &ProtocolId,
    input: Source,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    let (store, mode, format) = (job.store, job.mode, ImportFormat::VaspList);
    let digest = input.digest()?.map(|digest| digest.to_vec());
    let read =
        ReadFile { format: format.to_string(), file: input.file.clone(), digest, by: ImportedBy::CommandLine, source: None };
    let options = RegisterOptions { mode, accept_shrink: job.accept_shrink, not_before: None };
    let result = read_list(store, protocol, input.at_most(format.limit_bytes()), job.observed_on.unwrap_or(now.date()), now);
    let result = result.and_then(|(list, rows)| {
        let file = list.source.clone();
        list_of_rows(store, DocumentKind::VaspList, format, (&list, rows), &file, options, Moment { now, rng: &mut *rng })
    });
    noted(store, mode, read, result, now, rng)
}

type Read = (VaspList, vasp_record::register::RowReport);

fn read_list(
    store: &Store,
    protocol: &ProtocolId,
    input: Source,
    as_of: vasp_words::time::Date,
    now: UtcTime,
) -> Result<Read, ImportError> {
    let file = input.file.clone();
    let refused = |reason: String| ImportError::Document { file: file.clone(), reason };
    let bytes = input.into_bytes()?;
    let (known, records) = store.read::<_, ImportError>(|conn| {
        let sequence = conn.log_head()?.sequence;
        let documents = Documents::load(conn, sequence, Screening::LeftOut).map_err(|error| refused(error.to_string()))?;
        let records = records_with(conn, now.date(), |_, _| ()).map_err(|error| refused(error.to_string()))?;
        Ok((documents.protocols.value.get(protocol).cloned(), records))
    })?;
    let known: Protocol =
        known.ok_or_else(|| refused(format!("the registry knows no protocol `{protocol}`; GET /v1/protocols lists them")))?;
    let (list, mut rows) = parse(&bytes, &file, &known, as_of)?;
    rows.flagged.extend(list.rows.iter().filter_map(|row| unmatched(row, &records, &file)));
    Ok((list, rows))
}

/// Returns the note about a row that is about no record: what, why, and what would be right.
fn unmatched(row: &ListedVasp, records: &Records, file: &str) -> Option<FlaggedRow> {
    let why = row.find(&|mark| records.live_with(mark)).err()?;
    let name = row.legal_name.as_deref().unwrap_or(&row.name);
    let text = cut(&format!("{name}: {why}. {}", why.remedy()));
    Some(FlaggedRow { file: file.to_owned(), line: row.row, flag: Flag::VaspUnmatched, text })
}
