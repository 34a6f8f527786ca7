//! Finds links from brands to entities in the registers, keeps them as a reference document, opens cases about them, and accepts strong ones
//! where policy lets it. Callers: the command line, the seed, and `after_import`.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use rand_core::RngCore;
use serde::Serialize;
use serde_json::json;

use super::borne_out::typed_links;
use super::rule_out::read_rulings;
use crate::contradictions::{Found, lock_cases, open_cases};
use crate::directory::{Records, records_with};
use crate::imported::document_change;
use crate::ledger::{VaspChanges, status_of};
use crate::node::{ImportError, ServiceError};
use crate::proposals::last_one;
use vasp_log::change::Payload;
use vasp_record::case::{Cause, TriggerKind};
use vasp_record::fact::{Attribute, FactValue, MEMBER, NoItem, REGISTRY};
use vasp_record::licence::LicenceStatus;
use vasp_record::platform::PlatformHosts;
use vasp_record::proposal::ProposalKind;
use vasp_record::vasp::{Vasp, VaspKind, VaspStatus};
use vasp_rules::brand_finder::{BrandSide, EntitySide, Find, HostMatch, NameMatch, find, hosts_of_cell};
use vasp_rules::brand_kinds::BrandKinds;
use vasp_rules::brand_links::{BrandLink, BrandLinks, LinkEvidence, LinkEvidenceKind, LinkRole, Served};
use vasp_rules::linked_entity::LinkedEntity;
use vasp_store::{Conn, DocumentRow, Edit, FactRow, Store, Transaction, VaspRow, WriteMode};
use vasp_words::ids::VaspId;
use vasp_words::time::{Date, UtcTime};

/// Origin of the groups that policy accepted.
pub(crate) const POLICY: &str = "brand-finder";

/// The kind of the document that holds what was found.
const KIND: &str = "brand-finds";

/// A find that is less likely opens no case. It is shown as a candidate all the same. Our own number.
const CASE_FROM_PERCENT: u8 = 50;

/// Whether policy accepts strong finds: the register's name is the brand's, and so is the domain of its website.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptStrong {
    /// It does not: two people accept every link.
    No,
    /// It does, where the entity has no group yet.
    Yes,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FoundLinks {
    /// All links found.
    pub found: usize,
    /// How many of them are new proposals: the search before did not find them, and the entity is not in the brand's group.
    pub proposed: usize,
    /// How many of them are strong.
    pub strong: usize,
    /// How many policy accepted now.
    pub accepted: usize,
    /// How many cases were opened or joined.
    pub cases: u64,
    /// The links, in order of brand and entity.
    pub links: Vec<BrandLink>,
}

