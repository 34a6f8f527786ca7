//! The reference documents of a generation: rulebook, jurisdiction lists, screening lists, policy, platform hosts, lists of
//! non-compliant providers, compiled registers. What was never
//! imported is the compiled-in version, except the screening lists (without one the answer must be "unknown") and the last two.

use std::sync::Arc;

use super::DirectoryError;
use crate::domain::lists::JurisdictionLists;
use crate::domain::non_compliant::{NonCompliantIndex, NonCompliantList};
use crate::domain::platform::PlatformHosts;
use crate::domain::policy::Policy;
use crate::domain::precheck::ListVersion;
use crate::domain::protocol::Protocols;
use crate::domain::questionnaire::Questionnaire;
use crate::domain::reference_rates::ReferenceRates;
use crate::domain::rulebook::Rulebook;
use crate::domain::screening::{SanctionsList, ScreeningIndex};
use crate::domain::third_party::{ThirdPartyIndex, ThirdPartyList};
use crate::domain::time::Date;
use crate::store::{Conn, DocumentRow, SCREENING_KINDS};

/// A document with the day of its facts and where it comes from.
#[derive(Clone, Debug)]
pub struct Dated<T> {
    /// The document.
    pub value: T,
    /// Day of the facts in it.
    pub observed_on: Date,
    /// File or page.
    pub source: String,
}

impl<T> Dated<T> {
    fn map<U>(self, make: impl FnOnce(T) -> U) -> Dated<U> {
        Dated { value: make(self.value), observed_on: self.observed_on, source: self.source }
    }
}

/// The documents of one generation.
#[derive(Clone, Debug)]
pub struct Documents {
    /// The rulebook.
    pub rulebook: Dated<Rulebook>,
    /// FATF's and the EU's lists.
    pub lists: Dated<JurisdictionLists>,
    /// What pre-checks cite of those, put together once.
    pub list_versions: Vec<ListVersion>,
    /// The screening lists, ready for matching, as old as the oldest; none where none was imported.
    pub screen: Option<Dated<ScreeningIndex>>,
    /// The policy.
    pub policy: Dated<Arc<Policy>>,
    /// Hosts that many VASPs share.
    pub platforms: Dated<PlatformHosts>,
    /// Travel Rule protocols.
    pub protocols: Dated<Protocols>,
    /// What VASPs answer about themselves.
    pub questionnaire: Dated<Questionnaire>,
    /// Providers found not to be allowed what they do, ready for matching; none where no such list was imported.
    pub non_compliant: Option<Dated<NonCompliantIndex>>,
    /// A compilation of registers by a third party, ready for matching; none where none was imported.
    pub third_party: Option<Dated<ThirdPartyIndex>>,
    /// Published rates of exchange; none where none were imported.
    pub reference_rates: Option<Dated<ReferenceRates>>,
}

const COMPILED_IN: &str = "compiled in";

