//! Recognises texts that contain or name an account but are no address: payment URIs, Lightning invoices, names that must be resolved. Only
//! texts that were refused as addresses are examined, and only if their form is certain. Where the text contains an address, it is read.

use super::bech32;
use super::error::AddressError;
use crate::network::NetworkTable;
use vasp_words::caip::Caip2;
use vasp_words::host::Host;

/// The longest payment URI that is examined, in bytes.
const LENGTH_MAX: usize = 2_048;

/// The longest scheme of a URI, in bytes: the refusal shows it. Ours; no registered one is longer.
const SCHEME_MAX: usize = 40;

/// Returns the refusal of a text whose form is certain.
pub(crate) fn recognised(table: &NetworkTable, text: &str) -> Option<AddressError> {
    if text.len() > LENGTH_MAX || !text.is_ascii() {
        return None;
    }
    let sent = |send: String| AddressError::PaymentUri { send };
    invoice(text)
        .or_else(|| name(text))
        .or_else(|| padded_entity(text))
        .or_else(|| without_chain(text))
        .or_else(|| icrc1(table, text))
        .or_else(|| older_caip10(table, text))
        .or_else(|| uri(table, text).map(sent))
}

/// Recognises invoices. Source: BOLT 11, "Human-Readable Part"; `lightning:` is the scheme of wallets.
fn invoice(text: &str) -> Option<AddressError> {
    let lower = text.to_ascii_lowercase();
    let (named, invoice) = lower.strip_prefix("lightning:").map_or((false, lower.as_str()), |invoice| (true, invoice));
    let amount = ["lnbcrt", "lntbs", "lnbc", "lntb"].into_iter().find_map(|prefix| invoice.strip_prefix(prefix))?;
    let (amount, _) = amount.rsplit_once('1')?;
    let digits = amount.strip_suffix(['m', 'u', 'n', 'p']).unwrap_or(amount);
    let certain = digits.bytes().all(|byte| byte.is_ascii_digit()) && bech32::is_sound(invoice) || named;
    certain.then_some(AddressError::LightningInvoice)
}

/// Recognises names. Source: ENSIP-1 (`.eth`, which is no domain of the DNS); SEP-2 (`name*domain`).
fn name(text: &str) -> Option<AddressError> {
    let labels = |name: &str| !name.is_empty() && name.split('.').all(|label| !label.is_empty());
    let word = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let system = match text.split_once('*') {
        Some((name, domain)) if !name.is_empty() && domain.parse::<Host>().is_ok() => "a Stellar federation address",
        None if text.to_ascii_lowercase().strip_suffix(".eth").is_some_and(|name| labels(name) && word(name)) => "an ENS name",
        _ => return None,
    };
    Some(AddressError::NameNotResolved { system })
}

/// Recognises an entity id whose numbers are padded. Source: HIP-15, "address format".
fn padded_entity(text: &str) -> Option<AddressError> {
    let id = text.split_once('-').map_or(text, |(id, _)| id);
    let numbers: Vec<&str> = id.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let padded = numbers.len() == 3 && numbers.iter().all(is_number) && numbers.iter().any(|n| n.len() > 1 && n.starts_with('0'));
    let reason = "the numbers of an entity id such as `0.0.12345` have no leading zeros";
    padded.then_some(AddressError::InvalidPayload { reason })
}

/// Recognises an address of Avalanche that does not name its chain. Source: Avalanche documentation, "Addresses".
fn without_chain(text: &str) -> Option<AddressError> {
    let is_account = text.to_ascii_lowercase().starts_with("avax1") && bech32::is_sound(text);
    is_account.then(|| AddressError::MissingPrefix { prefix: "X-` (X-Chain) or `P-` (P-Chain), before `avax1".to_owned() })
}

/// Recognises a principal with a subaccount. Source: ICRC-1, "Textual encoding".
fn icrc1(table: &NetworkTable, text: &str) -> Option<AddressError> {
    const CHECKSUM: usize = 7;
    let (owner, subaccount) = text.split_once('.')?;
    let (principal, checksum) = owner.rsplit_once('-')?;
    let hex = (1..=64).contains(&subaccount.len()) && subaccount.bytes().all(|byte| byte.is_ascii_hexdigit());
    let read = || table.parse("internet-computer", principal).is_ok_and(|account| &*account.format == "principal");
    let reason = "it is an ICRC-1 account with a subaccount; send its account identifier of 64 hexadecimal digits";
    (hex && checksum.len() == CHECKSUM && read()).then_some(AddressError::InvalidPayload { reason })
}

/// Recognises an account and its network in a form other than CAIP-10. Source: CAIP-10, "Legacy"; did:pkh method specification.
fn older_caip10(table: &NetworkTable, text: &str) -> Option<AddressError> {
    let (form, network, account) = if let Some(id) = text.strip_prefix("did:pkh:") {
        let (network, account) = id.rsplit_once(':')?;
        ("a DID of the method `pkh`; send only the part after `did:pkh:`", network, account)
    } else {
        let (account, network) = text.split_once('@')?;
        ("CAIP-10 in its older form; send the network, `:` and the account", network, account)
    };
    let network: Caip2 = network.parse().ok()?;
    table.parse(network.as_str(), account).ok().map(|_| AddressError::OtherCaip10 { form })
}

/// Recognises a URI around an address; says which part of it to send.
///
/// Source: BIP-21, ERC-681, Solana Pay, TON deep links; ERC-3770 (`eth:0x…`); Xumm and others (`r…?dt=1`).
fn uri(table: &NetworkTable, text: &str) -> Option<String> {
    let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
    if query.is_some() && is_address(table, path) {
        return Some("only the part before `?`, and a tag or memo of the rest in `memo`".to_owned());
    }
    // A prefix of the address itself, with the rest in another case.
    if is_address(table, &path.to_ascii_lowercase()) {
        return None;
    }
    let (scheme, rest) = path.split_once(':')?;
    let scheme_like = scheme.len() <= SCHEME_MAX
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if !scheme_like || ["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return None;
    }
    let segments = rest.split('/').filter_map(|segment| segment.split('@').next());
    let found = segments.map(|segment| segment.strip_prefix("pay-").unwrap_or(segment)).find(|part| is_address(table, part))?;
    // A call of a token contract has the recipient among its arguments.
    if rest.contains("/transfer") && query.is_some_and(|query| query.split('&').any(|one| one.starts_with("address="))) {
        return Some("only the value of `address`, which is the recipient, and its network in `network`".to_owned());
    }
    let before = path.split_once(found).map_or("", |(before, _)| before);
    let after = text.get(before.len() + found.len()..).and_then(|after| after.chars().next());
    let end = after.map_or_else(String::new, |next| format!(" and before `{next}`"));
    Some(format!("only the part after `{before}`{end}, and its network in `network`"))
}

fn is_address(table: &NetworkTable, text: &str) -> bool {
    // A word is an account name somewhere; only texts with the form of an address are certain.
    const WORD_MAX: usize = 20;
    text.len() > WORD_MAX && table.accepts(text)
}
