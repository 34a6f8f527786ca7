//! A member claims many addresses at once. Rows are read as they arrive; then all valid rows are written as one batch. A faulty row is
//! listed in the report and does not affect the others. Many rows are written in several transactions (`parts`).

use std::borrow::Cow;
use std::io::Read;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use vasp_words::closed_list::closed_list;

use super::ahead::Ahead;
use super::allowance::{Spoken, refuse_flood};
use super::attest::seen;
use super::claimant::{Claimant, Speaker};
use super::parts::{PART_ROWS, import_in_parts};
use super::plan::{Plan, Verdict, Wish};
use super::standings::Standings;
use super::write::{Earlier, Voice};
use crate::acts::{Act, Deed, Reply};
use crate::node::{Fault, ServiceError};
use vasp_addresses::network::NetworkTable;
use vasp_ingest::IngestError;
use vasp_ingest::member_claims::{OwnAddress, RowFault, RowForm, open};
use vasp_record::allowance::ClaimTerms;
use vasp_record::attestation::IMPORT_ROWS_MAX;
use vasp_record::claim::{ClaimNumber, Visibility};
use vasp_store::Transaction;
use vasp_words::error_chain::error_chain;
use vasp_words::ids::OrganisationId;

closed_list! {
    /// The outcome of a row, worst first.
    pub enum ImportOutcome {
        /// The row is refused.
        Rejected = "rejected",
        /// The row is accepted, and another party's claim contradicts it: a case decides.
        Conflict = "conflict",
        /// The row is accepted, and contradicts other parties' claims beyond your allowance. It takes effect when a reviewer allows it.
        Pending = "pending_review",
        /// A claim, or an earlier row, says the same.
        Unchanged = "unchanged",
        /// The row is accepted.
        Added = "added",
    }
}

/// A row of an import's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedRow {
    /// Line on which the row begins, from 1.
    pub row: u64,
    pub(crate) outcome: ImportOutcome,
    /// The reason for the outcome; null if there is nothing to report.
    #[schema(value_type = Option<String>)]
    pub code: Option<Cow<'static, str>>,
    /// The reason as text for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Id of the claim; null if the row was refused.
    pub claim: Option<String>,
}

/// The report of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberImport {
    /// Number of the batch with the rows in force, as far as the member may know; `None` if there are no such rows.
    pub batch: Option<i64>,
    /// Number of the batch with the rows that wait for a reviewer; `None` if no row waits.
    pub pending_batch: Option<i64>,
    /// The outcome of each row, in order.
    pub rows: Vec<ImportedRow>,
}

/// The rows as they were read: the valid claims, and for each row its claim or its fault.
#[derive(Debug, Default)]
pub struct ImportRows {
    sayings: Vec<OwnAddress>,
    read: Vec<(u64, Result<usize, RowFault>)>,
}

impl ImportRows {
    /// Returns the number of rows read, including faulty ones.
    #[must_use]
    pub fn count(&self) -> usize {
        self.read.len()
    }

    /// Adds a row.
    pub(super) fn push(&mut self, line: u64, read: Result<OwnAddress, RowFault>) {
        let place = self.sayings.len();
        let read = read.map(|saying| {
            self.sayings.push(saying);
            place
        });
        self.read.push((line, read));
    }

    /// Returns the rows in order.
    pub(super) fn into_rows(self) -> impl Iterator<Item = (u64, Result<OwnAddress, RowFault>)> {
        let mut sayings = self.sayings.into_iter();
        // Each valid row added one saying, in the same order.
        self.read.into_iter().filter_map(move |(line, read)| match read {
            Ok(_) => sayings.next().map(|saying| (line, Ok(saying))),
            Err(fault) => Some((line, Err(fault))),
        })
    }

    /// Returns the rows in parts of at most `most` rows.
    pub(super) fn in_parts(self, most: usize) -> impl Iterator<Item = Self> {
        let mut rows = self.into_rows();
        std::iter::from_fn(move || {
            let mut part = Self::default();
            rows.by_ref().take(most).for_each(|(line, read)| part.push(line, read));
            (part.count() > 0).then_some(part)
        })
    }
}

