//! Links that people typed and that a register's row and a website bear out: the policy for strong finds accepts them, too. The caller is
//! `find`.

use std::collections::{BTreeSet, HashMap};

use super::find::{Said, keys, refused};
use crate::directory::Records;
use crate::node::ImportError;
use vasp_record::fact::{FactValue, MEMBER, REGISTRY};
use vasp_record::vasp::VaspKind;
use vasp_rules::brand_finder::hosts_of_cell;
use vasp_rules::brand_kinds::BrandKinds;
use vasp_rules::brand_links::{BrandLinkIndex, BrandLinks};
use vasp_rules::brand_rulings::BrandRulings;
use vasp_store::Conn;
use vasp_words::host::Host;
use vasp_words::ids::VaspId;

/// The kind of the document that holds the links that people typed.
const TYPED: &str = "brand-links";

impl Said {
    /// Returns the hosts of a brand: those that the labels refer to, and the websites that registers give the entities of its group.
    fn hosts_of(&self, group: VaspId, records: &Records) -> Vec<Host> {
        let Some((_, rows)) = self.rows_of(group) else { return vec![] };
        let said: Vec<&FactValue> = rows.iter().map(|row| &row.fact.said).collect();
        let of_labels = keys(&said).filter_map(|key| BrandKinds::embedded().website(key)).cloned();
        let entities = records.entities_of(group).flat_map(|entity| self.websites(entity.id));
        of_labels.chain(entities).filter(|host| self.platforms.covering(host).is_none()).collect()
    }

    /// Returns the hosts of the websites that registers give an entity today.
    fn websites(&self, entity: VaspId) -> Vec<Host> {
        let rows = self.rows_of(entity).map_or(&[][..], |(_, rows)| rows).iter().map(|row| &row.fact);
        let of_registers = rows.filter(|fact| ![MEMBER, REGISTRY].contains(&fact.origin.as_ref()) && fact.covers(self.today));
        let cells = of_registers.filter_map(|fact| if let FactValue::Website(_, cell) = &fact.said { Some(cell) } else { None });
        cells.flat_map(|cell| hosts_of_cell(cell)).filter(|host| self.platforms.covering(host).is_none()).collect()
    }

    /// Returns the brand and the entity of each typed link that a register's row and a website bear out: a register names the entity for the
    /// brand, one record is that entity, and its website there is on the brand's own domain.
    pub(super) fn borne_out(&self, links: &BrandLinkIndex, records: &Records) -> Vec<(VaspId, VaspId, String)> {
        let ordinary: HashMap<String, VaspId> = self.ordinary_groups();
        let mut found = vec![];
        for link in links.all().iter().filter(|link| link.entity.vasp.is_none() && link.is_of_register(self.today)) {
            let Some(group) = link.keys.iter().find_map(|key| ordinary.get(key)).copied() else { continue };
            let mut entities = records.of_link(link);
            let (Some(entity), None) = (entities.next(), entities.next()) else { continue };
            let domains: BTreeSet<Host> = self.hosts_of(group, records).iter().map(Host::registrable_domain).collect();
            if self.websites(entity.id).iter().any(|host| domains.contains(&host.registrable_domain())) {
                let words = "a register names the entity for the brand, and its website there is on the brand's domain";
                found.push((group, entity.id, format!("{}: {words}", link.evidence.source)));
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// Returns the groups of ordinary brands by their keys in address labels.
    fn ordinary_groups(&self) -> HashMap<String, VaspId> {
        let groups = self.live(VaspKind::Group).filter_map(|(group, said)| {
            let keys: Vec<String> = keys(&said).map(str::to_owned).collect();
            let kind = BrandKinds::embedded().worst_of(keys.iter().map(String::as_str));
            kind.is_none().then(|| keys.into_iter().map(move |key| (key, group)))
        });
        groups.flatten().collect()
    }
}

/// Returns the links that people typed and that are not ruled out.
pub(super) fn typed_links(conn: &mut Conn, rulings: &BrandRulings) -> Result<BrandLinkIndex, ImportError> {
    let kept = conn.document_at(TYPED, i64::MAX)?;
    let list = kept.map(|row| BrandLinks::from_json(&row.body)).transpose().map_err(refused)?;
    Ok(BrandLinkIndex::of(list, rulings))
}
