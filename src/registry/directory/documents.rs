//! The reference documents of a generation: rulebook, jurisdiction lists, screening lists, policy, platform hosts, lists of non-compliant
//! providers, compiled registers. If a document was never imported, the compiled-in version is used. Exceptions are the screening lists
//! (without them the answer must be "unknown") and the last two: these have no compiled-in version.

use std::sync::{Arc, LazyLock};

use super::authorities::{self, AUTHORITIES, KnownAuthorities};
use super::kept_obligations::{KeptObligations, Owed};
use super::{DirectoryError, Generation};
use vasp_record::platform::PlatformHosts;
use vasp_rules::brand_links::{BrandLinkIndex, BrandLinks};
use vasp_rules::brand_rulings::BrandRulings;
use vasp_rules::lists::JurisdictionLists;
use vasp_rules::non_compliant::{NonCompliantIndex, NonCompliantList};
use vasp_rules::obligations::ObligationsRequest;
use vasp_rules::policy::Policy;
use vasp_rules::precheck::ListVersion;
use vasp_rules::protocol::Protocols;
use vasp_rules::questionnaire::Questionnaire;
use vasp_rules::rulebook::Rulebook;
use vasp_rules::screening::{SanctionsList, ScreeningIndex};
use vasp_rules::third_party::{ThirdPartyIndex, ThirdPartyList};
use vasp_rules::vasp_list::{VaspList, VaspListIndex};
use vasp_store::{Conn, DocumentRow, SCREENING_KINDS, VASP_LIST_KINDS};
use vasp_words::exchange_rate::{ExchangeRate, Rates};
use vasp_words::reference_rates::ReferenceRates;
use vasp_words::time::Date;

/// A document with the day of its facts and its source.
#[derive(Clone, Debug)]
pub struct Dated<T> {
    /// The document.
    pub value: T,
    /// The day to which its facts refer.
    pub observed_on: Date,
    /// The file or page that it comes from.
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
    pub rulebook: Dated<Arc<Rulebook>>,
    /// FATF's and the EU's lists.
    pub lists: Dated<Arc<JurisdictionLists>>,
    /// The list versions that pre-checks cite, collected once.
    pub list_versions: Vec<ListVersion>,
    /// The screening lists, ready for matching, dated by the oldest of them; `None` if none was imported.
    pub screen: Option<Dated<ScreeningIndex>>,
    /// The policy.
    pub policy: Dated<Arc<Policy>>,
    /// The authorities that registers and licences name.
    pub authorities: Dated<KnownAuthorities>,
    /// Hosts that many VASPs share.
    pub platforms: Dated<Arc<PlatformHosts>>,
    /// Travel Rule protocols.
    pub protocols: Dated<Arc<Protocols>>,
    /// The questionnaire that VASPs answer about themselves.
    pub questionnaire: Dated<Arc<Questionnaire>>,
    /// Providers found to act without permission, ready for matching; `None` if no such list was imported.
    pub non_compliant: Option<Dated<NonCompliantIndex>>,
    /// A third party's compilation of registers, ready for matching; `None` if none was imported.
    pub third_party: Option<Dated<ThirdPartyIndex>>,
    /// Links from brands to entities: imported ones, then those that the registry found, without those that two people ruled out.
    pub brand_links: BrandLinkIndex,
    /// Lists of the VASPs that protocols reach, for all callers.
    pub vasp_lists: VaspListIndex,
    /// Published exchange rates; `None` if none were imported.
    pub reference_rates: Option<Dated<ReferenceRates>>,
    /// Obligations that follow from the rulebook.
    owed: KeptObligations,
}

/// Whether the documents include the screening lists. They are by far the largest, and only pre-checks read them.
#[derive(Clone, Copy, Debug)]
pub enum Screening<'a> {
    /// They are loaded.
    Loaded,
    /// They are included, and shared with a later generation if none was imported in between.
    SharedWith(&'a Generation),
    /// They are left out.
    LeftOut,
}

/// The document of the links from brands to entities that two people ruled out.
pub(crate) const BRAND_RULINGS: &str = "brand-rulings";

/// The source of a document that was never imported.
pub(super) const COMPILED_IN: &str = "compiled in";

impl Documents {
    /// Returns the exchange rates for a transfer of `date`: first the given rates, then the published reference rates.
    ///
    /// # Errors
    /// The member of the transfer that is wrong, and the reason.
    pub fn usable_rates(&self, given: &[ExchangeRate], date: Date) -> Result<Rates, (String, String)> {
        let reference = self.reference_rates.as_ref().and_then(|rates| rates.value.on(date));
        Rates::new(given.to_vec(), reference, date).map_err(|refused| {
            let member = refused.index.map_or_else(|| "rates".to_owned(), |index| format!("rates/{index}"));
            (member, refused.to_string())
        })
    }

    /// Returns what the law of both sides demands of a transfer.
    pub fn owed(&self, request: &ObligationsRequest) -> Arc<Owed> {
        self.owed.owed(&self.rulebook.value, request)
    }

    /// Returns the newest list of non-compliant providers with the hosts that many VASPs share; `None` if no list was imported.
    pub fn newest_non_compliant(conn: &mut Conn) -> Result<Option<(NonCompliantIndex, Arc<PlatformHosts>)>, DirectoryError> {
        let mut at = |kind| conn.document_at(kind, i64::MAX).map(|row| (row, kind));
        let Some(list) = imported(at("non-compliant")?, NonCompliantList::from_json)? else { return Ok(None) };
        let platforms = PLATFORMS.unless_imported(at("platform-hosts")?, PlatformHosts::from_json, |hosts| hosts.generated_on)?;
        Ok(Some((NonCompliantIndex::of(list.value), platforms.value)))
    }

