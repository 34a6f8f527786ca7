//! What stands behind the keys of address labels: exchanges, mixers, darknet markets, providers that ended, services that are not VASPs at
//! all. The data have sources (`seed/brands/kinds.json`) and are looked up by key, never by name. A key may have several kinds: all are
//! shown, and the most severe decides. The directory joins them to the records of groups. The check `identity` reports them.
//!
//! Source: docs/prechecks.md, "What to do with an answer".

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use serde::Deserialize;
use vasp_words::closed_list::closed_list;
use vasp_words::host::Host;
use vasp_words::time::Date;

use super::rulebook::read_json;
use super::sanctions_by_law::Basis;

closed_list! {
    /// What a brand is, most severe first. Kinds that keep customers' assets come before kinds that are no VASP at all: a brand that is
    /// both an exchange and a mining pool is judged as an exchange.
    pub enum BrandKind {
        /// A mixer: it mixes the coins of many people, so that nobody can follow them.
        Mixer = "mixer",
        /// A market for illegal goods.
        DarknetMarket = "darknet_market",
        /// A fraud.
        Scam = "scam",
        /// A provider that authorities seized.
        Seized = "seized",
        /// A provider that ended.
        Defunct = "defunct",
        /// The estate of a provider that ended: it pays out to creditors.
        Estate = "estate",
        /// A gambling service.
        Gambling = "gambling",
        /// An exchange that keeps its customers' assets.
        Exchange = "exchange",
        /// A custodian.
        Custodian = "custodian",
        /// A payment service.
        Payment = "payment",
        /// A fund.
        Fund = "fund",
        /// Something else.
        Other = "other",
        /// A mining pool.
        MiningPool = "mining_pool",
        /// A bridge between networks.
        Bridge = "bridge",
        /// A decentralised exchange; its users keep their own keys.
        Dex = "dex",
    }
}

impl BrandKind {
    /// Tells whether a brand of this kind is not a VASP at all.
    #[must_use]
    pub fn is_no_vasp(self) -> bool {
        matches!(self, Self::Dex | Self::Bridge | Self::MiningPool)
    }

    /// Returns whether a brand of this kind can be an ordinary VASP: the kind itself is no warning.
    #[must_use]
    pub fn is_ordinary(self) -> bool {
        match self {
            Self::Mixer | Self::DarknetMarket | Self::Scam | Self::Seized | Self::Defunct | Self::Estate => false,
            Self::MiningPool | Self::Bridge | Self::Dex => false,
            Self::Gambling | Self::Exchange | Self::Custodian | Self::Payment | Self::Fund | Self::Other => true,
        }
    }
}

/// One kind of a brand, and the source that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The key of the brand in address labels.
    pub key: String,
    /// What it is.
    pub kind: BrandKind,
    /// First day on which this is true; `None` if it was always true.
    pub since: Option<Date>,
    /// How sure its labels are if they do not state it themselves, 0 to 100; `None` if not known.
    pub label_confidence: Option<u8>,
    /// The document that says so.
    pub source: String,
}

impl Brand {
    /// Tells whether this is true on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.since.is_none_or(|since| since <= day)
    }
}

