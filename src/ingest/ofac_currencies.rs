//! The networks of OFAC's currency codes, and the accounts that a published address means on those networks. Shared by the importers of
//! screening lists.

use vasp_addresses::network::{Family, NetworkTable};
use vasp_rules::screening::{SanctionedAccount, SanctionedAddress};

const BITCOIN: &str = "bip122:000000000019d6689c085ae165831e93";
const EVM: &str = "eip155:*";
const SOLANA: &str = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp";
const TRON: &str = "tron:mainnet";

/// The networks of each currency code. Codes of unsupported networks are left out.
pub(super) const NETWORKS: [(&str, &[&str]); 22] = [
    ("ARB", &[EVM]),
    ("BCH", &["bch"]),
    ("BNB", &[EVM]),
    ("BSC", &[EVM]),
    ("BSV", &["bitcoin-sv"]),
    ("BTC", &[BITCOIN]),
    ("BTG", &["bitcoin-gold"]),
    ("DASH", &["dash"]),
    ("DOGE", &["bip122:1a91e3dace36e2be3bf030a65679fe82"]),
    ("ETC", &[EVM]),
    ("ETH", &[EVM]),
    ("LTC", &["bip122:12a765e31ffd4059bada1e25190f6e98"]),
    ("MATIC", &[EVM]),
    ("SOL", &[SOLANA]),
    ("TRX", &[TRON]),
    ("USDC", &[EVM, SOLANA, TRON]),
    ("USDT", &[EVM, SOLANA, TRON, BITCOIN]),
    ("XBT", &[BITCOIN]),
    ("XMR", &["monero"]),
    ("XRP", &["xrp"]),
    ("XVG", &["verge"]),
    ("ZEC", &["zec"]),
];

/// Whether the addresses of a file kept their upper and lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// As published.
    Kept,
    /// All in lower case.
    Lost,
}

/// Reads a published address on the networks of its currency, or on all networks if no currency is given. The second result is true if
/// supported networks were tried and none accepts the address.
pub(super) fn read(networks: &NetworkTable, currency: &str, text: &str, case: Case) -> (SanctionedAddress, bool) {
    let payable = NETWORKS.iter().find(|(code, _)| *code == currency).map(|(_, on)| *on);
    let accounts: Vec<SanctionedAccount> = match payable {
        Some(payable) => payable.iter().filter_map(|on| account(networks, on, text)).collect(),
        None if currency.is_empty() => anywhere(networks, text),
        None => vec![],
    };
    let case_lost = match (case, payable) {
        (Case::Lost, Some(payable)) if accounts.is_empty() => {
            payable.iter().filter_map(|on| without_case(networks, on, text)).collect()
        }
        _ => vec![],
    };
    let odd = (payable.is_some() || currency.is_empty()) && accounts.is_empty() && case_lost.is_empty();
    (SanctionedAddress { currency: currency.to_owned(), text: text.to_owned(), accounts, case_lost }, odd)
}

fn account(networks: &NetworkTable, on: &str, text: &str) -> Option<SanctionedAccount> {
    if let Some(family) = Family::from_text(on) {
        let account = networks.parse_on_family(family, text).ok()?;
        return Some(SanctionedAccount { network: family.to_string(), address: account.canonical });
    }
    let account = networks.parse_on(networks.resolve_name(on)?, text).ok()?;
    Some(SanctionedAccount { network: account.caip2.to_string(), address: account.canonical })
}

/// Returns every account that a text can mean. All EVM chains together count as one account.
fn anywhere(networks: &NetworkTable, text: &str) -> Vec<SanctionedAccount> {
    if let Some(evm) = account(networks, EVM, text) {
        return vec![evm];
    }
    let found = networks.candidates(text).map(|found| found.accounts).unwrap_or_default();
    found
        .into_iter()
        .map(|account| SanctionedAccount { network: account.caip2.to_string(), address: account.canonical })
        .collect()
}

/// Returns the account in lower case on a network with case-sensitive addresses. `None` if the text is wrong in other ways than its case.
fn without_case(networks: &NetworkTable, on: &str, text: &str) -> Option<SanctionedAccount> {
    let plausible =
        (20..=120).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let network = networks.resolve_name(on).filter(|_| plausible)?;
    Some(SanctionedAccount { network: network.caip2.to_string(), address: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts(currency: &str, text: &str, case: Case) -> (Vec<String>, Vec<String>, bool) {
        let (address, odd) = read(NetworkTable::embedded(), currency, text, case);
        let said =
            |accounts: &[SanctionedAccount]| accounts.iter().map(|one| format!("{} {}", one.network, one.address)).collect();
        (said(&address.accounts), said(&address.case_lost), odd)
    }

    #[test]
    fn every_network_named_here_is_in_the_table() {
        for network in NETWORKS.iter().flat_map(|(_, on)| *on) {
            let table = NetworkTable::embedded();
            assert!(Family::from_text(network).is_some() || table.resolve_name(network).is_some(), "{network}");
        }
    }

    /// Source: OFAC's entries 25308 (Bitcoin), 29703 (Zcash, Bitcoin SV).
    #[test]
    fn addresses_are_read_where_their_currency_is_paid() {
        let (bitcoin, _, odd) = accounts("XBT", "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h", Case::Kept);
        assert_eq!((bitcoin.len(), odd), (1, false));
        assert_eq!(accounts("ZEC", "t1WSKwCDL1QYRRUrCCknEs5tDLhtGVYu9KM", Case::Kept).0.len(), 1);
        assert_eq!(accounts("BSV", "12sjrrhoFEsedNRhtgwvvRqjFTh8fZTDX9", Case::Kept).0.len(), 1);
        assert_eq!(accounts("XYZ", "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h", Case::Kept), (vec![], vec![], false));
        assert_eq!(accounts("ETH", "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h", Case::Kept), (vec![], vec![], true));
    }

    #[test]
    fn lower_case_is_no_loss_where_case_tells_nothing_apart() {
        let hex = "0x098b716b8aaf21512996dc57eb0615e2383e2f96";
        let (kept, lost, odd) = accounts("ETH", hex, Case::Lost);
        assert_eq!((kept.len(), lost.len(), odd), (1, 0, false));

        let (kept, lost, odd) = accounts("XBT", "12qtd5bfwrsdnsazy76uve1xycgntojh9h", Case::Lost);
        assert_eq!(
            (kept.len(), lost, odd),
            (0, vec!["bip122:000000000019d6689c085ae165831e93 12qtd5bfwrsdnsazy76uve1xycgntojh9h".into()], false)
        );
    }

    #[test]
    fn an_address_without_a_currency_is_read_wherever_it_can_be() {
        assert!(accounts("", "TWB9xgNG9nmJuwW4etsQEb9RRnrnVnoNnJ", Case::Kept).0.iter().any(|one| one.starts_with("tron:")));
        assert_eq!(accounts("", "0x098b716b8aaf21512996dc57eb0615e2383e2f96", Case::Kept).0.len(), 1);
        assert!(accounts("", "905360647607", Case::Kept).2);
    }
}
