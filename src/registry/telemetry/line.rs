//! Plain log lines for people, without colours. They look as tracing's own formatter writes them, but without its cost for styles. Each
//! request writes a line, so a line may take only a microsecond.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, time};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes events as plain lines.
#[derive(Debug)]
pub(super) struct PlainLine;

/// Formats span fields the same way as event fields.
#[derive(Debug)]
pub(super) struct PlainFields;

impl<'w> FormatFields<'w> for PlainFields {
    fn format_fields<R: RecordFields>(&self, mut line: Writer<'w>, fields: R) -> fmt::Result {
        let mut written = Fields { line: &mut line, first: true, result: Ok(()) };
        fields.record(&mut written);
        written.result
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> FormatEvent<S, PlainFields> for PlainLine {
    fn format_event(&self, context: &FmtContext<'_, S, PlainFields>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        time().format_time(&mut line)?;
        line.write_char(' ')?;
        let level = event.metadata().level().as_str();
        for _ in level.len()..5 {
            line.write_char(' ')?;
        }
        line.write_str(level)?;
        line.write_char(' ')?;
        let mut end = "";
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            line.write_str(span.metadata().name())?;
            if let Some(fields) = span.extensions().get::<FormattedFields<PlainFields>>()
                && !fields.is_empty()
            {
                line.write_char('{')?;
                line.write_str(fields)?;
                line.write_char('}')?;
            }
            line.write_char(':')?;
            end = " ";
        }
        line.write_str(end)?;
        let mut fields = Fields { line: &mut line, first: true, result: Ok(()) };
        event.record(&mut fields);
        fields.result?;
        line.write_char('\n')
    }
}

struct Fields<'a, 'w> {
    line: &'a mut Writer<'w>,
    first: bool,
    result: fmt::Result,
}

impl Fields<'_, '_> {
    /// Writes the field's name and then `value`; the message has no name.
    fn field(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.result.is_err() {
            return;
        }
        let separator = if std::mem::replace(&mut self.first, false) { "" } else { " " };
        let name = field.name();
        let written = self.line.write_str(separator).and_then(|()| {
            if name != "message" {
                self.line.write_str(name)?;
                self.line.write_char('=')?;
            }
            value(self.line)
        });
        self.result = written;
    }
}

impl Visit for Fields<'_, '_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, |line| write!(line, "{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // If Debug would escape nothing, the text is written directly.
        let plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'));
        self.field(field, |line| match plain {
            true => {
                line.write_char('"')?;
                line.write_str(value)?;
                line.write_char('"')
            }
            false => write!(line, "{value:?}"),
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.field(field, |line| write!(OneLine(line), "{value:?}"));
    }
}

/// Writes control characters as escapes, so that text from a caller cannot start a new line or move a terminal's cursor.
struct OneLine<'a, 'w>(&'a mut Writer<'w>);

impl fmt::Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !text.contains(char::is_control) {
            return self.0.write_str(text);
        }
        for c in text.chars() {
            match c.is_control() {
                true => write!(self.0, "{}", c.escape_debug())?,
                false => self.0.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing::subscriber::with_default;
    use tracing_subscriber::fmt;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Kept {
        /// Returns the written lines, without the time at the beginning of each.
        fn lines(&self) -> Vec<String> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            text.lines().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect()
        }
    }

    fn speak() {
        tracing::warn!("alone");
        let outer = tracing::info_span!("request", request.id = "a b", trace.id = Option::<&str>::None);
        let _outer = outer.enter();
        tracing::info!(http.method = "GET", http.status = 200u16, open = true, left = -3i64, "answered");
        let inner = tracing::info_span!("inner");
        let _inner = inner.enter();
        tracing::error!(error.chain = "a \"quoted\" part, ä", why = %"as it is", "said {}", 1);
    }

    #[test]
    fn lines_are_those_of_the_librarys_own_formatter() {
        let (ours, theirs) = (Kept::default(), Kept::default());
        let (to_ours, to_theirs) = (ours.clone(), theirs.clone());
        let layer =
            fmt::layer().with_ansi(false).fmt_fields(PlainFields).event_format(PlainLine).with_writer(move || to_ours.clone());
        with_default(tracing_subscriber::registry().with(layer), speak);
        let layer = fmt::layer().with_ansi(false).with_target(false).with_writer(move || to_theirs.clone());
        with_default(tracing_subscriber::registry().with(layer), speak);
        assert_eq!(ours.lines().len(), 3);
        assert_eq!(ours.lines(), theirs.lines());
    }

    #[test]
    fn nothing_begins_a_line_of_its_own() {
        let kept = Kept::default();
        let to_kept = kept.clone();
        let layer =
            fmt::layer().with_ansi(false).fmt_fields(PlainFields).event_format(PlainLine).with_writer(move || to_kept.clone());
        with_default(tracing_subscriber::registry().with(layer), || tracing::info!(why = %"a\nb\u{1b}[2J", "x\ny"));
        assert_eq!(kept.lines(), [r" INFO x\ny why=a\nb\u{1b}[2J"]);
    }
}
