//! ESMA's interim MiCA register of crypto-asset service providers, CSV as published, or the JSON of a tracker that keeps its cells (`tracker`).
//! Several rows of one entity become one entity with one licence per authority. Each service keeps the dates of its own row. A row whose
//! authority is not known is held. The caller is `vasp_registry::imports`.

mod tracker;

use std::collections::BTreeSet;

use super::IngestError;
use super::esma_cells::{date, hosts, lei, services, states, tidy};
use super::register_rows::{ReadRow, RegisterRows, Taken, Wrong};
use super::table::Table;
use vasp_record::authority::Authorities;
use vasp_record::licence::{Activity, PublishedStanding};
use vasp_record::register::{Flag, HeldRow, Reason, RegisterEntity, RegisterLicence, RegisterService, RegisterSnapshot};
use vasp_words::country::Country;
use vasp_words::name::NameKey;
use vasp_words::time::Date;

/// The name of the format and of the register.
pub const REGISTER: &str = "esma-casps";

/// The legal regime of every licence in this register.
///
/// Source: Regulation (EU) 2023/1114 (MiCA) Art. 109.
pub const REGIME: &str = "MiCA";

/// The columns that are read; the register also has `ae_website_platform` and `ac_comments`.
pub(super) const COLUMNS: [&str; 13] = [
    "ae_competentAuthority",
    "ae_homeMemberState",
    "ae_lei_name",
    "ae_lei",
    "ae_lei_cou_code",
    "ae_commercial_name",
    "ae_address",
    "ae_website",
    "ac_authorisationNotificationDate",
    "ac_authorisationEndDate",
    "ac_serviceCode",
    "ac_serviceCode_cou",
    "ac_lastupdate",
];

/// Reads one published file. `observed_on` is the day of the register's data; the default is the date in the file name.
///
/// # Errors
/// `NoDate`, and the errors of a file that is not such a table. A wrong row is not an error.
pub fn parse(
    bytes: &[u8],
    file: &str,
    observed_on: Option<Date>,
    authorities: &Authorities,
) -> Result<RegisterSnapshot, IngestError> {
    if bytes.trim_ascii_start().starts_with(b"{") {
        return tracker::parse(bytes, file, observed_on, authorities);
    }
    let observed_on = day_of_file(file, observed_on)?;
    let mut table = Table::open(bytes, file, COLUMNS)?;
    let (mut rows, mut seen) = (RegisterRows::new(file), Seen::default());
    while let Some(row) = table.next_row()? {
        match row {
            Ok(row) => take(&mut rows, &mut seen, row.cells.each_ref().map(|cell| tidy(cell)), row.line, authorities),
            Err(rejected) => rows.reject(rejected),
        }
        rows.unread(table.cells());
    }
    seen.check(file)?;
    Ok(rows.finish(REGISTER, observed_on))
}

/// The rows of a file so far, and what of their cells looks as if columns were exchanged.
#[derive(Default)]
pub(super) struct Seen {
    rows: BTreeSet<Cells>,
    dated: usize,
    /// Authorisations that end before they begin, or have an end only.
    backward: usize,
    ended: usize,
    websites: usize,
    /// Websites in which no host is.
    no_hosts: usize,
}

/// Fewer ends, or websites without a host, may be most of a small file without a mistake.
const LEAST: usize = 5;

impl Seen {
    fn note(&mut self, [.., website, from, to, _, _, _]: &Cells) {
        let [from, to] = [from, to].map(|text| date(text).ok().flatten());
        self.dated += usize::from(from.or(to).is_some());
        self.backward += usize::from(to.is_some_and(|to| from.is_none_or(|from| to < from)));
        self.ended += usize::from(to.is_some());
        self.websites += usize::from(!website.is_empty());
        self.no_hosts += usize::from(!website.is_empty() && hosts(website).0.is_empty());
    }