impl ImportedRow {
    /// Makes the row for one that repeats an earlier row, whose claim is `claim`.
    pub(super) fn repeated(line: u64, claim: Option<String>) -> Self {
        Self { row: line, outcome: ImportOutcome::Unchanged, code: Some("repeated".into()), detail: None, claim }
    }
}

/// Reads rows as their bytes arrive.
///
/// # Errors
/// `ServiceError::Invalid` for a file of another format, without rows, or with too many rows.
pub fn read_rows(input: impl Read, form: RowForm) -> Result<ImportRows, ServiceError> {
    let fault = |code, detail: String| ServiceError::Invalid(Fault { pointer: String::new(), code, detail });
    let unreadable = |error: IngestError| fault("invalid_file", error_chain(&error).to_string());
    let mut rows = ImportRows::default();
    for row in open(input, form, NetworkTable::embedded()).map_err(unreadable)? {
        let row = row.map_err(unreadable)?;
        if rows.read.len() >= IMPORT_ROWS_MAX {
            return Err(fault(
                "too_many_rows",
                format!("an import may have at most {IMPORT_ROWS_MAX} rows; send the other rows in another import"),
            ));
        }
        rows.push(row.line, row.read);
    }
    if rows.read.is_empty() {
        return Err(fault("no_rows", "the file has no rows to import".to_owned()));
    }
    Ok(rows)
}

/// Imports rows under the terms for all claims. All rows have the same visibility.
///
/// # Errors
/// `ServiceError::IllegalStep` without a verified VASP; `Invalid`; and those of [`Act::run`].
pub fn import_own_claims(
    act: Act<'_, MemberImport>,
    rows: ImportRows,
    visibility: Option<Visibility>,
    named: &[OrganisationId],
    terms: &ClaimTerms,
) -> Result<Reply, ServiceError> {
    let seen = seen(visibility.unwrap_or(Visibility::Gateways), named, act.identity.organisation)?;
    let wish = Wish { seen, is_said: visibility.is_some() };
    if rows.count() <= PART_ROWS {
        return import_part(act, rows, &wish, Earlier::default(), terms);
    }
    Claimant::of(act.registry, act.identity, act.now)?;
    import_in_parts(act, rows, |act, rows, earlier| import_part(act, rows, &wish, earlier, terms))
}

/// Imports rows in one transaction.
fn import_part(
    act: Act<'_, MemberImport>,
    rows: ImportRows,
    wish: &Wish,
    earlier: Earlier,
    terms: &ClaimTerms,
) -> Result<Reply, ServiceError> {
    let (registry, identity, now) = (act.registry, act.identity, act.now);
    let claimant = Claimant::of(registry, identity, now)?;
    let seal_key = registry.seed_key(now, act.rng)?;
    let accounts = rows.sayings.iter().map(|own| &own.account);
    let flood = registry.store().read(|conn| refuse_flood(conn, &claimant, &terms.allowance, now));
    let ahead = registry.store().read(|conn| Ahead::read(conn, &claimant, accounts))?;
    act.run("claim.import", |transaction, identity| {
        claimant.lock(transaction)?;
        flood?;
        let voice = Voice { earlier, ..Voice::attesting(&claimant, Speaker::from(identity), &wish.seen, &seal_key, registry) };
        let report = write(transaction, &voice, (rows, ahead), (wish, terms))?;
        let count = |outcome| report.rows.iter().filter(|row| row.outcome == outcome).count();
        let details = json!({
            "batch": report.batch, "vasp": claimant.vasp.to_string(), "rows": report.rows.len(),
            "rejected": count(ImportOutcome::Rejected), "conflicts": count(ImportOutcome::Conflict),
            "pending": count(ImportOutcome::Pending),
        });
        let subject = report.batch.map_or_else(|| claimant.vasp.to_string(), |batch| batch.to_string());
        Ok(Deed::new(report, subject, details))
    })
}