impl Documents {
    /// Loads the documents that stood at `sequence`.
    ///
    /// # Errors
    /// `DirectoryError`.
    pub fn load(conn: &mut Conn, sequence: i64) -> Result<Arc<Self>, DirectoryError> {
        let rulebook = match conn.document_at("rulebook", sequence)? {
            Some(row) => dated(&row, Rulebook::from_json(&row.body), "rulebook")?,
            None => {
                let value = embedded(Rulebook::embedded(), "rulebook")?;
                Dated { observed_on: value.generated_on, value, source: COMPILED_IN.to_owned() }
            }
        };
        let lists = match conn.document_at("lists", sequence)? {
            Some(row) => dated(&row, JurisdictionLists::from_json(&row.body), "lists")?,
            None => {
                let value = embedded(JurisdictionLists::embedded(), "lists")?;
                Dated { observed_on: value.generated_on, value, source: COMPILED_IN.to_owned() }
            }
        };
        let policy = match conn.document_at("policy", sequence)? {
            Some(row) => dated(&row, Policy::from_json(&row.body), "policy")?.map(Arc::new),
            None => {
                let value = Arc::new(embedded(Policy::embedded(), "policy")?);
                Dated { observed_on: rulebook.observed_on, value, source: COMPILED_IN.to_owned() }
            }
        };
        let platforms = match conn.document_at("platform-hosts", sequence)? {
            Some(row) => dated(&row, PlatformHosts::from_json(&row.body), "platform-hosts")?,
            None => {
                let value = embedded(PlatformHosts::embedded(), "platform-hosts")?;
                Dated { observed_on: value.generated_on, value, source: COMPILED_IN.to_owned() }
            }
        };
        let protocols = match conn.document_at("protocols", sequence)? {
            Some(row) => dated(&row, Protocols::from_json(&row.body), "protocols")?,
            None => {
                let value = embedded(Protocols::embedded(), "protocols")?;
                Dated { observed_on: value.generated_on, value, source: COMPILED_IN.to_owned() }
            }
        };
        let questionnaire = questionnaire(conn.document_at("questionnaire", sequence)?.as_ref())?;
        let screen = screen(&conn.documents_at(SCREENING_KINDS, sequence)?)?;
        let non_compliant = match conn.document_at("non-compliant", sequence)? {
            Some(row) => Some(dated(&row, NonCompliantList::from_json(&row.body), "non-compliant")?.map(NonCompliantIndex::of)),
            None => None,
        };
        let third_party = match conn.document_at("master-register", sequence)? {
            Some(row) => Some(dated(&row, ThirdPartyList::from_json(&row.body), "master-register")?.map(ThirdPartyIndex::of)),
            None => None,
        };
        let reference_rates = match conn.document_at("reference-rates", sequence)? {
            Some(row) => Some(dated(&row, ReferenceRates::from_json(&row.body), "reference-rates")?),
            None => None,
        };
        let seen = |version| ListVersion { observed_on: lists.observed_on, ..version };
        let list_versions = ListVersion::all(&lists.value).into_iter().map(seen).collect();
        Ok(Arc::new(Self {
            rulebook,
            lists,
            list_versions,
            screen,
            policy,
            platforms,
            protocols,
            questionnaire,
            non_compliant,
            third_party,
            reference_rates,
        }))
    }
}

/// The questionnaire, as imported or as compiled in.
fn questionnaire(row: Option<&DocumentRow>) -> Result<Dated<Questionnaire>, DirectoryError> {
    match row {
        Some(row) => dated(row, Questionnaire::from_json(&row.body), "questionnaire"),
        None => {
            let value = embedded(Questionnaire::embedded(), "questionnaire")?;
            Ok(Dated { observed_on: value.generated_on(), value, source: COMPILED_IN.to_owned() })
        }
    }
}

/// Puts the newest version of every screening list in one index; none where there is no list.
///
/// # Errors
/// `DirectoryError::Document` for a list that does not read.
pub fn screen(rows: &[DocumentRow]) -> Result<Option<Dated<ScreeningIndex>>, DirectoryError> {
    let read = |row: &DocumentRow| dated(row, SanctionsList::from_json(&row.body), "screening");
    let lists = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let days = || lists.iter().map(|list| list.observed_on);
    let (Some(oldest), Some(newest)) = (days().min(), days().max()) else { return Ok(None) };
    let source = lists.iter().map(|list| list.source.as_str()).collect::<Vec<_>>().join(", ");
    let value = ScreeningIndex::newest_on(newest, lists.into_iter().map(|list| list.value));
    Ok(Some(Dated { value, observed_on: oldest, source }))
}

fn dated<T, E: std::fmt::Display>(row: &DocumentRow, read: Result<T, E>, kind: &'static str) -> Result<Dated<T>, DirectoryError> {
    let value = read.map_err(|e| DirectoryError::Document { kind, reason: e.to_string() })?;
    let observed_on = row
        .observed_on
        .parse()
        .map_err(|e: crate::domain::time::TimeError| DirectoryError::Document { kind, reason: e.to_string() })?;
    Ok(Dated { value, observed_on, source: row.source.clone() })
}

fn embedded<T, E: std::fmt::Display>(read: Result<T, E>, table: &'static str) -> Result<T, DirectoryError> {
    read.map_err(|e| DirectoryError::Embedded { table, reason: e.to_string() })
}
