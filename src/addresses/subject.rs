//! Reads the subject of a question: a VASP id, LEI, account, Travel Address, LNURL, URL, address or domain. Invalid input is refused here
//! with a reason. The callers are the handlers of resolve and pre-check, and the command line.
//!
//! A *reading* is a kind as which the text is valid. Without a given kind, all kinds are tried in a fixed order. One reading is the answer;
//! several are refused as ambiguous. If there is none, the error is that of the kind that the text resembles most.

mod error;
mod kind;
mod payment;
mod published;
mod url;

pub use error::SubjectError;
pub use kind::{SubjectKind, SubjectKindError};
pub use published::{CertificateSha256, CommonName, NamedIdentifier, PublishedNameError};

use super::address::{Account, AddressError, Candidates, other_form};
use super::inquiry_url::InquiryUrl;
use super::lnurl::Lnurl;
use super::network::{Network, NetworkTable};
use super::payment_uri::PaymentUri;
use super::travel_address::TravelAddress;
use vasp_words::caip::Caip10;
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;

/// The maximum length of a subject, in bytes. A Travel Address with the longest URL has 2,806.
pub const SUBJECT_LENGTH_MAX: usize = 4096;

/// The maximum length of a memo, in bytes; networks have lower limits.
const MEMO_LENGTH_MAX: usize = 1024;

/// A subject that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A VASP's id.
    Vasp(VaspId),
    /// A Legal Entity Identifier.
    Lei(Lei),
    /// An account, with its network.
    Caip10(Account),
    /// A Travel Address, and the URL hidden in it.
    TravelAddress(TravelAddress, InquiryUrl),
    /// An LNURL, and the URL hidden in it.
    Lnurl(Lnurl, InquiryUrl),
    /// A URL.
    Url(InquiryUrl),
    /// An address on a named network.
    Address(Account),
    /// An address without a network, and all accounts that it may mean.
    BareAddress(Candidates),
    /// A host name.
    Domain(Host),
    /// The fingerprint of a certificate.
    CertificateSha256(CertificateSha256),
    /// The common name of a certificate.
    CommonName(CommonName),
    /// An identifier with its scheme.
    Identifier(NamedIdentifier),
}

impl Subject {
    /// Returns the kind as which the text was read.
    #[must_use]
    pub fn kind(&self) -> SubjectKind {
        match self {
            Self::Vasp(_) => SubjectKind::Vasp,
            Self::Lei(_) => SubjectKind::Lei,
            Self::Caip10(_) => SubjectKind::Caip10,
            Self::TravelAddress(_, _) => SubjectKind::TravelAddress,
            Self::Lnurl(_, _) => SubjectKind::Lnurl,
            Self::Url(_) => SubjectKind::Url,
            Self::Address(_) | Self::BareAddress(_) => SubjectKind::Address,
            Self::Domain(_) => SubjectKind::Domain,
            Self::CertificateSha256(_) => SubjectKind::CertificateSha256,
            Self::CommonName(_) => SubjectKind::CommonName,
            Self::Identifier(identifier) => SubjectKind::Identifier(identifier.scheme().to_owned()),
        }
    }

    /// Returns the memo that distinguishes the customers of one address. It was given separately, or the address contains it. `None` if
    /// there is none.
    #[must_use]
    pub fn memo(&self) -> Option<&str> {
        match self {
            Self::Caip10(account) | Self::Address(account) => account.memo.as_deref(),
            Self::BareAddress(candidates) => candidates.accounts.iter().find_map(|account| account.memo.as_deref()),
            _ => None,
        }
    }
}

/// A subject, and the payment URI in which it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadText {
    /// The subject.
    pub subject: Subject,
    /// What the payment URI names; `None` if the text is none.
    pub payment_uri: Option<Box<PaymentUri>>,
}

impl From<Subject> for ReadText {
    fn from(subject: Subject) -> Self {
        Self { subject, payment_uri: None }
    }
}

/// Reads the same as `read_text`, and leaves out what a payment URI names besides its account.
///
/// # Errors
/// `SubjectError`, as `read_text`.
pub fn read_subject(
    table: &NetworkTable,
    text: &str,
    kind: Option<&SubjectKind>,
    network: Option<&str>,
    memo: Option<&str>,
) -> Result<Subject, SubjectError> {
    read_text(table, text, kind, network, memo).map(|asked| asked.subject)
}

