//! Imports a reference document (rulebook, lists, screening list, policy, platform hosts, lists of non-compliant providers, compiled
//! registers). First it reads the document strictly; then it stores the whole document as a new version. The same text a second time
//! changes nothing.

use aws_lc_rs::digest::{SHA256, digest};
use rand_core::RngCore;
use vasp_words::closed_list::closed_list;

use super::list_changes::ListChanges;
use super::shrink::{check_shrink, lost_in_a_month};
use super::succession::check_succession;
use crate::contradictions::{against_non_compliant, against_third_parties, lock_cases, open_cases};
use crate::directory::{Dated, records_with, screen};
use crate::imported::{ImportReport, RegisterOptions, check_day, document_change};
use crate::node::{ImportError, ServiceError};
use crate::rulebook::imports::keep_rulebook;
use crate::screening::{Sight, parties, reconcile};
use vasp_record::platform::PlatformHosts;
use vasp_record::screening_decision::HitSubject;
use vasp_rules::brand_links::BrandLinks;
use vasp_rules::lists::JurisdictionLists;
use vasp_rules::non_compliant::{NonCompliantIndex, NonCompliantList};
use vasp_rules::policy::Policy;
use vasp_rules::protocol::Protocols;
use vasp_rules::questionnaire::Questionnaire;
use vasp_rules::rulebook::Rulebook;
use vasp_rules::screening::SanctionsList;
use vasp_rules::third_party::{ThirdPartyIndex, ThirdPartyList};
use vasp_rules::vasp_list::VaspList;
use vasp_store::{Conn, DocumentRow, Edit, SCREENING_KINDS, Store, Transaction, VASP_LIST_KINDS, WriteMode};
use vasp_words::reference_rates::ReferenceRates;
use vasp_words::time::{Date, UtcTime};

closed_list! {
    /// Kinds of reference documents.
    pub enum DocumentKind {
        /// The rulebook.
        Rulebook = "rulebook",
        /// FATF's and the EU's lists.
        Lists = "lists",
        /// A screening list, as a `SanctionsList`. Each list id is its own document.
        Screening = "screening",
        /// A policy.
        Policy = "policy",
        /// Hosts that many VASPs share.
        PlatformHosts = "platform-hosts",
        /// Travel Rule protocols.
        Protocols = "protocols",
        /// The questions that VASPs answer about themselves.
        Questionnaire = "questionnaire",
        /// A list of non-compliant providers.
        NonCompliant = "non-compliant",
        /// A compilation of registers by a third party.
        MasterRegister = "master-register",
        /// Links from brands to legal entities, as people typed them.
        BrandLinks = "brand-links",
        /// Published rates of exchange.
        ReferenceRates = "reference-rates",
        /// A list of the VASPs that a protocol reaches. Each protocol's is its own document.
        VaspList = "vasp-list",
    }
}

impl DocumentKind {
    /// Parses and checks the text strictly.
    fn check(self, text: &str, observed_on: Option<Date>, today: Date) -> Result<Checked, String> {
        let kind = self.as_str().to_owned();
        match self {
            Self::Rulebook => {
                let book = Rulebook::from_json(text).map_err(|e| e.to_string())?;
                let day = observed_on.unwrap_or(book.generated_on);
                Ok(Checked { kind, day, records: book.jurisdictions().count(), version: book.version })
            }
            Self::Lists => {
                let lists = JurisdictionLists::from_json(text).map_err(|e| e.to_string())?;
                Ok(Checked { kind, day: observed_on.unwrap_or(lists.generated_on), records: 3, version: lists.version })
            }
            Self::Policy => {
                let policy = Policy::from_json(text).map_err(|e| e.to_string())?;
                // A policy has no date of its own: it counts from the day of its import.
                let (day, records) = (observed_on.unwrap_or(today), policy.rules().len());
                Ok(Checked { kind, version: policy.to_string(), day, records })
            }
            Self::Protocols => {
                let protocols = Protocols::from_json(text).map_err(|e| e.to_string())?;
                let day = observed_on.unwrap_or(protocols.generated_on);
                Ok(Checked { kind, day, records: protocols.count(), version: protocols.version })
            }
            Self::Questionnaire => {
                let questionnaire = Questionnaire::from_json(text).map_err(|e| e.to_string())?;
                let (day, records) = (observed_on.unwrap_or(questionnaire.generated_on()), questionnaire.items().count());
                Ok(Checked { kind, day, records, version: questionnaire.to_string() })
            }
            Self::PlatformHosts => {
                let hosts = PlatformHosts::from_json(text).map_err(|e| e.to_string())?;
                let day = observed_on.unwrap_or(hosts.generated_on);
                Ok(Checked { kind, day, records: hosts.count(), version: hosts.version })
            }
            Self::Screening
            | Self::NonCompliant
            | Self::MasterRegister
            | Self::BrandLinks
            | Self::ReferenceRates
            | Self::VaspList => self.check_dated(text),
        }
    }

