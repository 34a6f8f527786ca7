//! What a page of the console shows, as data: facts, tables, forms, words. One template renders all of it, so every page is built, read and
//! filed alike. Every text is escaped by the template; pictures are the server's own.

use std::collections::BTreeSet;

use askama::Template;
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;

use super::field::Field;
use super::form::Form;
use super::shown::{plain, title};
use crate::http::html::escaped;

/// A page.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) title: String,
    /// One line under the title.
    pub(super) lead: String,
    pub(super) parts: Vec<Part>,
    /// The side column: beside the page in a wide window, below it in a narrow one.
    pub(super) side: Vec<Part>,
}

/// A part of a page.
pub(super) enum Part {
    Heading(String),
    Text(String),
    Notice(Notice),
    Table(Table),
    Form(Box<Form>),
    Filter(Filter),
    Copy(Copy),
    /// A picture of the server's own making: SVG, and its meaning in words.
    Picture(String, String),
    /// The one word of an answer: its tone and itself.
    Word(&'static str, String),
}

/// Something to notice: its tone, a short title, and words.
pub(super) struct Notice {
    pub(super) tone: &'static str,
    pub(super) title: String,
    pub(super) text: String,
    /// The form of the page that it is about; empty if it is about none.
    pub(super) form: String,
}

/// A text to copy.
pub(super) struct Copy {
    pub(super) label: String,
    pub(super) text: String,
}

/// Rows under one caption: with a head, a list; without, facts, whose first cell is the name.
#[derive(Default)]
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// What an empty table says.
    pub(super) empty: String,
    /// The next page of a list.
    pub(super) next: Option<String>,
    /// Whether an action on the page depends on what the table says.
    pub(super) watched: bool,
}

/// A row.
#[derive(Default)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// Whether it was not there when the person looked.
    pub(super) fresh: bool,
}

/// A cell.
#[derive(Clone, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    /// The id of what the text names; empty if the text is not a name in place of an id.
    pub(super) title: String,
    pub(super) href: String,
    /// Said more softly after the text; what the passing of time changes stands here.
    pub(super) soft: String,
    /// `good`, `bad`, `warn` or nothing.
    pub(super) tone: &'static str,
    pub(super) is_code: bool,
}

/// What narrows a list, as a form that makes a link.
pub(super) struct Filter {
    pub(super) fields: Vec<Field>,
    pub(super) button: &'static str,
}

impl Filter {
    pub(super) fn new(fields: Vec<Field>) -> Self {
        Self { fields, button: "Show" }
    }
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub(super) fn code(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_code: true, ..Self::default() }
    }

    pub(super) fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), ..Self::default() }
    }

    pub(super) fn soft(self, soft: impl Into<String>) -> Self {
        Self { soft: soft.into(), ..self }
    }

    pub(super) fn tone(self, tone: &'static str) -> Self {
        Self { tone, ..self }
    }

    /// Returns the text for people, who do not write code between backticks.
    pub(super) fn said(&self) -> String {
        self.text.replace('`', "'")
    }

    /// Returns whether it has a word, such as an address, that has to break where a line ends.
    pub(super) fn is_long(&self) -> bool {
        [&self.text, &self.soft].into_iter().flat_map(|text| text.split_whitespace()).any(|word| word.chars().count() > 24)
    }

    /// Returns whether it is a moment, which stays on one line.
    pub(super) fn is_moment(&self) -> bool {
        self.text.ends_with(" UTC")
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::text(text)
    }
}

impl Row {
    /// Returns the digest of what the row says, without what only the time changes.
    fn digest(&self) -> String {
        let said: Vec<&str> =
            self.cells.iter().map(|cell| if cell.title.is_empty() { &*cell.text } else { &*cell.title }).collect();
        short_digest(&said.join("\u{1f}"), 8)
    }
}

/// Returns the first hex digits of a text's SHA-256.
pub(super) fn short_digest(text: &str, digits: usize) -> String {
    hex::encode(digest(&SHA256, text.as_bytes()).as_ref()).chars().take(digits).collect()
}

impl Table {
    /// A list with a head.
    pub(super) fn list(caption: &str, head: &[&str], empty: &str) -> Self {
        let head = head.iter().map(|name| (*name).to_owned()).collect();
        Self { caption: caption.to_owned(), head, empty: empty.to_owned(), ..Self::default() }
    }

