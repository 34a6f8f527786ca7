//! Tests with published messages and typed data of Ethereum.

use super::*;
use crate::address::Account;
use crate::network::NetworkTable;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

fn signer(signature: &str, digest: &[u8; 32]) -> Result<String, ProofError> {
    Ok(hex::encode(account_of(read_signature(signature)?.key(digest)?)))
}

/// Source: web3.js documentation, `eth.accounts.sign` (also eth-account, `Account.recover_message`, its doctest): the text
/// `Some data` by 0x2c7536E3605D9C16a7a3D7b1898e529396a65c23.
const WEB3: &str = "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c";

#[test]
fn published_message_is_by_its_signer_in_every_spelling() {
    let digest = message_digest(b"Some data");
    let (r_s, _) = WEB3.split_at(128);
    // EIP-2098: parity 1 in the top bit of s.
    let mut compact = hex::decode(r_s).unwrap();
    compact[32] |= 0x80;
    let compact = hex::encode(compact);

    assert_eq!(hex::encode(digest), "1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655");
    for signature in [format!("0x{WEB3}"), WEB3.to_owned(), format!("{r_s}01"), compact] {
        assert_eq!(signer(&signature, &digest).as_deref(), Ok("2c7536e3605d9c16a7a3d7b1898e529396a65c23"), "{signature}");
    }
}

#[test]
fn published_message_of_another_wallet_is_by_its_signer() {
    // Source: trustwallet/wallet-core, tests/chains/Ethereum/EthereumMessageSignerTests.cpp: `Foo` by the key 03a9ca89….
    let signature = "21a779d499957e7fd39392d49a079679009e60e492d9654a148829be43d2490736ec72bc4a5644047d979c3cf4ebe2c1c514044cf436b063cb89fc6676be71101b";
    let key = hex::decode("03a9ca895dca1623c7dfd69693f7b4111f5d819d2e145536e0b03c136025a25d").unwrap();
    let key = k256::ecdsa::SigningKey::from_slice(&key).unwrap();
    let key = Key::read(key.verifying_key().to_sec1_point(false).as_bytes()).unwrap();

    assert_eq!(signer(signature, &message_digest(b"Foo")), Ok(hex::encode(account_of(key))));
    // The same signature with the chain's number in the last byte, which no wallet writes for messages.
    let with_chain = signature.replace("71101b", "711023");
    assert_eq!(signer(&with_chain, &message_digest(b"Foo")).unwrap_err().code(), "malformed_signature");
}

#[test]
fn published_typed_data_has_its_digest_and_signer() {
    // Source: EIP-712, "Test Cases", Example.js: Ether Mail.
    let text = |text: &str| keccak256(&[text.as_bytes()]);
    let account = |text: &str| address(hex::decode(text).unwrap().try_into().unwrap());
    let domain = hash_struct(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
        &[text("Ether Mail"), text("1"), number(1), account("CcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC")],
    );
    let person = |name, wallet| hash_struct("Person(string name,address wallet)", &[text(name), account(wallet)]);
    let mail = hash_struct(
        "Mail(Person from,Person to,string contents)Person(string name,address wallet)",
        &[
            person("Cow", "CD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"),
            person("Bob", "bBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"),
            text("Hello, Bob!"),
        ],
    );
    let digest = keccak256(&[b"\x19\x01", &domain, &mail]);

    assert_eq!(hex::encode(domain), "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
    assert_eq!(hex::encode(mail), "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");
    assert_eq!(hex::encode(digest), "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    let signature = "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c";
    assert_eq!(signer(signature, &digest).as_deref(), Ok("cd2a3d9f938e13cd947ec05abc7fe734df8dd826"));
}

#[test]
fn signatures_of_other_forms_are_refused_and_those_of_contracts_unsupported() {
    let code = |signature: &str| read_signature(signature).unwrap_err().code();
    let erc_6492 = format!("0x{}{}", "00".repeat(96), "6492".repeat(16));
    // n - s of the published signature, and the other parity: an altered form of the same signature.
    let (r, s_v) = WEB3.split_at(64);
    let high_s = format!("{r}9ff818b327d1fc847ffe79bdd03d25e83e3a5df66962ceb160751b8bd754a1181b");

    assert_eq!(code("zz"), "malformed_signature");
    assert_eq!(code(s_v), "malformed_signature");
    assert_eq!(code(&WEB3.replace("a0291c", "a0291d")), "malformed_signature");
    assert_eq!(code(&format!("{}{s_v}", "00".repeat(32))), "malformed_signature");
    assert_eq!(code(&high_s), "malformed_signature");
    assert_eq!(code(&format!("{WEB3}00")), "unsupported");
    assert_eq!(code(&erc_6492), "unsupported");
}

#[test]
fn typed_data_for_wallets_is_what_is_checked() {
    let table = NetworkTable::embedded();
    let network = table.resolve_name("eip155:8453").unwrap();
    let account: Account = table.parse_on(network, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").unwrap();
    let (now, vasp) = ("2026-06-01T12:00:00Z".parse().unwrap(), "vasp_01jx00000000000000000000aa".parse().unwrap());
    let host = "registry.example.org".parse().unwrap();
    let challenge = Challenge::issue(host, vasp, &account, 60, now, &mut ChaCha8Rng::seed_from_u64(5)).unwrap();

    let typed = typed_data(&challenge).unwrap();

    // The types in the wallet's JSON must give the type string that is hashed.
    for (name, expected) in [("EIP712Domain", DOMAIN_TYPE), ("OwnershipChallenge", CHALLENGE_TYPE)] {
        let fields = typed["types"][name].as_array().unwrap().iter();
        let fields: Vec<String> =
            fields.map(|f| format!("{} {}", f["type"].as_str().unwrap(), f["name"].as_str().unwrap())).collect();
        assert_eq!(format!("{name}({})", fields.join(",")), expected);
    }
    assert_eq!(typed["domain"]["chainId"], 8453);
    assert_eq!(typed["message"]["account"], "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
}