/// Searches, and writes what it finds.
///
/// # Errors
/// `ImportError::Store`, or `Document` if the directory cannot be read; nothing is written on an error.
pub fn find_brand_links(
    store: &Store,
    accept: AcceptStrong,
    mode: WriteMode,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<FoundLinks, ImportError> {
    let mut note = None;
    let written = store.write_as(mode, now, rng, |transaction| {
        transaction.lock_vasps()?;
        lock_cases(transaction)?;
        note = store.announce_long_write("find brand links", now);
        search(transaction, accept, now.date())
    });
    drop(note);
    Ok(written?.value)
}

fn search(transaction: &mut Transaction<'_>, accept: AcceptStrong, today: Date) -> Result<FoundLinks, ImportError> {
    let said = Said::read(transaction, today)?;
    let finds = find(&said.brands(), &said.entities());
    let (rulings, _) = read_rulings(transaction.conn()).map_err(refused)?;
    let typed = typed_links(transaction.conn(), &rulings)?;
    if finds.is_empty() && (typed.all().is_empty() || accept == AcceptStrong::No) {
        keep(transaction, &[], today)?;
        return Ok(FoundLinks::default());
    }
    let records = records_with(transaction.conn(), today, |_, _| {}).map_err(refused)?;
    let (finds, links): (Vec<Find>, Vec<BrandLink>) =
        finds.into_iter().filter_map(|one| said.link(&one, &records, today).map(|link| (one, link))).unzip();
    let known = keep(transaction, &links, today)?;
    let (open, open_links): (Vec<&Find>, Vec<&BrandLink>) =
        finds.iter().zip(&links).filter(|(_, link)| rulings.about(link).is_none()).unzip();
    let accepted = match accept {
        AcceptStrong::Yes => {
            let strong = open.iter().filter(|one| one.is_strong).map(|one| (one.group, one.entity, words(one)));
            let all: Vec<_> = strong.chain(said.borne_out(&typed, &records)).collect();
            said.accept(transaction, &all, &records)?
        }
        AcceptStrong::No => BTreeSet::new(),
    };
    let is_open = |one: &Find| {
        !accepted.contains(&one.entity) && records.get(one.entity).is_some_and(|entity| entity.group != Some(one.group))
    };
    let known: Vec<&BrandLink> = known.iter().filter(|one| rulings.about(one).is_none()).collect();
    let is_new = |link: &BrandLink| !known.iter().any(|one| (&one.brand, one.entity.vasp) == (&link.brand, link.entity.vasp));
    let proposed = open.iter().zip(&open_links).filter(|(one, link)| is_open(one) && is_new(link)).count();
    let undecided = open.iter().filter(|one| one.likeness >= CASE_FROM_PERCENT && !accepted.contains(&one.entity));
    let cases = open_cases(transaction, undecided.filter_map(|one| case(one, &records)).collect())?;
    let strong = finds.iter().filter(|one| one.is_strong).count();
    Ok(FoundLinks { found: links.len(), proposed, strong, accepted: accepted.len(), cases, links })
}

pub(super) fn refused(error: impl std::fmt::Display) -> ImportError {
    ImportError::Document { file: POLICY.to_owned(), reason: error.to_string() }
}

/// What registers and labels say of names and websites. What a member says of itself is left out: it could choose any brand.
pub(super) struct Said {
    anchors: BTreeMap<i64, VaspRow>,
    /// Ids of the entities that have, or had, a licence.
    licensed: BTreeSet<VaspId>,
    facts: BTreeMap<i64, Vec<FactRow>>,
    pub(super) platforms: PlatformHosts,
    pub(super) today: Date,
}

impl Said {
    fn read(transaction: &mut Transaction<'_>, today: Date) -> Result<Self, ImportError> {
        let conn = transaction.conn();
        let anchors: BTreeMap<i64, VaspRow> =
            conn.vasp_anchors(None)?.into_iter().map(|anchor| (anchor.number, anchor)).collect();
        let named = [
            Attribute::LegalName,
            Attribute::OtherName,
            Attribute::Website,
            Attribute::RegisterName,
            Attribute::EntityKey,
            Attribute::Group,
            Attribute::Status,
            Attribute::MergedInto,
        ];
        let mut facts: BTreeMap<i64, Vec<FactRow>> = BTreeMap::new();
        for row in conn.current_facts_named(&named)? {
            facts.entry(row.vasp).or_default().push(row);
        }
        let platforms = match conn.document_at("platform-hosts", i64::MAX)? {
            Some(row) => PlatformHosts::from_json(&row.body).map_err(refused)?,
            None => PlatformHosts::embedded().map_err(refused)?,
        };
        let numbers: BTreeSet<i64> = conn.licence_anchors(None)?.into_iter().map(|licence| licence.vasp).collect();
        let licensed = numbers.iter().filter_map(|number| anchors.get(number)).map(|anchor| anchor.id).collect();
        Ok(Self { anchors, licensed, facts, platforms, today })
    }

    /// Returns the live records of a kind with what others than members say of them today. A former name or website is nobody's brand.
    pub(super) fn live(&self, kind: VaspKind) -> impl Iterator<Item = (VaspId, Vec<&FactValue>)> {
        self.anchors.values().filter(move |anchor| anchor.kind == kind).filter_map(|anchor| {
            let rows = self.facts.get(&anchor.number)?;
            let is_gone = rows.iter().any(|row| matches!(row.fact.said, FactValue::MergedInto(..)));
            let status = status_of(rows);
            if is_gone || status.is_halted() || !status.is_live() {
                return None;
            }
            let of_others = rows.iter().map(|row| &row.fact).filter(|fact| ![MEMBER, REGISTRY].contains(&fact.origin.as_ref()));
            Some((anchor.id, of_others.filter(|fact| fact.covers(self.today)).map(|fact| &fact.said).collect()))
        })
    }

    fn brands(&self) -> Vec<BrandSide> {
        let kinds = BrandKinds::embedded();
        let brand = |(group, said): (VaspId, Vec<&FactValue>)| {
            let keys: Vec<&str> = keys(&said).collect();
            let named = said.iter().filter_map(|said| match said {
                FactValue::LegalName(_, name) => Some(name.clone()),
                _ => None,
            });
            let hosts = keys.iter().filter_map(|key| kinds.website(key)).cloned();
            BrandSide {
                group,
                names: named.chain(keys.iter().map(ToString::to_string)).collect(),
                hosts: hosts.filter(|host| self.platforms.covering(host).is_none()).collect(),
                is_ordinary: kinds.worst_of(keys.into_iter()).is_none(),
            }
        };
        self.live(VaspKind::Group).map(brand).collect()
    }

    fn entities(&self) -> Vec<EntitySide> {
        let entity = |(entity, said): (VaspId, Vec<&FactValue>)| {
            let (mut names, mut hosts) = (vec![], vec![]);
            // A firm enters itself into a register without licences under any name: only its website is compared.
            let is_entry =
                !self.licensed.contains(&entity) && said.iter().any(|said| matches!(said, FactValue::RegisterName(..)));
            for said in said {
                match said {
                    FactValue::LegalName(..) | FactValue::OtherName(..) if is_entry => {}
                    FactValue::LegalName(_, name) | FactValue::OtherName(name, _) => names.push(name.clone()),
                    FactValue::Website(_, cell) => hosts.extend(hosts_of_cell(cell)),
                    _ => {}
                }
            }
            hosts.retain(|host| self.platforms.covering(host).is_none());
            EntitySide { entity, names, hosts }
        };
        self.live(VaspKind::Entity).map(entity).collect()
    }

    pub(super) fn rows_of(&self, id: VaspId) -> Option<(&VaspRow, &[FactRow])> {
        let anchor = self.anchors.values().find(|anchor| anchor.id == id)?;
        Some((anchor, self.facts.get(&anchor.number)?))
    }

    /// Writes a find as a link.
    fn link(&self, one: &Find, records: &Records, today: Date) -> Option<BrandLink> {
        let (group, entity) = (records.get(one.group)?, records.get(one.entity)?);
        let said: Vec<&FactValue> = self.rows_of(one.group)?.1.iter().map(|row| &row.fact.said).collect();
        let licence = entity.licences.first();
        Some(BrandLink {
            brand: group.legal_name.clone(),
            keys: keys(&said).map(str::to_owned).collect(),
            entity: LinkedEntity {
                vasp: Some(entity.id),
                legal_name: entity.legal_name.clone(),
                lei: entity.lei,
                country: entity.country,
                number: None,
            },
            role: LinkRole::LicensedEntity,
            serves: Served::by_registers(entity),
            since: None,
            until: None,
            evidence: LinkEvidence {
                kind: LinkEvidenceKind::Register,
                source: format!("{}: {}", licence.map_or("register", |licence| licence.source.as_ref()), words(one)),
                sha256: None,
                seen_on: licence.and_then(|licence| licence.last_seen).unwrap_or(today),
            },
            likeness: Some(one.likeness),
        })
    }

    /// Puts entities that are not ruled out and have no group into the brand's group; each comes with its brand and the reason. Returns them. Names and websites in registers are mostly
    /// a firm's own words, so only a firm with a licence in force counts: an authority has looked at it. Where people have decided, or have
    /// begun to, policy does nothing.
    fn accept(
        &self,
        transaction: &mut Transaction<'_>,
        wanted: &[(VaspId, VaspId, String)],
        records: &Records,
    ) -> Result<BTreeSet<VaspId>, ImportError> {
        let is_licensed =
            |entity: &Vasp| entity.licences.iter().any(|licence| licence.status_on(self.today) == LicenceStatus::InForce);
        let mut accepted = BTreeSet::new();
        let is_wanted = |entity: VaspId| records.get(entity).is_some_and(|entity| is_licensed(entity));
        let wanted: Vec<&(VaspId, VaspId, String)> = wanted.iter().filter(|(_, entity, _)| is_wanted(*entity)).collect();
        let told = decided_cases(transaction.conn(), wanted.iter().map(|(_, entity, _)| *entity).collect())?;
        for (group, entity, reason) in &wanted {
            let Some((anchor, rows)) = self.rows_of(*entity) else { continue };
            let has_group = rows.iter().any(|row| matches!(row.fact.said, FactValue::Group(..))) || accepted.contains(entity);
            // A firm that two brands fit may use either.
            let is_contested = || wanted.iter().any(|(other, of, _)| of == entity && other != group);
            if has_group || is_contested() || told.contains(&(*entity, *group)) || is_proposed(transaction.conn(), *entity)? {
                continue;
            }
            let mut changes = VaspChanges::new(POLICY, &format!("{reason}; accepted by policy"), self.today);
            changes.say(&FactValue::Group(NoItem, *group), &[]);
            changes.record(transaction, anchor.id, anchor.number, Payload::VaspChanged);
            accepted.insert(*entity);
        }
        Ok(accepted)
    }
}

/// Returns the entities and groups whose link was in a case that is closed: people looked at it and left the record as it was.
fn decided_cases(conn: &mut Conn, about: Vec<VaspId>) -> Result<BTreeSet<(VaspId, VaspId)>, ImportError> {
    let told = conn.trigger_details(TriggerKind::BrandLink, &about)?;
    let closed = told.into_iter().filter(|(_, _, closed_at)| closed_at.is_some());
    Ok(closed.filter_map(|(entity, detail, _)| Some((entity, detail.get("group")?.as_str()?.parse().ok()?))).collect())
}

/// Returns whether people ever proposed a group for an entity, or its end.
fn is_proposed(conn: &mut Conn, entity: VaspId) -> Result<bool, ImportError> {
    match last_one(conn, ProposalKind::Brand, &entity.to_string(), None) {
        Ok(found) => Ok(found.is_some()),
        Err(ServiceError::Store(error)) => Err(ImportError::Store(error)),
        Err(other) => Err(refused(other)),
    }
}

/// Returns the keys of a group in address labels.
pub(super) fn keys<'a>(said: &[&'a FactValue]) -> impl Iterator<Item = &'a str> {
    said.iter().copied().filter_map(|said| match said {
        FactValue::EntityKey(_, key) => Some(key.as_str()),
        _ => None,
    })
}

