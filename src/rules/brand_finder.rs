//! Finds links from brands to legal entities in what registers publish: the same commercial name, or a website on the brand's own domain.
//! Pure: the caller reads names and hosts from facts of registers and labels, never from what a member says of itself, and leaves out the
//! hosts of platforms. What is found is a proposal. Only a strong find may be accepted by policy without two people.

use std::collections::{BTreeMap, HashMap};

use super::lei_evidence::fold;
use vasp_words::closed_list::closed_list;
use vasp_words::host::Host;
use vasp_words::ids::VaspId;

closed_list! {
    /// How the names agree, worst first.
    pub enum NameMatch {
        /// They do not.
        None = "none",
        /// The register's name is the brand's with words such as `Europe` after it.
        Extended = "extended",
        /// They are the same, except for case, accents, punctuation, spacing and the legal form.
        Exact = "exact",
    }

    /// How the websites agree, worst first.
    pub enum HostMatch {
        /// They do not.
        None = "none",
        /// The second-level word is the same, with another ending: `bybit.eu` and `bybit.com`.
        SameLabel = "domain_label",
        /// They lie on the same registrable domain.
        SameDomain = "domain",
    }
}

/// A brand as address labels show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandSide {
    /// Its group.
    pub group: VaspId,
    /// Its names and keys.
    pub names: Vec<String>,
    /// Hosts of its websites.
    pub hosts: Vec<Host>,
    /// Whether its kind is that of an ordinary VASP. Policy accepts no link to a brand of another kind.
    pub is_ordinary: bool,
}

/// An entity as registers show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntitySide {
    /// Its record.
    pub entity: VaspId,
    /// Its registered and commercial names; a cell may hold several.
    pub names: Vec<String>,
    /// Hosts of its websites.
    pub hosts: Vec<Host>,
}

/// A brand that an entity seems to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Find {
    /// The brand's group.
    pub group: VaspId,
    /// The entity.
    pub entity: VaspId,
    /// How the names agree.
    pub name: NameMatch,
    /// How the websites agree.
    pub host: HostMatch,
    /// How alike both are, 0 to 100.
    pub likeness: u8,
    /// Whether policy may accept it: the same name and the same domain, of a brand whose name is neither short nor common and that no
    /// other brand contests.
    pub is_strong: bool,
}

/// Words after a brand's name that say only where a company is.
const REGIONS: [&str; 46] = [
    "asia",
    "australia",
    "austria",
    "belgium",
    "brasil",
    "brazil",
    "bulgaria",
    "canada",
    "croatia",
    "cyprus",
    "czech",
    "denmark",
    "deutschland",
    "eea",
    "estonia",
    "eu",
    "europe",
    "european",
    "finland",
    "france",
    "germany",
    "global",
    "greece",
    "hong",
    "hungary",
    "iberia",
    "international",
    "ireland",
    "italia",
    "italy",
    "japan",
    "kong",
    "latvia",
    "liechtenstein",
    "lithuania",
    "luxembourg",
    "malta",
    "netherlands",
    "nordic",
    "poland",
    "portugal",
    "singapore",
    "spain",
    "sweden",
    "switzerland",
    "uk",
];

/// Everyday words and words of the trade that are names of brands. Two firms may well have such a name.
const COMMON: [&str; 39] = [
    "alpha", "atom", "bank", "bit", "bitcoin", "block", "bloom", "bridge", "capital", "cash", "change", "coin", "coins",
    "credit", "crypto", "delta", "digital", "electra", "exchange", "finance", "first", "flow", "fund", "gate", "gold", "invest",
    "liquid", "market", "markets", "money", "next", "payment", "prime", "push", "rain", "swap", "token", "trade", "wallet",
];

/// Names with fewer letters are short: many firms may have them.
const SHORT: usize = 4;

/// Finds all links, in order of brand and entity.
#[must_use]
pub fn find(brands: &[BrandSide], entities: &[EntitySide]) -> Vec<Find> {
    let index = Index::of(brands);
    let mut found: Vec<Find> = entities.iter().flat_map(|entity| index.finds(entity)).collect();
    // An entity that two brands fit this well may use either.
    let mut strong: HashMap<VaspId, usize> = HashMap::new();
    found.iter().filter(|find| find.is_strong).for_each(|find| *strong.entry(find.entity).or_default() += 1);
    found.iter_mut().for_each(|find| find.is_strong &= strong.get(&find.entity) == Some(&1));
    found.sort_unstable();
    found
}

/// The brands by what they are found by.
struct Index<'a> {
    names: HashMap<String, Vec<&'a BrandSide>>,
    domains: HashMap<Host, Vec<&'a BrandSide>>,
    labels: HashMap<String, Vec<&'a BrandSide>>,
}

impl<'a> Index<'a> {
    fn of(brands: &'a [BrandSide]) -> Self {
        let mut index = Self { names: HashMap::new(), domains: HashMap::new(), labels: HashMap::new() };
        for brand in brands {
            for name in brand.names.iter().filter_map(|name| compact(name)) {
                index.names.entry(name).or_default().push(brand);
            }
            for host in &brand.hosts {
                index.domains.entry(host.registrable_domain()).or_default().push(brand);
                index.labels.entry(label(host)).or_default().push(brand);
            }
        }
        index
    }

