//! Checkpoints: the registry's statement about its log at one size, as a signed note. The signature itself is made elsewhere.
//!
//! Source: C2SP tlog-checkpoint and signed-note.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::tree::sha256;

/// Source: C2SP signed-note, "Signature types".
const ED25519: u8 = 0x01;

/// Encodes a hash or key as checkpoints write it.
#[must_use]
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Returns the text to sign: origin, size and root.
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

/// Returns an Ed25519 key in the form that readers of notes need: `name+id+base64`.
#[must_use]
pub fn verifier_key(name: &str, public_key: &[u8]) -> String {
    let id = hex::encode(note_key_id(name, public_key));
    format!("{name}+{id}+{}", to_base64(&[&[ED25519], public_key].concat()))
}

/// Returns a note from a text, which ends with a newline, and the signature over it.
#[must_use]
pub fn signed_note(text: &str, name: &str, public_key: &[u8], signature: &[u8]) -> String {
    let id = note_key_id(name, public_key);
    format!("{text}\n\u{2014} {name} {}\n", to_base64(&[&id, signature].concat()))
}

/// The content of a checkpoint. Its signatures are not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log.
    pub origin: String,
    /// Number of entries in the log.
    pub size: i64,
    /// Root of the tree over these entries.
    pub root: [u8; 32],
}

/// The reason why a text is not a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACheckpoint {
    /// The first line is empty or missing.
    #[error("its first line must be the name of the log")]
    Origin,
    /// The second line is not a number.
    #[error("its second line must be the number of entries, in decimal without leading zeros")]
    Size,
    /// The third line is not a hash.
    #[error("its third line must be a root of 32 bytes in base64")]
    Root,
}

impl Checkpoint {
    /// Reads the text of a checkpoint, or of a signed note that contains one.
    ///
    /// # Errors
    /// `NotACheckpoint`. Source: C2SP tlog-checkpoint, "Note text".
    pub fn of_note(note: &str) -> Result<Self, NotACheckpoint> {
        let mut lines = note.lines();
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or(NotACheckpoint::Origin)?.to_owned();
        let size = lines.next().unwrap_or_default();
        let parsed: i64 = size.parse().map_err(|_| NotACheckpoint::Size)?;
        if parsed < 0 || parsed.to_string() != size {
            return Err(NotACheckpoint::Size);
        }
        let root = STANDARD.decode(lines.next().unwrap_or_default()).ok().and_then(|root| root.try_into().ok());
        Ok(Self { origin, size: parsed, root: root.ok_or(NotACheckpoint::Root)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};

    /// Source: golang.org/x/mod/sumdb/note, package documentation: signer key, verifier key, text and note.
    #[test]
    fn the_published_note_comes_out() {
        let seed = STANDARD.decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz").unwrap();
        let key = Ed25519KeyPair::from_seed_unchecked(&seed[1..]).unwrap();
        let public = key.public_key().as_ref();
        let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";

        let note = signed_note(text, "PeterNeumann", public, key.sign(text.as_bytes()).as_ref());

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

    /// Source: C2SP tlog-checkpoint, the example at its beginning.
    #[test]
    fn the_published_checkpoint_is_read() {
        let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
        let read = Checkpoint::of_note(note).unwrap();
        assert_eq!((read.origin.as_str(), read.size), ("example.com/behind-the-sofa", 20_852_163));
        assert_eq!(to_base64(&read.root), "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
    }

    #[test]
    fn what_is_no_checkpoint_is_refused_by_its_line() {
        let root = to_base64(&[7; 32]);
        for (text, why) in [
            (String::new(), NotACheckpoint::Origin),
            (format!("\n1\n{root}\n"), NotACheckpoint::Origin),
            (format!("a\n01\n{root}\n"), NotACheckpoint::Size),
            (format!("a\n-1\n{root}\n"), NotACheckpoint::Size),
            (format!("a\n+1\n{root}\n"), NotACheckpoint::Size),
            (format!("a\n99999999999999999999\n{root}\n"), NotACheckpoint::Size),
            ("a\n1\nCsUY\n".to_owned(), NotACheckpoint::Root),
            ("a\n1".to_owned(), NotACheckpoint::Root),
        ] {
            assert_eq!(Checkpoint::of_note(&text), Err(why), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(origin in "[a-z]{1,9}(\\.[a-z]{1,5}){0,2}", size in 0..i64::MAX, root in any::<[u8; 32]>()) {
            let text = checkpoint_text(&origin, u64::try_from(size).unwrap(), &root);
            prop_assert_eq!(Checkpoint::of_note(&text), Ok(Checkpoint { origin, size, root }));
        }

        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            drop(Checkpoint::of_note(&text));
        }
    }
}
