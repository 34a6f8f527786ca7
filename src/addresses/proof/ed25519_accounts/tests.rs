//! Tests of the envelopes of the Ed25519 networks, with published texts.

use super::*;

#[test]
fn published_stellar_messages_hold() {
    // Source: SEP-53, "Test cases".
    let key = from_base32("GBXFXNDLV4LSWA4VB7YIL5GBD7BVNR22SGBTDKMO2SBZZHDXSKZYCP7L").unwrap();
    let binary = from_base64("2zZDP1sa1BVBfLP7TeeMk3sUbaxAkUhBhDiNdrksaFo=").unwrap();
    for (message, signature) in [
        ("Hello, World!".as_bytes(), "fO5dbYhXUhBMhe6kId/cuVq/AfEnHRHEvsP8vXh03M1uLpi5e46yO2Q8rEBzu3feXQewcQE5GArp88u6ePK6BA=="),
        (
            "こんにちは、世界！".as_bytes(),
            "CDU265Xs8y3OWbB/56H9jPgUss5G9A0qFuTqH2zs2YDgTm+++dIfmAEceFqB7bhfN3am59lCtDXrCtwH2k1GBA==",
        ),
        (&binary, "VA1+7hefNwv2NKScH6n+Sljj15kLAge+M2wE7fzFOf+L0MMbssA1mwfJZRyyrhBORQRle10X1Dxpx+UOI4EbDQ=="),
    ] {
        let signature = read_signature(signature).unwrap();
        assert_eq!(ed25519::verify(&key[1..33], &stellar_digest(message), &signature), Ok(()));
        assert_eq!(ed25519::verify(&key[1..33], &stellar_digest(b"other"), &signature), Err(ProofError::WrongMessage));
    }
}

#[test]
fn published_key_is_a_solana_address_whose_text_it_signs() {
    // Source: RFC 8032, section 7.1, TEST 3; the address is the key in base 58.
    let key = hex::decode("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025").unwrap();
    let signature = "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";

    let read = solana_key(&bs58::encode(&key).into_string()).unwrap();

    assert_eq!(read, key);
    for text in [signature.to_owned(), bs58::encode(hex::decode(signature).unwrap()).into_string()] {
        assert_eq!(ed25519::verify(&read, &[0xaf, 0x82], &read_signature(&text).unwrap()), Ok(()));
    }
}

#[test]
fn program_addresses_have_no_key() {
    // Source: Solana, "Program derived addresses": chosen so that they are not a point of the curve. About half of all 32-byte values are
    // not; the test uses the first such value of one repeated byte.
    let off_curve = (0..=255_u8).map(|byte| [byte; 32]).find(|bytes| !ed25519::is_point(bytes)).unwrap();

    assert_eq!(solana_key(&bs58::encode(off_curve).into_string()).unwrap_err().code(), "unsupported");
}

#[test]
fn solana_headers_are_those_of_the_proposal_and_of_the_command_line() {
    // Source: crate solana-offchain-message, test `test_offchain_message_ascii`: version 0, format 0, length 12.
    let envelopes = solana_envelopes(&[7; 32], b"Test Message");

    let bare = [
        255, 115, 111, 108, 97, 110, 97, 32, 111, 102, 102, 99, 104, 97, 105, 110, 0, 0, 12, 0, 84, 101, 115, 116, 32, 77, 101,
        115, 115, 97, 103, 101,
    ];
    assert_eq!(envelopes[0], bare);
    assert_eq!(envelopes[1].len(), 16 + 1 + 32 + 1 + 1 + 32 + 2 + 12);
    // Format 0 does not allow a line break.
    assert_eq!(solana_envelopes(&[7; 32], b"two\nlines").len(), 4);
}

#[test]
fn near_messages_are_laid_out_as_the_standard_says() {
    // Source: NEP-413, "Signature"; the length without callback as in public implementations: 4+4+5+32+4+12+1 bytes.
    let laid_out =
        [&2_147_484_061_u32.to_le_bytes()[..], &[5, 0, 0, 0], b"hello", &[0; 32], &[12, 0, 0, 0], b"intents.near", &[0]].concat();

    assert_eq!(laid_out.len(), 62);
    assert_eq!(near_digest(b"hello", [0; 32], "intents.near", None), sha256(&[&laid_out]));
}

#[test]
fn signatures_are_read_in_three_codings_and_by_their_length() {
    let signature = [0xab; 64];
    for text in [hex::encode(signature), super::super::bytes::to_base64(&signature), bs58::encode(signature).into_string()] {
        assert_eq!(read_signature(&text), Ok(signature.to_vec()), "{text}");
    }
    for text in ["", "abc", &hex::encode([1; 63]), &"1".repeat(5000)] {
        assert_eq!(read_signature(text).unwrap_err().code(), "malformed_signature");
    }
}
