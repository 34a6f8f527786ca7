//! What is known of the reader's terminal: the width of the terminal, and whether colours and bold letters are wanted.

use std::io::{IsTerminal, stdout};

/// Columns of a terminal whose width is not known.
const COLUMNS: usize = 80;
/// The fewest columns that lines are made for.
const COLUMNS_MIN: usize = 40;

/// Returns the columns of a line.
///
/// Source: POSIX, "Environment Variables", `COLUMNS`: the user's preferred width.
pub(super) fn width() -> usize {
    let preferred = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<usize>().ok());
    let window = || rustix::termios::tcgetwinsize(stdout()).ok().map(|size| usize::from(size.ws_col));
    let known = preferred.or_else(window).filter(|columns| *columns > 0);
    known.unwrap_or(COLUMNS).max(COLUMNS_MIN)
}

/// Returns whether colours and bold letters are wanted in an output.
///
/// Source: `NO_COLOR` is that of no-color.org: set, and not empty.
pub(super) fn is_decorated(out: &impl IsTerminal) -> bool {
    out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
