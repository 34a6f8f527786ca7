//! The file in which a node keeps its index of claims: the claims as of one sequence, sorted, so that a start can load them in the layout
//! of memory. It has four sections of blocks: the head, the entries, their classes, the memos.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use aws_lc_rs::digest::Digest;
use serde::{Deserialize, Serialize};

use super::blocks::{BlockReader, BlockWriter};
use super::class::{Class, Classes, taken};
use super::segment::{Entry, Memos, Segment};
use vasp_store::StoreError;

/// The head of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// Identifies how the writing program identifies keys and classes; a program with another stamp does not read the file.
    pub stamp: String,
    /// The sequence of its claims.
    pub sequence: i64,
    /// Number of claims ever added to the store by then.
    pub added: i64,
    /// Maximum number of entries in the file.
    pub entries: usize,
    /// The secret of the fingerprints.
    pub secret: (u64, u64),
}

/// The content of a file.
#[derive(Debug)]
pub(super) struct Contents {
    pub head: Head,
    pub segment: Segment,
    pub classes: Classes,
}

/// The reason why a file is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unread {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0} cannot be read")]
    Damaged(&'static str),
    #[error("{0}")]
    Unfit(&'static str),
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// The version of this layout; files of other versions are not read.
pub(super) const FORMAT: u32 = 2;
/// Size of an entry in bytes.
const ENTRY: usize = 24;
/// Size of a class with its count of claims, in bytes.
const CLASS: usize = Class::BYTES + 4;
/// Size of a memo's number and length before its text, in bytes.
const MEMO: usize = 12;
/// How many blocks may be read ahead of parsing.
const AHEAD: usize = 16;
/// Number of sections in a file.
const SECTIONS: usize = 4;

/// Returns the approximate size of a file in bytes.
pub(super) fn size(segments: &[impl AsRef<Segment>], classes: usize) -> usize {
    let of = |segment: &Segment| segment.len() * ENTRY + segment.memos().map(|memo| MEMO + memo.len()).sum::<usize>();
    segments.iter().map(|segment| of(segment.as_ref())).sum::<usize>() + classes * CLASS
}

/// Writes a file: entries in the order of their fingerprints, then classes and memos.
pub(super) struct Writer<W>(BlockWriter<W>);

impl<W: Write> Writer<W> {
    pub(super) fn begin(to: W, head: &Head) -> io::Result<Self> {
        let mut blocks = BlockWriter::new(to);
        blocks.record(&[&serde_json::to_vec(head)?])?;
        blocks.end_section()?;
        Ok(Self(blocks))
    }

    pub(super) fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        let [high, low] = entry.fingerprint.map(u64::to_le_bytes);
        self.0.record(&[&high, &low, &entry.low.to_le_bytes(), &entry.class.to_le_bytes()])
    }

    /// Ends the file; returns the writer and the digest of everything.
    pub(super) fn finish(mut self, classes: &Classes, memos: &Memos) -> io::Result<(W, Digest)> {
        self.0.end_section()?;
        for (class, claims) in classes.iter() {
            let claims = u32::try_from(claims).map_err(io::Error::other)?;
            self.0.record(&[&class.to_bytes(), &claims.to_le_bytes()])?;
        }
        self.0.end_section()?;
        for (number, memo) in memos {
            let length = u32::try_from(memo.len()).map_err(io::Error::other)?;
            self.0.record(&[&number.to_le_bytes(), &length.to_le_bytes(), memo.as_bytes()])?;
        }
        self.0.end_section()?;
        Ok(self.0.finish())
    }
}

/// Reads a file whose head passes `fits`. Its content may only be used if the caller accepts the returned digest.
pub(super) fn read(from: impl Read + Send, fits: impl FnOnce(&Head) -> Result<(), Unread>) -> Result<(Contents, Digest), Unread> {
    let (send, blocks) = sync_channel(AHEAD);
    std::thread::scope(|scope| {
        // A thread of its own, because reading and hashing take as long as parsing.
        let reader = scope.spawn(move || read_blocks(from, &send));
        let contents = take_apart(&blocks, fits);
        drop(blocks);
        let digest = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        match contents {
            // The reader's error says why no more blocks came.
            Err(Unread::Damaged(_)) if digest.is_err() => Err(digest.err().map_or(Unread::Damaged("the file"), Unread::Io)),
            Err(error) => Err(error),
            Ok(contents) => Ok((contents, digest?)),
        }
    })
}

/// A block; `None` at the end of a section.
type Block = Option<Vec<u8>>;

fn read_blocks(from: impl Read, send: &SyncSender<Block>) -> io::Result<Digest> {
    let mut reader = BlockReader::new(from);
    for _ in 0..SECTIONS {
        loop {
            let block = reader.block()?;
            let is_end = block.is_none();
            // The parser may have stopped early.
            send.send(block).map_err(|_| io::Error::other("the file was not read to its end"))?;
            if is_end {
                break;
            }
        }
    }
    reader.finish()
}

/// Passes the blocks of the next section to `take`.
fn section(blocks: &Receiver<Block>, name: &'static str, mut take: impl FnMut(&[u8]) -> Option<()>) -> Result<(), Unread> {
    while let Some(block) = blocks.recv().map_err(|_| Unread::Damaged(name))? {
        take(&block).ok_or(Unread::Damaged(name))?;
    }
    Ok(())
}

fn take_apart(blocks: &Receiver<Block>, fits: impl FnOnce(&Head) -> Result<(), Unread>) -> Result<Contents, Unread> {
    let mut head = None;
    section(blocks, "its head", |block| {
        head = Some(serde_json::from_slice::<Head>(block).ok()?);
        Some(())
    })?;
    let head = head.ok_or(Unread::Damaged("its head"))?;
    fits(&head)?;

    // Reserved memory that stays unused costs nothing. If the head states too few entries, the list just grows.
    let mut entries: Vec<Entry> = Vec::new();
    entries.try_reserve_exact(head.entries).map_err(|_| Unread::Damaged("its head"))?;
    section(blocks, "an entry", |block| {
        let (records, rest) = block.as_chunks::<ENTRY>();
        entries.extend(records.iter().map(entry));
        rest.is_empty().then_some(())
    })?;
    let mut classes = Classes::default();
    section(blocks, "a class", |block| {
        let (records, rest) = block.as_chunks::<CLASS>();
        records.iter().try_for_each(|record| take_class(&mut classes, record))?;
        rest.is_empty().then_some(())
    })?;
    let mut memos = Memos::new();
    section(blocks, "a memo", |block| take_memos(&mut memos, block))?;
    Ok(Contents { head, segment: Segment::of_sorted(entries, memos), classes })
}

fn entry(record: &[u8; ENTRY]) -> Entry {
    let mut bytes = record.as_slice();
    let mut word = || taken(&mut bytes).map_or(0, u64::from_le_bytes);
    let fingerprint = [word(), word()];
    let mut number = || taken(&mut bytes).map_or(0, u32::from_le_bytes);
    Entry { fingerprint, low: number(), class: number() }
}

fn take_class(classes: &mut Classes, record: &[u8; CLASS]) -> Option<()> {
    let (class, claims) = record.split_at_checked(Class::BYTES)?;
    let claims = u32::from_le_bytes(claims.try_into().ok()?);
    let next = classes.len();
    let key = classes.key_of(Class::from_bytes(class)?)?;
    let number = classes.number_of(key, claims.into())?;
    (usize::try_from(number) == Ok(next)).then_some(())
}

fn take_memos(memos: &mut Memos, mut block: &[u8]) -> Option<()> {
    while !block.is_empty() {
        let number = i64::from_le_bytes(taken(&mut block)?);
        let length = u32::from_le_bytes(taken(&mut block)?);
        let (memo, rest) = block.split_at_checked(usize::try_from(length).ok()?)?;
        block = rest;
        memos.insert(number, std::str::from_utf8(memo).ok()?.into());
    }
    Some(())
}
