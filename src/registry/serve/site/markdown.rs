//! Makes HTML of Markdown: of the documentation's pages, and of the descriptions in the API's document. Both are our own texts.

use std::collections::BTreeMap;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::sources::{Source, address_of, is_elsewhere};
use crate::http::html::escaped;
use crate::http::page::{CLOSE_SCROLL, open_scroll};

/// Returns the events of a text.
pub(crate) fn read(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

/// Returns a short text as HTML. Its headings and links stay as they are.
pub(crate) fn short(text: &str) -> String {
    let mut written = String::new();
    html::push_html(&mut written, read(text));
    written
}

/// Returns the first heading of a page.
pub(crate) fn title(source: &Source) -> String {
    let events: Vec<Event<'_>> = read(source.text()).collect();
    let first = events.iter().position(|event| matches!(event, Event::Start(Tag::Heading { .. })));
    first.map_or_else(|| source.slug.to_owned(), |at| words(events.iter().skip(at)))
}

/// Returns a page of the documentation as HTML. Headings get anchors, links lead to the server's pages, tables scroll in themselves. A
/// link to a file that the server does not have becomes plain text.
pub(crate) fn page(source: &Source) -> String {
    let events: Vec<Event<'_>> = read(source.text()).collect();
    let mut rewriting =
        Rewriting { source, anchors: BTreeMap::new(), heading: String::new(), dropped: Vec::new(), head: false, empty: false };
    let mut rewritten = Vec::with_capacity(events.len() + 64);
    for (at, event) in events.iter().enumerate() {
        rewriting.add(event.clone(), events.iter().skip(at), &mut rewritten);
    }
    let mut written = String::with_capacity(source.text().len() * 2);
    html::push_html(&mut written, rewritten.into_iter());
    written
}

/// What is remembered from event to event.
struct Rewriting<'a> {
    source: &'a Source,
    /// How often each anchor was given.
    anchors: BTreeMap<String, usize>,
    /// The last heading, which names the tables below it.
    heading: String,
    /// For each link that is open: whether it became plain text.
    dropped: Vec<bool>,
    /// Whether the head of a table is open, and whether its cell that is open has no words.
    head: bool,
    empty: bool,
}

impl<'a> Rewriting<'a> {
    fn add(&mut self, event: Event<'a>, mut rest: impl Iterator<Item = &'a Event<'a>>, to: &mut Vec<Event<'a>>) {
        match event {
            Event::Start(Tag::TableHead) | Event::End(TagEnd::TableHead) => {
                self.head = matches!(event, Event::Start(_));
                to.push(event);
            }
            // Nothing is headed by a cell without words, so it is no heading.
            Event::Start(Tag::TableCell) if self.head && matches!(rest.nth(1), Some(Event::End(TagEnd::TableCell))) => {
                self.empty = true;
                to.push(Event::Html("<td></td>".into()));
            }
            Event::End(TagEnd::TableCell) if std::mem::take(&mut self.empty) => (),
            Event::Start(Tag::Heading { level, .. }) => {
                self.heading = words(rest);
                let anchor = self.anchor();
                let mark =
                    if level == HeadingLevel::H1 { String::new() } else { format!("<a class=\"here\" href=\"#{anchor}\">") };
                to.push(Event::Html(format!("<{level} id=\"{anchor}\">{mark}").into()));
            }
            Event::End(TagEnd::Heading(level)) => {
                let mark = if level == HeadingLevel::H1 { "" } else { "</a>" };
                to.push(Event::Html(format!("{mark}</{level}>\n").into()));
            }
            Event::Start(Tag::Table(columns)) => {
                let mut open = String::new();
                open_scroll(&mut open, &format!("Table: {}", self.heading));
                to.extend([Event::Html(open.into()), Event::Start(Tag::Table(columns))]);
            }
            Event::End(TagEnd::Table) => to.extend([Event::End(TagEnd::Table), Event::Html(CLOSE_SCROLL.into())]),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let leads_to = self.leads_to(&dest_url);
                self.dropped.push(leads_to.is_none());
                if let Some(dest_url) = leads_to {
                    to.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
                }
            }
            Event::End(TagEnd::Link) if self.dropped.pop() == Some(true) => (),
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let dest_url = self.leads_to(&dest_url).unwrap_or(dest_url);
                to.push(Event::Start(Tag::Image { link_type, dest_url, title, id }));
            }
            event => to.push(event),
        }
    }

    fn leads_to(&self, link: &CowStr<'a>) -> Option<CowStr<'a>> {
        match is_elsewhere(link) {
            true => Some(link.clone()),
            false => address_of(self.source, link).map(CowStr::from),
        }
    }

    /// Returns an anchor for the last heading, which no heading of the page had before, as GitHub makes them.
    fn anchor(&mut self) -> String {
        let kept = self.heading.to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let count = self.anchors.entry(anchor.clone()).or_default();
        let numbered = if *count == 0 { anchor } else { format!("{anchor}-{count}") };
        *count += 1;
        escaped(&numbered).to_string()
    }
}

/// Returns the words of a heading, whose events come first.
fn words<'a>(events: impl Iterator<Item = &'a Event<'a>>) -> String {
    let inside = events.take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    let texts = inside.filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
        Event::SoftBreak => Some(" "),
        _ => None,
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Source = Source {
        slug: "brands",
        path: "docs/brands.md",
        file: "# A page\n\n## How it `works`\n\n## How it `works`\n\n| a | b |\n|---|---|\n| [claims](claims.md#memos) | [gone](../LICENSE-MIT) |\n\n\
               [out](https://example.org/)\n",
    };

    #[test]
    fn headings_have_the_anchors_of_github() {
        let html = page(&PAGE);

        assert!(html.contains("<h1 id=\"a-page\">A page</h1>"), "{html}");
        assert!(
            html.contains("<h2 id=\"how-it-works\"><a class=\"here\" href=\"#how-it-works\">How it <code>works</code></a></h2>"),
            "{html}"
        );
        assert!(html.contains("<h2 id=\"how-it-works-1\">"), "{html}");
        assert_eq!(title(&PAGE), "A page");
    }

    #[test]
    fn links_lead_to_pages_of_the_server_or_become_text() {
        let html = page(&PAGE);

        assert!(html.contains("<a href=\"/docs/claims#memos\">claims</a>"), "{html}");
        assert!(html.contains("<td>gone</td>"), "{html}");
        assert!(html.contains("<a href=\"https://example.org/\">out</a>"), "{html}");
    }

    #[test]
    fn cell_without_words_is_no_heading() {
        let html = page(&Source { file: "| | b |\n|---|---|\n| c | |\n", ..PAGE });

        assert!(html.contains("<tr><td></td><th>b</th></tr>"), "{html}");
        assert!(html.contains("<td>c</td><td></td>"), "{html}");
    }

    #[test]
    fn tables_can_be_scrolled_with_the_keyboard() {
        let html = page(&PAGE);

        assert!(
            html.contains("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table: How it works\"><table>"),
            "{html}"
        );
        assert!(html.contains("</table>\n</div>"), "{html}");
    }
}
