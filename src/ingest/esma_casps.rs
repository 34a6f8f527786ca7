//! ESMA's interim MiCA register of crypto-asset service providers, CSV as published. Several rows of one entity become one entity with one
//! licence per authority. Each service keeps the dates of its own row. The caller is `vasp_registry::imports`.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::IngestError;
use super::esma_cells::{date, hosts, lei, services, states, tidy};
use super::table::Table;
use vasp_record::authority::Authorities;
use vasp_record::licence::Activity;
use vasp_record::register::{
    Flag, FlaggedRow, Reason, RegisterEntity, RegisterLicence, RegisterService, RegisterSnapshot, RowReport, cut,
};
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::name::NameKey;
use vasp_words::time::Date;

/// The name of the format and of the register.
pub const REGISTER: &str = "esma-casps";

/// The legal regime of every licence in this register.
///
/// Source: Regulation (EU) 2023/1114 (MiCA) Art. 109.
pub const REGIME: &str = "MiCA";

/// The columns that are read; the register also has `ae_website_platform` and `ac_comments`.
const COLUMNS: [&str; 13] = [
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
    let observed_on = day_of_file(file, observed_on)?;
    let mut table = Table::open(bytes, file, COLUMNS)?;
    let mut rows = RowReport::default();
    let (mut seen, mut taken) = (BTreeSet::new(), Vec::new());
    while let Some(row) = table.next_row()? {
        rows.read += 1;
        let row = match row {
            Ok(row) => row,
            Err(rejected) => {
                rows.rejected.push(rejected);
                rows.unread.extend(table.leis());
                continue;
            }
        };
        let cells = row.cells.each_ref().map(|cell| tidy(cell));
        if seen.contains(&cells) {
            rows.repeated += 1;
            continue;
        }
        match read_cells(&cells, row.line, authorities) {
            Ok(entity) => {
                seen.insert(cells);
                taken.push(entity);
            }
            Err((column, reason, text)) => {
                rows.rejected.push(table.rejected(row.line, Some(column), reason, &text));
                rows.unread.extend(table.leis());
            }
        }
    }
    let entities = join(taken, &mut rows, file);
    Ok(RegisterSnapshot { register: REGISTER.to_owned(), observed_on, source: file.to_owned(), entities, rows })
}

/// Returns the day of a file that does not contain its own date: the given day, otherwise the date in its name.
///
/// # Errors
/// `NoDate`; `Table` if the given day is later than the date in the name, because the file would then look newer than it is.
pub(super) fn day_of_file(file: &str, given: Option<Date>) -> Result<Date, IngestError> {
    match (given, date_in_name(file)) {
        (Some(given), Some(named)) if given > named => {
            let detail = format!("the file's name has the day {named}, which is before {given}: leave --observed-on out");
            Err(IngestError::Table { file: file.to_owned(), line: 1, detail })
        }
        (given, named) => given.or(named).ok_or_else(|| IngestError::NoDate { file: file.to_owned() }),
    }
}

/// Returns the date in a file name: the only run of exactly eight digits that forms a date, as in `CASPS_20260426.csv`.
#[must_use]
pub fn date_in_name(file: &str) -> Option<Date> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut dates = name.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 8).filter_map(|run| {
        let number = run.parse::<i32>().ok()?;
        Date::new(i16::try_from(number / 10_000).ok()?, i8::try_from(number / 100 % 100).ok()?, i8::try_from(number % 100).ok()?)
    });
    dates.next().filter(|_| dates.next().is_none())
}

type Cells = [String; COLUMNS.len()];

/// One row: the entity with one licence, and any irregularities of the row.
struct Taken {
    line: u64,
    entity: RegisterEntity,
    notes: Vec<(Flag, String)>,
}

/// The dates, services and states of one row.
struct Terms {
    valid_from: Option<Date>,
    valid_to: Option<Date>,
    last_update: Option<Date>,
    activities: BTreeSet<Activity>,
    hosts: BTreeSet<Country>,
}

