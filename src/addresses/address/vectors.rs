//! Published vectors: the examples of every standard, and different spellings of the same account.

use super::*;
use crate::network::NetworkTable;

fn read(network: &str, text: &str) -> Result<Account, AddressError> {
    let table = NetworkTable::embedded();
    table.parse_on(table.resolve_name(network).unwrap(), text)
}

fn canonical(network: &str, text: &str) -> String {
    read(network, text).unwrap_or_else(|error| panic!("{network} {text}: {error}")).canonical
}

fn code(network: &str, text: &str) -> &'static str {
    read(network, text).map_or_else(|error| error.code(), |_| "accepted")
}

#[test]
fn cashaddr_and_legacy_are_one_account() {
    // Source: Bitcoin Cash, "CashAddr specification", "Examples of address translation".
    for (legacy, cashaddr) in [
        ("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"),
        ("1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR", "bitcoincash:qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy"),
        ("16w1D5WRVKJuZUsSRzdLp9w3YGcgoxDXb", "bitcoincash:qqq3728yw0y47sqn6l2na30mcw6zm78dzqre909m2r"),
        ("3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC", "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq"),
        ("3LDsS579y7sruadqu11beEJoTjdFiFCdX4", "bitcoincash:pr95sy3j9xwd2ap32xkykttr4cvcu7as4yc93ky28e"),
        ("31nwvkZwyPdgzjBJZXfDmSWsC4ZLKpYyUw", "bitcoincash:pqq3728yw0y47sqn6l2na30mcw6zm78dzq5ucqzc37"),
    ] {
        let bare = cashaddr.strip_prefix("bitcoincash:").unwrap();
        for spelling in [legacy, cashaddr, bare, &cashaddr.to_ascii_uppercase(), &bare.to_ascii_uppercase()] {
            assert_eq!(canonical("bitcoin-cash", spelling), cashaddr, "{spelling}");
        }
        let half = cashaddr.replacen(':', ":Q", 1).replacen(":Qq", ":Q", 1).replacen(":Qp", ":P", 1);
        assert_eq!(code("bitcoin-cash", &half), "mixed_case");
    }
    // Source: same, "Larger test vectors", 20 bytes, type 0, prefix `bchtest`.
    assert_eq!(code("bitcoin-cash", "bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t"), "test_network");
}

#[test]
fn x_addresses_are_the_classic_account_and_its_tag() {
    // Source: ripple-address-codec, test cases of XLS-5d.
    for (x, classic, tag) in [
        ("X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ", "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", None),
        ("X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu", "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", Some("1")),
        ("X7AcgcsBL6XDcUb289X4mJ8djcdyKaGo2K5VpXpmCqbV2gS", "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", Some("14")),
        ("X7AcgcsBL6XDcUb289X4mJ8djcdyKaLFuhLRuNXPrDeJd9A", "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", Some("11747")),
        ("XVLhHMPHU98es4dbozjVtdWzVrDjtV5fdx1mHp98tDMoQXb", "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf", None),
        ("XVLhHMPHU98es4dbozjVtdWzVrDjtV8AqEL4xcZj5whKbmc", "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf", Some("0")),
        ("XVLhHMPHU98es4dbozjVtdWzVrDjtV8xvjGQTYPiAx6gwDC", "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf", Some("1")),
    ] {
        let account = read("xrpl:0", x).unwrap();
        assert_eq!((account.canonical.as_str(), account.memo.as_deref()), (classic, tag), "{x}");
        assert_eq!(account.key, read("xrpl:0", classic).unwrap().key);
    }
    // The test network's form of the first address.
    assert_eq!(code("xrpl:0", "T719a5UwUCnEs54UsxG9CJYYDhwmFCqkr7wxCcNcfZ6p5GZ"), "test_network");
}

#[test]
fn muxed_accounts_are_the_account_and_its_id() {
    // Source: SEP-23, "Test cases", valid.
    let account = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ";
    for (muxed, id) in [
        ("MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ", "0"),
        ("MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK", "9223372036854775808"),
    ] {
        let read = read("stellar", muxed).unwrap();
        assert_eq!((read.canonical.as_str(), read.memo.as_deref()), (account, Some(id)));
    }
    // Source: same, invalid: unused trailing bit, wrong length, wrong algorithm, padding, wrong checksum.
    for text in [
        "GAAAAAAAACGC6",
        "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUR",
        "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZA",
        "G47QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVP2I",
        "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLKA",
        "M47QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUK",
        "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUK===",
        "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUO",
    ] {
        assert_ne!(code("stellar", text), "accepted", "{text}");
    }
}

