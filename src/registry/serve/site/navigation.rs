//! The way through the documentation: groups of pages as the index (`docs/README.md`) lists them, the pages of the three roles first. Also
//! `/llms.txt`, the same for programs.

use std::fmt::Write;
use std::sync::LazyLock;

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

use super::markdown::read;
use super::sources::{SOURCES, Source, address_of};
use crate::http::html::escaped;

/// Pages that belong together.
#[derive(Debug, PartialEq, Eq)]
struct Group {
    name: String,
    entries: Vec<Entry>,
}

/// A page in a group.
#[derive(Debug, Default, PartialEq, Eq)]
struct Entry {
    name: String,
    /// Its address, such as `/docs/claims`.
    address: String,
    /// What it is about, as the index says it.
    about: String,
}

/// The name of the group before the index's first heading.
const ROLES: &str = "By role";

const SUMMARY: &str = "A directory of the firms behind crypto addresses, for the Travel Rule: who owns the destination of a \
                       transfer, may we deal with that firm on this date, how do we reach it, and which data must travel.";

fn groups() -> &'static [Group] {
    static GROUPS: LazyLock<Vec<Group>> = LazyLock::new(|| SOURCES.first().map(of_index).unwrap_or_default());
    &GROUPS
}

/// What was read of the index so far.
struct Reading<'a> {
    index: &'a Source,
    groups: Vec<Group>,
    /// The entries of the row that is being read, and its other words.
    row: (Vec<Entry>, String),
    /// The link or heading that is being read.
    link: Option<Entry>,
    heading: Option<String>,
}

fn of_index(index: &Source) -> Vec<Group> {
    let first = Group { name: ROLES.to_owned(), entries: Vec::new() };
    let mut reading = Reading { index, groups: vec![first], row: Default::default(), link: None, heading: None };
    read(index.text()).for_each(|event| reading.add(event));
    reading.groups.retain(|group| !group.entries.is_empty());
    reading.groups
}

impl Reading<'_> {
    fn add(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Heading { level, .. }) if level != HeadingLevel::H1 => self.heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                self.groups.extend(self.heading.take().map(|name| Group { name, entries: Vec::new() }));
            }
            // Text before the first row describes no page.
            Event::Start(Tag::TableRow) => self.row = Default::default(),
            Event::Start(Tag::Link { dest_url, .. }) => {
                // The menu has only pages, not other files.
                let page = address_of(self.index, &dest_url).filter(|to| SOURCES.iter().any(|source| source.address() == *to));
                self.link = page.map(|address| Entry { address, ..Entry::default() });
            }
            Event::End(TagEnd::Link) => self.row.0.extend(self.link.take()),
            Event::End(TagEnd::TableRow) => self.end_row(),
            Event::Text(text) | Event::Code(text) => {
                let link = self.link.as_mut().map(|link| &mut link.name);
                self.heading.as_mut().or(link).unwrap_or(&mut self.row.1).push_str(&text);
            }
            _ => (),
        }
    }

    fn end_row(&mut self) {
        let (entries, about) = std::mem::take(&mut self.row);
        let about = about.trim_matches([',', ' ']);
        if let Some(group) = self.groups.last_mut() {
            group.entries.extend(entries.into_iter().map(|entry| Entry { about: about.to_owned(), ..entry }));
        }
    }
}

/// Returns the menu beside a page, as HTML. The group of that page is open.
pub(crate) fn menu(current: &str) -> String {
    let mut menu = String::from("<nav aria-label=\"Documentation\">");
    link(&mut menu, "/docs/", "All pages", current);
    for Group { name, entries } in groups() {
        let is_open = name == ROLES || entries.iter().any(|entry| entry.address == current);
        // Writing to a string cannot fail.
        let _ = write!(menu, "<details{}><summary>{}</summary><ul>", if is_open { " open" } else { "" }, escaped(name));
        for entry in entries {
            menu.push_str("<li>");
            link(&mut menu, &entry.address, &entry.name, current);
            menu.push_str("</li>");
        }
        menu.push_str("</ul></details>");
    }
    link(&mut menu, "/docs/api", "API reference", current);
    menu + "</nav>"
}

fn link(menu: &mut String, address: &str, name: &str, current: &str) {
    let mark = if address == current { " aria-current=\"page\"" } else { "" };
    let _ = write!(menu, "<a href=\"{}\"{mark}>{}</a>", escaped(address), escaped(name));
}

/// Returns `/llms.txt`: what this is, and where each page is as Markdown.
pub(crate) fn llms() -> String {
    let mut text = format!(
        "# VASP registry\n\n> {SUMMARY}\n\nEach page is also there as a web page, at the same address without `.md`. The API is described \
         by [the OpenAPI document](/openapi.json).\n"
    );
    for Group { name, entries } in groups() {
        let _ = write!(text, "\n## {name}\n\n");
        for Entry { name, address, about } in entries {
            let _ = writeln!(text, "- [{name}]({address}.md){}{about}", if about.is_empty() { "" } else { ": " });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_in_the_menu_once() {
        let listed: Vec<&str> = groups().iter().flat_map(|group| &group.entries).map(|entry| entry.address.as_str()).collect();

        for source in SOURCES.iter().filter(|source| source.slug != "index") {
            let times = listed.iter().filter(|address| **address == source.address()).count();
            assert_eq!(times, 1, "list {} once in docs/README.md", source.path);
        }
    }

    #[test]
    fn pages_of_the_roles_come_first() {
        let first = groups().first().unwrap();

        assert_eq!(first.name, "By role");
        let pages: Vec<(&str, &str)> = first.entries.iter().map(|entry| (entry.address.as_str(), entry.about.as_str())).collect();
        assert_eq!(
            pages,
            [
                ("/docs/gateway", "ask before you send"),
                ("/docs/operator", "run a registry"),
                ("/docs/member", "are listed in one")
            ]
        );
    }

    #[test]
    fn the_page_that_is_shown_is_marked_and_its_group_open() {
        let menu = menu("/docs/claims");

        assert!(menu.contains("<details open><summary>Being listed</summary>"), "{menu}");
        assert!(menu.contains("<a href=\"/docs/claims\" aria-current=\"page\">Claims</a>"), "{menu}");
        assert!(menu.contains("<details><summary>Running a registry</summary>"), "{menu}");
    }
}
