//! CSV tables by column name. Finds the columns of a format, counts lines, and turns an unreadable row into a rejected row. No row causes
//! an error; the callers are the importers.

use std::io::{Chain, Cursor, Read};

use super::IngestError;
use vasp_record::register::{Reason, RejectedRow, cut};

/// The largest row, in bytes. Those of the sources have at most some ten thousand bytes; an input without line ends, such as a device, is no
/// table.
const ROW_BYTES: usize = 1 << 20;

/// Fewer separators in a line of a cell may be those of a text, such as an address.
const SEPARATORS_OF_A_ROW: usize = 3;

/// Number of bytes in which the separator of a heading shows; more of a longer heading would not change it.
const HEADING_BYTES: u64 = 8 << 10;

/// A CSV table with `N` wanted columns.
pub(crate) struct Table<R, const N: usize> {
    reader: csv::Reader<PlainNewlines<Chain<Cursor<Vec<u8>>, R>>>,
    file: String,
    names: [&'static str; N],
    places: [usize; N],
    width: usize,
    delimiter: u8,
    others: Vec<String>,
    record: csv::ByteRecord,
}

/// One row: the wanted cells in the requested order.
pub(crate) struct Row<const N: usize> {
    /// The line on which the row begins, counted from 1.
    pub(crate) line: u64,
    /// The cells as written.
    pub(crate) cells: [String; N],
}

impl<R: Read, const N: usize> Table<R, N> {
    /// Reads the heading.
    pub(crate) fn open(input: R, file: &str, names: [&'static str; N]) -> Result<Self, IngestError> {
        Self::open_with(input, file, names, N)
    }

    /// Reads the heading of a table that must have only the first `needed` columns; cells of missing columns are empty. Commas, semicolons or
    /// tabs separate the cells; the heading shows which. The names of columns may be in upper or lower case.
    pub(crate) fn open_with(mut input: R, file: &str, names: [&'static str; N], needed: usize) -> Result<Self, IngestError> {
        let mut begun = Vec::new();
        let unread = |source| IngestError::Read { file: file.to_owned(), source };
        input.by_ref().take(HEADING_BYTES).read_to_end(&mut begun).map_err(unread)?;
        let delimiter = delimiter(&begun);
        let input = PlainNewlines { left: ROW_BYTES, ..PlainNewlines::new(Cursor::new(begun).chain(input)) };
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(input);
        let heading = reader.byte_headers().map_err(|error| unreadable(file, error))?.clone();
        let mut places = [0; N];
        let mut missing = Vec::new();
        for (index, (place, name)) in places.iter_mut().zip(names).enumerate() {
            let mut found =
                heading.iter().enumerate().filter(|(_, cell)| cell.trim_ascii().eq_ignore_ascii_case(name.as_bytes()));
            *place = match found.next() {
                Some((place, _)) => place,
                // Rows have no cell at this position.
                None if index >= needed => usize::MAX,
                None => {
                    missing.push(name);
                    continue;
                }
            };
            if found.next().is_some() {
                return Err(IngestError::ColumnRepeated { file: file.to_owned(), column: name.to_owned() });
            }
        }
        if !missing.is_empty() {
            return Err(IngestError::ColumnsMissing { file: file.to_owned(), columns: missing });
        }
        let width = heading.len();
        let is_read = |place: usize| places.contains(&place);
        let other = |(_, cell): (usize, &[u8])| String::from_utf8_lossy(cell.trim_ascii()).into_owned();
        let others = heading.iter().enumerate().filter(|(place, _)| !is_read(*place)).map(other).collect();
        Ok(Self { reader, file: file.to_owned(), names, places, width, delimiter, others, record: csv::ByteRecord::new() })
    }

    /// Refuses a file with a column that is neither read nor `let_through`: who wrote it must not believe that it counts.
    ///
    /// # Errors
    /// `IngestError::ColumnUnknown`.
    pub(crate) fn assert_all_read(&self, let_through: &[&'static str]) -> Result<(), IngestError> {
        let is_unknown = |other: &&String| !other.is_empty() && !let_through.contains(&other.to_lowercase().as_str());
        let Some(column) = self.others.iter().find(is_unknown) else { return Ok(()) };
        let known = self.names.iter().chain(let_through).copied().collect::<Vec<_>>().join(", ");
        Err(IngestError::ColumnUnknown { file: self.file.clone(), column: column.clone(), known })
    }

    /// Returns the names of columns that the file need not have, and does not.
    pub(crate) fn absent(&self) -> impl Iterator<Item = &'static str> {
        self.names.into_iter().zip(self.places).filter(|(_, place)| *place == usize::MAX).map(|(name, _)| name)
    }

    /// Makes the report of a rejected row.
    pub(crate) fn rejected(&self, line: u64, column: Option<&str>, reason: Reason, text: &str) -> RejectedRow {
        RejectedRow { file: self.file.clone(), line, column: column.map(str::to_owned), reason, text: cut(text) }
    }

    /// Returns the cells of the row just read that are text, of any column.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &str> {
        self.record.iter().filter_map(|cell| std::str::from_utf8(cell).ok())
    }

    /// Returns whether the row just read has a quotation mark that is never closed. Such a row ends only with the input. Every other row
    /// ends with a line end, before the reader asks for more bytes and learns that there are none.
    fn quote_is_open(&self) -> bool {
        self.reader.get_ref().told_end
    }

    /// Returns the line on which the row just read begins. Blank lines before the row do not belong to it; line breaks in its cells do.
    fn first_line(&self) -> u64 {
        let inside = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count();
        let own_end = u64::from(!self.quote_is_open());
        self.reader.position().line().saturating_sub(own_end).saturating_sub(u64::try_from(inside).unwrap_or_default())
    }

    /// Reads the next row. A row is rejected if it is not UTF-8, or has another number of cells than the heading. It is also rejected if it
    /// opens a quotation mark that is never closed, because its last cell would be the rest of the file.
    ///
    /// # Errors
    /// `Read` if the input itself fails.
    pub(crate) fn next_row(&mut self) -> Result<Option<Result<Row<N>, RejectedRow>>, IngestError> {
        self.reader.get_mut().left = ROW_BYTES;
        let more = self.reader.read_byte_record(&mut self.record).map_err(|error| unreadable(&self.file, error))?;
        if !more {
            return Ok(None);
        }
        let line = self.first_line();
        if self.quote_is_open() {
            let text = "a quotation mark opens here and is never closed";
            return Ok(Some(Err(self.rejected(line, None, Reason::QuoteNotClosed, text))));
        }
        if self.record.iter().any(|cell| holds_a_row(cell, self.delimiter, self.width)) {
            let text = "a quotation mark opens here and closes lines later, so that whole rows are inside one cell";
            return Ok(Some(Err(self.rejected(line, None, Reason::QuoteNotClosed, text))));
        }
        if self.record.len() != self.width {
            let text = format!("the line has {} columns, the heading has {}", self.record.len(), self.width);
            return Ok(Some(Err(self.rejected(line, None, Reason::ColumnCount, &text))));
        }
        let mut cells = [const { String::new() }; N];
        for ((cell, place), name) in cells.iter_mut().zip(self.places).zip(self.names) {
            let bytes = self.record.get(place).unwrap_or_default();
            match std::str::from_utf8(bytes) {
                // Databases refuse this character in text, and no source uses it on purpose.
                Ok(text) if text.contains('\0') => {
                    return Ok(Some(Err(self.rejected(line, Some(name), Reason::InvalidCharacter, &text.replace('\0', "␀")))));
                }
                Ok(text) => text.clone_into(cell),
                Err(_) => {
                    let text = String::from_utf8_lossy(bytes);
                    return Ok(Some(Err(self.rejected(line, Some(name), Reason::NotUtf8, &text))));
                }
            }
        }
        Ok(Some(Ok(Row { line, cells })))
    }
}

/// Tells whether a cell of several lines has swallowed a row: an inner line has as many separators as a row.
fn holds_a_row(cell: &[u8], delimiter: u8, width: usize) -> bool {
    let separators = |line: &&[u8]| line.iter().filter(|byte| **byte == delimiter).count();
    let mut lines = cell.split(|byte| *byte == b'\n');
    // The first and the last have less than a whole row.
    let _ends = (lines.next(), lines.next_back());
    lines.any(|line| separators(&line) >= width.saturating_sub(1).max(SEPARATORS_OF_A_ROW))
}

/// Returns the mark that separates most cells of the heading, which is the first line that is not blank.
fn delimiter(begun: &[u8]) -> u8 {
    let mut lines = begun.split(|byte| matches!(byte, b'\n' | b'\r'));
    let heading = lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    // Of equally many, the last one counts.
    let marks = [b'\t', b';', b','].into_iter();
    marks.max_by_key(|mark| heading.iter().filter(|byte| *byte == mark).count()).unwrap_or(b',')
}

/// Converts every line end to `\n`, and adds one at the end of the input if it is missing. A CSV reader counts the second half of a `\r\n`
/// to the next row. The line number of that row would then be one too low.
pub(super) struct PlainNewlines<R> {
    input: R,
    last: u8,
    /// How many more bytes one row may have.
    left: usize,
    /// The input has ended.
    ended: bool,
    /// The reader was told that the input has ended.
    told_end: bool,
}

impl<R> PlainNewlines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, last: b'\n', left: usize::MAX, ended: false, told_end: false }
    }
}