    /// Refuses a file whose columns seem to be exchanged.
    ///
    /// # Errors
    /// `Table` if most dated rows end before they begin, have an end only, or have an end; or if most websites are none.
    pub(super) fn check(&self, file: &str) -> Result<(), IngestError> {
        let Self { dated, backward, ended, websites, no_hosts, .. } = *self;
        let (begin, end) = ("ac_authorisationNotificationDate", "ac_authorisationEndDate");
        let detail = if backward * 2 > dated {
            format!(
                "{backward} of {dated} authorisations end before they begin, or have an end only: are `{begin}` and `{end}` exchanged?"
            )
        } else if ended >= LEAST && ended * 2 > dated {
            format!("{ended} of {dated} authorisations have an end: are `{end}` and another column exchanged?")
        } else if no_hosts >= LEAST && no_hosts * 2 > websites {
            format!("{no_hosts} of {websites} websites have no host: are `ae_website` and another column exchanged?")
        } else {
            return Ok(());
        };
        Err(IngestError::Table { file: file.to_owned(), line: 1, detail })
    }
}

/// Takes one row, unless the file has it already.
pub(super) fn take(rows: &mut RegisterRows<'_>, seen: &mut Seen, cells: Cells, line: u64, authorities: &Authorities) {
    if seen.rows.contains(&cells) {
        return rows.repeat();
    }
    seen.note(&cells);
    if rows.add(line, read_cells(&cells, line, authorities)) {
        seen.rows.insert(cells);
    }
}

/// Returns the day of a file that does not contain its own date: the given day, otherwise the date in its name.
///
/// # Errors
/// `NoDate`; `Table` if the given day is later than the date in the name, because the file would then look newer than it is.
pub(super) fn day_of_file(file: &str, given: Option<Date>) -> Result<Date, IngestError> {
    day_at_most(file, given, date_in_name(file), "name")
}

/// Returns the given day, otherwise the file's own, which its name or its content states.
///
/// # Errors
/// `NoDate`; `Table` if the given day is later than the file's own.
pub(super) fn day_at_most(file: &str, given: Option<Date>, own: Option<Date>, place: &str) -> Result<Date, IngestError> {
    match (given, own) {
        (Some(given), Some(own)) if given > own => {
            let detail = format!("the file's {place} has the day {own}, which is before {given}: leave --observed-on out");
            Err(IngestError::Table { file: file.to_owned(), line: 1, detail })
        }
        (given, own) => given.or(own).ok_or_else(|| IngestError::NoDate { file: file.to_owned() }),
    }
}

/// Returns the date in a file name, as in `CASPS_20260426.csv` or `jp-fsa-2026-05-31.csv`: eight digits alone, or four, two and two digits
/// with hyphens between them. `None` for a name with no date or with several.
#[must_use]
pub fn date_in_name(file: &str) -> Option<Date> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    // What was fetched has the beginning of its hash after this sign.
    let name = name.split('@').next().unwrap_or_default();
    let mut dates = name.split(|c: char| !c.is_ascii_digit() && c != '-').flat_map(dates_in);
    dates.next().filter(|_| dates.next().is_none())
}

/// Returns the dates in a text of digits and hyphens.
fn dates_in(text: &str) -> Vec<Date> {
    let runs: Vec<&str> = text.split('-').collect();
    let whole = runs.iter().map(|run| (*run).to_owned()).filter(|run| run.len() == 8);
    let parted = runs.windows(3).filter(|three| three.iter().map(|run| run.len()).eq([4, 2, 2])).map(<[&str]>::concat);
    whole.chain(parted).filter_map(|digits| date_of(&digits)).collect()
}

/// Reads a date from eight digits.
fn date_of(digits: &str) -> Option<Date> {
    let number = digits.parse::<i32>().ok()?;
    Date::new(i16::try_from(number / 10_000).ok()?, i8::try_from(number / 100 % 100).ok()?, i8::try_from(number % 100).ok()?)
}

pub(super) type Cells = [String; COLUMNS.len()];

/// The dates, services and states of one row.
struct Terms {
    valid_from: Option<Date>,
    valid_to: Option<Date>,
    last_update: Option<Date>,
    activities: BTreeSet<Activity>,
    hosts: BTreeSet<Country>,
}

