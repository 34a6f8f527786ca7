//! A reader of a log: fetches it over HTTP and checks it by the standards, with no code of the registry's but the hashes' names.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use vasp_log::change::{Audience, DocumentRead, HexBytes, NewChange, Payload};
use vasp_store::{Store, StoreError};

use crate::support::{Client, now};

pub(super) type Hash = [u8; 32];

/// Source: RFC 6962 section 2.1.
pub(super) fn leaf(entry: &[u8]) -> Hash {
    digest(&SHA256, &[&[0], entry].concat()).as_ref().try_into().unwrap()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    digest(&SHA256, &[&[1], left.as_slice(), right.as_slice()].concat()).as_ref().try_into().unwrap()
}

/// Source: RFC 6962 section 2.1, as it is written there.
pub(super) fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => digest(&SHA256, b"").as_ref().try_into().unwrap(),
        [leaf] => *leaf,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            node(&root(&leaves[..split]), &root(&leaves[split..]))
        }
    }
}

pub(super) fn decoded(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

pub(super) fn hash(text: &str) -> Hash {
    decoded(text).try_into().unwrap()
}

/// A checkpoint whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub origin: String,
    pub size: usize,
    pub root: Hash,
    pub key_id: String,
}

/// The keys of `/.well-known/jwks.json`.
pub(super) fn jwks(client: &Client) -> Value {
    let answer = client.get("/.well-known/jwks.json");
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "public, max-age=300"));
    answer.json()
}

pub(super) fn keys_for(jwks: &Value, purpose: &str) -> Vec<Value> {
    jwks["keys"].as_array().unwrap().iter().filter(|key| key["purpose"] == purpose).cloned().collect()
}

/// Reads a signed note, and finds the one key among the published ones that signed it.
///
/// Source: C2SP signed-note and tlog-checkpoint.
pub(super) fn open_note(note: &str, jwks: &Value) -> Checkpoint {
    let (text, signatures) = note.rsplit_once("\n\n").unwrap();
    let text = format!("{text}\n");
    let lines: Vec<&str> = text.lines().collect();
    let [origin, size, root] = lines.as_slice() else { panic!("{note}") };
    let signature = signatures.strip_suffix('\n').unwrap().strip_prefix("\u{2014} ").unwrap();
    let (name, signature) = signature.split_once(' ').unwrap();
    let signature = decoded(signature);
    assert_eq!(name, *origin, "the key is named as the log");
    let fits = |key: &Value| {
        let public = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
        let id = digest(&SHA256, &[name.as_bytes(), b"\n\x01", &public].concat());
        let vkey = format!("{name}+{}+{}", hex::encode(&id.as_ref()[..4]), STANDARD.encode([&[1], public.as_slice()].concat()));
        assert_eq!(key["vkey"], vkey);
        id.as_ref()[..4] == signature[..4]
            && UnparsedPublicKey::new(&ED25519, public).verify(text.as_bytes(), &signature[4..]).is_ok()
    };
    let found: Vec<Value> = keys_for(jwks, "checkpoint").into_iter().filter(fits).collect();
    assert_eq!(found.len(), 1, "{note}");
    let key_id = found[0]["kid"].as_str().unwrap().to_owned();
    Checkpoint { origin: (*origin).to_owned(), size: size.parse().unwrap(), root: hash(root), key_id }
}

pub(super) fn checkpoint(client: &Client) -> Checkpoint {
    let answer = client.get("/v1/log/checkpoint");
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/plain; charset=utf-8"), "{answer:?}");
    assert_eq!(answer.header("cache-control"), "public, max-age=1");
    open_note(&answer.text, &jwks(client))
}

/// A file below `/v1/log/tile/`, which must be there.
pub(super) fn tile(client: &Client, path: &str) -> Vec<u8> {
    let (status, headers, bytes) = client.download(&format!("/v1/log/tile/{path}"), &[]);
    assert_eq!(status, 200, "{path}");
    let kept = if path.contains(".p/") { "public, max-age=60" } else { "public, max-age=31536000, immutable" };
    assert_eq!(headers["cache-control"].to_str().unwrap(), kept);
    assert_eq!(headers["content-type"].to_str().unwrap(), "application/octet-stream");
    bytes
}

/// The path of a tile of a log of `size` entries.
pub(super) fn path(level: usize, number: usize, size: usize) -> String {
    let width = (size >> (8 * level)).saturating_sub(number * 256).min(256);
    let group = format!("{:03}", number % 1_000);
    let number = if number < 1_000 { group } else { format!("x{:03}/{group}", number / 1_000) };
    if width == 256 { format!("{level}/{number}") } else { format!("{level}/{number}.p/{width}") }
}

/// All hashes of a level of a log of `size` entries.
pub(super) fn level(client: &Client, level: usize, size: usize) -> Vec<Hash> {
    let count = size >> (8 * level);
    let bytes = (0..count.div_ceil(256)).map(|number| tile(client, &path(level, number, size))).collect::<Vec<_>>().concat();
    assert_eq!(bytes.len(), count * 32);
    bytes.as_chunks::<32>().0.to_vec()
}

/// All entries of a log of `size` entries.
pub(super) fn entries(client: &Client, size: usize) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    for number in 0..size.div_ceil(256) {
        let bundle = tile(client, &path(0, number, size).replacen('0', "entries", 1));
        let mut rest = bundle.as_slice();
        while let Some((length, tail)) = rest.split_first_chunk::<2>() {
            let (entry, tail) = tail.split_at(usize::from(u16::from_be_bytes(*length)));
            entries.push(entry.to_vec());
            rest = tail;
        }
    }
    assert_eq!(entries.len(), size);
    entries
}

/// Fetches the whole log and checks that entries, tiles and root belong together. Returns the checkpoint and the entries' hashes.
#[track_caller]
pub(super) fn read_whole(client: &Client) -> (Checkpoint, Vec<Hash>) {
    let checkpoint = checkpoint(client);
    let entries = entries(client, checkpoint.size);
    for (place, entry) in entries.iter().enumerate() {
        let envelope: Value = serde_json::from_slice(entry).unwrap();
        let members: Vec<&str> = envelope.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["audience", "kind", "payload_commitment", "recorded_at", "sequence"], "nothing else is shown");
        assert_eq!(envelope["sequence"], json!(place + 1));
        assert_eq!(envelope.to_string().as_bytes(), entry, "RFC 8785");
    }
    let leaves: Vec<Hash> = entries.iter().map(|entry| leaf(entry)).collect();
    assert_eq!(level(client, 0, checkpoint.size), leaves);
    let above: Vec<Hash> = leaves.chunks_exact(256).map(root).collect();
    assert_eq!(level(client, 1, checkpoint.size), above);
    assert_eq!(root(&leaves), checkpoint.root);
    (checkpoint, leaves)
}

/// Appends changes that say nothing, in one transaction.
pub(super) fn append(store: &Store, count: usize, audience: Audience) {
    let mut rng = vasp_clock::Random::seeded(7).fork();
    let written = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
        for number in 0..count {
            let said = DocumentRead {
                document: "test".to_owned(),
                version: number.to_string(),
                observed_on: now().date(),
                source: "canary-kept-from-others".to_owned(),
                sha256: HexBytes::of(&[0; 32]),
                records: 0,
            };
            transaction.record(NewChange { audience, subject: None, payload: Payload::Document(said) }, vec![]);
        }
        Ok(())
    });
    written.unwrap();
}