impl<R: Read> Read for PlainNewlines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while !self.ended && !buffer.is_empty() {
            if self.left == 0 {
                let told = format!("a row has over {ROW_BYTES} bytes: this is no table, or a quotation mark is never closed");
                return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, told));
            }
            let count = self.input.read(buffer)?;
            self.left = self.left.saturating_sub(count);
            let mut kept = 0;
            for index in 0..count {
                let byte = buffer.get(index).copied().unwrap_or_default();
                let second_half = byte == b'\n' && self.last == b'\r';
                self.last = byte;
                if let Some(slot) = buffer.get_mut(kept).filter(|_| !second_half) {
                    *slot = if byte == b'\r' { b'\n' } else { byte };
                    kept += 1;
                }
            }
            self.ended = count == 0;
            if let Some(slot) = buffer.first_mut().filter(|_| self.ended && self.last != b'\n' && self.last != b'\r') {
                *slot = b'\n';
                kept = 1;
            }
            if kept > 0 {
                return Ok(kept);
            }
        }
        self.told_end |= !buffer.is_empty();
        Ok(0)
    }
}

/// Reads one of the registry's own tables, in which every row must be valid.
///
/// # Errors
/// `Table` for the first wrong row, found by `take` or by its form; and the errors of `Table::open`.
pub(crate) fn read_own<const N: usize>(
    bytes: &[u8],
    file: &str,
    names: [&'static str; N],
    mut take: impl FnMut(u64, [String; N]) -> Result<(), String>,
) -> Result<(), IngestError> {
    let mut table = Table::open(bytes, file, names)?;
    while let Some(row) = table.next_row()? {
        let wrong = |line, detail| IngestError::Table { file: file.to_owned(), line, detail };
        let row = row.map_err(|rejected| wrong(rejected.line, rejected.text))?;
        take(row.line, row.cells).map_err(|detail| wrong(row.line, detail))?;
    }
    Ok(())
}

pub(super) fn unreadable(file: &str, error: csv::Error) -> IngestError {
    IngestError::Read { file: file.to_owned(), source: error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Seen = Result<(u64, [String; 2]), (u64, Reason)>;

    fn rows(text: &[u8]) -> Vec<Seen> {
        let mut table = Table::open(text, "t.csv", ["b", "a"]).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = table.next_row().unwrap() {
            rows.push(row.map(|r| (r.line, r.cells)).map_err(|r| (r.line, r.reason)));
        }
        rows
    }

    fn cells(b: &str, a: &str) -> [String; 2] {
        [b.to_owned(), a.to_owned()]
    }

    #[test]
    fn lines_are_counted_over_mixed_line_ends_and_new_lines_in_cells() {
        let text = b"\xef\xbb\xbfa,b\r\n1,2\r\n\"3\r\n3\",4\r\n5,\"6\n6\"\n7,8\r\n9,10,11\r\n\r\n12,13";

        assert_eq!(
            rows(text),
            [
                Ok((2, cells("2", "1"))),
                Ok((3, cells("4", "3\n3"))),
                Ok((5, cells("6\n6", "5"))),
                Ok((7, cells("8", "7"))),
                Err((8, Reason::ColumnCount)),
                Ok((10, cells("13", "12"))),
            ]
        );
    }

    /// Two rows must not be reported with the same line.
    #[test]
    fn a_quotation_mark_that_is_never_closed_rejects_its_row_on_its_own_line() {
        let open = Err((3, Reason::QuoteNotClosed));

        for end in ["", "\n", "\r\n", "\n\n", "\n5,6\n"] {
            assert_eq!(rows(format!("a,b\n1,2\n\"3,4{end}").as_bytes()), [Ok((2, cells("2", "1"))), open.clone()], "{end:?}");
            assert_eq!(rows(format!("a,b\n1,2\n3,\"4{end}").as_bytes()), [Ok((2, cells("2", "1"))), open.clone()], "{end:?}");
        }
        assert_eq!(rows(b"a,b\n1,\"2\n\"\n"), [Ok((2, cells("2\n", "1")))]);
        assert_eq!(rows(b"a,b\n1,\"2\n\""), [Ok((2, cells("2\n", "1")))]);
    }

    #[test]
    fn an_input_without_line_ends_is_refused_before_it_fills_the_memory() {
        let told = |error: Option<IngestError>| match error {
            Some(IngestError::Read { source, .. }) => source.to_string(),
            other => panic!("{other:?}"),
        };
        let heading = Table::<_, 1>::open(std::io::repeat(b'x'), "t.csv", ["a"]).err();
        let mut table = Table::<_, 1>::open(b"a\n1\n".chain(std::io::repeat(0)), "t.csv", ["a"]).unwrap();

        assert!(told(heading).contains("a row has over 1048576 bytes"));
        assert!(table.next_row().is_ok_and(|row| row.is_some()));
        assert!(told(table.next_row().err()).contains("a row has over 1048576 bytes"));
        let long = format!("a,b\n1,{0}\n2,{0}\n", "x".repeat(1_000_000));
        assert_eq!(rows(long.as_bytes()).len(), 2, "each row has its own bytes");
    }

    #[test]
    fn a_row_that_is_not_utf8_is_rejected_alone() {
        assert_eq!(rows(b"a,b\n1,\xff\n3,4\n"), [Err((2, Reason::NotUtf8)), Ok((3, cells("4", "3")))]);
    }

    #[test]
    fn a_heading_without_a_column_is_refused_by_its_name() {
        let missing = Table::<_, 2>::open(&b"a,c\n"[..], "t.csv", ["b", "a"]).err().unwrap();
        let twice = Table::<_, 2>::open(&b"a,b,a\n"[..], "t.csv", ["b", "a"]).err().unwrap();

        assert_eq!(missing.to_string(), "t.csv has no column `b`: the file does not have this format");
        assert_eq!(twice.to_string(), "t.csv has the column `a` twice");
    }

    #[test]
    fn semicolons_or_tabs_separate_cells_and_names_of_columns_are_in_any_case() {
        for text in ["a;b\n1;2,5\n", "\r\n A \t\"B\"\r\n1\t2,5", "\u{feff}c;A;\"B\"\n;1;2,5\n", "B,a,x;y\n\"2,5\",1,;;\n"] {
            let cells = rows(text.as_bytes()).pop().unwrap().unwrap().1;

            assert_eq!(cells, self::cells("2,5", "1"), "{text:?}");
        }
        let twice = Table::<_, 2>::open(&b"a,b,A\n"[..], "t.csv", ["b", "a"]).err().unwrap();
        assert_eq!(twice.to_string(), "t.csv has the column `a` twice");
        assert_eq!(rows(b"a,b\n1;2\n"), [Err((2, Reason::ColumnCount))], "the heading decides");
    }

    /// Two stray quotation marks must not hide the rows between them.
    #[test]
    fn a_cell_that_holds_whole_rows_rejects_its_row() {
        let stray = b"a,b,c,d\n1,\"x,y,z\n2,x,y,z\n3,x,y,z\n4,x\",y,z\n5,x,y,z\n";
        assert_eq!(rows(stray), [Err((2, Reason::QuoteNotClosed)), Ok((6, cells("x", "5")))]);
        let address = b"a,b,c,d\n1,\"Street 1,\nTown, County,\nCountry\",y,z\n";
        assert_eq!(rows(address), [Ok((2, cells("Street 1,\nTown, County,\nCountry", "1")))]);
    }

    #[test]
    fn a_cell_with_a_nul_character_rejects_its_row_only() {
        assert_eq!(rows(b"a,b\n1,x\0y\n2,z\n"), [Err((2, Reason::InvalidCharacter)), Ok((3, ["z".into(), "2".into()]))]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for heading in [&b"a,b\n"[..], b"A;b\n", b"a\tB\n"] {
                let _ = rows(&[heading, &bytes].concat());
            }
        }
    }
}