/// Reads what a customer typed or scanned, or a counterparty sent: an address, a payment URI, a CAIP-10 account, a Travel Address, an
/// LNURL, a URL, a domain, an LEI or a VASP id. Without `kind`, the form of the text decides. Of a payment URI the account is the subject.
///
/// `network` (a CAIP-2 id or another name, see `NetworkTable::read_name`) is the network of an address, or repeats that of a CAIP-10 account. It is refused with other
/// subjects, because it would have no effect. `memo` is for accounts only.
///
/// # Errors
/// `SubjectError`: its text is for people, and its `code` is for programs.
pub fn read_text(
    table: &NetworkTable,
    text: &str,
    kind: Option<&SubjectKind>,
    network: Option<&str>,
    memo: Option<&str>,
) -> Result<ReadText, SubjectError> {
    if text.is_empty() || text.len() > SUBJECT_LENGTH_MAX {
        return Err(SubjectError::Length(text.len()));
    }
    if matches!(kind, None | Some(SubjectKind::Address))
        && let Some(uri) = PaymentUri::read(table, text)?
    {
        return payment::read(table, uri, network, memo);
    }
    let named = |name| table.read_name(name, Some(text)).map_err(SubjectError::Network);
    let reader = Reader { table, text, network: network.map(named).transpose()? };
    let subject = match kind {
        // An address may name its network itself, as CAIP-10 does.
        Some(SubjectKind::Address) if text.contains(':') => reader.detect(&ACCOUNTS),
        Some(kind) => reader.read(kind),
        None => reader.detect(&DETECTED),
    }?;
    if network.is_some() && !has_network(&subject.kind()) {
        return Err(SubjectError::NetworkStrays(subject.kind()));
    }
    let subject = match memo {
        Some(memo) => with_memo(table, subject, memo)?,
        None => subject,
    };
    Ok(subject.into())
}

/// Tells whether subjects of a kind have a network.
fn has_network(kind: &SubjectKind) -> bool {
    matches!(kind, SubjectKind::Address | SubjectKind::Caip10)
}

/// The input for reading a subject.
struct Reader<'a> {
    table: &'a NetworkTable,
    text: &'a str,
    network: Option<&'a Network>,
}

/// The kinds that are tried if no kind is given.
const DETECTED: [SubjectKind; 8] = [
    SubjectKind::Vasp,
    SubjectKind::Lei,
    SubjectKind::Caip10,
    SubjectKind::TravelAddress,
    SubjectKind::Lnurl,
    SubjectKind::Url,
    SubjectKind::Address,
    SubjectKind::Domain,
];

/// The kinds as which an address is read.
const ACCOUNTS: [SubjectKind; 2] = [SubjectKind::Caip10, SubjectKind::Address];