/// Reads the cells of one row, with whitespace normalised, in the order of `COLUMNS`.
fn read_cells(cells: &Cells, line: u64, authorities: &Authorities) -> Result<ReadRow, Wrong> {
    let [written, home, name, lei_text, country, commercial, address, website, from, to, service, host_states, updated] = cells;
    let home = state("ae_homeMemberState", home)?;
    let name_key = NameKey::of(name).ok_or_else(|| ("ae_lei_name", Reason::Missing, name.clone()))?;
    let country = state("ae_lei_cou_code", country)?;
    let mut notes = Vec::new();
    let terms = read_terms([from, to, updated, service, host_states], &mut notes)?;
    let (lei, lei_flag) = lei(lei_text);
    let (domains, website_flag) = hosts(website);
    notes.extend(lei_flag.map(|flag| (flag, lei_text.clone())));
    notes.extend(website_flag.map(|flag| (flag, website.clone())));
    notes.extend(home.is_none().then(|| (Flag::HomeStateMissing, String::new())));
    notes.extend(country.is_none().then(|| (Flag::CountryMissing, String::new())));
    notes.extend(
        [name, commercial, address].into_iter().filter(|t| t.contains('\u{fffd}')).map(|t| (Flag::CharacterLost, t.clone())),
    );

    let authority = match authorities.find(written, home) {
        Ok(known) => &known.authority,
        Err(why) => {
            let cells = COLUMNS.iter().map(|column| (*column).to_owned()).zip(cells.iter().cloned()).collect();
            return Ok(ReadRow::Held(HeldRow { line, authority: written.clone(), state: home, why, cells }));
        }
    };
    let home = home.unwrap_or(authority.country);
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let entity = RegisterEntity {
        lei,
        authority: authority.id.clone(),
        name_key,
        flags: notes.iter().map(|(flag, _)| *flag).collect(),
        legal_name: name.clone(),
        commercial_names: commercial.split('|').map(tidy).filter(|other| !other.is_empty() && other != name).collect(),
        country: country.or(Some(home)),
        registered_address: some(address),
        website: some(website).filter(|_| !domains.is_empty()),
        domains: domains.iter().map(ToString::to_string).collect(),
        licences: vec![licence(&authority.id, home, terms)],
        entry_number: None,
        lines: vec![line],
    };
    Ok(ReadRow::Taken(Taken { line, entity, notes }.into()))
}

fn state(column: &'static str, text: &str) -> Result<Option<Country>, Wrong> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| (column, Reason::CountryUnknown, text.to_owned())) }
}

fn read_terms([from, to, updated, service, host_states]: [&String; 5], notes: &mut Vec<(Flag, String)>) -> Result<Terms, Wrong> {
    let day = |column, text: &String| date(text).map_err(|()| (column, Reason::DateInvalid, text.clone()));
    let valid_from = day("ac_authorisationNotificationDate", from)?;
    let valid_to = day("ac_authorisationEndDate", to)?;
    if valid_from.zip(valid_to).is_some_and(|(from, to)| to < from) {
        return Err(("ac_authorisationEndDate", Reason::DateInvalid, format!("{to} is before {from}")));
    }
    let last_update = day("ac_lastupdate", updated)?;
    let (activities, flags) = services(service).map_err(|text| ("ac_serviceCode", Reason::ServiceUnknown, text))?;
    let hosts = states(host_states).map_err(|error| ("ac_serviceCode_cou", Reason::CountryUnknown, error.0))?;
    notes.extend(flags.into_iter().map(|flag| (flag, service.clone())));
    let missing = [
        (valid_from.is_none(), Flag::DateMissing),
        (activities.is_empty(), Flag::ServicesMissing),
        (hosts.is_empty(), Flag::HostStatesMissing),
    ];
    notes.extend(missing.into_iter().filter(|(odd, _)| *odd).map(|(_, flag)| (flag, String::new())));
    Ok(Terms { valid_from, valid_to, last_update, activities, hosts })
}

fn licence(authority: &str, home: Country, terms: Terms) -> RegisterLicence {
    let Terms { valid_from, valid_to, last_update, activities, mut hosts } = terms;
    hosts.insert(home);
    RegisterLicence {
        authority: authority.to_owned(),
        regime: REGIME.to_owned(),
        number: None,
        services: activities.into_iter().map(|activity| RegisterService { activity, valid_from, valid_to }).collect(),
        territories: hosts,
        valid_from,
        valid_to,
        last_update,
        standing: PublishedStanding::Granted,
    }
}

#[cfg(test)]
mod tests;