    /// Parses and checks a document that has its own date.
    fn check_dated(self, text: &str) -> Result<Checked, String> {
        let kind = self.as_str().to_owned();
        match self {
            Self::Screening => {
                let list = SanctionsList::from_json(text).map_err(|e| e.to_string())?;
                if let Some(why) = list.screens_nobody() {
                    return Err(format!("{why}: nobody would be found by it; correct the file"));
                }
                let (kind, version) = (format!("{SCREENING_KINDS}{}", list.id), format!("{}@{}", list.id, list.as_of));
                Ok(Checked { kind, version, day: list.as_of, records: list.entries.len() })
            }
            Self::NonCompliant => {
                let list = NonCompliantList::from_json(text).map_err(|e| e.to_string())?;
                Ok(Checked { kind, version: format!("{}@{}", list.id, list.as_of), day: list.as_of, records: list.entries.len() })
            }
            Self::MasterRegister => {
                let list = ThirdPartyList::from_json(text).map_err(|e| e.to_string())?;
                Ok(Checked {
                    kind,
                    version: format!("{}@{}", list.source, list.as_of),
                    day: list.as_of,
                    records: list.rows.len(),
                })
            }
            Self::BrandLinks => {
                let list = BrandLinks::from_json(text)?;
                Ok(Checked { version: format!("{kind}@{}", list.as_of), kind, day: list.as_of, records: list.links.len() })
            }
            Self::VaspList => {
                let list = VaspList::from_json(text)?;
                let (kind, version) =
                    (format!("{VASP_LIST_KINDS}{}", list.protocol), format!("{}@{}", list.protocol, list.as_of));
                Ok(Checked { kind, version, day: list.as_of, records: list.rows.len() })
            }
            _ => {
                let rates = ReferenceRates::from_json(text).map_err(|e| e.to_string())?;
                let day = rates.newest().ok_or("it has no rates, so its day is unknown")?;
                Ok(Checked { kind, version: format!("{}@{day}", rates.id), day, records: rates.count() })
            }
        }
    }
}

/// What a document says about itself.
struct Checked {
    /// The kind under which it is stored. Every screening list has its own kind.
    kind: String,
    version: String,
    day: Date,
    records: usize,
}

/// Returns whether the document is held already. Pre-checks name a policy by its version, so that a version has one content on every day.
fn is_known(conn: &mut Conn, row: &DocumentRow) -> Result<bool, ImportError> {
    if row.kind != DocumentKind::Policy.as_str() {
        return Ok(conn.document_digest(&row.kind, row.observed_on)?.as_ref() == Some(&row.digest));
    }
    match conn.document_at(&row.kind, i64::MAX)?.filter(|held| held.version == row.version) {
        Some(held) if held.digest != row.digest => {
            let reason = format!(
                "the policy {} of {} is held with another content; give the changed one the next version",
                held.version, held.observed_on
            );
            Err(ImportError::Document { file: row.source.clone(), reason })
        }
        held => Ok(held.is_some()),
    }
}