impl Reader<'_> {
    fn read(&self, kind: &SubjectKind) -> Result<Subject, SubjectError> {
        match kind {
            SubjectKind::Vasp => self.text.parse().map(Subject::Vasp).map_err(SubjectError::Vasp),
            SubjectKind::Lei => self.text.parse().map(Subject::Lei).map_err(SubjectError::Lei),
            SubjectKind::Caip10 => self.caip10().map(Subject::Caip10),
            SubjectKind::TravelAddress => url::travel_address(self.text),
            SubjectKind::Lnurl => url::lnurl(self.text),
            SubjectKind::Url => url::url(self.text),
            SubjectKind::Address => match self.network {
                Some(network) => self.table.parse_on(network, self.text).map(Subject::Address),
                None => self.table.candidates(self.text).map(Subject::BareAddress),
            }
            .map_err(SubjectError::Address),
            SubjectKind::Domain => self.text.parse().map(Subject::Domain).map_err(SubjectError::Domain),
            SubjectKind::CertificateSha256 => {
                self.text.try_into().map(Subject::CertificateSha256).map_err(SubjectError::Published)
            }
            SubjectKind::CommonName => self.text.try_into().map(Subject::CommonName).map_err(SubjectError::Published),
            SubjectKind::Identifier(scheme) => {
                NamedIdentifier::new(scheme, self.text).map(Subject::Identifier).map_err(SubjectError::Published)
            }
        }
    }

    fn caip10(&self) -> Result<Account, SubjectError> {
        let id: Caip10 = self.text.parse().map_err(SubjectError::Caip10)?;
        let network = self.table.read_name(id.chain().as_str(), None).map_err(SubjectError::Address)?;
        if let Some(named) = self.network.filter(|named| named.ledger() != network.ledger()) {
            return Err(SubjectError::NetworkMismatch { subject: network.caip2.clone(), named: named.caip2.clone() });
        }
        self.table.parse_on(network, id.account()).map_err(SubjectError::Address)
    }

    /// Tries these kinds, as described at the top of this file.
    fn detect(&self, kinds: &[SubjectKind]) -> Result<Subject, SubjectError> {
        // Only kinds that are certainly wrong are skipped: reading them would be slower, because they would also explain their error.
        let may_be = |kind: &&SubjectKind| match kind {
            SubjectKind::Vasp => self.text.starts_with(VaspId::PREFIX),
            SubjectKind::Caip10 => self.text.contains(':'),
            SubjectKind::Domain => self.has_labels(),
            SubjectKind::Url => url::is_url(self.text),
            _ => true,
        };
        let other = || other_form::recognised(self.table, self.text).map(SubjectError::Address);
        // A wallet's link around an address is no URL of a VASP.
        if url::is_url(self.text)
            && let Some(error) = other()
        {
            return Err(error);
        }
        // A text with an unusable hidden URL still has its kind, and must not be taken for another one.
        let sound = |kind| match self.read(kind) {
            read @ (Ok(_) | Err(SubjectError::Url(_))) => Some((kind.clone(), read)),
            Err(_) => None,
        };
        let mut readings: Vec<_> = kinds.iter().filter(may_be).filter_map(sound).collect();
        // If a network is given, the subject must be one with a network.
        if self.network.is_some() && readings.iter().any(|(kind, _)| has_network(kind)) {
            readings.retain(|(kind, _)| has_network(kind));
        }
        match (readings.pop(), readings.is_empty()) {
            (Some((_, read)), true) => read,
            (Some(last), false) => {
                readings.push(last);
                Err(SubjectError::Ambiguous(readings.into_iter().map(|(kind, _)| kind).collect()))
            }
            (None, _) => other().map_or_else(|| self.read(&self.resembled(kinds)), Err),
        }
    }

    /// Tells whether the text can have the two labels of a public host. Addresses cannot, so the costly mapping of UTS 46 is skipped for
    /// them. Text that is not ASCII may contain other full stops, so it is not skipped.
    fn has_labels(&self) -> bool {
        !self.text.is_ascii() || self.text.contains('.')
    }

    /// Returns the kind that a text without a valid reading resembles most.
    fn resembled(&self, kinds: &[SubjectKind]) -> SubjectKind {
        let text = self.text;
        let lower = text.to_ascii_lowercase();
        let chain = text.rsplit_once(':').is_some_and(|(head, _)| head.contains(':') && !head.contains(['/', '[']));
        let lei = text.len() == 20
            && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
            && text.bytes().rev().take(2).all(|b| b.is_ascii_digit());
        let resembled = if text.starts_with(VaspId::PREFIX) {
            SubjectKind::Vasp
        } else if lower.starts_with("lnurl1") {
            SubjectKind::Lnurl
        } else if url::is_url(text) {
            SubjectKind::Url
        } else if chain {
            SubjectKind::Caip10
        } else if self.network.is_some() {
            SubjectKind::Address
        } else if lei {
            SubjectKind::Lei
        } else if text.starts_with("ta") && !text.contains('.') {
            SubjectKind::TravelAddress
        } else if text.contains('.') {
            SubjectKind::Domain
        } else {
            SubjectKind::Address
        };
        if kinds.contains(&resembled) { resembled } else { SubjectKind::Address }
    }
}

