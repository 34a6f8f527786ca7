//! The paths under which tiles are served: `<L>/<N>[.p/<W>]`. `<L>` is a level or `entries`; `<N>` is the number in groups of three
//! digits, each but the last with an `x` before it.
//!
//! Source: C2SP tlog-tiles, "Merkle Tree".

use std::fmt;
use std::str::FromStr;

use super::tile::TILE_WIDTH;

/// The content of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileKind {
    /// Hashes of this level.
    Hashes(u8),
    /// The entries themselves.
    Entries,
}

/// A requested tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TilePath {
    /// What the tile contains.
    pub kind: TileKind,
    /// Position of the tile within its level.
    pub number: u64,
    /// Number of hashes or entries: 256 for a full tile.
    pub width: usize,
}

/// The error for a text that is not a path of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the path of a tile: <L>/<N>[.p/<W>], such as 0/x001/x234/067 or entries/000.p/5")]
pub struct TilePathError;

/// Highest level that a path can name.
const LEVEL_MAX: u8 = 63;

/// Parses a number without leading zeros.
fn plain<N: FromStr + fmt::Display>(text: &str) -> Result<N, TilePathError> {
    let number: N = text.parse().map_err(|_| TilePathError)?;
    if number.to_string() == text { Ok(number) } else { Err(TilePathError) }
}

impl FromStr for TilePath {
    type Err = TilePathError;

    fn from_str(text: &str) -> Result<Self, TilePathError> {
        let (kind, rest) = text.split_once('/').ok_or(TilePathError)?;
        let kind = match kind {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes(plain(level).ok().filter(|level| *level <= LEVEL_MAX).ok_or(TilePathError)?),
        };
        let (number, width) = match rest.split_once(".p/") {
            None => (rest, TILE_WIDTH),
            Some((number, width)) => {
                (number, plain(width).ok().filter(|width| (1..TILE_WIDTH).contains(width)).ok_or(TilePathError)?)
            }
        };
        let path = Self { kind, number: read_number(number).ok_or(TilePathError)?, width };
        // Each tile has only one valid path.
        if path.to_string() == text { Ok(path) } else { Err(TilePathError) }
    }
}

fn read_number(text: &str) -> Option<u64> {
    text.split('/').try_fold(0u64, |number, group| {
        let digits = group.strip_prefix('x').unwrap_or(group);
        let group: u64 = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
        number.checked_mul(1_000)?.checked_add(group)
    })
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Entries => f.write_str("entries/")?,
            TileKind::Hashes(level) => write!(f, "{level}/")?,
        }
        let (mut groups, mut rest) = (Vec::new(), self.number / 1_000);
        while rest > 0 {
            groups.push(rest % 1_000);
            rest /= 1_000;
        }
        groups.iter().rev().try_for_each(|group| write!(f, "x{group:03}/"))?;
        write!(f, "{:03}", self.number % 1_000)?;
        if self.width < TILE_WIDTH { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Source: C2SP tlog-tiles, "Merkle Tree": index 1234067 is `x001/x234/067`.
    #[test]
    fn the_published_number_is_read_and_written() {
        let whole = TilePath { kind: TileKind::Hashes(0), number: 1_234_067, width: 256 };

        assert_eq!("0/x001/x234/067".parse(), Ok(whole));
        assert_eq!(whole.to_string(), "0/x001/x234/067");
        assert_eq!("entries/000.p/5".parse(), Ok(TilePath { kind: TileKind::Entries, number: 0, width: 5 }));
        assert_eq!("63/001.p/255".parse(), Ok(TilePath { kind: TileKind::Hashes(63), number: 1, width: 255 }));
    }

    #[test]
    fn other_ways_to_write_a_path_are_refused() {
        for text in [
            "",
            "0",
            "0/",
            "0/0",
            "0/00",
            "0/0000",
            "00/000",
            "64/000",
            "-1/000",
            "+1/000",
            "0/x000/000",
            "0/001/000",
            "0/x001",
            "0/000.p",
            "0/000.p/",
            "0/000.p/0",
            "0/000.p/05",
            "0/000.p/256",
            "0/000.p/1/2",
            "0/000/",
            "data/000",
            "0/x01/000",
            "0/+01",
            "0/x+01/000",
            "entries/000.p/300",
            "0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(text.parse::<TilePath>(), Err(TilePathError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn paths_round_trip(level in 0u8..64, entries: bool, number: u64, width in 1usize..=256) {
            let path = TilePath { kind: if entries { TileKind::Entries } else { TileKind::Hashes(level) }, number, width };
            prop_assert_eq!(path.to_string().parse(), Ok(path));
        }

        #[test]
        fn reading_never_panics(text in "\\PC*|[0-9x/.pentris]{0,30}") {
            if let Ok(path) = text.parse::<TilePath>() {
                prop_assert_eq!(path.to_string(), text);
            }
        }
    }
}
