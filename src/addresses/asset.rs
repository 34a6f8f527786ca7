//! Reads an asset by the name that gateways hold: a ticker beside a network (`USDT` on TRON). A ticker is a label that any token can have,
//! so only the assets of the seed file `seed/assets.csv` are known by one, each with its source. Everything else needs its CAIP-19 id.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use crate::address::{Account, Controller};
use crate::network::{Network, NetworkNumber, NetworkTable};
use serde::Deserialize;
use vasp_words::caip::{Caip2, Caip19};

/// The longest ticker, in bytes; the longest in the seed has 10.
const TICKER_MAX: usize = 20;

/// The most ids that a refusal lists.
const LISTED_MAX: usize = 6;

/// Why a ticker is no asset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssetError {
    /// The text has neither the form of a CAIP-19 id nor of a ticker.
    #[error("this is neither a CAIP-19 id such as `eip155:1/slip44:60` nor a ticker such as `USDT`")]
    WrongShape,
    /// The table has no such asset on the network.
    #[error("no asset `{ticker}` is known {place}; send the CAIP-19 id, such as `eip155:1/erc20:0x…`")]
    Unknown {
        /// The ticker as written.
        ticker: String,
        /// The network.
        place: String,
    },
    /// The network of a CAIP-19 id is not known.
    #[error("the network `{chain}` of this asset is not known{hint}")]
    UnknownNetwork {
        /// The network as written.
        chain: String,
        /// What may be meant, or empty.
        hint: String,
    },
    /// The contract of a CAIP-19 id cannot be one of its network.
    #[error("`{reference}` is no contract on {network}: write it as addresses are written there, without a token id")]
    NoContract {
        /// The text.
        reference: String,
        /// The name of the network.
        network: String,
    },
    /// The ticker means several assets.
    #[error("`{ticker}` may be {ids}; name the network, or send the CAIP-19 id")]
    Ambiguous {
        /// The ticker as written.
        ticker: String,
        /// The ids, separated by commas.
        ids: String,
    },
}

impl AssetError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongShape | Self::NoContract { .. } => "invalid_asset",
            Self::Unknown { .. } | Self::UnknownNetwork { .. } => "unknown_asset",
            Self::Ambiguous { .. } => "ambiguous_asset",
        }
    }
}

/// An asset of the table, with the ledger that it is on.
type Known = (NetworkNumber, Caip19);

/// The assets by ticker in upper case.
static TABLE: LazyLock<HashMap<String, Vec<Known>>> = LazyLock::new(|| table(include_str!("data/assets.csv")));

#[derive(Deserialize)]
struct Row {
    ticker: String,
    network: String,
    asset: String,
    #[serde(rename = "source")]
    _source: String,
}

/// Reads the seed. A row that cannot be read is left out; a test finds it.
fn table(csv: &str) -> HashMap<String, Vec<Known>> {
    let mut known: HashMap<String, Vec<Known>> = HashMap::new();
    for row in csv::Reader::from_reader(csv.as_bytes()).into_deserialize::<Row>().flatten() {
        let network = row.network.parse().ok().and_then(|id| NetworkTable::embedded().by_caip2(&id));
        if let (Some(network), Ok(asset)) = (network, row.asset.parse()) {
            known.entry(row.ticker.to_ascii_uppercase()).or_default().push((network.ledger(), asset));
        }
    }
    known
}

/// Tells whether a text has the form of a ticker.
#[must_use]
pub fn is_ticker(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_$+".contains(c);
    (1..=TICKER_MAX).contains(&text.len()) && text.chars().all(allowed)
}

/// The ledgers and tickers of the table's tokens, by their contract.
static CONTRACTS: LazyLock<HashMap<Controller, Vec<(NetworkNumber, &'static str)>>> = LazyLock::new(|| {
    let mut tokens: HashMap<Controller, Vec<(NetworkNumber, &str)>> = HashMap::new();
    for (ticker, (ledger, asset)) in TABLE.iter().flat_map(|(ticker, of)| of.iter().map(move |one| (ticker.as_str(), one))) {
        if let (false, Reference::Contract(contract)) = (is_coin(asset), Reference::of(asset)) {
            tokens.entry(contract).or_default().push((*ledger, ticker));
        }
    }
    tokens
});