    fn finds(&self, entity: &EntitySide) -> Vec<Find> {
        let mut names: BTreeMap<VaspId, (NameMatch, String)> = BTreeMap::new();
        let mut hosts: BTreeMap<VaspId, HostMatch> = BTreeMap::new();
        let mut brands: BTreeMap<VaspId, &BrandSide> = BTreeMap::new();
        for part in entity.names.iter().flat_map(|cell| parts(cell)) {
            for (how, name) in readings(part) {
                for brand in self.names.get(&name).into_iter().flatten() {
                    brands.insert(brand.group, brand);
                    let known = names.entry(brand.group).or_insert_with(|| (how, name.clone()));
                    known.0 = known.0.max(how);
                }
            }
        }
        for host in &entity.hosts {
            let same =
                self.domains.get(&host.registrable_domain()).into_iter().flatten().map(|brand| (*brand, HostMatch::SameDomain));
            let like = self.labels.get(&label(host)).into_iter().flatten().map(|brand| (*brand, HostMatch::SameLabel));
            for (brand, how) in same.chain(like) {
                brands.insert(brand.group, brand);
                let known = hosts.entry(brand.group).or_insert(how);
                *known = (*known).max(how);
            }
        }
        let judged = brands.into_iter().filter_map(|(group, brand)| {
            let name = names.get(&group).map_or(NameMatch::None, |(how, _)| *how);
            let host = hosts.get(&group).copied().unwrap_or(HostMatch::None);
            let said = names.get(&group).map(|(_, name)| name.as_str());
            let weak = said.is_none_or(is_weak);
            let likeness = likeness(name, host, said.is_some_and(is_weak))?;
            let is_strong = name == NameMatch::Exact && host == HostMatch::SameDomain && !weak && brand.is_ordinary;
            Some(Find { group, entity: entity.entity, name, host, likeness, is_strong })
        });
        judged.collect()
    }
}

/// Returns how alike brand and entity are, in percent; `None` if too little agrees to propose anything. Our own scale.
fn likeness(name: NameMatch, host: HostMatch, is_weak: bool) -> Option<u8> {
    let percent = match (name, host) {
        (NameMatch::Exact, HostMatch::SameDomain) => 100,
        (NameMatch::Extended, HostMatch::SameDomain) => 95,
        (NameMatch::None, HostMatch::SameDomain) => 85,
        (NameMatch::Exact, HostMatch::SameLabel) => 80,
        (NameMatch::Extended, HostMatch::SameLabel) => 75,
        (NameMatch::Exact, HostMatch::None) => 60,
        (NameMatch::None, HostMatch::SameLabel) => 50,
        (NameMatch::Extended, HostMatch::None) => 45,
        (NameMatch::None, HostMatch::None) => 0,
    };
    match (percent, host) {
        (0, _) => None,
        // With only a weak name as evidence, most matches would be other firms.
        (_, HostMatch::None) if is_weak && name == NameMatch::Extended => None,
        (_, HostMatch::SameDomain) => Some(percent),
        _ if is_weak => Some(percent / 2),
        _ => Some(percent),
    }
}

/// Returns whether a name is too short or too common to identify a firm.
fn is_weak(name: &str) -> bool {
    name.len() < SHORT || COMMON.contains(&name)
}

/// Returns the names that a register's cell holds.
fn parts(cell: &str) -> impl Iterator<Item = &str> {
    std::iter::once(cell).chain(cell.split(['|', ',', ';', '/', '\n'])).map(str::trim).filter(|part| !part.is_empty())
}

/// Returns the name without its legal form, and without the regions at its end.
fn readings(name: &str) -> Vec<(NameMatch, String)> {
    let Some(words) = fold(name) else { return vec![] };
    let words: Vec<&str> = words.split(' ').collect();
    let mut found = vec![(NameMatch::Exact, words.concat())];
    let end = words.iter().rposition(|word| !REGIONS.contains(word)).map_or(0, |last| last + 1);
    if end > 0 && end < words.len() {
        found.push((NameMatch::Extended, words.iter().take(end).copied().collect()));
    }
    found
}

/// Returns a name in one word, without its legal form.
fn compact(name: &str) -> Option<String> {
    fold(name).map(|words| words.replace(' ', ""))
}

/// Returns the second-level word of a host.
fn label(host: &Host) -> String {
    let domain = host.registrable_domain();
    domain.as_str().split('.').next().unwrap_or_default().to_owned()
}

