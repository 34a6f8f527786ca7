//! The examples of each standard, and hostile URIs.

use super::*;
use crate::subject::{ReadText, Subject, SubjectError, read_text};
use proptest::prelude::*;

/// The address of BIP-21, "Examples". Its checksum is wrong, so that nobody pays to it.
const PUBLISHED: &str = "175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W";
/// An address for the examples of BIP-21: that of Bitcoin's developer guide, "Standard transactions".
const PAYEE: &str = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2";
/// Solana Pay specification, "Examples".
const MVINES: &str = "mvines9iiHiQTysrwkJjGf2gb9Ex9jXJX8ns3qwf2kN";
/// SEP-7, "Operation pay", examples.
const DESTINATION: &str = "GCALNQQBXAPZ2WIRSDDBMSTAKCUH5SG6U76YBFLQLIXJTF7FE5AX7AOO";
/// XLS-5d, test vectors of the reference implementation: the account, and its X-addresses without a tag and with the tag 1.
const ACCOUNT: &str = "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf";
const UNTAGGED: &str = "XVLhHMPHU98es4dbozjVtdWzVrDjtV5fdx1mHp98tDMoQXb";
const TAGGED: &str = "XVLhHMPHU98es4dbozjVtdWzVrDjtV8xvjGQTYPiAx6gwDC";

fn ask(text: &str, network: Option<&str>, memo: Option<&str>) -> Result<ReadText, SubjectError> {
    read_text(NetworkTable::embedded(), text, None, network, memo)
}

/// The account, or the first of several, and what the URI names.
fn read(text: &str) -> (String, Option<String>, PaymentUri) {
    let ReadText { subject, payment_uri } = ask(text, None, None).expect(text);
    let account = match &subject {
        Subject::Address(account) => account,
        Subject::BareAddress(candidates) => &candidates.accounts[0],
        other => panic!("{text}: {other:?}"),
    };
    (account.caip10().unwrap(), account.memo.clone(), *payment_uri.expect(text))
}

fn amount(uri: &PaymentUri) -> Option<String> {
    uri.amount.map(|amount| amount.to_string())
}

/// The asset on the network of the account.
fn asset(uri: &PaymentUri, network: &str) -> Option<String> {
    uri.asset_on(NetworkTable::embedded().resolve_name(network).unwrap()).map(|asset| asset.to_string())
}

fn refused(text: &str) -> (&'static str, String) {
    let error = ask(text, None, None).expect_err(text);
    (error.code(), error.to_string())
}

#[test]
fn examples_of_bip_21_are_read() {
    let bitcoin = "bip122:000000000019d6689c085ae165831e93";
    for (query, wanted, ignored) in [
        ("", None, vec![]),
        ("?label=Luke-Jr", None, vec!["label"]),
        ("?amount=20.3&label=Luke-Jr", Some("20.3"), vec!["label"]),
        ("?amount=50&label=Luke-Jr&message=Donation%20for%20project%20xyz", Some("50"), vec!["label", "message"]),
        (
            "?somethingyoudontunderstand=50&somethingelseyoudontget=999",
            None,
            vec!["somethingelseyoudontget", "somethingyoudontunderstand"],
        ),
    ] {
        let (account, memo, uri) = read(&format!("bitcoin:{PAYEE}{query}"));
        assert_eq!((account.as_str(), memo), (&*format!("{bitcoin}:{PAYEE}"), None));
        assert_eq!(
            (amount(&uri).as_deref(), &uri.ignored),
            (wanted, &ignored.into_iter().map(String::from).collect()),
            "{query}"
        );
        assert_eq!(asset(&uri, "bitcoin").unwrap(), format!("{bitcoin}/slip44:0"));
    }
    assert_eq!(read(&format!("bitcoin:?address={PAYEE}&bc={PAYEE}")).0, read(&format!("bitcoin:{PAYEE}")).0);
    let (code, sentence) = refused(&format!("bitcoin:{PAYEE}?req-somethingyoudontunderstand=50&req-somethingelseyoudontget=999"));
    assert_eq!((code, sentence.contains("req-somethingyoudontunderstand")), ("payment_uri_parameter", true), "{sentence}");
    // Its grammar allows digits on one side of the point only; the scheme may be in any case.
    assert_eq!(amount(&read(&format!("BITCOIN:{PAYEE}?amount=.5")).2).as_deref(), Some("0.5"));
    assert_eq!(refused(&format!("bitcoin:{PAYEE}?amount=50,000.00")).0, "payment_uri_parameter");
}

