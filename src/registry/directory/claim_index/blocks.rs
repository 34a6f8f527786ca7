//! A file as a sequence of blocks, read once from its beginning and identified by its SHA-256. Each block has its length in four bytes,
//! little-endian, and then that many bytes. An empty block ends a section.

use std::io::{self, ErrorKind, Read, Write};

use aws_lc_rs::digest::{Context, Digest, SHA256};

/// Size in bytes from which a block is written.
const BLOCK: usize = 1 << 18;
/// Largest valid size of a block in bytes; a longer block cannot be ours.
const LONGEST: usize = 1 << 26;

/// Writes blocks.
pub(super) struct BlockWriter<W> {
    to: W,
    digest: Context,
    block: Vec<u8>,
}

impl<W: Write> BlockWriter<W> {
    pub(super) fn new(to: W) -> Self {
        Self { to, digest: Context::new(&SHA256), block: Vec::with_capacity(BLOCK) }
    }

    /// Adds a record from its parts; a record is never split between blocks.
    pub(super) fn record(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if !self.block.is_empty() && self.block.len() + length > BLOCK {
            self.write_block()?;
        }
        parts.iter().for_each(|part| self.block.extend_from_slice(part));
        Ok(())
    }

    pub(super) fn end_section(&mut self) -> io::Result<()> {
        if !self.block.is_empty() {
            self.write_block()?;
        }
        self.write_block()
    }

    fn write_block(&mut self) -> io::Result<()> {
        let length = u32::try_from(self.block.len()).map_err(|_| io::Error::from(ErrorKind::InvalidInput))?.to_le_bytes();
        for bytes in [length.as_slice(), &self.block] {
            self.digest.update(bytes);
            self.to.write_all(bytes)?;
        }
        self.block.clear();
        Ok(())
    }

    /// Returns the writer, and the digest of everything written.
    pub(super) fn finish(self) -> (W, Digest) {
        (self.to, self.digest.finish())
    }
}

/// Reads blocks.
pub(super) struct BlockReader<R> {
    from: R,
    digest: Context,
}

impl<R: Read> BlockReader<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, digest: Context::new(&SHA256) }
    }

    /// Returns the next block; `None` at the end of a section.
    pub(super) fn block(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut length = [0; 4];
        self.from.read_exact(&mut length)?;
        self.digest.update(&length);
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        if length > LONGEST {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut block = vec![0; length];
        self.from.read_exact(&mut block)?;
        self.digest.update(&block);
        Ok((length > 0).then_some(block))
    }

    /// Returns the digest of everything read; fails if more bytes follow.
    pub(super) fn finish(mut self) -> io::Result<Digest> {
        match self.from.read(&mut [0])? {
            0 => Ok(self.digest.finish()),
            _ => Err(ErrorKind::InvalidData.into()),
        }
    }
}
