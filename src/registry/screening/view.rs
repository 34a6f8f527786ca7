//! Screening hits, with both sides whole, and lists as operators read them.

use serde::Serialize;
use utoipa::ToSchema;

use super::ListRecord;
use super::decide::needs_ground;
use crate::proposals::http::ProposalView;
use vasp_record::screening_decision::HitStatus;
use vasp_record::vasp::{Identifier, OtherName, Vasp, VaspKind, VaspStatus};
use vasp_rules::screening::{Compared, Difference, EntryKind, Hit, SanctionsEntry, SanctionsList, Verdict};
use vasp_store::ScreeningHit;
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

/// A match of a VASP with an entry of a screening list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ScreeningHit)]
pub(crate) struct ScreeningHitView {
    pub(super) id: String,
    vasp: String,
    /// What two people of your organisation decided about the present forms of the entry and of the record; for operators, the registry's.
    pub(super) status: HitStatus,
    /// The list.
    list: String,
    /// The list's own number of the entry.
    uid: String,
    /// The entry's primary name.
    name: String,
    programs: Vec<String>,
    /// `party` if the VASP itself matched, `address` if an address that it claims matched.
    about: String,
    /// What was compared: `name`, `lei`, `host` or `address`.
    matched_by: String,
    /// The value of the VASP that matched.
    matched: String,
    /// The value of the entry that it matched, as published.
    listed: String,
    /// How alike the two are, 0 to 100.
    score: i16,
    /// Digest of the entry's present version. A decision is valid for exactly this version.
    entry_sha256: String,
    /// Whether a clearance takes a `ground`.
    needs_ground: bool,
    /// The VASP's identity; null if the directory has no record of it any more.
    record: Option<HitRecordView>,
    /// The whole entry; null if no list has it any more.
    entry: Option<HitEntryView>,
    /// Everything of the VASP that matches the entry, best first. A decision is about all of it.
    matches: Vec<MatchView>,
    /// What both sides can have besides names, and whether it is the same.
    compared: Vec<Compared>,
    /// What two people of the registry decided about the present forms: evidence, which clears nothing for you. Null if they did not decide.
    pub(super) registry_decision: Option<RegistryDecisionView>,
    /// Id of the VASP's open case, for operators; null if there is none.
    pub(super) case: Option<String>,
    found_at: UtcTime,
    changed_at: UtcTime,
    /// The proposal that waits for another person, or that two people decided; null if there is neither.
    pub(super) proposal: Option<ProposalView>,
    /// The version of the row.
    #[serde(skip)]
    pub(super) version: i64,
}

/// What identifies the VASP of a hit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ScreeningHitRecord)]
pub(crate) struct HitRecordView {
    kind: VaspKind,
    status: VaspStatus,
    legal_name: String,
    other_names: Vec<OtherName>,
    #[schema(value_type = Option<String>, example = "IE")]
    country: Option<Country>,
    #[schema(value_type = Option<String>)]
    lei: Option<Lei>,
    identifiers: Vec<Identifier>,
    website: Option<String>,
    registered_address: Option<String>,
    domains: Vec<String>,
    /// Id of its group; null if it has none.
    group: Option<String>,
    /// The first day of its first licence; null if no licence has one.
    first_licensed_on: Option<Date>,
}

/// An entry of a screening list, as published.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ScreeningHitEntry)]
pub(crate) struct HitEntryView {
    /// The registry's id of the list or part that has it.
    list: String,
    /// The file.
    source: String,
    /// The list's own date.
    as_of: Date,
    kind: EntryKind,
    name: String,
    aliases: Vec<String>,
    /// Names that the list calls weak.
    weak_aliases: Vec<String>,
    programs: Vec<String>,
    /// Dates of birth or foundation.
    born: Vec<String>,
    countries: Vec<String>,
    /// Numbers in registers and at tax offices.
    numbers: Vec<String>,
    #[schema(value_type = Vec<String>)]
    leis: Vec<Lei>,
    hosts: Vec<String>,
    addresses: Vec<String>,
    /// The first day of the listing; null if not published.
    since: Option<Date>,
}