#[test]
fn coins_that_took_bip_21_over_are_read_on_their_own_network() {
    // Sources: the cash address specification, "Test vectors"; the examples of the seed; Litecoin Core's chain parameters.
    let (cash, ltc) = ("bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9");
    let (account, _, uri) = read(&format!("{cash}?amount=1.5"));
    assert!(account.starts_with("bip122:000000000000000000651ef99cb9fcbe:"), "{account}");
    assert_eq!(amount(&uri).as_deref(), Some("1.5"));
    assert!(ask(cash, None, None).unwrap().payment_uri.is_none(), "an address, not a URI");
    assert!(read(&format!("litecoin:{ltc}?amount=2")).0.starts_with("bip122:12a765e31ffd4059bada1e25190f6e98:"));
}

#[test]
fn examples_of_erc_681_are_read() {
    // As printed, the first example has a `C` that EIP-55 does not have there. So it is refused like any address with that fault.
    assert_eq!(refused("ethereum:0xfb6916095ca1df60bb79Ce92ce3ea74c37c5d359?value=2.014e18").0, "checksum_mismatch");
    let (account, _, uri) = read("ethereum:0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359?value=2.014e18");
    assert_eq!(account.to_lowercase(), "eip155:1:0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359");
    assert_eq!((amount(&uri).as_deref(), uri.network.as_ref()), (Some("2.014"), None));
    assert_eq!(asset(&uri, "eip155:1").as_deref(), Some("eip155:1/slip44:60"));

    let unicorn = "ethereum:0x89205a3a3b2a69de6dbf7f01ed13b2108b2c43e7/transfer?address=0x8e23ee67d1332ad560396262c48ffbb01f93d052&uint256=1";
    let (account, _, uri) = read(unicorn);
    assert_eq!(account.to_lowercase(), "eip155:1:0x8e23ee67d1332ad560396262c48ffbb01f93d052");
    assert_eq!((amount(&uri), uri.base_units.as_deref()), (None, Some("1")));
    let token = asset(&uri, "eip155:1").unwrap();
    assert_eq!(token.to_lowercase(), "eip155:1/erc20:0x89205a3a3b2a69de6dbf7f01ed13b2108b2c43e7");

    // A chain id names the network; without one it is any network of the family, or the one beside it.
    let on_polygon = ask("ethereum:pay-0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359@137", None, None).unwrap().subject;
    assert!(matches!(on_polygon, Subject::Address(account) if account.caip2.as_str() == "eip155:137"));
    let Subject::BareAddress(any) = ask(unicorn, None, None).unwrap().subject else { panic!("one network") };
    assert!(any.accounts.iter().all(|account| account.caip2.namespace() == "eip155") && any.accounts.len() > 100);
    let beside = ask(unicorn, Some("eip155:137"), None).unwrap().subject;
    assert!(matches!(beside, Subject::Address(account) if account.caip2.as_str() == "eip155:137"));
    // An ENS name is no account; ERC-681 allows it.
    assert_eq!(refused("ethereum:vitalik.eth?value=1").0, "name_not_resolved");
}

#[test]
fn the_vasp_beside_an_address_is_told_and_settles_nothing() {
    let (_, _, uri) = read("ethereum:0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359@1?value=1e18&vasp=did%3Aweb%3Aexchange.example");

    assert_eq!(uri.vasp.as_deref(), Some("did:web:exchange.example"));
    assert!(uri.ignored.is_empty());
}