    /// Loads the documents that were in force at `sequence`.
    pub fn load(conn: &mut Conn, sequence: i64, screening: Screening<'_>) -> Result<Arc<Self>, DirectoryError> {
        let mut at = |kind| conn.document_at(kind, sequence).map(|row| (row, kind));
        let rulebook = RULEBOOK.unless_imported(at("rulebook")?, Rulebook::from_json, |book| book.generated_on)?;
        let lists = LISTS.unless_imported(at("lists")?, JurisdictionLists::from_json, |lists| lists.generated_on)?;
        let read_on = rulebook.observed_on;
        let policy = POLICY.unless_imported(at("policy")?, Policy::from_json, |_| read_on)?;
        let authorities = authorities::read(at(AUTHORITIES)?.0)?;
        let platforms = PLATFORMS.unless_imported(at("platform-hosts")?, PlatformHosts::from_json, |hosts| hosts.generated_on)?;
        let protocols = PROTOCOLS.unless_imported(at("protocols")?, Protocols::from_json, |all| all.generated_on)?;
        let questionnaire =
            QUESTIONNAIRE.unless_imported(at("questionnaire")?, Questionnaire::from_json, Questionnaire::generated_on)?;
        let non_compliant = imported(at("non-compliant")?, NonCompliantList::from_json)?;
        let third_party = imported(at("master-register")?, ThirdPartyList::from_json)?;
        let links = [imported(at("brand-links")?, BrandLinks::from_json)?, imported(at("brand-finds")?, BrandLinks::from_json)?];
        let rulings = imported(at(BRAND_RULINGS)?, BrandRulings::from_json)?.map(|rulings| rulings.value).unwrap_or_default();
        let reference_rates = imported(at("reference-rates")?, ReferenceRates::from_json)?;
        let screen = match screening {
            Screening::SharedWith(later) if !conn.documents_came(SCREENING_KINDS, sequence, later.sequence)? => {
                later.documents().screen.clone()
            }
            Screening::Loaded | Screening::SharedWith(_) => screen(&conn.documents_at(SCREENING_KINDS, sequence)?)?,
            Screening::LeftOut => None,
        };
        let list_versions = ListVersion::all(&lists.value);
        let read = |row: &DocumentRow| dated(row, VaspList::from_json(&row.body), "vasp-list").map(|list| list.value);
        let vasp_lists = conn.documents_at(VASP_LIST_KINDS, sequence)?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(Self {
            rulebook,
            lists,
            list_versions,
            screen,
            policy,
            authorities,
            platforms,
            protocols,
            questionnaire,
            non_compliant: non_compliant.map(|list| list.map(NonCompliantIndex::of)),
            third_party: third_party.map(|list| list.map(ThirdPartyIndex::of)),
            brand_links: BrandLinkIndex::of(links.into_iter().flatten().map(|links| links.value), &rulings),
            vasp_lists: VaspListIndex::of(vasp_lists),
            reference_rates,
            owed: KeptObligations::default(),
        }))
    }
}

/// A compiled-in document. It is read once in a process.
struct CompiledIn<T: 'static>(LazyLock<Result<Arc<T>, String>>);

impl<T> CompiledIn<T> {
    /// Returns a document as imported; if it was not imported, this one, of the day that `day` names.
    fn unless_imported<E: std::fmt::Display>(
        &self,
        (row, kind): (Option<DocumentRow>, &'static str),
        read: impl Fn(&str) -> Result<T, E>,
        day: impl Fn(&T) -> Date,
    ) -> Result<Dated<Arc<T>>, DirectoryError> {
        match row {
            Some(row) => Ok(dated(&row, read(&row.body), kind)?.map(Arc::new)),
            None => {
                let value = (*self.0).clone().map_err(|reason| DirectoryError::Embedded { table: kind, reason })?;
                Ok(Dated { observed_on: day(&value), value, source: COMPILED_IN.to_owned() })
            }
        }
    }
}

fn shared<T, E: std::fmt::Display>(read: Result<T, E>) -> Result<Arc<T>, String> {
    read.map(Arc::new).map_err(|error| error.to_string())
}

static RULEBOOK: CompiledIn<Rulebook> = CompiledIn(LazyLock::new(|| shared(Rulebook::embedded())));
static LISTS: CompiledIn<JurisdictionLists> = CompiledIn(LazyLock::new(|| shared(JurisdictionLists::embedded())));
static POLICY: CompiledIn<Policy> = CompiledIn(LazyLock::new(|| shared(Policy::embedded())));
static PLATFORMS: CompiledIn<PlatformHosts> = CompiledIn(LazyLock::new(|| shared(PlatformHosts::embedded())));
static PROTOCOLS: CompiledIn<Protocols> = CompiledIn(LazyLock::new(|| shared(Protocols::embedded())));
static QUESTIONNAIRE: CompiledIn<Questionnaire> = CompiledIn(LazyLock::new(|| shared(Questionnaire::embedded())));

/// Returns a document as imported; `None` if there is none.
fn imported<T, E: std::fmt::Display>(
    (row, kind): (Option<DocumentRow>, &'static str),
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<Dated<T>>, DirectoryError> {
    row.map(|row| dated(&row, read(&row.body), kind)).transpose()
}

/// Puts the newest version of every screening list into one index; `None` if there is no list.
///
/// # Errors
/// `DirectoryError::Document` if a list cannot be read.
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
    Ok(Dated { value, observed_on: row.observed_on, source: row.source.clone() })
}