fn write(
    transaction: &mut Transaction<'_>,
    voice: &Voice<'_>,
    (rows, ahead): (ImportRows, Ahead),
    (wish, terms): (&Wish, &ClaimTerms),
) -> Result<MemberImport, ServiceError> {
    let accounts = rows.sayings.iter().map(|own| &own.account);
    let now = transaction.now();
    let standings = Standings::read_on(transaction.conn(), voice.claimant, voice.speaker, now, accounts, ahead)?;
    let mut plan = Plan::make(&standings, &rows.sayings, wish, terms.lifetime_secs)?;
    plan.hold_back(transaction, &standings, terms, voice.speaker)?;
    let spoken = voice.say(transaction, &plan)?;
    let counting = spoken.written.as_ref().map(|written| written.batch.number);
    let (batch, pending_batch) = (counting.or(spoken.waiting.untold_batch), spoken.waiting.batch);
    let report = Report { plan: &plan, spoken: &spoken, voice };
    let rows = rows.read.into_iter().map(|(line, read)| report.row(line, read)).collect();
    Ok(MemberImport { batch, pending_batch, rows })
}

/// The data for the report.
struct Report<'a> {
    plan: &'a Plan,
    spoken: &'a Spoken,
    voice: &'a Voice<'a>,
}

impl Report<'_> {
    fn row(&self, line: u64, read: Result<usize, RowFault>) -> ImportedRow {
        let verdict = match &read {
            Ok(place) => self.plan.verdicts.get(*place),
            Err(fault) => return rejected(line, fault),
        };
        let row = |outcome, code: Option<&'static str>, claim| ImportedRow {
            row: line,
            outcome,
            code: code.map(Cow::Borrowed),
            detail: None,
            claim,
        };
        match verdict {
            Some(Verdict::Refused(fault)) => rejected(line, fault),
            Some(Verdict::Same(number)) => row(ImportOutcome::Unchanged, None, Some(self.id(*number))),
            Some(Verdict::SameWaits(number, told)) => {
                row(ImportOutcome::Unchanged, told.then_some("pending_review"), Some(self.id(*number)))
            }
            Some(Verdict::Waits(place)) => {
                let told = self.plan.waiting.get(*place).is_some_and(|(_, told)| *told);
                let (outcome, code) =
                    if told { (ImportOutcome::Pending, Some("claimed_by_another")) } else { (ImportOutcome::Added, None) };
                row(outcome, code, Some(self.waiting(*place)))
            }
            Some(Verdict::Repeated(place)) => ImportedRow::repeated(line, self.claim_of(*place)),
            Some(Verdict::Renews(statement, _)) => row(ImportOutcome::Added, Some("renewed"), Some(self.statement(*statement))),
            Some(Verdict::New(statement)) => {
                // The report must not reveal claims that the member may not know of.
                let contested = self.plan.contested.get(*statement).is_some_and(|others| others.iter().any(|o| o.is_seen));
                let (outcome, code) =
                    if contested { (ImportOutcome::Conflict, Some("claimed_by_another")) } else { (ImportOutcome::Added, None) };
                row(outcome, code, Some(self.statement(*statement)))
            }
            None => row(ImportOutcome::Rejected, None, None),
        }
    }

    fn id(&self, number: i64) -> String {
        self.voice.registry.directory().claim_ids().public_id(ClaimNumber(number))
    }

    fn statement(&self, place: usize) -> String {
        self.after(self.spoken.written.as_ref().map_or(0, |written| written.first), place)
    }

    fn waiting(&self, place: usize) -> String {
        self.after(self.spoken.waiting.first, place)
    }

    fn after(&self, first: i64, place: usize) -> String {
        self.id(first.saturating_add(i64::try_from(place).unwrap_or(i64::MAX)))
    }

    /// Returns the claim of the earlier row that says the same.
    fn claim_of(&self, place: usize) -> Option<String> {
        match self.plan.verdicts.get(place)? {
            Verdict::New(statement) | Verdict::Renews(statement, _) => Some(self.statement(*statement)),
            Verdict::Waits(place) => Some(self.waiting(*place)),
            Verdict::Same(number) | Verdict::SameWaits(number, _) => Some(self.id(*number)),
            Verdict::Repeated(_) | Verdict::Refused(_) => None,
        }
    }
}

fn rejected(line: u64, fault: &RowFault) -> ImportedRow {
    let detail = match fault.column {
        Some(column) => format!("{column}: {}", fault.detail),
        None => fault.detail.clone(),
    };
    ImportedRow { row: line, outcome: ImportOutcome::Rejected, code: Some(fault.code.into()), detail: Some(detail), claim: None }
}
