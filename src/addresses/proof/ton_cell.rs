//! TON's cells, as far as a wallet's state init needs them: reads a bag of ordinary and library cells, and computes the hash of every cell.
//! Pruned and Merkle cells are refused.
//!
//! Source: TON, `crypto/tl/boc.tlb`; "Cells and bags of cells", standard representation.

use super::bytes::sha256;

/// The first bytes of a bag of cells.
const MAGIC: [u8; 4] = [0xb5, 0xee, 0x9c, 0x72];

/// A limit above the number of cells of any wallet's state init.
const CELLS_MAX: usize = 256;

/// The maximum depth of a tree in TON.
const DEPTH_MAX: u16 = 1024;

/// One cell, with the hash of the tree below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// The data in whole bytes. If the last byte is incomplete, a one and zeros fill it.
    pub(super) data: Vec<u8>,
    /// The number of valid bits in the data.
    pub(super) bits: usize,
    /// Whether the cell is exotic, so that its data has a special meaning.
    pub(super) exotic: bool,
    /// The positions of the child cells in the bag.
    pub(super) references: Vec<usize>,
    /// The hash of the standard representation.
    pub(super) hash: [u8; 32],
    depth: u16,
}

/// The cells of a bag, and the position of the root.
#[derive(Debug)]
pub(super) struct Bag {
    /// All cells; references point to later cells.
    cells: Vec<Option<Cell>>,
    root: usize,
}

/// A cell before its references are hashed.
struct RawCell<'a> {
    descriptor: [u8; 2],
    data: &'a [u8],
    references: Vec<usize>,
}

/// Bytes that are consumed from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self, width: usize) -> Option<usize> {
        self.take(width)?.iter().try_fold(0_usize, |number, byte| number.checked_mul(256)?.checked_add(usize::from(*byte)))
    }
}

impl Bag {
    /// Reads a bag with one root; `None` if the bytes are not such a bag, or contain an unsupported kind of cell.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        (reader.take(4)? == MAGIC).then_some(())?;
        let flags = reader.byte()?;
        let (with_index, with_checksum, width) = (flags & 0x80 != 0, flags & 0x40 != 0, usize::from(flags & 7));
        let offset_width = usize::from(reader.byte()?);
        ((1..=4).contains(&width) && (1..=8).contains(&offset_width) && flags & 0x38 == 0).then_some(())?;
        let (count, roots, absent) = (reader.number(width)?, reader.number(width)?, reader.number(width)?);
        ((1..=CELLS_MAX).contains(&count) && roots == 1 && absent == 0).then_some(())?;
        let size = reader.number(offset_width)?;
        let root = reader.number(width).filter(|root| *root < count)?;
        if with_index {
            reader.take(count.checked_mul(offset_width)?)?;
        }
        let mut cells = Reader(reader.take(size)?);
        // The checksum is not checked: it protects only against accidental changes. The hash of the root, which is the address, protects
        // against all changes.
        (reader.0.len() == if with_checksum { 4 } else { 0 }).then_some(())?;
        let raw: Vec<RawCell<'_>> = (0..count).map(|place| read_cell(&mut cells, width, place, count)).collect::<Option<_>>()?;
        cells.0.is_empty().then_some(())?;
        Self::hash(&raw, root)
    }

    /// References point to later cells, so cells are hashed from the last to the first.
    fn hash(raw: &[RawCell<'_>], root: usize) -> Option<Self> {
        let mut bag = Self { cells: vec![None; raw.len()], root };
        for (place, cell) in raw.iter().enumerate().rev() {
            let below: Vec<&Cell> = cell.references.iter().map(|place| bag.cell(*place)).collect::<Option<_>>()?;
            let depth = below.iter().map(|cell| cell.depth + 1).max().unwrap_or(0);
            (depth <= DEPTH_MAX).then_some(())?;
            let depths: Vec<u8> = below.iter().flat_map(|cell| cell.depth.to_be_bytes()).collect();
            let hashes: Vec<u8> = below.iter().flat_map(|cell| cell.hash).collect();
            let hashed = Cell {
                data: cell.data.to_vec(),
                bits: cell.bits()?,
                exotic: cell.is_exotic(),
                references: cell.references.clone(),
                hash: sha256(&[&cell.descriptor, cell.data, &depths, &hashes]),
                depth,
            };
            *bag.cells.get_mut(place)? = Some(hashed);
        }
        Some(bag)
    }

    /// Returns the root.
    pub(super) fn root(&self) -> Option<&Cell> {
        self.cell(self.root)
    }

    /// Returns the cell at a position of the bag.
    pub(super) fn cell(&self, place: usize) -> Option<&Cell> {
        self.cells.get(place)?.as_ref()
    }
}

impl Cell {
    /// Returns 256 bits from a bit position on; `None` if there are fewer.
    pub(super) fn word_at(&self, bit: usize) -> Option<[u8; 32]> {
        (bit.checked_add(256)? <= self.bits).then_some(())?;
        let (start, shift) = (bit / 8, bit % 8);
        let bytes: Vec<u8> = (start..start + 32)
            .map(|place| {
                let high = u16::from(self.data.get(place).copied().unwrap_or(0));
                let low = u16::from(self.data.get(place + 1).copied().unwrap_or(0));
                u8::try_from(((high << 8 | low) << shift >> 8) & 0xff).ok()
            })
            .collect::<Option<_>>()?;
        bytes.try_into().ok()
    }
}

impl RawCell<'_> {
    fn is_exotic(&self) -> bool {
        self.descriptor.first().is_some_and(|first| first & 8 != 0)
    }

    /// Returns the number of valid bits. If the last byte is incomplete, it ends with a one and zeros, which do not count.
    fn bits(&self) -> Option<usize> {
        let [_, second] = self.descriptor;
        if second & 1 == 0 {
            return Some(self.data.len() * 8);
        }
        let zeros = self.data.last().filter(|last| **last != 0)?.trailing_zeros();
        (self.data.len() * 8).checked_sub(usize::try_from(zeros).ok()? + 1)
    }
}

fn read_cell<'a>(reader: &mut Reader<'a>, width: usize, place: usize, count: usize) -> Option<RawCell<'a>> {
    let (first, second) = (reader.byte()?, reader.byte()?);
    let (references, level_and_hashes, exotic) = (usize::from(first & 7), first & 0xf0, first & 8 != 0);
    (references <= 4 && level_and_hashes == 0).then_some(())?;
    let data = reader.take(usize::from(second).div_ceil(2))?;
    // Of the exotic kinds, only a library (2) has no level and occurs in wallets.
    (!exotic || (data.first() == Some(&2) && data.len() == 33 && references == 0)).then_some(())?;
    let references: Vec<usize> = (0..references).map(|_| reader.number(width)).collect::<Option<_>>()?;
    let forward = references.iter().all(|reference| *reference > place && *reference < count);
    forward.then_some(RawCell { descriptor: [first, second], data, references })
}