#[test]
fn examples_of_solana_pay_are_read() {
    let thanks = "label=Michael&message=Thanks%20for%20all%20the%20fish";
    let solana = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp";
    let usdc = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v";
    let (account, memo, uri) = read(&format!("solana:{MVINES}?amount=1&{thanks}&memo=OrderId1234"));
    assert_eq!((account, memo), (format!("{solana}:{MVINES}"), None));
    assert_eq!((amount(&uri).as_deref(), uri.memo.as_deref()), (Some("1"), Some("OrderId1234")));
    assert_eq!(asset(&uri, "solana"), Some(format!("{solana}/slip44:501")));

    let (_, _, uri) = read(&format!("solana:{MVINES}?amount=0.01&spl-token={usdc}&{thanks}&memo=OrderId5678"));
    assert_eq!((amount(&uri).as_deref(), asset(&uri, "solana")), (Some("0.01"), Some(format!("{solana}/token:{usdc}"))));

    let (_, _, uri) = read(&format!("solana:{MVINES}?label=Michael&memo=4321ABCD&reference={MVINES}&reference={usdc}"));
    assert_eq!(
        (amount(&uri), uri.paid.as_ref(), uri.ignored.as_slice()),
        (None, None, ["label", "reference"].map(String::from).as_slice())
    );

    // "Transaction Request"; more than nine decimals; no digit before the point.
    for text in ["solana:https%3A%2F%2Fexample.com%2Fsolana-pay%3Forder%3D12345", "solana:https://example.com/solana-pay"] {
        assert_eq!(refused(text).0, "payment_uri", "{text}");
    }
    for amount in ["0.0000000001", ".5", "1e3", "-1", ""] {
        assert_eq!(refused(&format!("solana:{MVINES}?amount={amount}")).0, "payment_uri_parameter", "{amount}");
    }
}

#[test]
fn examples_of_sep_7_are_read() {
    let (account, memo, uri) =
        read(&format!("web+stellar:pay?destination={DESTINATION}&amount=120.1234567&memo=skdjfasf&msg=pay%20me%20with%20lumens"));
    assert_eq!((account, memo.as_deref()), (format!("stellar:pubnet:{DESTINATION}"), Some("skdjfasf")));
    assert_eq!(
        (amount(&uri).as_deref(), asset(&uri, "stellar").as_deref()),
        (Some("120.1234567"), Some("stellar:pubnet/slip44:148"))
    );

    let issuer = "GCRCUE2C5TBNIPYHMEP7NK5RWTT2WBSZ75CMARH7GDOHDDCQH3XANFOB";
    let callback = "url%3Ahttps%3A%2F%2FsomeSigningService.com%2Fhasysda987fs%3Fasset%3DUSD";
    let (_, memo, uri) = read(&format!(
        "web+stellar:pay?destination={DESTINATION}&amount=120.123&asset_code=USD&asset_issuer={issuer}&memo=hasysda987fs&callback={callback}"
    ));
    assert_eq!(
        (memo.as_deref(), asset(&uri, "stellar")),
        (Some("hasysda987fs"), Some(format!("stellar:pubnet/asset:USD-{issuer}")))
    );

    // "Operation tx", example 2; a hash as base 64; another network; an asset without its issuer.
    assert_eq!(refused("web+stellar:tx?xdr=AAAAAP%2Byw%2BZEuNg533pUmwlYxfrq6%2FBoMJqiJ8vuQhf6rHWmAAAAZAB8NHAAAAABAAAAAAAAAAAAAAABAAAAAAAAAAEAAAAA%2F7LD5kS42DnfelSbCVjF%2Burr8GgwmqIny%2B5CF%2FqsdaYAAAAAAAAAAACYloAAAAAAAAAAAA").0, "payment_uri");
    let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE%3D";
    let (_, memo, _) = read(&format!("web+stellar:pay?destination={DESTINATION}&memo={hash}&memo_type=MEMO_HASH"));
    assert_eq!(memo, Some(format!("{}1", "0".repeat(63))));
    for (rest, code) in [
        ("&network_passphrase=Test%20SDF%20Network%20%3B%20September%202015", "test_network"),
        ("&asset_code=USD", "payment_uri_parameter"),
        (&*format!("&destination={issuer}"), "payment_uri_contradiction"),
    ] {
        assert_eq!(refused(&format!("web+stellar:pay?destination={DESTINATION}{rest}")).0, code, "{rest}");
    }
}