/// Returns the hosts that a register's website cell names.
#[must_use]
pub fn hosts_of_cell(cell: &str) -> Vec<Host> {
    let mut hosts: Vec<Host> = Host::all_of_website_cell(cell).collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(number: u8) -> VaspId {
        format!("vasp_0000000000000000000000000{number}").parse().unwrap()
    }

    fn brand(number: u8, names: &[&str], hosts: &[&str]) -> BrandSide {
        let hosts = hosts.iter().map(|host| host.parse().unwrap()).collect();
        BrandSide { group: id(number), names: names.iter().map(ToString::to_string).collect(), hosts, is_ordinary: true }
    }

    fn entity(number: u8, names: &[&str], website: &str) -> EntitySide {
        let names = names.iter().map(ToString::to_string).collect();
        EntitySide { entity: id(number), names, hosts: hosts_of_cell(website) }
    }

    fn one(brand: BrandSide, entity: EntitySide) -> Option<(NameMatch, HostMatch, u8, bool)> {
        find(&[brand], &[entity]).first().map(|find| (find.name, find.host, find.likeness, find.is_strong))
    }

    /// Source: ESMA's interim MiCA register of July 2026, names and websites; GraphSense's actors.
    #[test]
    fn names_and_websites_of_the_register_are_compared_with_those_of_brands() {
        use HostMatch::{None as NoHost, SameDomain, SameLabel};
        use NameMatch::{Exact, Extended, None as NoName};
        let kraken = || brand(1, &["Kraken", "kraken"], &["kraken.com"]);
        let bybit = || brand(1, &["Bybit"], &["bybit.com"]);

        let bitvavo = one(brand(1, &["bitvavo"], &["bitvavo.com"]), entity(2, &["Bitvavo B.V."], "https://bitvavo.com/nl"));
        assert_eq!(bitvavo, Some((Exact, SameDomain, 100, true)));
        assert_eq!(
            one(bybit(), entity(2, &["Bybit EU GmbH", "Bybit"], "https://www.bybit.eu")),
            Some((Exact, SameLabel, 80, false))
        );
        assert_eq!(one(bybit(), entity(2, &["Bybit EU GmbH"], "")), Some((Extended, NoHost, 45, false)));
        let payward = entity(2, &["Payward Europe Solutions Limited"], "www.kraken.com/eu");
        assert_eq!(one(kraken(), payward), Some((NoName, SameDomain, 85, false)));
        assert_eq!(one(kraken(), entity(2, &["Krake"], "kraken.co")), Some((NoName, SameLabel, 50, false)));
        assert_eq!(one(kraken(), entity(2, &["Octopus Ltd"], "octopus.com")), None);
        let several = entity(2, &["DCS | HappyCoins"], "https://dcs.nl | https://happycoins.com/");
        assert_eq!(one(brand(1, &["happycoins"], &["happycoins.com"]), several), Some((Exact, SameDomain, 100, true)));
    }

    #[test]
    fn short_or_common_names_and_brands_of_another_kind_are_never_accepted_by_policy() {
        let is_strong = |brand: BrandSide, name: &str, website: &str| one(brand, entity(2, &[name], website)).unwrap().3;

        assert!(!is_strong(brand(1, &["OKX"], &["okx.com"]), "OKX", "okx.com"));
        assert!(!is_strong(brand(1, &["Gate"], &["gate.io"]), "Gate", "gate.io"));
        assert!(!is_strong(BrandSide { is_ordinary: false, ..brand(1, &["Blender"], &["blender.io"]) }, "Blender", "blender.io"));
        assert_eq!(one(brand(1, &["swap"], &[]), entity(2, &["Swap"], "")).unwrap().2, 30);
    }

    #[test]
    fn an_entity_that_two_brands_fit_is_accepted_for_neither() {
        let brands = [brand(1, &["Bitpanda"], &["bitpanda.com"]), brand(3, &["bitpanda"], &["pro.bitpanda.com"])];

        let found = find(&brands, &[entity(2, &["Bitpanda GmbH"], "bitpanda.com")]);

        assert_eq!(found.iter().map(|find| (find.likeness, find.is_strong)).collect::<Vec<_>>(), [(100, false), (100, false)]);
    }

    proptest! {
        /// Less agreement never makes a find likelier or stronger.
        #[test]
        fn worse_evidence_never_helps(names in "[a-z]{2,9}", other in "[a-z]{2,9}", ending in proptest::sample::select(vec!["eu", "io", "de"]), keep_name: bool, keep_host in 0u8..3) {
            // Some short words before `.com`, such as `gr.com`, are public suffixes, where anybody may have a website.
            let host = format!("{names}zz.com");
            let whole = one(brand(1, &[&names], &[&host]), entity(2, &[&names], &host));
            let website = match keep_host { 0 => String::new(), 1 => format!("{names}zz.{ending}"), _ => host.clone() };
            let name = if keep_name { names.clone() } else { format!("{other} {names}x") };
            let less = one(brand(1, &[&names], &[&host]), entity(2, &[&name], &website));

            let rank = |found: Option<(NameMatch, HostMatch, u8, bool)>| found.map(|(_, _, likeness, strong)| (strong, likeness));
            prop_assert!(rank(less) <= rank(whole), "{:?} {:?}", less, whole);
        }

        #[test]
        fn any_cells_are_read_without_panic(name in "\\PC{0,60}", website in "\\PC{0,60}") {
            let _ = find(&[brand(1, &[&name], &["kraken.com"])], &[entity(2, &[&name], &website)]);
        }
    }
}