/// Adds a memo to a subject's accounts. Of an address without a network, only accounts remain whose network accepts the memo.
fn with_memo(table: &NetworkTable, subject: Subject, memo: &str) -> Result<Subject, SubjectError> {
    let invalid = |reason: &str| SubjectError::Memo(AddressError::MemoInvalid { reason: reason.to_owned() });
    if memo.len() > MEMO_LENGTH_MAX {
        return Err(invalid("it is longer than 1024 bytes"));
    }
    let put = |mut account: Account| {
        let network = table.by_number(account.network);
        let memo = network.map_or(Ok(memo.to_owned()), |network| network.read_memo(memo)).map_err(SubjectError::Memo)?;
        match &account.memo {
            Some(carried) if *carried != memo => {
                Err(invalid(&format!("the address itself already contains the memo `{carried}`")))
            }
            _ => {
                account.memo = Some(memo);
                Ok(account)
            }
        }
    };
    match subject {
        Subject::Caip10(account) => put(account).map(Subject::Caip10),
        Subject::Address(account) => put(account).map(Subject::Address),
        Subject::BareAddress(Candidates { accounts }) => {
            let results: Vec<_> = accounts.into_iter().map(put).collect();
            let accounts = if results.iter().any(Result::is_ok) {
                results.into_iter().flatten().collect()
            } else {
                results.into_iter().collect::<Result<_, _>>()?
            };
            Ok(Subject::BareAddress(Candidates { accounts }))
        }
        _ => Err(invalid("a memo belongs to an address, but this subject is not an address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VASP: &str = "vasp_01jgd3ya0400000000000000g1";
    const LEI: &str = "5493001KJTIIGC8Y1R12";
    const TRAVEL_ADDRESS: &str = "ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9wv";
    /// `https://beneficiary.com/x/12345?t=i`, by the reference implementation in BIP-173's appendix.
    const LNURL: &str = "lnurl1dp68gurn8ghj7cn9dejkv6trd9shy7fwvdhk6tmc9ucnyve5x5lhg0tf8h5r2u";
    /// Source: EIP-55, "Test Cases".
    const EVM: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

    fn read(text: &str) -> Result<Subject, SubjectError> {
        read_subject(NetworkTable::embedded(), text, None, None, None)
    }

    fn read_as(kind: &str, text: &str) -> Result<Subject, SubjectError> {
        read_subject(NetworkTable::embedded(), text, Some(&kind.parse().unwrap()), None, None)
    }

    fn read_on(network: &str, text: &str) -> Result<Subject, SubjectError> {
        read_subject(NetworkTable::embedded(), text, None, Some(network), None)
    }

    #[test]
    fn kinds_are_told_from_the_text() {
        for (text, kind) in [
            (VASP, "vasp"),
            (LEI, "lei"),
            (&format!("eip155:1:{EVM}"), "caip10"),
            ("bip122:000000000019d6689c085ae165831e93:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "caip10"),
            (TRAVEL_ADDRESS, "travel_address"),
            (EVM, "address"),
            ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "address"),
            ("11111111111111111111111111111111", "address"),
            (LNURL, "lnurl"),
            (&LNURL.to_ascii_uppercase(), "lnurl"),
            ("https://beneficiary.com/x/12345", "url"),
            ("HTTPS://api.example.com", "url"),
            ("api.example.com", "domain"),
            ("tacoma.example.com", "domain"),
            ("bücher.de", "domain"),
        ] {
            assert_eq!(read(text).unwrap().kind().to_string(), kind, "{text}");
        }
    }

    #[test]
    fn what_a_vasp_published_is_named_only_with_its_kind() {
        let digest = "0A".repeat(32);

        assert_eq!(read_as("certificate_sha256", &digest).unwrap().kind().to_string(), "certificate_sha256");
        assert_eq!(read_as("common_name", "TRISA.example.com").unwrap().kind().to_string(), "common_name");
        assert_eq!(read_as("identifier:gtr", "X-1").unwrap().kind().to_string(), "identifier:gtr");
        assert_eq!(read("trisa.example.com").unwrap().kind().to_string(), "domain");
        assert!(read(&digest).map_or(true, |subject| subject.kind() != SubjectKind::CertificateSha256));
    }

    #[test]
    fn account_with_its_network_is_canonical() {
        let Subject::Caip10(account) = read("tron:mainnet:418840E6C55B9ADA326D211D818C34A994AECED808").unwrap() else {
            panic!("not an account");
        };

        assert_eq!(account.caip10().as_deref(), Some("tron:0x2b6653dc:TNPeeaaFB7K9cmo4uQpcU32zGK8G1NYqeL"));
    }

    #[test]
    fn address_is_read_on_the_network_named_and_on_no_other() {
        let Subject::Address(account) = read_on("ethereum", &EVM.to_ascii_lowercase()).unwrap() else { panic!("no address") };

        assert_eq!(account.caip10(), Some(format!("eip155:1:{EVM}")));
        assert_eq!(read_on("btc", EVM).unwrap_err().code(), "wrong_network");
    }

    #[test]
    fn an_address_may_name_its_network_itself() {
        let address =
            |text: &str, network| read_subject(NetworkTable::embedded(), text, Some(&SubjectKind::Address), network, None);
        let own = format!("eip155:1:{EVM}");
        for network in [None, Some("eip155:1"), Some("ethereum")] {
            for read in [address(&own, network), read_subject(NetworkTable::embedded(), &own, None, network, None)] {
                let Ok(Subject::Caip10(account)) = read else { panic!("{network:?}: {read:?}") };
                assert_eq!(account.caip10().as_deref(), Some(own.as_str()));
            }
        }
        // Another id of the same ledger. Source: docs/addresses.md, "Classes"; ethereum-lists/chains, chain 295.
        assert!(address(&format!("eip155:295:{EVM}"), Some("hedera:mainnet")).is_ok());
        let error = address(&own, Some("eip155:8453")).unwrap_err();
        assert_eq!((error.code(), error.member()), ("wrong_network", "network"));
        assert!(error.to_string().contains("eip155:1,") && error.to_string().contains("eip155:8453"), "{error}");
    }

    /// A colon makes no CAIP-10 account. Sources: TON documentation, deep links; did:pkh; the cash address specification, "Test vectors".
    #[test]
    fn an_address_is_refused_for_the_same_reason_with_and_without_its_kind() {
        for (text, code) in [
            ("ton://transfer/EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N?amount=1", "payment_uri"),
            ("did:pkh:eip155:1:0xb9c5714089478a327f09197987f16f9e5d936e8a", "wrong_shape"),
            ("bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t", "test_network"),
            ("eip155:1:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "checksum_mismatch"),
        ] {
            assert_eq!((read(text).unwrap_err().code(), read_as("address", text).unwrap_err().code()), (code, code), "{text}");
        }
        assert!(read_as("address", "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a").is_ok());
        assert_eq!(read_as("address", VASP).unwrap_err().member(), "subject");
        assert_ne!(read_as("address", VASP).unwrap_err().code(), "invalid_id");
    }

    #[test]
    fn network_beside_a_subject_that_has_none_is_refused() {
        let lnurl = LNURL.to_owned();
        for text in [VASP, LEI, TRAVEL_ADDRESS, &lnurl, "https://beneficiary.com/x/12345", "api.example.com"] {
            let error = read_on("btc", text).unwrap_err();
            assert_eq!((error.problem(), error.code(), error.member()), ("invalid_subject", "network_not_applicable", "network"));
            let kind = read(text).unwrap().kind();
            let named = read_subject(NetworkTable::embedded(), text, Some(&kind), Some("btc"), None).unwrap_err();
            assert_eq!(named.code(), "network_not_applicable", "{text}");
        }
        let identifier =
            read_subject(NetworkTable::embedded(), "X-1", Some(&"identifier:gtr".parse().unwrap()), Some("btc"), None);
        assert_eq!(
            identifier.unwrap_err().to_string(),
            "a subject of kind `identifier:gtr` belongs to no network: leave `network` out"
        );
    }

    #[test]
    fn refusals_name_reason_and_member() {
        let flipped = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb";
        for (result, problem, code, member) in [
            (read(""), "invalid_subject", "wrong_length", "subject"),
            (read(&"a".repeat(4097)), "invalid_subject", "wrong_length", "subject"),
            (read("vasp_1"), "invalid_subject", "invalid_id", "subject"),
            (read("5493001KJTIIGC8Y1R13"), "invalid_subject", "checksum_mismatch", "subject"),
            (read("xrpl:1:rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh"), "invalid_subject", "unsupported_network", "subject"),
            (read(&format!("eip155:*:{EVM}")), "invalid_subject", "invalid_character", "subject"),
            (read("eip155:1:"), "invalid_subject", "wrong_length", "subject"),
            (read("ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9ww"), "invalid_subject", "checksum_mismatch", "subject"),
            (read(flipped), "invalid_subject", "checksum_mismatch", "subject"),
            (read("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"), "invalid_subject", "checksum_mismatch", "subject"),
            (read("hello"), "invalid_subject", "network_needed", "subject"),
            (read("localhost"), "invalid_subject", "network_needed", "subject"),
            (read("10.0.0.1"), "invalid_subject", "host_not_public", "subject"),
            (read("a b.com"), "invalid_subject", "invalid_host", "subject"),
            (read("lnurl1dp68gurn8ghj7"), "invalid_subject", "checksum_mismatch", "subject"),
            (read(&Lnurl::from_url("https://a.onion/x").unwrap().to_string()), "invalid_subject", "host_not_public", "subject"),
            (read("http://example.com/x?t=i"), "invalid_subject", "https_required", "subject"),
            (read("https://127.0.0.1/x?t=i"), "invalid_subject", "host_not_public", "subject"),
            (read("https://user@example.com/"), "invalid_subject", "userinfo_present", "subject"),
            (read("https://example.com/gamma%2Fx"), "invalid_subject", "not_in_normal_form", "subject"),
            (read("ta226rAKyTmMxzsmkda5U2Vhw1"), "invalid_subject", "host_not_public", "subject"),
            (read_as("url", "example.com"), "invalid_subject", "https_required", "subject"),
            (read_as("lnurl", "example.com"), "invalid_subject", "missing_prefix", "subject"),
            (read_as("url", TRAVEL_ADDRESS), "invalid_subject", "https_required", "subject"),
            (read_as("certificate_sha256", "00"), "invalid_subject", "wrong_length", "subject"),
            (read_as("certificate_sha256", &"xy".repeat(32)), "invalid_subject", "invalid_character", "subject"),
            (read_as("identifier:bic", &"a".repeat(256)), "invalid_subject", "wrong_length", "subject"),
            (read_as("common_name", "a\u{7}b"), "invalid_subject", "invalid_character", "subject"),
            (read_as("lei", EVM), "invalid_subject", "wrong_length", "subject"),
            (read_as("caip10", EVM), "invalid_subject", "wrong_shape", "subject"),
            (read_on("xrpl:1", EVM), "invalid_subject", "unsupported_network", "network"),
            (read_on("eip155:*", EVM), "invalid_subject", "unsupported_network", "network"),
            (read_on("eip155:10", &format!("eip155:1:{EVM}")), "invalid_subject", "wrong_network", "network"),
            (read_on("btc", &"ab".repeat(32)), "invalid_subject", "transaction_id", "subject"),
            (read(&format!("eip155:1:0x{}", "ab".repeat(32))), "invalid_subject", "transaction_id", "subject"),
            (read_on("btc", flipped), "invalid_subject", "checksum_mismatch", "subject"),
        ] {
            let error = result.unwrap_err();
            assert_eq!((error.problem(), error.code(), error.member()), (problem, code, member), "{error}");
        }
    }

    #[test]
    fn memo_is_refused_where_there_is_none() {
        let with_memo = |text| read_subject(NetworkTable::embedded(), text, None, None, Some("1"));

        for text in ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", LEI, "api.example.com"] {
            let error = with_memo(text).unwrap_err();
            assert_eq!((error.code(), error.member()), ("memo_invalid", "memo"), "{text}");
        }
    }

    #[test]
    fn bare_address_with_memo_stays_on_networks_that_take_it() {
        let read = |memo| read_subject(NetworkTable::embedded(), EVM, None, None, memo);

        let Subject::BareAddress(all) = read(None).unwrap() else { panic!("no address") };
        let Subject::BareAddress(taking) = read(Some("7")).unwrap() else { panic!("no address") };

        assert!(all.accounts.len() > 700);
        assert_eq!(taking.networks().map(ToString::to_string).collect::<Vec<_>>(), ["hedera:mainnet"]);
        assert_eq!(taking.accounts[0].memo.as_deref(), Some("7"));
    }

    #[test]
    fn memo_that_the_address_carries_is_the_accounts() {
        // Source: XLS-5d, "X-address format", test vectors of the reference implementation (tag 1).
        let (tagged, account) = ("XVLhHMPHU98es4dbozjVtdWzVrDjtV8xvjGQTYPiAx6gwDC", "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf");
        let read = |memo| read_subject(NetworkTable::embedded(), tagged, None, Some("xrpl:0"), memo);

        let Subject::Address(read_alone) = read(None).unwrap() else { panic!("no address") };

        assert_eq!(read_alone.canonical, account);
        assert_eq!(read_alone.memo.as_deref(), Some("1"));
        assert_eq!(read(Some("1")).unwrap(), Subject::Address(read_alone));
        assert_eq!(read(Some("2")).unwrap_err().code(), "memo_invalid");
    }

    #[test]
    fn text_with_two_sound_readings_is_refused_and_named() {
        // A URL of 26 bytes makes a Travel Address of 43 characters. Every such text is 32 bytes in base 58, and so also a valid account of
        // Solana.
        let text = TravelAddress::from_url("beneficiary.com/x/1234?t=i").unwrap().to_string();

        let error = read(&text).unwrap_err();

        assert_eq!(text.len(), 43);
        assert_eq!(error.problem(), "ambiguous_subject");
        assert_eq!(error.to_string(), "the subject can be read as `travel_address` and `address`; name one of them in `kind`");
        assert_eq!(read_as("travel_address", &text).unwrap().kind(), SubjectKind::TravelAddress);
        assert_eq!(read_on("solana", &text).unwrap().kind(), SubjectKind::Address);
        assert_eq!(read_on("btc", &text).unwrap_err().code(), "network_not_applicable");
    }

    #[test]
    fn every_form_leads_to_the_same_host_and_path() {
        for text in [TRAVEL_ADDRESS, LNURL, "https://beneficiary.com/x/12345?t=i", "HTTPS://Beneficiary.com/x/12345"] {
            let subject = read(text).unwrap();
            let (host, path) = subject.host_and_path().unwrap();

            assert_eq!((host.as_str(), path), ("beneficiary.com", "/x/12345"), "{text}");
        }
        assert_eq!(read("beneficiary.com").unwrap().host_and_path().unwrap().1, "");
        assert!(read(LEI).unwrap().host_and_path().is_none());
    }

    #[test]
    fn customers_id_is_not_shown_by_debug_or_refusals() {
        for text in [TRAVEL_ADDRESS, LNURL, "https://beneficiary.com/x/12345?t=i"] {
            let shown = format!("{:?}", read(text).unwrap());
            assert!(!shown.contains("12345") && !shown.contains("W2HPKfHxgSg") && !shown.contains("dp68gurn"), "{shown}");
        }
        for text in ["https://localhost/secret", "http://a.com/secret", "https://a.com/sec ret", "https://u@a.com/secret"] {
            let said = read(text).unwrap_err();
            assert!(!format!("{said} {said:?}").contains("ret"), "{said}");
        }
    }

    #[test]
    fn kinds_round_trip_as_text() {
        for text in ["vasp", "lei", "caip10", "travel_address", "lnurl", "url", "address", "domain", "identifier:lei.x"] {
            assert_eq!(text.parse::<SubjectKind>().unwrap().to_string(), text);
        }
        for text in ["", "VASP", "identifier", "identifier:", "identifier:a b"] {
            assert!(text.parse::<SubjectKind>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC*", shaped in "(ta|lnurl1|vasp_|eip155:1:|0x|bc1|https://)?[A-Za-z0-9.:/%_-]{0,60}", memo in "\\PC{0,8}") {
            for text in [text, shaped] {
                let _ = read(&text).map_err(|error| (error.to_string(), error.code(), error.problem(), error.member()));
                let _ = read_subject(NetworkTable::embedded(), &text, None, Some("btc"), Some(&memo));
            }
        }
    }
}