#[test]
fn ss58_of_one_key_differs_by_network() {
    // Source: Substrate's development account Alice in the prefixes 42, 0 and 2 (subkey, SS58 registry).
    let table = NetworkTable::embedded();
    for (text, network) in [
        ("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", "slip44:1005"),
        ("15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5", "polkadot:91b171bb158e2d3848fa23a9f1c25182"),
        ("HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F", "polkadot:b0a8d493285c2df73290dfb7e61f870f"),
    ] {
        let candidates = table.candidates(text).unwrap();
        assert_eq!(candidates.networks().map(ToString::to_string).collect::<Vec<_>>(), [network], "{text}");
    }
    assert_eq!(
        code("polkadot:91b171bb158e2d3848fa23a9f1c25182", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"),
        "wrong_network"
    );
}

#[test]
fn shelley_addresses_of_every_type_are_read_and_others_are_refused() {
    // Source: CIP-19, "Test vectors", mainnet types 0 to 7.
    for text in [
        "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x",
        "addr1z8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gten0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgs9yc0hh",
        "addr1yx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerkr0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shs2z78ve",
        "addr1x8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gt7r0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shskhj42g",
        "addr1gx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer5pnz75xxcrzqf96k",
        "addr128phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtupnz75xxcrtw79hu",
        "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8",
        "addr1w8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcyjy7wx",
    ] {
        assert_eq!(canonical("cardano", text), text);
        assert_eq!(canonical("cardano", &text.to_ascii_uppercase()), text);
    }
    // Source: same, type 14 (reward address) and type 0 of the test network.
    assert_eq!(code("cardano", "stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw"), "not_receivable");
    let test = "addr_test1qz2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgs68faae";
    assert_eq!(read("cardano", test).unwrap_err().to_string(), "this is an address of Cardano test network, a test network");
}

#[test]
fn integrated_addresses_of_monero_are_the_standard_one_and_the_payment_id() {
    // Source: CAIP-10 profile of Monero, "Test Cases"; the payment id as the PyPI package `monero` 1.1 reads it.
    let standard = "4AdUndXHHZ6cfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2684Rge";
    let integrated = "4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khPK";

    let account = read("monero", integrated).unwrap();

    assert_eq!(account.canonical, standard);
    assert_eq!(account.memo.as_deref(), Some("8a125052fe6f3877"));
    assert_eq!(canonical("monero", standard), standard);
}

#[test]
fn friendly_and_raw_addresses_of_ton_are_one_account() {
    // Source: TON documentation, "Smart contract addresses", TON Foundation wallet; forms by TEP-2.
    let raw = "0:83dfd552e63729b472fcbcc8c45ebcc6691702558b68ec7527e1ba403a0f31a8";
    for text in [raw, "EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N", &raw.to_ascii_uppercase()] {
        assert_eq!(canonical("tvm:-239", text), raw);
    }
    // Source: TEP-2, masterchain: the elector's address.
    assert_eq!(
        canonical("ton", "Ef8zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM0vF"),
        "-1:3333333333333333333333333333333333333333333333333333333333333333"
    );
}

#[test]
fn other_forms_are_read_as_their_standards_have_them() {
    for (network, text, expected) in [
        // Source: c32check, README; SIP-005: the burn address.
        ("stacks", "SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7", "SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7"),
        ("stacks", "SP000000000000000000002Q6VF78", "SP000000000000000000002Q6VF78"),
        // Source: Nano documentation, genesis account; `xrb_` is its older prefix.
        (
            "nano",
            "xrb_3t6k35gi95xu6tergt6p69ck76ogmitsa8mnijtpxm9fkcm736xtoncuohr3",
            "nano_3t6k35gi95xu6tergt6p69ck76ogmitsa8mnijtpxm9fkcm736xtoncuohr3",
        ),
        // Source: Filecoin specification, appendix "Address", test vectors.
        ("filecoin", "f17uoq6tp427uzv7fztkbsnn64iwotfrristwpryy", "f17uoq6tp427uzv7fztkbsnn64iwotfrristwpryy"),
        ("filecoin", "f24vg6ut43yw2h2jqydgbg2xq7x6f4kub3bg6as6i", "f24vg6ut43yw2h2jqydgbg2xq7x6f4kub3bg6as6i"),
        (
            "filecoin",
            "f3vvmn62lofvhjd2ugzca6sof2j2ubwok6cj4xxbfzz4yuxfkgobpihhd2thlanmsh3w2ptld2gqkn2jvlss4a",
            "f3vvmn62lofvhjd2ugzca6sof2j2ubwok6cj4xxbfzz4yuxfkgobpihhd2thlanmsh3w2ptld2gqkn2jvlss4a",
        ),
        // Source: Internet Computer interface specification: the ledger canister.
        ("internet-computer", "ryjl3-tyaaa-aaaaa-aaaba-cai", "ryjl3-tyaaa-aaaaa-aaaba-cai"),
        // Source: Algorand developer documentation, zero address.
        (
            "algorand",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAY5HFKQ",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAY5HFKQ",
        ),
        // Source: Nimiq, burn address; spaces and case only help readers.
        ("nimiq", "NQ07 0000 0000 0000 0000 0000 0000 0000 0000", "NQ0700000000000000000000000000000000"),
        ("nimiq", "nq0700000000000000000000000000000000", "NQ0700000000000000000000000000000000"),
        // Source: CIP-37, "Examples".
        (
            "conflux:cfx",
            "CFX:TYPE.USER:AARC9ABYCUE0HHZGYRR53M6CXEDGCCRMMYYBJGH4XG",
            "cfx:aarc9abycue0hhzgyrr53m6cxedgccrmmyybjgh4xg",
        ),
        ("conflux:cfx", "cfx:aarc9abycue0hhzgyrr53m6cxedgccrmmyybjgh4xg", "cfx:aarc9abycue0hhzgyrr53m6cxedgccrmmyybjgh4xg"),
        // Source: HIP-15, "Test vectors".
        ("hedera", "0.0.123-vfmkw", "0.0.123"),
        // Source: AIP-40: short and long form of one account.
        ("aptos", "0x1", "0x0000000000000000000000000000000000000000000000000000000000000001"),
        // Source: Rootstock, wallets that write EIP-55 (EIP-55 and EIP-1191, "Test Cases").
        ("rootstock", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aaEB6053f3e94c9b9a09f33669435E7ef1bEAeD"),
        ("ronin", "ronin:5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        // Source: BIP-173, "Test vectors": upper case for QR codes.
        ("btc", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    ] {
        assert_eq!(canonical(network, text), expected, "{network}");
    }
}

#[test]
fn wrong_forms_are_refused_as_their_standards_say() {
    for (network, text, reason) in [
        // The named type is not the account's type; then Conflux's test network.
        ("conflux:cfx", "CFX:TYPE.CONTRACT:AARC9ABYCUE0HHZGYRR53M6CXEDGCCRMMYYBJGH4XG", "wrong_content"),
        ("hedera", "0.0.123-vfmkx", "checksum_mismatch"),
        ("nimiq", "NQ08 0000 0000 0000 0000 0000 0000 0000 0000", "checksum_mismatch"),
        // Source: c32check, README: version 26 is the test network's.
        ("stacks", "ST2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKQYAC0RQ", "test_network"),
        ("near", "Alice.near", "invalid_character"),
        ("tezos", "tz1", "wrong_length"),
        ("starknet", "0x0", "wrong_content"),
        // Not a field element, but an account of Aptos.
        ("starknet", "0x800000000000000000000000000000000000000000000000000000000000000", "wrong_network"),
        ("avax:imji8papUf2EhV3le337w1vgFauqkJg-", "P-avax164klxn22zr2g4q4m3k03zy8skrpgrt36sqm5r4", "wrong_network"),
    ] {
        assert_eq!(code(network, text), reason, "{network} {text}");
    }
}

#[test]
fn addresses_too_long_for_caip_10_have_no_such_form() {
    let unified = "u1fqqwg568tzuut0ks74a6jvkq0l3437xz6zqf4kklx0llx3zr5w5wrf4jjnm3zfz72pqf4dj94rcrazxxsv4hrc4yhkc2mvmtx300rmary835tyt0u2ux3grxkk2zrrc878z668facvj";
    let account = read("zcash", unified).unwrap();

    assert_eq!(account.canonical, unified);
    assert_eq!(account.caip10(), None);
}