type Wrong = (&'static str, Reason, String);

/// Reads the cells of one row, with whitespace normalised, in the order of `COLUMNS`.
fn read_cells(cells: &Cells, line: u64, authorities: &Authorities) -> Result<Taken, Wrong> {
    let [authority, home, name, lei_text, country, commercial, address, website, from, to, service, host_states, updated] = cells;
    let home = state("ae_homeMemberState", home)?;
    let authority = authorities.find(authority, home).ok_or_else(|| {
        let place = home.map_or_else(|| "no state".to_owned(), |home| home.to_string());
        ("ae_competentAuthority", Reason::AuthorityUnknown, format!("{authority} ({place})"))
    })?;
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
        lines: vec![line],
    };
    Ok(Taken { line, entity, notes })
}

fn state(column: &'static str, text: &str) -> Result<Option<Country>, Wrong> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| (column, Reason::CountryUnknown, text.to_owned())) }
}

fn read_terms([from, to, updated, service, host_states]: [&String; 5], notes: &mut Vec<(Flag, String)>) -> Result<Terms, Wrong> {
    let day = |column, text: &String| date(text).map_err(|()| (column, Reason::DateInvalid, text.clone()));
    let valid_from = day("ac_authorisationNotificationDate", from)?;
    let valid_to = day("ac_authorisationEndDate", to)?;
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
    }
}

/// The key by which rows belong to the same entity: the LEI, otherwise the authority and the name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Lei(Lei),
    Name(String, NameKey),
}

/// Merges the rows of each entity. A row without a usable LEI is merged with another row of the same authority and name. This happens only
/// if exactly one LEI is known for that authority and name.
fn join(taken: Vec<Taken>, rows: &mut RowReport, file: &str) -> Vec<RegisterEntity> {
    let mut named: BTreeMap<(String, NameKey), BTreeSet<Lei>> = BTreeMap::new();
    for entity in taken.iter().map(|row| &row.entity) {
        named.entry((entity.authority.clone(), entity.name_key.clone())).or_default().extend(entity.lei);
    }
    let mut entities: BTreeMap<Key, RegisterEntity> = BTreeMap::new();
    for Taken { line, entity, mut notes } in taken {
        let name = (entity.authority.clone(), entity.name_key.clone());
        let only = named.get(&name).filter(|leis| leis.len() == 1).and_then(|leis| leis.first().copied());
        let key = entity.lei.or(only).map_or(Key::Name(name.0, name.1), Key::Lei);
        match entities.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(entity);
            }
            Entry::Occupied(mut known) => {
                notes.extend(merge(known.get_mut(), entity).map(|text| (Flag::RowsDisagree, text)));
            }
        }
        let flagged = |(flag, text): (Flag, String)| FlaggedRow { file: file.to_owned(), line, flag, text: cut(&text) };
        rows.flagged.extend(notes.into_iter().map(flagged));
    }
    entities.into_values().collect()
}

/// Adds a later row of the same entity; returns how it differs from the first row, if it does.
fn merge(known: &mut RegisterEntity, other: RegisterEntity) -> Option<String> {
    let differs = [
        (known.legal_name != other.legal_name, &other.legal_name),
        (known.registered_address != other.registered_address, other.registered_address.as_ref().unwrap_or(&other.legal_name)),
    ];
    let disagrees = differs.into_iter().find(|(differ, _)| *differ).map(|(_, text)| text.clone());
    known.flags.extend(other.flags.into_iter().chain(disagrees.as_ref().map(|_| Flag::RowsDisagree)));
    known.lei = known.lei.or(other.lei);
    known.country = known.country.or(other.country);
    known.website = known.website.take().or(other.website);
    known.domains.extend(other.domains);
    known.lines.extend(other.lines);
    for name in other.commercial_names {
        if !known.commercial_names.contains(&name) {
            known.commercial_names.push(name);
        }
    }
    for licence in other.licences {
        match known.licences.iter_mut().find(|known| known.authority == licence.authority) {
            Some(known) => merge_licence(known, licence),
            None => known.licences.push(licence),
        }
    }
    disagrees
}

fn merge_licence(known: &mut RegisterLicence, other: RegisterLicence) {
    known.services.extend(other.services);
    known.territories.extend(other.territories);
    known.valid_from = [known.valid_from, other.valid_from].into_iter().flatten().min();
    known.valid_to = known.valid_to.zip(other.valid_to).map(|(a, b)| a.max(b));
    known.last_update = known.last_update.max(other.last_update);
}

#[cfg(test)]
mod tests;