/// Opens cases about what a list says against current records. A list that is not the newest has no effect.
fn open_against(transaction: &mut Transaction<'_>, kind: DocumentKind, row: &DocumentRow) -> Result<u64, ImportError> {
    if kind == DocumentKind::Screening {
        return screen_records(transaction, row);
    }
    if !matches!(kind, DocumentKind::NonCompliant | DocumentKind::MasterRegister) {
        return Ok(0);
    }
    let refused = |reason: String| ImportError::Document { file: row.source.clone(), reason };
    let newest = transaction.conn().document_at(&row.kind, i64::MAX)?;
    if newest.is_some_and(|newest| newest.observed_on > row.observed_on) {
        return Ok(0);
    }
    lock_cases(transaction)?;
    let today = transaction.now().date();
    let records = |conn: &mut Conn, lists: Lists| {
        let Lists(non_compliant, third_party) = lists;
        records_with(conn, today, |documents, _| {
            documents.non_compliant = non_compliant.or(documents.non_compliant.take());
            documents.third_party = third_party.or(documents.third_party.take());
        })
        .map_err(|error| refused(error.to_string()))
    };
    let lists = Lists::read(kind, row).map_err(refused)?;
    let records = records(transaction.conn(), lists)?;
    let found =
        if kind == DocumentKind::NonCompliant { against_non_compliant(&records) } else { against_third_parties(&records) };
    open_cases(transaction, found)
}

/// Screens every record against the screening lists as they will be after the import. The running server checks claims on listed addresses.
fn screen_records(transaction: &mut Transaction<'_>, row: &DocumentRow) -> Result<u64, ImportError> {
    let refused = |reason: String| ImportError::Document { file: row.source.clone(), reason };
    let of_service = |error: ServiceError| match error {
        ServiceError::Store(error) => ImportError::Store(error),
        other => refused(other.to_string()),
    };
    let newest = transaction.conn().document_at(&row.kind, i64::MAX)?;
    if newest.is_some_and(|newest| newest.observed_on > row.observed_on) {
        return Ok(0);
    }
    lock_cases(transaction)?;
    let today = transaction.now().date();
    let mut rows = transaction.conn().documents_at(SCREENING_KINDS, i64::MAX)?;
    rows.retain(|known| known.kind != row.kind);
    rows.push(row.clone());
    let mut possible = 0;
    let screen = screen(&rows).map_err(|error| refused(error.to_string()))?;
    let records = records_with(transaction.conn(), today, |documents, _| {
        documents.screen = screen;
        possible = documents.policy.value.screening().name_score.possible;
    })
    .map_err(|error| refused(error.to_string()))?;
    reconcile(transaction, HitSubject::Party, &parties(&records, possible), Sight::Whole).map_err(of_service)
}

/// A list that is about to be stored, indexed for matching.
struct Lists(Option<Dated<NonCompliantIndex>>, Option<Dated<ThirdPartyIndex>>);

impl Lists {
    fn read(kind: DocumentKind, row: &DocumentRow) -> Result<Self, String> {
        let (observed_on, source) = (row.observed_on, row.source.clone());
        if kind == DocumentKind::NonCompliant {
            let value = NonCompliantIndex::of(NonCompliantList::from_json(&row.body).map_err(|e| e.to_string())?);
            return Ok(Self(Some(Dated { value, observed_on, source }), None));
        }
        let value = ThirdPartyIndex::of(ThirdPartyList::from_json(&row.body).map_err(|e| e.to_string())?);
        Ok(Self(None, Some(Dated { value, observed_on, source })))
    }
}

/// What an import tells of a list beside what was held.
#[derive(Default)]
struct Told {
    changes: ListChanges,
    /// What it lost in 30 days, if that is much.
    shrunk: Option<String>,
}

/// Compares a new version of a document with what is held, and refuses one that must not take its place.
fn compared(conn: &mut Conn, row: &DocumentRow, options: RegisterOptions) -> Result<Told, ImportError> {
    // A version of an earlier day replaces nothing.
    let newest = conn.document_at(&row.kind, i64::MAX)?.filter(|newest| newest.observed_on <= row.observed_on);
    check_shrink(newest.as_ref(), row, options)?;
    check_succession(conn, row)?;
    check_names(conn, row)?;
    let before = match &newest {
        Some(newest) => newest.body.as_str(),
        None if conn.newest_document_digest(&row.kind)?.is_some() => return Ok(Told::default()),
        None => "",
    };
    Ok(Told { changes: ListChanges::between(before, &row.body), shrunk: lost_in_a_month(conn, row)? })
}