#[test]
fn a_tag_of_the_xrp_ledger_is_the_memo() {
    for text in [format!("{ACCOUNT}?dt=1"), format!("xrpl:{ACCOUNT}?dt=1"), format!("ripple:{TAGGED}"), format!("{TAGGED}?dt=1")]
    {
        let (account, memo, uri) = read(&text);
        assert_eq!((account, memo.as_deref()), (format!("xrpl:0:{ACCOUNT}"), Some("1")), "{text}");
        assert_eq!((uri.standard, uri.paid), (PaymentStandard::Xrpl, None));
    }
    assert_eq!(read(&format!("xrpl:{UNTAGGED}")).1, None);
    let (code, sentence) = refused(&format!("{TAGGED}?dt=2"));
    assert_eq!((code, sentence.contains("`1` and `2`")), ("payment_uri_contradiction", true), "{sentence}");
    // Left out, a tag of another name would credit another customer.
    assert_eq!(refused(&format!("xrpl:{ACCOUNT}?tag=7")).0, "payment_uri_parameter");
    assert_eq!(refused(&format!("{ACCOUNT}?dt=4294967296")).0, "memo_invalid");
    // CAIP-10 stays what it is.
    assert!(ask(&format!("xrpl:0:{ACCOUNT}"), None, None).unwrap().payment_uri.is_none());
}

#[test]
fn what_contradicts_itself_is_refused_with_both() {
    let other = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    let evm = "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359";
    for (text, code, both) in [
        (format!("bitcoin:{PAYEE}?amount=1&amount=2"), "payment_uri_contradiction", ["`1`", "`2`"]),
        (format!("bitcoin:{PAYEE}?amount=1&AMOUNT=2"), "payment_uri_contradiction", ["`1`", "`2`"]),
        (format!("bitcoin:{PAYEE}?amount=1&%61mount=2"), "payment_uri_contradiction", ["`1`", "`2`"]),
        (format!("bitcoin:{PAYEE}?address={other}"), "payment_uri_contradiction", [PAYEE, other]),
        (format!("bitcoin:?address={PAYEE}&bc={other}"), "payment_uri_contradiction", [PAYEE, other]),
        (format!("ethereum:{evm}/transfer?address={evm}&uint256=5&value=7"), "payment_uri_contradiction", ["`5`", "`7`"]),
        (
            format!("ethereum:{evm}?address=0x8e23ee67d1332ad560396262c48ffbb01f93d052"),
            "payment_uri_parameter",
            ["`address`", "/transfer"],
        ),
        (
            format!("ethereum:{evm}/transfer?address={evm}&uint256=5&bytes32=00"),
            "payment_uri_parameter",
            ["bytes32", "another call"],
        ),
        (format!("ethereum:{evm}/approve?address={evm}&uint256=5"), "payment_uri", ["no transfer", "send"]),
        (format!("solana:{MVINES}?memo=a&memo=b"), "payment_uri_parameter", ["`memo`", "twice"]),
        (format!("bitcoin:{PAYEE}?label=%zz"), "payment_uri_parameter", ["`label`", "hexadecimal"]),
        (format!("bitcoin:{PAYEE}?label=%ff"), "payment_uri_parameter", ["`label`", "UTF-8"]),
        (format!("bitcoin:{PAYEE}#{other}"), "payment_uri_parameter", ["`#`", "leave it out"]),
        (format!("bitcoin:{PAYEE}?req-expires=1"), "payment_uri_parameter", ["`req-expires`", "without it"]),
        ("bitcoin:?amount=1".to_owned(), "payment_uri", ["no address", "bitcoin:bc1"]),
        ("bitcoin:?lightning=lnbc1".to_owned(), "lightning_invoice", ["Lightning", "account"]),
    ] {
        let (refusal, sentence) = refused(&text);
        assert_eq!(refusal, code, "{text}: {sentence}");
        assert!(both.iter().all(|one| sentence.contains(one)), "{text}: {sentence}");
    }
    // An address of another network, one with a wrong checksum, and one of a test network.
    assert_eq!(refused(&format!("ethereum:{PAYEE}")).0, "wrong_network");
    assert_eq!(refused(&format!("bitcoin:{evm}")).0, "wrong_network");
    assert_eq!(refused(&format!("bitcoin:{PUBLISHED}")).0, "checksum_mismatch");
    assert!(["wrong_network", "test_network"].contains(&refused("bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx").0));
    assert_eq!(refused(&format!("ethereum:{evm}@99999999999")).0, "unsupported_network");
}

