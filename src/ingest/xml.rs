//! Reads published XML lists record by record: a small reader over `quick-xml` that holds one record in memory, never the whole file.
//! Entities are never expanded, and document types are refused. Size, depth and attributes have limits. A file that is incomplete, or
//! continues after its end, is an error with its line. The callers are the importers of screening lists.

use std::collections::BTreeSet;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::IngestError;
use super::published_list::ENTRIES_WITH_ALL_DETAILS;
use vasp_record::register::cut;

/// The maximum depth of elements. Records of published lists are five to eight deep; those of the SECO, which repeat changed data, twelve.
const DEEPEST: usize = 32;
/// The maximum number of elements in one record. The longest in the UN's list has about 200; the SECO's repeat each amendment.
const MOST_ELEMENTS: usize = 100_000;
/// The maximum size of the attributes of one element, in bytes. The longest published ones are remarks of some kilobytes.
const LONGEST_ATTRIBUTES_BYTES: usize = 64 << 10;

/// One element with its whole content. Names have no namespace.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// Returns an attribute, trimmed; empty if there is none.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// Returns its own text, trimmed.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    /// Returns its direct child elements with a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Returns the name of the first direct child element whose name is not in a list.
    pub(super) fn unknown_beside(&self, names: &[&str]) -> Option<&str> {
        self.children.iter().map(|child| child.name.as_str()).find(|name| !names.contains(name))
    }

    /// Returns whether this element, or one inside it, is called `name` and is not empty. `element@attribute` names an attribute.
    fn says(&self, name: &str) -> bool {
        let has_content = |element: &Self| match name.split_once('@') {
            Some((of, attribute)) => element.name == of && !element.attribute(attribute).is_empty(),
            None => {
                let is_empty = element.attributes.is_empty() && element.children.is_empty() && element.text().is_empty();
                element.name == name && !is_empty
            }
        };
        has_content(self) || self.children.iter().any(|child| child.says(name))
    }

    /// Returns the text of its first direct child element with a name; empty if there is none.
    pub(super) fn text_of(&self, name: &str) -> &str {
        self.children.iter().find(|child| child.name == name).map_or("", Element::text)
    }
}

/// The structure of a published list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// The name of the list, for errors.
    pub(super) list: &'static str,
    /// The root element.
    pub(super) root: &'static str,
    /// Elements directly inside the root that contain records.
    pub(super) sections: &'static [&'static str],
    /// Elements that are records.
    pub(super) records: &'static [&'static str],
    /// What the records of every whole list have: elements, and attributes as `element@attribute`.
    pub(super) always: &'static [&'static str],
}

/// A file while it is being read.
pub(super) struct Records<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    file: &'a str,
    form: Form,
    /// The root element, with its attributes only.
    pub(super) root: Element,
    /// The names of other elements at the places of records, which were not read.
    unread: BTreeSet<String>,
    /// What no record so far has of `Form::always`.
    unmet: Vec<&'static str>,
    read: usize,
    sections_open: usize,
    counted: (usize, u64),
}

