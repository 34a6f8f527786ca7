//! ESMA's register as a tracker republishes it in JSON: one record an entity, with a list of services. Only ESMA's own cells are read; the
//! tracker's ids and its own status are not. Line numbers are those of the records, counted from 1.

use serde::Deserialize;

use super::{Cells, REGISTER, Seen, day_at_most, take};
use crate::IngestError;
use crate::esma_cells::tidy;
use crate::published_list::date;
use crate::register_rows::RegisterRows;
use vasp_record::authority::Authorities;
use vasp_record::register::RegisterSnapshot;
use vasp_words::time::Date;

#[derive(Deserialize)]
struct File {
    register: String,
    generated_at: String,
    records: Vec<Record>,
}

type Cell = Option<String>;

#[derive(Deserialize)]
struct Record {
    competent_authority: Cell,
    home_member_state: Cell,
    name: Cell,
    lei: Cell,
    head_office_country: Cell,
    commercial_name: Cell,
    address: Cell,
    website: Cell,
    authorisation_date: Cell,
    withdrawal_date: Cell,
    services: Vec<Service>,
}

#[derive(Clone, Default, Deserialize)]
struct Service {
    service: Cell,
    countries: Vec<String>,
    last_update: Cell,
}

/// Reads a tracker's file. Its day is that on which the tracker made it.
pub(super) fn parse(
    bytes: &[u8],
    file: &str,
    observed_on: Option<Date>,
    authorities: &Authorities,
) -> Result<RegisterSnapshot, IngestError> {
    let read: File = serde_json::from_slice(bytes).map_err(|source| IngestError::Json { file: file.to_owned(), source })?;
    if read.register != "casps" {
        let detail = format!("it has the register `{}`; the register of providers is `casps`", read.register);
        return Err(IngestError::Table { file: file.to_owned(), line: 1, detail });
    }
    let observed_on = day_at_most(file, observed_on, date(&read.generated_at), "`generated_at`")?;
    let (mut rows, mut seen) = (RegisterRows::new(file), Seen::default());
    for (line, mut record) in (1..).zip(read.records) {
        let services = std::mem::take(&mut record.services);
        let services = if services.is_empty() { vec![Service::default()] } else { services };
        for service in services {
            let cells = cells(&record, service);
            let shown = cells.clone();
            take(&mut rows, &mut seen, cells, line, authorities);
            rows.unread(shown.iter().map(String::as_str));
        }
    }
    seen.check(file)?;
    Ok(rows.finish(REGISTER, observed_on))
}

/// Returns the cells of one service, in the order of the published columns.
fn cells(record: &Record, service: Service) -> Cells {
    let countries = Some(service.countries.join("|"));
    [
        &record.competent_authority,
        &record.home_member_state,
        &record.name,
        &record.lei,
        &record.head_office_country,
        &record.commercial_name,
        &record.address,
        &record.website,
        &record.authorisation_date,
        &record.withdrawal_date,
        &service.service,
        &countries,
        &service.last_update,
    ]
    .map(|cell| tidy(cell.as_deref().unwrap_or_default()))
}