/// Returns the ticker of the token whose contract an account is. `None` if it is no contract of the table.
#[must_use]
pub fn token_at(account: &Account) -> Option<&'static str> {
    let ledger = NetworkTable::embedded().by_number(account.network)?.ledger();
    let tokens = CONTRACTS.get(account.controllers.first())?.iter().filter(|(of, _)| *of == ledger);
    // One contract may have two tickers.
    tokens.map(|(_, ticker)| *ticker).min()
}

/// Returns the ticker of an asset. `None` if the table does not have it.
#[must_use]
pub fn ticker_of(asset: &Caip19) -> Option<&'static str> {
    let network = NetworkTable::embedded().by_caip2(asset.chain());
    let own = network.filter(|network| {
        is_coin(asset) && read_ticker(&network.native_asset, &[*network]).is_ok_and(|coin| is_same_asset(&coin, asset))
    });
    let known = || TABLE.iter().filter(|(_, all)| all.iter().any(|(_, one)| is_same_asset(one, asset)));
    // One asset may have two tickers.
    own.map(|network| network.native_asset.as_str()).or_else(|| known().map(|(ticker, _)| ticker.as_str()).min())
}

/// Reads a ticker, in upper or lower case, on the networks of a transfer. If none is known, it must be that of one network's own asset: any
/// network can have a token of any ticker.
///
/// # Errors
/// Every `AssetError`.
pub fn read_ticker(ticker: &str, networks: &[&Network]) -> Result<Caip19, AssetError> {
    if !is_ticker(ticker) {
        return Err(AssetError::WrongShape);
    }
    let known = TABLE.get(&ticker.to_ascii_uppercase()).map(Vec::as_slice).unwrap_or_default();
    let ledgers: BTreeSet<NetworkNumber> = networks.iter().map(|network| network.ledger()).collect();
    let is_there = |ledger: NetworkNumber| networks.is_empty() || ledgers.contains(&ledger);
    let mut known: Vec<Known> = known.iter().filter(|(ledger, _)| is_there(*ledger)).cloned().collect();
    for network in networks {
        if is_ether(ticker, network) && known.iter().all(|(ledger, _)| *ledger != network.ledger()) {
            let asset = format!("{}/slip44:60", network.caip2).parse();
            known.extend(asset.ok().map(|asset| (network.ledger(), asset)));
        }
    }
    // Of the ids of one asset, the one on the network that was named comes first.
    known.sort_by_key(|(_, asset)| !networks.iter().any(|network| network.caip2 == *asset.chain()));
    let mut found: Vec<Caip19> = Vec::new();
    for (_, asset) in known {
        if !found.iter().any(|one| is_same_asset(one, &asset)) {
            found.push(asset);
        }
    }
    match found.as_slice() {
        [] => Err(AssetError::Unknown { ticker: ticker.to_owned(), place: place(networks) }),
        [one] if !networks.is_empty() || is_coin(one) => Ok(one.clone()),
        several => Err(ambiguous(ticker, several)),
    }
}

/// Reads a CAIP-19 id. An alias of its network becomes the network's id. What would be compared with nothing is refused: a network that is
/// not known, unless it may be a private one of the EVM, and a token's contract that is no address of its network.
///
/// # Errors
/// `AssetError::WrongShape`, `UnknownNetwork`, `NoContract`.
pub fn read_id(text: &str) -> Result<Caip19, AssetError> {
    let asset: Caip19 = text.parse().map_err(|_| AssetError::WrongShape)?;
    let table = NetworkTable::embedded();
    let Some(network) = table.by_caip2(asset.chain()) else {
        let (chain, reference) = (asset.chain().to_string(), asset.chain().reference());
        if let Some(network) = table.resolve_name(&chain) {
            return read_id(&text.replacen(&chain, network.caip2.as_str(), 1));
        }
        let is_number = reference.parse::<u64>().is_ok_and(|number| number.to_string() == reference);
        if asset.chain().namespace() == "eip155" && is_number {
            return Ok(asset);
        }
        let hint = table.similar_name(&chain).map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
        return Err(AssetError::UnknownNetwork { chain, hint });
    };
    let is_token = ["erc20", "trc20"].contains(&asset.asset_namespace());
    if is_token && (asset.token_id().is_some() || !names_contract(&asset)) {
        let token = asset.token_id().map_or_else(String::new, |id| format!("/{id}"));
        let reference = format!("{}{token}", asset.asset_reference());
        return Err(AssetError::NoContract { reference, network: network.name.clone() });
    }
    Ok(asset)
}