/// Brands by key, each key's kinds most severe first.
#[derive(Clone, Debug, Default)]
pub struct BrandKinds {
    kinds: HashMap<String, Vec<Arc<Brand>>>,
    websites: HashMap<String, Host>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "schema_version")]
    _schema_version: String,
    #[serde(rename = "generated_on")]
    _generated_on: Date,
    #[serde(rename = "about")]
    _about: String,
    sources: BTreeMap<String, FileSource>,
    brands: Vec<FileBrand>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSource {
    document: String,
    licence: String,
    basis: Basis,
    read: Option<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileBrand {
    key: String,
    kind: BrandKind,
    #[serde(default)]
    since: Option<Date>,
    #[serde(default)]
    label_confidence: Option<u8>,
    /// The brand's own host.
    #[serde(default)]
    website: Option<Host>,
    source: String,
}

impl BrandKinds {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let file: File = read_json(text).map_err(|(path, reason)| format!("{path}: {reason}"))?;
        for (id, FileSource { document, licence, basis, read }) in &file.sources {
            if document.is_empty() || licence.is_empty() || read.is_some() != (*basis != Basis::GeneralKnowledge) {
                return Err(format!(
                    "the source {id} is incomplete: it needs a document and a licence, and `read` exactly if the text was read"
                ));
            }
        }
        let mut all = Self::default();
        for FileBrand { key, kind, since, label_confidence, website, source } in file.brands {
            let Some(read) = file.sources.get(&source) else {
                return Err(format!("{key}: `sources` does not have the source {source}"));
            };
            if key.is_empty() || label_confidence.is_some_and(|percent| percent > 100) {
                return Err(format!("{key}: the key must not be empty, and the confidence must be at most 100"));
            }
            if let Some(host) = website
                && all.websites.insert(key.clone(), host).is_some()
            {
                return Err(format!("{key}: two entries give the website"));
            }
            let known = all.kinds.entry(key.clone()).or_default();
            if known.iter().any(|brand| brand.kind == kind) {
                return Err(format!("{key}: the kind {kind} occurs twice"));
            }
            known.push(Arc::new(Brand { key, kind, since, label_confidence, source: read.document.clone() }));
            known.sort_by_key(|brand| brand.kind);
        }
        Ok(all)
    }

    /// Returns the data compiled into the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        // A test reads this same file, so a file that cannot be read is never released.
        static EMBEDDED: LazyLock<BrandKinds> =
            LazyLock::new(|| BrandKinds::from_json(include_str!("data/brand_kinds.json")).unwrap_or_default());
        &EMBEDDED
    }

    /// Returns the kind that decides for the keys of one group: the most severe one. `None` if that is an ordinary VASP, or if nothing is
    /// known.
    #[must_use]
    pub fn worst_of<'a>(&self, keys: impl Iterator<Item = &'a str>) -> Option<Arc<Brand>> {
        self.all_of(keys).into_iter().next().filter(|brand| !brand.kind.is_ordinary())
    }

    /// Returns all kinds that are known for the keys of one group, most severe first, each once.
    #[must_use]
    pub fn all_of<'a>(&self, keys: impl Iterator<Item = &'a str>) -> Vec<Arc<Brand>> {
        let mut all: Vec<Arc<Brand>> = keys.filter_map(|key| self.kinds.get(key)).flatten().cloned().collect();
        all.sort_by(|one, other| (one.kind, &one.key).cmp(&(other.kind, &other.key)));
        all.dedup_by_key(|brand| brand.kind);
        all
    }

    /// Iterates over all keys, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }

    /// Returns the brand's own host; `None` if no source gives one.
    #[must_use]
    pub fn website(&self, key: &str) -> Option<&Host> {
        self.websites.get(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("data/brand_kinds.json");

    /// Source: OFAC, recent actions of 5 April 2022 (Hydra), 6 May 2022 (Blender), 29 November 2023 (Sinbad).
    #[test]
    fn what_authorities_designated_is_told_as_what_it_is_and_an_exchange_as_nothing_else() {
        let kinds = BrandKinds::from_json(TEXT).unwrap();
        let of = |keys: &[&'static str]| kinds.worst_of(keys.iter().copied()).map(|brand| (brand.kind, brand.label_confidence));

        assert_eq!(of(&["blenderio"]), Some((BrandKind::Mixer, Some(95))));
        assert_eq!(of(&["hydramarket"]), Some((BrandKind::DarknetMarket, Some(95))));
        assert_eq!(of(&["1inch", "chipmixer"]), Some((BrandKind::Mixer, Some(70))), "the worst decides");
        assert_eq!(of(&["1inch"]), Some((BrandKind::Dex, None)));
        for exchange in ["binance", "kraken", "bitpanda", "kucoin", "crypto-com"] {
            assert_eq!(of(&[exchange]), None, "{exchange}");
        }
    }

    /// Source: GraphSense actor `4swap` (exchange, defi_dex, organization); `sideshift` is a mixing service by one pack, and an exchange.
    #[test]
    fn several_kinds_are_all_told_and_the_most_severe_decides() {
        let kinds = BrandKinds::embedded();
        let all = |key: &'static str| kinds.all_of([key].into_iter()).iter().map(|brand| brand.kind).collect::<Vec<_>>();

        assert_eq!(all("4swap"), [BrandKind::Exchange, BrandKind::Other, BrandKind::Dex]);
        assert_eq!(kinds.worst_of(["4swap"].into_iter()), None, "an exchange decides before a decentralised one");
        assert_eq!(kinds.worst_of(["sideshift"].into_iter()).unwrap().kind, BrandKind::Mixer);
        assert_eq!(all("nobody-knows-this-key"), []);
    }

    #[test]
    fn another_kind_never_makes_a_brand_milder() {
        let severity = |kinds: &[BrandKind]| {
            let worst = kinds.iter().min().copied();
            // From worst to mildest: what is told against it, an ordinary VASP, no VASP at all.
            worst.map(|kind| (kind.is_no_vasp(), kind.is_ordinary(), kind))
        };
        for one in BrandKind::ALL {
            for other in BrandKind::ALL {
                assert!(severity(&[one, other]) <= severity(&[one]), "{one} and {other}");
            }
        }
    }

    #[test]
    fn a_provider_that_ended_was_none_before_that_day() {
        let ftx = BrandKinds::embedded().worst_of(["ftx"].into_iter()).unwrap();

        assert_eq!(ftx.kind, BrandKind::Estate);
        assert!(!ftx.holds_on("2022-11-10".parse().unwrap()) && ftx.holds_on("2022-11-11".parse().unwrap()));
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        let refused = |from: &str, to: &str| {
            assert!(TEXT.contains(from), "{from}");
            BrandKinds::from_json(&TEXT.replacen(from, to, 1)).unwrap_err()
        };

        assert!(refused("\"key\": \"blenderio\"", "\"key\": \"chipmixer\"").contains("twice"));
        assert!(refused("\"website\": \"", "\"website\": \"-").contains("website"));
        assert!(refused("\"kind\": \"scam\"", "\"kind\": \"fraud\"").contains("brands"));
        assert!(refused("\"source\": \"graphsense-ponzi\"", "\"source\": \"hearsay\"").contains("hearsay"));
        assert!(refused("\"label_confidence\": 95", "\"label_confidence\": 101").contains("at most 100"));
        assert!(refused("\"licence\": \"MIT\"", "\"licence\": \"\"").contains("incomplete"));
    }
}