/// Says what agrees.
fn words(one: &Find) -> String {
    let name = match one.name {
        NameMatch::Exact => "the register's name is the brand's",
        NameMatch::Extended => "the register's name begins with the brand's",
        NameMatch::None => "the names differ",
    };
    let host = match one.host {
        HostMatch::SameDomain => "the website is on the brand's domain",
        HostMatch::SameLabel => "the website has the brand's word under another ending",
        HostMatch::None => "no website agrees",
    };
    format!("{name}, {host} (likeness {} %)", one.likeness)
}

/// Keeps the links as a document, unless the newest one says the same. Returns the links of that one.
fn keep(transaction: &mut Transaction<'_>, links: &[BrandLink], today: Date) -> Result<Vec<BrandLink>, ImportError> {
    let list = BrandLinks { as_of: today, links: links.to_vec() };
    let known = transaction.conn().document_at(KIND, i64::MAX)?;
    let before = known.as_ref().map(|row| BrandLinks::from_json(&row.body)).transpose().map_err(refused)?;
    let before = before.map(|list| list.links).unwrap_or_default();
    if before == list.links {
        return Ok(before);
    }
    let body = serde_json::to_string(&list).map_err(refused)?;
    let row = DocumentRow {
        kind: KIND.to_owned(),
        version: format!("{KIND}@{today}"),
        // A document of an earlier day would not count.
        observed_on: known.map_or(today, |row| row.observed_on.max(today)),
        source: "the registers of this directory".to_owned(),
        digest: digest(&SHA256, body.as_bytes()).as_ref().to_vec(),
        body,
        seq_from: 0,
    };
    let count = u64::try_from(links.len()).unwrap_or(u64::MAX);
    transaction.record(document_change(&row, count), vec![Edit::AddDocument(row)]);
    Ok(before)
}

/// Returns the case about a find; `None` if the entity has a group already, or is no longer dealt with.
fn case(one: &Find, records: &Records) -> Option<Found> {
    let (group, entity) = (records.get(one.group)?, records.get(one.entity)?);
    if entity.group.is_some() || entity.status == VaspStatus::Withdrawn {
        return None;
    }
    Some(Found {
        vasp: one.entity,
        by: Cause::Others,
        kind: TriggerKind::BrandLink,
        identity: json!({"group": group.id, "name": one.name, "host": one.host}),
        summary: format!("{} may belong to the brand {}: {}.", entity.legal_name, group.legal_name, words(one)),
        detail: json!({
            "group": group.id, "brand": group.legal_name, "name": one.name, "host": one.host, "likeness": one.likeness,
        }),
    })
}