/// Returns the account of a token's contract. `None` if the asset's id contains no address, or its network is not known.
#[must_use]
pub fn contract_of(asset: &Caip19) -> Option<Account> {
    if is_coin(asset) { None } else { account_of(asset) }
}

/// Reads an asset's reference as an address of its network.
fn account_of(asset: &Caip19) -> Option<Account> {
    let text = asset.asset_reference();
    // Upper and lower case of EVM addresses are only a checksum, which is not the question here.
    let written = if asset.chain().namespace() == "eip155" { text.to_ascii_lowercase() } else { text.to_owned() };
    let table = NetworkTable::embedded();
    table.by_caip2(asset.chain()).and_then(|network| table.parse_on(network, &written).ok())
}

/// Returns whether the asset's id contains the address of a contract.
#[must_use]
pub fn names_contract(asset: &Caip19) -> bool {
    contract_of(asset).is_some()
}

/// Tells whether a network's own asset is ether, whose coin type is 60 on every network. Source: SLIP-44.
fn is_ether(ticker: &str, network: &Network) -> bool {
    network.family.is_some() && network.native_asset == "ETH" && ticker.eq_ignore_ascii_case("ETH")
}

fn ambiguous(ticker: &str, found: &[Caip19]) -> AssetError {
    let ids: Vec<String> = found.iter().take(LISTED_MAX).map(|id| format!("`{id}`")).collect();
    let more = found.len().saturating_sub(LISTED_MAX);
    let more = if more > 0 { format!(" or one of {more} others") } else { String::new() };
    AssetError::Ambiguous { ticker: ticker.to_owned(), ids: ids.join(", ") + &more }
}

fn place(networks: &[&Network]) -> String {
    match networks {
        [] => "on any network".to_owned(),
        [network] => format!("on {}", network.name),
        [network, ..] => format!("on {} or the other networks of the address", network.name),
    }
}

fn is_coin(asset: &Caip19) -> bool {
    asset.asset_namespace() == "slip44"
}

/// Tells whether two CAIP-2 ids belong to one ledger. Some ledgers have two.
#[must_use]
pub fn is_same_ledger(one: &Caip2, other: &Caip2) -> bool {
    let ledger = |id: &Caip2| NetworkTable::embedded().by_caip2(id).map(Network::ledger);
    one == other || ledger(one).is_some_and(|known| ledger(other) == Some(known))
}

/// Tells whether two ids name the same asset: ledgers with several ids are one, a ledger has one asset of its own whatever its coin type, and
/// a contract may be written in any spelling of its address.
///
/// Source: CAIP-19; EIP-55; SLIP-44, whose coin types several networks share.
#[must_use]
pub fn is_same_asset(one: &Caip19, other: &Caip19) -> bool {
    let is_same_token = || one.token_id() == other.token_id() && Reference::of(one) == Reference::of(other);
    let is_same_there = || match (is_coin(one), is_coin(other)) {
        (true, true) => true,
        (false, false) => is_same_token(),
        _ => false,
    };
    one == other || is_same_ledger(one.chain(), other.chain()) && is_same_there()
}

/// What a token's reference names.
#[derive(PartialEq, Eq)]
enum Reference<'a> {
    /// The contract, whatever its spelling.
    Contract(Controller),
    /// A text that is no address, with its namespace.
    Text(&'a str, &'a str),
}