#[test]
fn members_beside_a_uri_may_repeat_it_and_not_contradict_it() {
    let evm = "ethereum:0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359";
    let refusal = |text: &str, network, memo| {
        let error = ask(text, network, memo).expect_err(text);
        (error.code(), error.member(), error.to_string())
    };

    assert!(ask(&format!("bitcoin:{PAYEE}"), Some("BTC"), None).is_ok());
    let (code, member, sentence) = refusal(&format!("bitcoin:{PAYEE}"), Some("litecoin"), None);
    assert_eq!((code, member), ("wrong_network", "network"));
    assert!(sentence.contains("000000000019d6689c085ae165831e93") && sentence.contains("12a765e31ffd4059bada1e25190f6e98"));
    let (code, member, sentence) = refusal(evm, Some("bitcoin"), None);
    assert_eq!((code, member, sentence.contains("eip155:*")), ("wrong_network", "network", true), "{sentence}");

    let tagged = format!("{ACCOUNT}?dt=1");
    assert!(ask(&tagged, Some("xrpl:0"), Some("1")).is_ok());
    let (code, member, sentence) = refusal(&tagged, None, Some("2"));
    assert_eq!(
        (code, member, sentence.contains("`1`") && sentence.contains("`2`")),
        ("memo_invalid", "memo", true),
        "{sentence}"
    );
    assert_eq!(refusal(&format!("solana:{MVINES}?memo=a"), None, Some("a")).0, "memo_invalid");
}

#[test]
fn no_refusal_and_no_reading_repeats_a_label() {
    for text in [format!("bitcoin:{PAYEE}?label=Jane%20Roe&message=zzyzx"), format!("solana:{MVINES}?label=Jane%20Roe&amount=x")]
    {
        let said = format!("{:?}", ask(&text, None, None).map_err(|error| error.to_string()));
        assert!(!said.contains("Jane") && !said.contains("zzyzx"), "{said}");
    }
}

#[test]
fn whole_numbers_keep_every_digit() {
    let value = |value: &str| number::whole("value", value).ok();
    // Source: ERC-681, "Syntax": the exponent is at least the number of decimals.
    for (text, digits) in
        [("2.014e18", "2014000000000000000"), ("1", "1"), ("007", "7"), ("0", "0"), ("+3E2", "300"), ("1.50e2", "150")]
    {
        assert_eq!(value(text).as_deref(), Some(digits), "{text}");
    }
    for text in ["", "-1", "1.5", "1.25e1", "1e", "1e99", "1e+3", "0x10", "1 0", "e5", "١"] {
        assert_eq!(value(text), None, "{text}");
    }
    let units = |digits: &str| number::in_units("value", digits, 18).map(|amount| amount.to_string()).ok();
    for (digits, amount) in
        [("1", "0.000000000000000001"), ("1500000000000000000", "1.5"), ("0", "0"), ("3000000000000000000000", "3000")]
    {
        assert_eq!(units(digits).as_deref(), Some(amount));
    }
    assert_eq!(units(&"9".repeat(40)), None);
}

proptest! {
    /// Whatever stands around an address, only that address is read, and what was refused says why.
    #[test]
    fn only_the_address_in_the_uri_is_read(
        query in "([a-z%-]{0,9}=[A-Za-z0-9.%+]{0,12}&){0,4}",
        scheme in "(bitcoin|BITCOIN|litecoin|ethereum|solana|xrpl|ripple|web\\+stellar|lightning):",
        path in "\\PC{0,20}",
    ) {
        for (address, scheme) in [(PAYEE, "bitcoin:"), (MVINES, "solana:"), (ACCOUNT, "xrpl:"), (PAYEE, &*scheme)] {
            let text = format!("{scheme}{address}?{query}");
            if let Ok(asked) = ask(&text, None, None) {
                let Subject::Address(account) = asked.subject else { panic!("{text}") };
                prop_assert_eq!(account.canonical, address);
            }
        }
        let text = format!("{scheme}{path}?{query}");
        let _ = ask(&text, None, None).map_err(|error| (error.to_string(), error.code()));
    }
}
