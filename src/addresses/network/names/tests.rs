//! Tests of the names of networks.

use super::*;
use proptest::prelude::*;

const NETWORKS: &str = include_str!("../../../../seed/networks.json");
const EVM_CHAINS: &str = include_str!("../../../../seed/evm_chains.csv");
const NAMES: &str = include_str!("../../../../seed/network_names.csv");

fn table() -> &'static NetworkTable {
    NetworkTable::embedded()
}

fn read(name: &str, address: Option<&str>) -> Result<String, String> {
    let read = table().read_name(name, address).map(|network| network.caip2.to_string());
    read.map_err(|error| format!("{}: {error}", error.code()))
}

fn rows() -> Vec<NameSeed> {
    csv::Reader::from_reader(NAMES.as_bytes()).into_deserialize().collect::<Result<_, _>>().unwrap()
}

/// Names that people use, and those that exchanges' interfaces print. Sources: the chain ids of EIP-155 as the chains publish them
/// (chainlist.org), ChainAgnostic/namespaces for the other namespaces, SLIP-44 for networks without one; the words are the tickers of
/// SLIP-44 and the network codes of Binance, OKX, Bybit, Gate, Bitget, KuCoin and Kraken.
const HELD: &[(&str, &str)] = &[
    ("bip122:000000000019d6689c085ae165831e93", "BTC XBT Bitcoin SEGWITBTC"),
    ("bip122:12a765e31ffd4059bada1e25190f6e98", "LTC Litecoin"),
    ("bip122:1a91e3dace36e2be3bf030a65679fe82", "DOGE Dogecoin"),
    ("bip122:000000000000000000651ef99cb9fcbe", "BCH BitcoinCash"),
    ("slip44:236", "BSV"),
    ("slip44:899", "XEC ECASH"),
    ("slip44:156", "BTG"),
    ("bip122:00000ffd590b1485b3caadc19b22e637", "DASH"),
    ("bip122:7497ea1b465eb39f1c8f507bc877078f", "DGB"),
    ("bip122:0000006b444bc2f2ffe627be9d9e7e7a", "RVN"),
    ("bip122:00040fe8ec8471911baa1db1266ea15d", "ZEC Zcash"),
    ("bip122:298e5cc3d985bfe7f81dc135f360abe0", "DCR"),
    ("eip155:1", "ETH Ethereum"),
    ("eip155:61", "ETC"),
    ("eip155:56", "BSC"),
    ("eip155:137", "MATIC POL polygon"),
    ("eip155:42161", "ARB arbitrum ARBEVM ArbitrumOne arb1"),
    ("eip155:10", "OP optimism OPETH oeth"),
    ("eip155:8453", "BASE BASEEVM"),
    ("eip155:43114", "AVAXC AVAX-C CAVAX"),
    ("eip155:250", "FTM Fantom"),
    ("eip155:146", "SONIC S"),
    ("eip155:42220", "CELO"),
    ("eip155:25", "CRONOS"),
    ("eip155:59144", "LINEA"),
    ("eip155:324", "ZKSYNCERA zksync"),
    ("eip155:534352", "SCROLL scr"),
    ("eip155:5000", "MNT mantle"),
    ("eip155:81457", "BLAST"),
    ("eip155:1284", "GLMR Moonbeam"),
    ("eip155:1285", "MOVR"),
    ("eip155:8217", "KLAY KAIA"),
    ("eip155:10001", "ETHW"),
    ("eip155:1088", "METIS"),
    ("eip155:1313161554", "AURORA"),
    ("eip155:30", "RBTC rsk"),
    ("eip155:2020", "RON Ronin"),
    ("eip155:14", "FLR"),
    ("eip155:80094", "BERA"),
    ("eip155:204", "OPBNB"),
    ("eip155:169", "MANTA"),
    ("eip155:88888", "CHZ"),
    ("eip155:1116", "CORE"),
    ("eip155:100", "gno xDAI"),
    ("eip155:130", "unichain"),
    ("eip155:50", "XDC"),
    ("eip155:999", "HyperEVM"),
    ("eip155:143", "Monad"),
    ("eip155:2222", "KAVAEVM"),
    ("eip155:1329", "SEIEVM"),
    ("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "SOL Solana"),
    ("tron:0x2b6653dc", "TRX TRON"),
    ("xrpl:0", "XRP Ripple"),
    ("stellar:pubnet", "XLM Stellar"),
    ("cip34:1-764824073", "ADA Cardano"),
    ("polkadot:91b171bb158e2d3848fa23a9f1c25182", "DOT Polkadot"),
    ("polkadot:b0a8d493285c2df73290dfb7e61f870f", "KSM Kusama"),
    ("cosmos:cosmoshub-4", "ATOM Cosmos"),
    ("cosmos:osmosis-1", "OSMO"),
    ("cosmos:celestia", "TIA"),
    ("cosmos:dydx-mainnet-1", "DYDX"),
    ("cosmos:injective-1", "INJ"),
    ("cosmos:secret-4", "SCRT"),
    ("cosmos:columbus-5", "LUNC"),
    ("cosmos:thorchain-1", "RUNE"),
    ("cosmos:axelar-dojo-1", "AXL"),
    ("tvm:-239", "TON"),
    ("algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k", "ALGO"),
    ("tezos:NetXdQprcVkpaWU", "XTZ Tezos"),
    ("antelope:1064487b3cd1a897ce03ae5b6a865651", "WAX WAXP"),
    ("near:mainnet", "NEAR"),
    ("hedera:mainnet", "HBAR Hedera"),
    ("aptos:1", "APT Aptos"),
    ("sui:mainnet", "SUI"),
    ("fil:f", "FIL"),
    ("slip44:223", "ICP"),
    ("stacks:1", "STX"),
    ("vechain:b1ac3413d346d43539627e6be7ec1b4a", "VET"),
    ("slip44:500", "THETA"),
    ("monero:418015bb9ae982a1975da7d79277c270", "XMR Monero"),
    ("slip44:165", "XNO NANO"),
    ("waves:087", "WAVES"),
    ("slip44:888-n3", "NEO3"),
    ("slip44:1024", "ONT"),
    ("mvx:1", "EGLD"),
    ("slip44:474", "ROSE"),
    ("slip44:309", "CKB"),
    ("starknet:SN_MAIN", "STRK"),
    ("slip44:111111", "KAS"),
    ("mina:mainnet", "MINA"),
    ("slip44:43", "XEM"),
    ("chia:ccd5bb71183532bff220ba46c268991a", "XCH"),
    ("arweave:7wIU", "AR"),
    ("flow:mainnet", "FLOW"),
    ("hive:beeab0de000000000000000000000000", "HIVE"),
    ("slip44:1005", "TAO"),
    // An alias keeps its network, though others use the word for its other face.
    ("cosmos:pacific-1", "SEI sei"),
    ("cosmos:hashed-6d4e837e169119f0", "KAVA"),
    ("antelope:aca376f206b8fc25a6ed44dbdc66547c", "EOS"),
    // Two ids of one ledger.
    ("slip44:313", "ZIL"),
];

#[test]
fn names_that_gateways_hold_are_read_in_any_case() {
    let mut count = 0;
    for (network, name) in HELD.iter().flat_map(|(network, names)| names.split(' ').map(move |name| (*network, name))) {
        for name in [name.to_owned(), name.to_ascii_lowercase(), name.to_ascii_uppercase()] {
            assert_eq!(read(&name, None).as_deref(), Ok(network), "{name}");
        }
        count += 1;
    }
    assert!(count >= 130, "{count}");
}

#[test]
fn ids_keep_their_case() {
    for text in ["EIP155:1", "tron:0x2B6653DC", "stellar:PUBNET", "avax:8adu0kqh-5d23op-b-r-4ybqfrbsgf9a", "Tron:mainnet"] {
        assert_eq!(table().read_name(text, None).unwrap_err().code(), "unsupported_network", "{text}");
    }
}

#[test]
fn a_name_of_several_ledgers_needs_an_address_that_only_one_can_read() {
    /// Source: EIP-55, "Test Cases".
    const EVM: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    /// Source: the examples of `seed/networks.json`.
    const X_CHAIN: &str = "X-avax164klxn22zr2g4q4m3k03zy8skrpgrt36sqm5r4";
    const P_CHAIN: &str = "P-avax164klxn22zr2g4q4m3k03zy8skrpgrt36sqm5r4";
    let (x, p) = ("avax:imji8papUf2EhV3le337w1vgFauqkJg-", "avax:Rr9hnPVPxuUvrdCul-vjEsU1zmqKqRDo");

    for (name, address, network) in [
        ("avax", EVM, "eip155:43114"),
        ("Avalanche", EVM, "eip155:43114"),
        ("AVAX", X_CHAIN, x),
        ("AVAX", P_CHAIN, p),
        // A CAIP-10 account contains its network.
        ("AVAX", &format!("eip155:43114:{EVM}"), "eip155:43114"),
        ("BNB", EVM, "eip155:56"),
        // Source: BNB Beacon Chain documentation.
        ("BNB", "bnb136ns6lfw4zs5hg4n85vdthaad7hq5m4gtkgf23", "cosmos:Binance-Chain-Tigris"),
        ("CRO", EVM, "eip155:25"),
        ("SEI", EVM, "eip155:1329"),
        ("EOS", "binance", "antelope:aca376f206b8fc25a6ed44dbdc66547c"),
        ("EOS", EVM, "eip155:17777"),
        // Mistyped: the refusal must be about the address, not about the name.
        ("AVAX", &EVM.replace("aAeb", "aaeb"), "eip155:43114"),
        ("AVAX", &X_CHAIN.replace("164k", "164l"), x),
    ] {
        assert_eq!(read(name, Some(address)).as_deref(), Ok(network), "{name} {address}");
    }
    for (name, address) in [
        ("AVAX", None),
        ("BNB", None),
        ("CRO", None),
        ("NEO", None),
        ("LUNA", None),
        // Both can read it. Source: cosmos chain-registry; the prefix of both is `terra`.
        ("LUNA", Some("terra1dcegyrekltswvyy0xy69ydgxn9x8x32zdtapd8")),
        ("AVAX", Some("nonsense")),
        ("plume", Some(EVM)),
    ] {
        assert!(read(name, address).unwrap_err().starts_with("ambiguous_network: "), "{name} {address:?}");
    }
    assert_eq!(
        read("LUNA", None).unwrap_err(),
        "ambiguous_network: `LUNA` is a name of several networks; give the id of the one you mean: \
         cosmos:phoenix-1 (Terra), cosmos:columbus-5 (Terra Classic)"
    );
}

#[test]
fn tokens_and_their_standards_name_no_network() {
    for (standard, usual) in [
        ("ERC20", "eip155:1 (Ethereum)"),
        ("bep20", "eip155:56 (BNB Smart Chain)"),
        ("TRC-20", "tron:0x2b6653dc"),
        ("SPL", "solana:"),
    ] {
        let error = read(standard, None).unwrap_err();
        assert!(error.starts_with("unsupported_network: ") && error.contains(&format!("usually {usual}")), "{error}");
    }
    for token in ["USDT", "USDC", "DAI", "WBTC", "LINK", "SHIB", "PEPE", "BUSD", "TUSD", "PYUSD", "EURC"] {
        assert!(read(token, None).unwrap_err().starts_with("unsupported_network: "), "{token}");
    }
}

/// `seed/assets.csv` says which tickers are tokens; those that name a network are the exchanges' names of it.
#[test]
fn a_ticker_that_is_only_a_token_names_no_network_but_where_a_source_calls_it_so() {
    let assets = csv::Reader::from_reader(include_str!("../../../../seed/assets.csv").as_bytes());
    let mut tickers = HashMap::new();
    for row in assets.into_deserialize::<HashMap<String, String>>() {
        let row = row.unwrap();
        *tickers.entry(row["ticker"].clone()).or_insert(false) |= row["asset"].contains("/slip44:");
    }
    let tokens = tickers.iter().filter(|(_, is_native)| !**is_native).map(|(ticker, _)| ticker.as_str());
    let mut named: Vec<&str> = tokens.filter(|ticker| table().by_name.contains_key(&*key(ticker))).collect();
    named.sort_unstable();

    assert_eq!(named, ["0G", "ARB", "BEAM", "BTT", "CHZ", "GNO", "GT", "IMX", "KCS", "OKB", "OP"]);
}

#[test]
fn a_name_reads_only_to_networks_that_its_sources_name() {
    let rows = rows();

    for row in &rows {
        let network = table().by_caip2(&row.network.parse().unwrap()).unwrap_or_else(|| panic!("{}", row.network));
        if row.kind != KindSeed::TokenStandard {
            let chain = format!("{}:x", row.network);
            assert_eq!(read(&row.name, Some(&chain)).as_deref(), Ok(network.caip2.as_str()), "{}", row.name);
        }
    }
    for (name, meaning) in &table().by_name {
        for network in &meaning.networks {
            let is_own = network.caip2.as_str() == &**name || network.aliases.iter().any(|alias| **alias == **name);
            let is_sourced =
                || rows.iter().any(|row| row.name.eq_ignore_ascii_case(name) && *row.network == *network.caip2.as_str());
            assert!(is_own || is_sourced(), "{name} {}", network.caip2);
        }
    }
}

/// An alias wins over other meanings only where both are faces of one chain: Sei, Kava, Evmos, Canto and EOS, Astar and Acala with an EVM.
#[test]
fn aliases_with_another_meaning_are_known() {
    let several = table().by_name.iter().filter(|(_, meaning)| meaning.kind == Kind::Own && meaning.networks.len() > 1);
    let mut several: Vec<&str> = several.map(|(name, _)| &**name).collect();
    several.sort_unstable();

    assert_eq!(several, ["acala", "astar", "canto", "eos", "evmos", "kava", "sei"]);
}

#[test]
fn a_hint_of_the_names_leads_to_no_other_ledger() {
    let names: Vec<_> = table().by_name.iter().filter(|(_, meaning)| meaning.kind != Kind::TokenStandard).collect();

    for (text, meaning) in names {
        let Some(hint) = table().similar_name(text) else { continue };
        let ledgers = |meaning: &Meaning| meaning.networks.iter().map(|network| network.ledger()).collect::<Vec<_>>();
        assert_eq!(ledgers(&table().by_name[hint])[0], ledgers(meaning)[0], "{text} {hint}");
    }
    assert_eq!(table().similar_name("polygn"), Some("polygon"));
    assert_eq!(table().similar_name("avalanch"), None, "several ledgers");
    assert_eq!(table().similar_name("E R C 20"), None);
}

#[test]
fn broken_files_of_names_are_refused() {
    let refused = |row: &str| NetworkTable::from_seed(NETWORKS, EVM_CHAINS, &format!("{NAMES}{row}\n")).is_err();

    assert!(refused("eip155:99999999,nowhere,name,none"));
    assert!(refused("ethereum,nowhere,name,none"));
    assert!(refused("eip155:1,nowhere:1,name,none"));
    assert!(refused("eip155:1,ERC20,name,none"));
    assert!(refused("eip155:1,ETH,token_standard,none"));
    assert!(refused("eip155:1,nowhere,guess,none"));
    assert!(!refused("eip155:1,nowhere,name,none"));
}

proptest! {
    #[test]
    fn a_name_of_any_case_reads_alike(at in any::<prop::sample::Index>(), upper in prop::collection::vec(any::<bool>(), 64)) {
        let rows = rows();
        let name = &at.get(&rows).name;
        let case = |(letter, upper): (char, &bool)| if *upper { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
        let other: String = name.chars().zip(&upper).map(case).collect();

        let sentence = |text: &str| read(text, None).map_err(|error| error.to_ascii_lowercase());
        prop_assert_eq!(sentence(&other), sentence(name));
    }

    #[test]
    fn any_name_with_any_address_is_read_without_panic(name in "\\PC{0,20}", address in "\\PC{0,60}") {
        let _ = read(&name, Some(&address));
        let _ = read("AVAX", Some(&address));
    }
}
