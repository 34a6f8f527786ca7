//! Checkpoints: what the registry says of its log at one size, as a signed note. The signature itself is made elsewhere.
//!
//! Source: C2SP tlog-checkpoint and signed-note.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::tree::sha256;

/// Source: C2SP signed-note, "Signature types".
const ED25519: u8 = 0x01;

/// Returns a hash or a key as checkpoints write it.
#[must_use]
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Returns the text that is signed: origin, size and root.
#[must_use]
pub fn checkpoint_text(origin: &str, size: u64, root: &[u8; 32]) -> String {
    format!("{origin}\n{size}\n{}\n", to_base64(root))
}

/// Returns the identifier of an Ed25519 key in signed notes.
#[must_use]
pub fn note_key_id(name: &str, public_key: &[u8]) -> [u8; 4] {
    let hash = sha256(&[name.as_bytes(), b"\n", &[ED25519], public_key]);
    hash.first_chunk::<4>().copied().unwrap_or_default()
}

/// Returns an Ed25519 key as readers of notes are given it: `name+id+base64`.
#[must_use]
pub fn verifier_key(name: &str, public_key: &[u8]) -> String {
    let id = hex::encode(note_key_id(name, public_key));
    format!("{name}+{id}+{}", to_base64(&[&[ED25519], public_key].concat()))
}

/// Returns a note with a signature over its text, which ends with a newline.
#[must_use]
pub fn signed_note(text: &str, (name, public_key): (&str, &[u8]), signature: &[u8]) -> String {
    let id = note_key_id(name, public_key);
    format!("{text}\n\u{2014} {name} {}\n", to_base64(&[&id, signature].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};

    /// Source: golang.org/x/mod/sumdb/note, package documentation: signer key, verifier key, text and note.
    #[test]
    fn the_published_note_comes_out() {
        let seed = STANDARD.decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz").unwrap();
        let key = Ed25519KeyPair::from_seed_unchecked(&seed[1..]).unwrap();
        let public = key.public_key().as_ref();
        let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";

        let note = signed_note(text, ("PeterNeumann", public), key.sign(text.as_bytes()).as_ref());

        assert_eq!(
            note,
            format!(
                "{text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
            )
        );
        assert_eq!(verifier_key("PeterNeumann", public), "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    }

    /// Source: C2SP tlog-checkpoint, the example at its beginning.
    #[test]
    fn a_checkpoint_has_the_published_form() {
        let root = STANDARD.decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=").unwrap().try_into().unwrap();

        let text = checkpoint_text("example.com/behind-the-sofa", 20_852_163, &root);

        assert_eq!(text, "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n");
    }

    /// Source: C2SP tlog-tiles, "Log entries"; RFC 6962 section 2.1 for the tree of no leaves.
    #[test]
    fn an_empty_log_has_the_root_of_nothing() {
        let root = crate::Frontier::default().root();

        assert_eq!(checkpoint_text("a", 0, &root), "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
    }
}