/// Refuses a policy with a name that nothing can ever match.
fn check_names(conn: &mut Conn, row: &DocumentRow) -> Result<(), ImportError> {
    if row.kind != DocumentKind::Policy.as_str() {
        return Ok(());
    }
    let refused = |reason: String| ImportError::Document { file: row.source.clone(), reason };
    let policy = Policy::from_json(&row.body).map_err(|error| refused(error.to_string()))?;
    let held = conn.document_at(DocumentKind::Protocols.as_str(), i64::MAX)?;
    let protocols = held.map_or_else(Protocols::embedded, |held| Protocols::from_json(&held.body));
    let protocols = protocols.map_err(|error| refused(error.to_string()))?;
    match policy.names_nothing(|id| protocols.get(id).is_some()) {
        None => Ok(()),
        Some((place, says)) => Err(refused(format!("{place}: {says}"))),
    }
}

/// When something is written, and where its random numbers come from.
pub struct Moment<'a> {
    /// The time of the write.
    pub now: UtcTime,
    /// The random numbers.
    pub rng: &'a mut dyn RngCore,
}

/// Imports the text of a document. A rulebook that replaces another is only proposed: two people approve it.
///
/// # Errors
/// `ImportError::Document` if it is not valid, is dated after today, or is a list that shrank; `ImportError::Store`. Nothing is written on
/// an error.
pub fn import_document(
    store: &Store,
    kind: DocumentKind,
    text: &str,
    file: &str,
    observed_on: Option<Date>,
    options: RegisterOptions,
    Moment { now, rng }: Moment<'_>,
) -> Result<ImportReport, ImportError> {
    let refused = |reason| ImportError::Document { file: file.to_owned(), reason };
    let Checked { kind: stored_as, version, day, records } = kind.check(text, observed_on, now.date()).map_err(refused)?;
    check_day(day, file, options, now)?;
    let row = DocumentRow {
        kind: stored_as,
        version,
        observed_on: day,
        source: file.to_owned(),
        digest: digest(&SHA256, text.as_bytes()).as_ref().to_vec(),
        body: text.to_owned(),
        seq_from: 0,
    };
    let records = u64::try_from(records).unwrap_or(u64::MAX);
    let written = store.write_as(options.mode, now, rng, |transaction| {
        let is_known = is_known(transaction.conn(), &row)?;
        let told = if is_known { Told::default() } else { compared(transaction.conn(), &row, options)? };
        let cases = open_against(transaction, kind, &row)?;
        if kind == DocumentKind::Rulebook && transaction.conn().document_at(&row.kind, i64::MAX)?.is_some() {
            let proposal = if is_known { None } else { keep_rulebook(transaction, &row)? };
            return Ok::<_, ImportError>((false, cases, proposal, told));
        }
        if !is_known {
            transaction.record(document_change(&row, records), vec![Edit::AddDocument(row)]);
        }
        Ok((!is_known, cases, None, told))
    })?;
    let (is_new, cases, proposal, Told { changes, shrunk }) = written.value;
    // A proposed rulebook counts as neither taken nor unchanged.
    let (taken, unchanged) = match (is_new, &proposal) {
        (true, _) => (records, 0),
        (false, Some(_)) => (0, 0),
        (false, None) => (0, records),
    };
    Ok(ImportReport {
        format: kind.as_str().to_owned(),
        file: file.to_owned(),
        observed_on: Some(day),
        dry_run: options.mode == WriteMode::Rehearse,
        read: records,
        taken,
        unchanged,
        new: changes.new,
        changed: changes.changed,
        vanished: changes.vanished,
        shrunk,
        cases,
        proposal,
        log_changes: u64::from(is_new),
        sequence: written.sequence,
        ..ImportReport::default()
    })
}