    /// A list of objects, with a column for each member of the first.
    pub(super) fn of_objects(caption: &str, items: &[Value]) -> Self {
        let names: Vec<&str> =
            items.first().and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let titles: Vec<String> = names.iter().map(|name| title(name)).collect();
        let mut table = Self { caption: caption.to_owned(), head: titles, ..Self::default() };
        for item in items {
            table.row(names.iter().map(|name| Cell::text(item.get(*name).map(plain).unwrap_or_default())));
        }
        table
    }

    /// Facts.
    pub(super) fn facts(caption: &str) -> Self {
        Self { caption: caption.to_owned(), ..Self::default() }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(Row { cells: cells.into_iter().collect(), fresh: false });
    }

    /// Adds a fact; nothing if its value is empty.
    pub(super) fn fact(&mut self, name: &str, value: impl Into<Cell>) {
        let value = value.into();
        if !value.text.is_empty() {
            self.row([Cell::text(name), value]);
        }
    }

    pub(super) fn watched(self) -> Self {
        Self { watched: true, ..self }
    }

    /// What the table is called where it scrolls.
    pub(super) fn label(&self) -> &str {
        if self.caption.is_empty() { "Facts" } else { &self.caption }
    }

    pub(super) fn is_list(&self) -> bool {
        !self.head.is_empty()
    }
}

impl Sheet {
    pub(super) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    pub(super) fn lead(self, lead: impl Into<String>) -> Self {
        Self { lead: lead.into(), ..self }
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.parts.push(Part::Heading(text.to_owned()));
    }

    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Text(text.into()));
    }

    pub(super) fn notice(&mut self, tone: &'static str, title: impl Into<String>, text: impl Into<String>) {
        self.parts.push(Part::Notice(Notice { tone, title: title.into(), text: text.into(), form: String::new() }));
    }

    pub(super) fn table(&mut self, table: Table) {
        self.parts.push(Part::Table(table));
    }

    /// Adds a table unless it has no rows.
    pub(super) fn table_if_any(&mut self, table: Table) {
        if !table.rows.is_empty() {
            self.table(table);
        }
    }

    /// Adds a form, if the caller may send it.
    pub(super) fn form(&mut self, form: Option<Form>) {
        self.parts.extend(form.map(|form| Part::Form(Box::new(form))));
    }

    pub(super) fn copy(&mut self, label: &str, text: impl Into<String>) {
        self.parts.push(Part::Copy(Copy { label: label.to_owned(), text: text.into() }));
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Part> {
        self.parts.iter_mut().chain(self.side.iter_mut())
    }

    /// Returns the forms of the page.
    pub(super) fn forms_mut(&mut self) -> impl Iterator<Item = &mut Form> {
        self.all_mut().filter_map(|part| if let Part::Form(form) = part { Some(form.as_mut()) } else { None })
    }

    /// Returns the digests of the rows on which actions of the page depend.
    pub(super) fn lines(&self) -> Vec<String> {
        let tables = self.parts.iter().chain(&self.side).filter_map(|part| match part {
            Part::Table(table) if table.watched => Some(table),
            _ => None,
        });
        tables.flat_map(|table| &table.rows).map(Row::digest).collect()
    }

    /// Marks the rows that were not among those which the person saw.
    pub(super) fn mark_fresh(&mut self, seen: &str) {
        let seen: BTreeSet<&str> = seen.split('.').collect();
        for part in self.all_mut() {
            if let Part::Table(table) = part
                && table.watched
            {
                table.rows.iter_mut().for_each(|row| row.fresh = !seen.contains(row.digest().as_str()));
            }
        }
    }

    /// Renders the parts alone, under a heading, for a page that has other text, too.
    pub(super) fn parts_html(&self) -> String {
        let parts = Parts { parts: &self.parts, token: "", lines: "" }.render().unwrap_or_default();
        format!("<h2>{}</h2>{parts}", escaped(&self.title))
    }

    /// Renders the page's body. `token` is the form token of the session.
    pub(super) fn html(&self, token: &str) -> String {
        let lines = self.lines().join(".");
        let parts = |parts: &[Part]| Parts { parts, token, lines: &lines }.render().unwrap_or_default();
        let (main, side) = (parts(&self.parts), parts(&self.side));
        Body { sheet: self, main: &main, side: &side }.render().unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "console/sheet.html")]
struct Body<'a> {
    sheet: &'a Sheet,
    main: &'a str,
    side: &'a str,
}

#[derive(Template)]
#[template(path = "console/parts.html")]
struct Parts<'a> {
    parts: &'a [Part],
    token: &'a str,
    lines: &'a str,
}