impl<'a> Records<'a> {
    /// Reads up to the root element.
    ///
    /// # Errors
    /// `Table`, with the line, if the file is not XML in UTF-8, or has another structure.
    pub(super) fn open(bytes: &'a [u8], file: &'a str, form: Form) -> Result<Self, IngestError> {
        let wrong = |line, detail: String| IngestError::Table { file: file.to_owned(), line, detail };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            wrong(newlines(before) + 1, "its bytes are not UTF-8".to_owned())
        })?;
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let (root, unread, unmet) = (Element::default(), BTreeSet::new(), form.always.to_vec());
        let mut records = Self { reader, text, file, form, root, unread, unmet, read: 0, sections_open: 0, counted: (0, 1) };
        loop {
            match records.event()? {
                Event::Start(tag) => {
                    records.root = records.element(&tag)?;
                    if records.root.name != form.root {
                        let detail =
                            format!("its outermost element is `{}`, but {} has `{}`", records.root.name, form.list, form.root);
                        return Err(records.wrong(detail));
                    }
                    return Ok(records);
                }
                Event::Eof => return Err(records.wrong(format!("it is not XML; {} has the element `{}`", form.list, form.root))),
                Event::Text(text) if !text.trim().is_empty() => {
                    return Err(records.wrong(format!("it is not XML; {} has the element `{}`", form.list, form.root)));
                }
                _ => {}
            }
        }
    }

    /// Returns the next record with the line on which it begins; `None` at the end of the file.
    ///
    /// # Errors
    /// `Table`, with the line, if the file is not well-formed, is incomplete, or exceeds a limit.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Element)>, IngestError> {
        loop {
            match self.event()? {
                Event::Start(tag) => {
                    let line = self.line();
                    let element = self.element(&tag)?;
                    if self.form.records.contains(&element.name.as_str()) {
                        let record = self.fill(element)?;
                        self.unmet.retain(|name| !record.says(name));
                        self.read += 1;
                        return Ok(Some((line, record)));
                    }
                    if self.sections_open == 0 && self.form.sections.contains(&element.name.as_str()) {
                        self.sections_open = 1;
                        continue;
                    }
                    self.unread.insert(element.name.clone());
                    self.fill(element)?;
                }
                Event::End(_) if self.sections_open > 0 => self.sections_open = 0,
                Event::End(_) => return self.end().map(|()| None),
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                    self.unread.insert("text between the records".to_owned());
                }
                Event::Eof => return Err(self.cut_off()),
                _ => {}
            }
        }
    }

    /// Says after the last record what a whole list would not have, or would have.
    pub(super) fn lacks(&self) -> Vec<String> {
        let ignored = self.unread.iter().map(|name| format!("`{name}` is ignored"));
        let unmet = self.unmet.iter().filter(|_| self.read > ENTRIES_WITH_ALL_DETAILS);
        ignored.chain(unmet.map(|name| format!("no record has `{name}`: was it renamed?"))).collect()
    }

    /// Checks that nothing follows the root element.
    fn end(&mut self) -> Result<(), IngestError> {
        loop {
            match self.event()? {
                Event::Eof => return Ok(()),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.trim().is_empty() => {}
                _ => return Err(self.wrong("it has content after the end of its outermost element".to_owned())),
            }
        }
    }

    /// Reads the content of an element.
    fn fill(&mut self, outermost: Element) -> Result<Element, IngestError> {
        let (mut open, mut element, mut count) = (vec![], outermost, 0_usize);
        loop {
            match self.event()? {
                Event::Start(tag) => {
                    let inner = self.element(&tag)?;
                    open.push(std::mem::replace(&mut element, inner));
                    count += 1;
                    if open.len() > DEEPEST || count > MOST_ELEMENTS {
                        let limits = format!("{DEEPEST} elements deep or {MOST_ELEMENTS} elements large");
                        return Err(self.wrong(format!("a record is more than {limits}")));
                    }
                }
                Event::End(_) => match open.pop() {
                    None => return Ok(element),
                    Some(outer) => {
                        let inner = std::mem::replace(&mut element, outer);
                        element.children.push(inner);
                    }
                },
                Event::Text(text) => element.text.push_str(&text.xml10_content()),
                Event::CData(text) => element.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let resolved = self.resolve(&reference)?;
                    element.text.push_str(&resolved);
                }
                Event::Eof => return Err(self.cut_off()),
                _ => {}
            }
        }
    }

    /// Returns the next event. A document type is refused, because only a document type can define entities.
    fn event(&mut self) -> Result<Event<'a>, IngestError> {
        match self.reader.read_event() {
            Ok(Event::DocType(_)) => {
                Err(self.wrong("it has a document type definition, which is not allowed: no published list has one".to_owned()))
            }
            Ok(event) => Ok(event),
            Err(error) => Err(self.wrong(format!("it is not well-formed XML: {error}"))),
        }
    }

    fn element(&mut self, tag: &BytesStart<'_>) -> Result<Element, IngestError> {
        if tag.attributes_raw().len() > LONGEST_ATTRIBUTES_BYTES {
            return Err(self.wrong(format!("the attributes of an element are longer than {LONGEST_ATTRIBUTES_BYTES} bytes")));
        }
        let mut attributes = vec![];
        for attribute in tag.attributes() {
            let read = attribute.map_err(|error| error.to_string()).and_then(|attribute| {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
                Ok((attribute.key.local_name().as_ref().to_owned(), value.into_owned()))
            });
            let (key, value) = read.map_err(|error| self.wrong(format!("an attribute cannot be read: {error}")))?;
            self.check_characters(&value)?;
            attributes.push((key, value));
        }
        let element = Element { name: tag.local_name().as_ref().to_owned(), attributes, ..Element::default() };
        // `quick-xml` accepts `(date` as a name; nobody would look for an attribute with this name.
        let names = std::iter::once(&element.name).chain(element.attributes.iter().map(|(name, _)| name));
        match names.into_iter().find(|name| !is_name(name)) {
            Some(other) => Err(self.wrong(format!("`{}` is not a valid XML name", cut(other)))),
            None => Ok(element),
        }
    }

    /// Returns the character of a character reference or of one of XML's five predefined entities.
    fn resolve(&mut self, reference: &BytesRef<'_>) -> Result<String, IngestError> {
        let character = reference.resolve_char_ref().map_err(|error| self.wrong(error.to_string()))?;
        let named = || resolve_predefined_entity(reference).map(str::to_owned);
        let text = character.map(String::from).or_else(named);
        let text = text.ok_or_else(|| self.wrong(format!("the entity `{}` is not defined", &**reference)))?;
        self.check_characters(&text)?;
        Ok(text)
    }

    /// Databases refuse NUL in text, and XML does not allow it.
    fn check_characters(&mut self, text: &str) -> Result<(), IngestError> {
        if text.contains('\0') { Err(self.wrong("it has a NUL character".to_owned())) } else { Ok(()) }
    }

    fn cut_off(&mut self) -> IngestError {
        self.wrong(format!("it ends before the end of its outermost element `{}`: the file is incomplete", self.form.root))
    }

    /// Makes an error with the current line.
    pub(super) fn wrong(&mut self, detail: String) -> IngestError {
        IngestError::Table { file: self.file.to_owned(), line: self.line(), detail }
    }

    fn line(&mut self) -> u64 {
        let (counted, line) = self.counted;
        let position = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let line = line + newlines(self.text.as_bytes().get(counted..position).unwrap_or_default());
        self.counted = (position.max(counted), line);
        line
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn newlines(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FORM: Form = Form { list: "the list", root: "list", sections: &["part"], records: &["one"], always: &["in", "in@a"] };

    type Read = (Vec<(u64, Element)>, BTreeSet<String>);

    fn read(text: &[u8]) -> Result<Read, String> {
        let mut records = Records::open(text, "x.xml", FORM).map_err(|error| error.to_string())?;
        let mut read = vec![];
        while let Some(record) = records.next().map_err(|error| error.to_string())? {
            read.push(record);
        }
        Ok((read, records.unread))
    }

    #[test]
    fn records_are_read_with_their_lines_texts_and_attributes() {
        let text = "\u{feff}<?xml version='1.0'?>\n<p:list xmlns:p=\"urn:x\"><part>\n<one a=' b&amp;c '> x &lt;<![CDATA[<&]]>&#233;<in>y</in></one>\n<other/></part>\n<one/></p:list>\n<!-- end -->";

        let (records, unread) = read(text.as_bytes()).unwrap();

        let [(first, one), (second, empty)] = records.as_slice() else { panic!("{records:?}") };
        assert_eq!((*first, *second), (3, 5));
        assert_eq!((one.attribute("a"), one.text(), one.text_of("in")), ("b&c", "x <<&é", "y"));
        assert_eq!((empty.attribute("a"), empty.text(), empty.text_of("in")), ("", "", ""));
        assert_eq!(unread, ["other".to_owned()].into());
    }

    /// If an element is renamed, all aliases must not be missing without a word, even in the first import of a list.
    #[test]
    fn what_every_whole_list_has_is_missed_among_many_records() {
        let lacks = |record: &str, count: usize| {
            let text = format!("<list>{}</list>", record.repeat(count));
            let mut records = Records::open(text.as_bytes(), "x.xml", FORM).unwrap();
            while records.next().unwrap().is_some() {}
            records.lacks()
        };

        assert_eq!(lacks("<one><in a='1'/></one>", 101), [""; 0]);
        assert_eq!(lacks("<one><in a=''>x</in></one>", 101), ["no record has `in@a`: was it renamed?"]);
        let both = ["in", "in@a"].map(|name| format!("no record has `{name}`: was it renamed?"));
        assert_eq!(lacks("<one><in/><on a='1'/></one>", 101), both);
        assert_eq!(lacks("<one/>", 100), [""; 0], "a short list may have few details");
    }

    #[test]
    fn what_is_cut_off_or_not_of_the_form_is_refused_with_its_line() {
        for (text, why) in [
            ("<list>\n<one>", "line 2: it ends before the end of its outermost element `list`"),
            ("<list>\n<one/>", "line 2: it ends before the end"),
            ("<list></list>\n<list/>", "line 2: it has content after the end"),
            ("<list><one></two></list>", "not well-formed"),
            ("<other/>", "its outermost element is `other`, but the list has `list`"),
            ("a,b\n1,2\n", "it is not XML"),
            ("", "it is not XML"),
            ("<list><one a='1' a='2'/></list>", "an attribute cannot be read"),
            ("<list><one>&#0;</one></list>", "line 1"),
            ("<list><one (date='1'/></list>", "`(date` is not a valid XML name"),
        ] {
            let said = read(text.as_bytes()).unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
        assert!(read(b"<list>\n\n\xff</list>").unwrap_err().contains("line 3: its bytes are not UTF-8"));
    }

    /// The attacks: a few bytes that expand to gigabytes, a file of the server, and a nesting that exhausts the stack.
    #[test]
    fn entities_are_never_expanded_and_depth_has_a_limit() {
        let laughs = "<!DOCTYPE list [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><list><one>&b;</one></list>";
        let deep = format!("<list><one>{}", "<in>".repeat(1_000_000));

        assert!(read(laughs.as_bytes()).unwrap_err().contains("a document type definition"));
        assert!(read(b"<list><one>&passwd;</one></list>").unwrap_err().contains("the entity `passwd` is not defined"));
        assert!(read(deep.as_bytes()).unwrap_err().contains("more than 32 elements deep"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&[b"<list><one>".as_slice(), &bytes].concat());
        }
    }
}
