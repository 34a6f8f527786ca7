//! View of a network.

use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::Generation;
use crate::http::CoverageView;
use vasp_addresses::address::{Format, MemoKind, MemoPresence, MemoRule};
use vasp_addresses::network::{Network, NetworkTable};
use vasp_record::claim::Reader;

/// A blockchain network, and what the directory knows about addresses on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Network)]
pub(crate) struct NetworkView {
    #[schema(example = "eip155:1")]
    caip2: String,
    #[schema(example = "Ethereum")]
    name: String,
    /// The ticker of the native asset.
    #[schema(example = "ETH")]
    native_asset: String,
    /// Other spellings, accepted in requests only.
    aliases: Vec<String>,
    /// Whether its assets are worthless by design.
    testnet: bool,
    memo_rule: MemoPresence,
    /// The forms that a memo may take; each memo has one of them.
    memo_forms: Vec<MemoFormView>,
    /// The formats of the network's addresses.
    formats: Vec<AddressFormatView>,
    /// The family of networks that share its accounts, as imports write it; null if there is none.
    #[schema(example = "eip155:*")]
    family: Option<String>,
    /// Networks outside the family that have a format with the same spelling. An address without a network may belong to them.
    #[schema(example = json!(["vechain:b1ac3413d346d43539627e6be7ec1b4a"]))]
    shares_formats_with: Vec<String>,
    /// Coverage by the claims that you may see. Claims that name only the family count for each of its networks.
    coverage: CoverageView,
}

/// A form that a memo may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MemoForm)]
pub(crate) struct MemoFormView {
    /// `text` (UTF-8), `uint` (decimal digits) or `bytes` (hex digits).
    #[schema(example = "uint")]
    r#type: &'static str,
    /// Name of the form; null unless the network has several.
    name: Option<String>,
    /// Number of bits; null if the memo is not a number.
    #[schema(example = 32)]
    bits: Option<u32>,
    /// Largest number of bytes of the text or bytes; null if no limit is known.
    max_bytes: Option<usize>,
    /// The only allowed number of bytes; null if there is none.
    exact_bytes: Option<usize>,
}

/// A format of addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AddressFormat)]
pub(crate) struct AddressFormatView {
    #[schema(example = "p2pkh")]
    id: String,
    /// Whether the format is recognised without a network. If not, such an address is read only if its network is named.
    detected: bool,
    /// How characters encode bytes.
    #[schema(example = "base58")]
    kind: String,
    #[schema(example = "sha256d-4")]
    checksum: String,
    /// How the canonical spelling is derived.
    #[schema(example = "as-is")]
    canonical: String,
    /// Format of the canonical spelling; null if it is the same format.
    canonical_format: Option<String>,
    /// Whether the address contains the memo.
    carries_memo: bool,
}

impl NetworkView {
    /// Returns the view of a network for a reader.
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

/// Returns the names of networks. All networks of a family appear as one entry, the family.
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