/// A value of the VASP that matches a value of the entry.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ScreeningMatch)]
pub(crate) struct MatchView {
    /// `name`, `lei` or `host`.
    matched_by: &'static str,
    matched: String,
    /// The value of the entry, as published.
    listed: String,
    score: u8,
}

/// A decision of the registry.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RegistryScreeningDecision)]
pub(crate) struct RegistryDecisionView {
    /// `false_positive` or `true_match`.
    #[schema(value_type = String)]
    pub(super) decision: Verdict,
    pub(super) decided_at: UtcTime,
    /// What shows that the two differ; null if a reason was enough.
    pub(super) difference: Option<Difference>,
}

/// A page of hits.
#[derive(ToSchema)]
#[schema(as = ScreeningHitList)]
#[expect(dead_code, reason = "only its description is used; every page is written by `listing::page`")]
pub(crate) struct ScreeningHitListView {
    items: Vec<ScreeningHitView>,
    /// Send it as `cursor` for the next page; null on the last page.
    next_cursor: Option<String>,
}

/// The screening lists.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ScreeningLists)]
pub(crate) struct ScreeningListsView {
    pub(crate) items: Vec<ListRecord>,
}

impl ScreeningHitView {
    /// Shows a hit with both sides and everything that matches, without what people decided.
    pub(super) fn of(
        row: ScreeningHit,
        status: HitStatus,
        vasp: Option<&Vasp>,
        entry: Option<(&SanctionsList, &SanctionsEntry)>,
        matches: &[&Hit],
    ) -> Self {
        let one_match = |hit: &&Hit| {
            let Hit { matched, listed, score, .. } = *hit;
            MatchView { matched_by: matched.kind(), matched: matched.text(), listed: listed.clone(), score: *score }
        };
        Self {
            id: row.id.to_string(),
            vasp: row.vasp.to_string(),
            status,
            needs_ground: needs_ground(&row),
            list: row.list,
            uid: row.uid,
            name: row.name,
            programs: row.programs.0,
            about: row.about.to_string(),
            matched_by: row.matched_by,
            matched: row.matched,
            listed: row.listed,
            score: row.score,
            entry_sha256: row.entry_sha256,
            record: vasp.map(HitRecordView::from),
            entry: entry.map(HitEntryView::from),
            matches: matches.iter().map(one_match).collect(),
            compared: vasp.zip(entry).map(|(vasp, (_, entry))| Compared::all(vasp, entry)).unwrap_or_default(),
            registry_decision: None,
            case: None,
            found_at: row.found_at,
            changed_at: row.changed_at,
            proposal: None,
            version: row.version,
        }
    }
}

impl From<&Vasp> for HitRecordView {
    fn from(vasp: &Vasp) -> Self {
        Self {
            kind: vasp.kind,
            status: vasp.status,
            legal_name: vasp.legal_name.clone(),
            other_names: vasp.other_names.clone(),
            country: vasp.country,
            lei: vasp.lei,
            identifiers: vasp.identifiers.clone(),
            website: vasp.website.clone(),
            registered_address: vasp.registered_address.clone(),
            domains: vasp.domains.iter().map(|domain| domain.domain.clone()).collect(),
            group: vasp.group.map(|group| group.to_string()),
            first_licensed_on: vasp.licences.iter().filter_map(|licence| licence.valid_from).min(),
        }
    }
}

impl From<(&SanctionsList, &SanctionsEntry)> for HitEntryView {
    fn from((list, entry): (&SanctionsList, &SanctionsEntry)) -> Self {
        let entry = entry.clone();
        Self {
            list: list.id.clone(),
            source: list.source.clone(),
            as_of: list.as_of,
            kind: entry.kind,
            name: entry.name,
            aliases: entry.aliases,
            weak_aliases: entry.weak_aliases,
            programs: entry.programs,
            born: entry.born,
            countries: entry.countries,
            numbers: entry.numbers,
            leis: entry.leis,
            hosts: entry.hosts.iter().map(ToString::to_string).collect(),
            addresses: entry.addresses.into_iter().map(|address| address.text).collect(),
            since: entry.since,
        }
    }
}
