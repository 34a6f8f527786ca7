//! AOPP, version 0: the URI that opens a wallet with a challenge to sign. The wallet posts the address and the signature to the callback.
//! The signature is then checked as an ordinary `bitcoin_message` or `eip191` proof.
//!
//! Source: Address Ownership Proof Protocol, README, "Specification" (required parameters in version 0).

use super::Challenge;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The maximum length of a message, in characters. Source: the same, parameter `msg`.
const MESSAGE_LENGTH_MAX: usize = 1024;

/// All characters except the unreserved ones of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why no URI can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AoppError {
    /// The protocol does not support the network.
    #[error("AOPP supports only Bitcoin and Ethereum, not {0}")]
    Network(String),
    /// The protocol does not support this form of address.
    #[error("AOPP has no format for the address `{0}`")]
    Address(String),
    /// The URL is not `https`, or has spaces or a fragment.
    #[error("the callback must be an https URL without spaces and without a fragment")]
    Callback,
    /// The message is longer than the protocol allows.
    #[error("an AOPP message has at most {MESSAGE_LENGTH_MAX} characters")]
    MessageTooLong,
}

/// Returns the URI that passes a challenge to a wallet; the wallet answers to `callback`.
///
/// # Errors
/// `AoppError` if the protocol cannot express the challenge.
pub fn uri(challenge: &Challenge, callback: &str) -> Result<String, AoppError> {
    let (asset, format) = match challenge.network().as_str() {
        "bip122:000000000019d6689c085ae165831e93" => ("btc", bitcoin_format(challenge.address())),
        "eip155:1" => ("eth", Some("standard")),
        other => return Err(AoppError::Network(other.to_owned())),
    };
    let format = format.ok_or_else(|| AoppError::Address(challenge.address().to_owned()))?;
    let host = callback.strip_prefix("https://").filter(|rest| !rest.is_empty() && !rest.starts_with('/'));
    if host.is_none() || !callback.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return Err(AoppError::Callback);
    }
    let message = challenge.to_string();
    if message.len() > MESSAGE_LENGTH_MAX {
        return Err(AoppError::MessageTooLong);
    }
    let [message, callback] = [message.as_str(), callback].map(|text| utf8_percent_encode(text, ENCODED));
    Ok(format!("aopp:?v=0&msg={message}&asset={asset}&format={format}&callback={callback}"))
}

fn bitcoin_format(address: &str) -> Option<&'static str> {
    match address.get(..4)? {
        "bc1q" => Some("p2wpkh").filter(|_| address.len() == 42),
        "bc1p" => Some("p2tr"),
        other if other.starts_with('1') => Some("p2pkh"),
        other if other.starts_with('3') => Some("p2sh"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::NetworkTable;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    fn challenge(network: &str, address: &str) -> Challenge {
        let table = NetworkTable::embedded();
        let account = table.parse_on(table.resolve_name(network).unwrap(), address).unwrap();
        let (now, vasp) = ("2026-06-01T12:00:00Z".parse().unwrap(), "vasp_01jx00000000000000000000aa".parse().unwrap());
        Challenge::issue("registry.example.org".parse().unwrap(), vasp, &account, 600, now, &mut ChaCha8Rng::seed_from_u64(3))
            .unwrap()
    }

    #[test]
    fn uri_has_the_parameters_of_version_0_and_the_whole_challenge() {
        let challenge = challenge("bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");

        let uri = uri(&challenge, "https://registry.example.org/aopp/1?a=b&c=d").unwrap();

        let query = uri.strip_prefix("aopp:?").unwrap();
        let parameters: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let expected = [
            ("v", "0".to_owned()),
            ("msg", challenge.to_string()),
            ("asset", "btc".to_owned()),
            ("format", "p2wpkh".to_owned()),
            ("callback", "https://registry.example.org/aopp/1?a=b&c=d".to_owned()),
        ];
        assert_eq!(parameters, expected.map(|(name, value)| (name.to_owned(), value)));
        assert!(query.starts_with("v=0&msg=VASP%20registry%3A%20proof") && query.contains("%0ARegistry"), "{query}");
    }

    #[test]
    fn formats_follow_the_address() {
        for (network, address, format) in [
            ("bitcoin", "17A16QmavnUfCW11DAApiJxp7ARnxN5pGX", "p2pkh"),
            ("bitcoin", "3QrMAP4ZG3a7Y1qFF5A4sY8MeSUxZ8Yxjy", "p2sh"),
            ("bitcoin", "bc1psrgptjwnz4z8gqmt0fd4gkfc04cvhdyngdy4ya436v3zxhrp9dmsd05jqz", "p2tr"),
            ("ethereum", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "standard"),
        ] {
            let uri = uri(&challenge(network, address), "https://a.example/").unwrap();
            assert!(uri.contains(&format!("&format={format}&")), "{uri}");
        }
    }

    #[test]
    fn what_the_protocol_cannot_say_is_refused() {
        let bitcoin = challenge("bitcoin", "17A16QmavnUfCW11DAApiJxp7ARnxN5pGX");
        let script = challenge("bitcoin", "bc1qp0ahvfh83088w49k405szqgg4f3pptr7p2g06tdxfjcd40z4lh4q95lsz9");
        let base = challenge("eip155:8453", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");

        for callback in ["http://a.example/", "https://", "https:///a", "https://a.example/ b", "https://a.example/#b"] {
            assert_eq!(uri(&bitcoin, callback), Err(AoppError::Callback), "{callback}");
        }
        assert!(matches!(uri(&script, "https://a.example/"), Err(AoppError::Address(_))));
        assert_eq!(uri(&base, "https://a.example/"), Err(AoppError::Network("eip155:8453".to_owned())));
    }
}