impl<'a> Reference<'a> {
    fn of(asset: &'a Caip19) -> Self {
        match account_of(asset) {
            Some(account) => Self::Contract(account.controllers.first().clone()),
            None => Self::Text(asset.asset_namespace(), asset.asset_reference()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn network(name: &str) -> &'static Network {
        NetworkTable::embedded().resolve_name(name).unwrap()
    }

    fn read(ticker: &str, networks: &[&str]) -> Result<String, &'static str> {
        let networks: Vec<&Network> = networks.iter().map(|name| network(name)).collect();
        read_ticker(ticker, &networks).map(|asset| asset.to_string()).map_err(|error| error.code())
    }

    #[test]
    fn a_ticker_beside_a_network_is_one_asset() {
        // Source: the issuers' pages: Tether, "Supported protocols"; Circle, "USDC contract addresses".
        for (ticker, on, asset) in [
            ("USDT", "eip155:1", "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7"),
            ("usdt", "tron", "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
            ("USDC", "eip155:1", "eip155:1/erc20:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"),
            (
                "USDC",
                "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
                "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/token:EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
            ),
            ("Btc", "bitcoin", "bip122:000000000019d6689c085ae165831e93/slip44:0"),
            ("ETH", "eip155:1", "eip155:1/slip44:60"),
        ] {
            assert_eq!(read(ticker, &[on]).as_deref(), Ok(asset), "{ticker} on {on}");
        }
    }

    #[test]
    fn an_asset_has_a_ticker() {
        for (asset, ticker) in [
            ("bip122:000000000019d6689c085ae165831e93/slip44:0", Some("BTC")),
            ("eip155:1/slip44:60", Some("ETH")),
            ("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7", Some("USDT")),
            ("eip155:1/erc20:0x0000000000000000000000000000000000000001", None),
        ] {
            assert_eq!(ticker_of(&asset.parse().unwrap()), ticker, "{asset}");
        }
    }

    /// A7A5 (Regulation (EU) No 833/2014 Annex LIII), Monero and Zcash in spellings that would be compared with nothing.
    #[test]
    fn an_id_that_could_be_compared_with_nothing_is_refused() {
        let id = |text: &str| read_id(text).map(|asset| asset.to_string()).map_err(|error| error.code());
        let (a7a5, on_tron) = ("6fa0be17e4bea2fcfa22ef89bf8ac9aab0ab0fc9", "TLeVfrdym8RoJreJ23dAGyfJDygRtiWKBZ");

        for text in
            [format!("eip155:1/erc20:0x{a7a5}"), format!("tron:0x2b6653dc/trc20:{on_tron}"), "eip155:987654321/slip44:60".into()]
        {
            assert_eq!(id(&text).as_deref(), Ok(text.as_str()));
        }
        assert_eq!(id(&format!("tron:mainnet/trc20:{on_tron}")), Ok(format!("tron:0x2b6653dc/trc20:{on_tron}")));
        for text in
            [format!("eip155:1/erc20:{a7a5}"), format!("eip155:1/erc20:0x{a7a5}/1"), format!("tron:0x2b6653dc/trc20:0x{a7a5}")]
        {
            assert_eq!(id(&text), Err("invalid_asset"), "{text}");
        }
        for text in [
            format!("eip155:01/erc20:0x{a7a5}"),
            "monero:mainnet/slip44:128".into(),
            "monero:418015BB9AE982A1975DA7D79277C270/slip44:128".into(),
            "bip122:00040FE8EC8471911BAA1DB1266EA15D/slip44:133".into(),
        ] {
            assert!(id(&text) == Err("unknown_asset") || id(&text).is_ok_and(|read| read != text), "{text}: {:?}", id(&text));
        }
    }

    #[test]
    fn a_ticker_that_could_be_several_assets_or_none_is_refused() {
        assert_eq!(read("USDT", &["eip155:1", "eip155:137"]), Err("ambiguous_asset"));
        assert_eq!(read("USDT", &[]), Err("ambiguous_asset"));
        assert_eq!(read("XMR", &[]).as_deref(), Ok("monero:418015bb9ae982a1975da7d79277c270/slip44:128"));
        assert_eq!(read("XMR", &["bitcoin"]), Err("unknown_asset"));
        assert_eq!(read("NOSUCHCOIN", &["eip155:1"]), Err("unknown_asset"));
        assert_eq!(read("US DT", &["eip155:1"]), Err("invalid_asset"));
        let all = read_ticker("USDC", &[]).unwrap_err().to_string();
        assert!(all.contains("or one of") && all.len() < 700, "{all}");
    }

    /// One row of the seed is no reason to take a token's ticker for its network.
    #[test]
    fn without_a_network_only_a_coin_has_a_ticker() {
        assert_eq!(read("JST", &["tron"]).as_deref(), Ok("tron:0x2b6653dc/trc20:TCFLL5dx5ZJdKnWuesXxi1VPwjLVmWZZy9"));
        let refused = read_ticker("jst", &[]).unwrap_err();
        assert!(refused.code() == "ambiguous_asset" && refused.to_string().contains("tron:0x2b6653dc/trc20:TCF"), "{refused}");
        assert_eq!(read("BTC", &[]).as_deref(), Ok("bip122:000000000019d6689c085ae165831e93/slip44:0"));
    }

    #[test]
    fn a_tokens_contract_is_known_on_its_own_ledger_in_every_spelling() {
        let at = |on: &str, text: &str| token_at(&NetworkTable::embedded().parse(on, text).unwrap());
        for (on, text, ticker) in [
            ("eip155:1", "0xdAC17F958D2ee523a2206206994597C13D831ec7", Some("USDT")),
            ("eip155:10", "0xdAC17F958D2ee523a2206206994597C13D831ec7", None),
            ("tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", Some("USDT")),
            ("tron", "41a614f803b6fd780986a42c78ec9c7f77e6ded13c", Some("USDT")),
            ("eip155:728126428", "0xa614f803b6fd780986a42c78ec9c7f77e6ded13c", Some("USDT")),
            ("eip155:1", "0xa614f803b6fd780986a42c78ec9c7f77e6ded13c", None),
        ] {
            assert_eq!(at(on, text), ticker, "{text} on {on}");
        }
    }

    /// Two ids of one ledger.
    #[test]
    fn ids_of_one_ledger_have_the_same_assets() {
        assert_eq!(read("TRX", &["tron"]), read("TRX", &["eip155:728126428"]));
        for (one, other, same) in [
            (
                "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7",
                "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7",
                true,
            ),
            ("eip155:1/slip44:60", "eip155:1/slip44:0", true),
            ("eip155:1/slip44:60", "eip155:10/slip44:60", false),
            ("tron:0x2b6653dc/slip44:195", "eip155:728126428/slip44:195", true),
            // Source: TRON's documentation: the hex form is the same 20 bytes after the prefix 41.
            (
                "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
                "tron:0x2b6653dc/trc20:41a614f803b6fd780986a42c78ec9c7f77e6ded13c",
                true,
            ),
            (
                "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
                "eip155:728126428/erc20:0xa614f803b6fd780986a42c78ec9c7f77e6ded13c",
                true,
            ),
            ("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7", "eip155:1/slip44:60", false),
            (
                "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
                "tron:0x2b6653dc/trc20:tr7nhqjekqxgtci8q8zy4pl8otszgjlj6t",
                false,
            ),
            (
                "eip155:1/erc721:0xdac17f958d2ee523a2206206994597c13d831ec7/1",
                "eip155:1/erc721:0xdac17f958d2ee523a2206206994597c13d831ec7/2",
                false,
            ),
        ] {
            let [one, other] = [one, other].map(|text| text.parse::<Caip19>().unwrap());
            assert_eq!((is_same_asset(&one, &other), is_same_asset(&other, &one)), (same, same), "{one} {other}");
        }
    }

    #[test]
    fn every_row_of_the_seed_is_read_and_names_one_asset() {
        let csv = include_str!("data/assets.csv");
        let rows: Vec<Row> = csv::Reader::from_reader(csv.as_bytes()).into_deserialize().map(Result::unwrap).collect();
        for row in &rows {
            let asset: Caip19 = row.asset.parse().unwrap();
            assert_eq!(asset.chain().as_str(), row.network, "{}", row.asset);
            assert!(is_ticker(&row.ticker) && !row._source.is_empty(), "{}", row.ticker);
            assert_eq!(read(&row.ticker, &[&row.network]).as_deref(), Ok(row.asset.as_str()), "{}", row.ticker);
        }
        assert_eq!(table(csv).values().map(Vec::len).sum::<usize>(), rows.len());
    }

    proptest! {
        #[test]
        fn no_text_panics_and_case_does_not_count(text in "\\PC{0,12}|[a-zA-Z0-9.]{1,8}", on in 0_usize..800) {
            let on: Vec<&Network> = NetworkTable::embedded().iter().skip(on).take(1).collect();
            prop_assert_eq!(read_ticker(&text, &on).ok(), read_ticker(&text.to_ascii_lowercase(), &on).ok());
        }
    }
}
