//! Tables for people: columns as wide as their cells need; bold headings only on a terminal whose reader wants them.

use std::io::Write;

use super::terminal::is_decorated;

/// Prints rows under headings; the last column is not padded.
pub(super) fn print<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let bold = is_decorated(&out);
    let mut widths = headings.map(|heading| heading.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[&str]| {
        let padded = cells
            .iter()
            .zip(widths)
            .enumerate()
            .map(|(index, (cell, width))| if index + 1 == N { (*cell).to_owned() } else { format!("{cell:<width$}  ") });
        padded.collect::<String>()
    };
    let head = line(&headings);
    if bold {
        writeln!(out, "\x1b[1m{head}\x1b[0m")?
    } else {
        writeln!(out, "{head}")?
    }
    for row in rows {
        let cells: Vec<&str> = row.iter().map(String::as_str).collect();
        writeln!(out, "{}", line(&cells).trim_end())?;
    }
    Ok(())
}
