//! A network.

use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::Generation;
use crate::http::CoverageView;
use vasp_addresses::address::{Format, MemoKind, MemoPresence, MemoRule};
use vasp_addresses::network::{Network, NetworkTable};
use vasp_record::claim::Reader;

/// A blockchain network, and what the directory knows of addresses on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Network)]
pub(crate) struct NetworkView {
    #[schema(example = "eip155:1")]
    caip2: String,
    #[schema(example = "Ethereum")]
    name: String,
    /// Ticker.
    #[schema(example = "ETH")]
    native_asset: String,
    /// Other spellings, accepted on input only.
    aliases: Vec<String>,
    /// Whether its assets are worthless by design.
    testnet: bool,
    memo_rule: MemoPresence,
    /// Forms that a memo may take, any one of them.
    memo_forms: Vec<MemoFormView>,
    /// Formats of its addresses.
    formats: Vec<AddressFormatView>,
    /// The family of networks that share its accounts, as imports write it.
    #[schema(example = "eip155:*")]
    family: Option<String>,
    /// Networks outside the family that have a format with the same texts: an address without its network may be theirs.
    #[schema(example = json!(["vechain:b1ac3413d346d43539627e6be7ec1b4a"]))]
    shares_formats_with: Vec<String>,
    /// Claims that the caller may see; those that name only the family count for each of its networks.
    coverage: CoverageView,
}

/// A form that a memo may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MemoForm)]
pub(crate) struct MemoFormView {
    /// `text` (UTF-8), `uint` (decimal digits) or `bytes` (hex digits).
    #[schema(example = "uint")]
    r#type: &'static str,
    /// Name, where a network has several forms.
    name: Option<String>,
    /// Width of a number.
    #[schema(example = 32)]
    bits: Option<u32>,
    /// Longest text or bytes; null where no limit is known.
    max_bytes: Option<usize>,
    /// The only length of bytes.
    exact_bytes: Option<usize>,
}

/// A format of addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AddressFormat)]
pub(crate) struct AddressFormatView {
    #[schema(example = "p2pkh")]
    id: String,
    /// Whether such an address is read although no network is named; otherwise it is a spelling read only where it is.
    detected: bool,
    /// How characters become bytes.
    #[schema(example = "base58")]
    kind: String,
    #[schema(example = "sha256d-4")]
    checksum: String,
    /// How the one canonical spelling is made.
    #[schema(example = "as-is")]
    canonical: String,
    /// Format of the canonical spelling, where it is another one.
    canonical_format: Option<String>,
    /// Whether the address contains the memo.
    carries_memo: bool,
}

impl NetworkView {
    /// Returns a network with what this reader may know of it.
    pub(crate) fn of(network: &Network, generation: &Generation, reader: Reader) -> Self {
        let sharing = NetworkTable::embedded().sharing(network);
        Self {
            caip2: network.caip2.to_string(),
            name: network.name.clone(),
            native_asset: network.native_asset.clone(),
            aliases: network.aliases.clone(),
            testnet: network.testnet,
            memo_rule: network.memo_rule.presence,
            memo_forms: memo_forms(&network.memo_rule),
            formats: network.formats.iter().filter(|format| !format.is_refused()).map(AddressFormatView::of).collect(),
            family: network.family.map(|family| family.to_string()),
            shares_formats_with: names_of(sharing),
            coverage: CoverageView::of(network, generation.coverage(network, reader).as_ref()),
        }
    }
}

/// Writes the networks of a family as the family, once.
fn names_of<'a>(networks: impl Iterator<Item = &'a Network>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for network in networks {
        let name = network.family.map_or_else(|| network.caip2.to_string(), |family| family.to_string());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

impl AddressFormatView {
    fn of(format: &Format) -> Self {
        let names = format.names().clone();
        Self {
            id: format.id().to_owned(),
            detected: format.is_ever_detected(),
            kind: names.kind,
            checksum: names.checksum,
            canonical: names.canonical,
            canonical_format: names.canonical_format,
            carries_memo: format.carries_memo(),
        }
    }
}

fn memo_forms(rule: &MemoRule) -> Vec<MemoFormView> {
    let form = |kind: &MemoKind| {
        let (r#type, name, bits, max_bytes, exact_bytes) = match kind {
            MemoKind::Text { name, max_bytes } => ("text", name, None, *max_bytes, None),
            MemoKind::Uint { name, bits } => ("uint", name, Some(*bits), None, None),
            MemoKind::Bytes { name, max_bytes, exact_bytes } => ("bytes", name, None, *max_bytes, *exact_bytes),
        };
        MemoFormView { r#type, name: name.clone(), bits, max_bytes, exact_bytes }
    };
    rule.kinds.iter().map(form).collect()
}
