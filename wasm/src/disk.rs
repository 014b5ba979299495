//! A file of a node's directory as the page's microscope shows it: its records, and every byte named. What is in
//! sight is handed over, and no more.

use redarium_core::persist::Span;
use redarium_core::persist::outline::Outline;
use wasm_bindgen::JsValue;

use crate::objects;
use crate::objects::list_of;

/// The outline of the file that was looked into last.
#[derive(Default)]
pub struct Microscope {
    node: u32,
    name: String,
    outline: Outline,
}

impl Microscope {
    /// Records from one on, a `RecordPage`. What is `fresh` reads the file again.
    pub fn records(&mut self, file: File<'_>, from: usize, count: usize, fresh: bool) -> JsValue {
        self.focus(&file, fresh);
        let rows = (from..self.outline.len()).take(count.min(ROWS_MAX));
        let rows = list_of(rows, |index| match self.outline.record(file.bytes, index) {
            Some(record) => objects::record_row(
                record.start as f64,
                record.end as f64,
                &record.title,
                record.damaged,
            ),
            None => JsValue::NULL,
        });
        let fault = match self.outline.fault() {
            Some(fault) => objects::fault(fault.record as f64, &fault.text),
            None => JsValue::NULL,
        };
        let (total, bytes) = (self.outline.len() as f64, file.bytes.len() as f64);
        objects::record_page(total, bytes, from as f64, rows, fault)
    }

    /// The bytes from an offset on with their names, a `ByteWindow`.
    pub fn window(&mut self, file: File<'_>, from: usize, count: usize) -> JsValue {
        self.focus(&file, false);
        let rest = file.bytes.get(from..).unwrap_or_default();
        let raw = rest.get(..count.min(BYTES_MAX)).unwrap_or(rest);
        let until = from + raw.len();
        let records = self.outline.at(from)..=self.outline.at(until.saturating_sub(1));
        let spans = records.flat_map(|record| self.outline.spans(file.bytes, record));
        let seen = spans.filter(|span| span.start < until && span.end > from);
        objects::byte_window(from as f64, raw.to_vec(), list_of(seen, |span| self::span(&span)))
    }

    /// The record that a byte belongs to, a `RecordView`; `null` beyond the file's end.
    pub fn record(&mut self, file: File<'_>, at: usize) -> JsValue {
        self.focus(&file, false);
        let index = self.outline.at(at);
        let Some(record) = self.outline.record(file.bytes, index) else { return JsValue::NULL };
        let spans = list_of(self.outline.spans(file.bytes, index), |span| self::span(&span));
        objects::record_view(
            index as f64,
            record.start as f64,
            record.end as f64,
            &record.title,
            spans,
        )
    }

    fn focus(&mut self, file: &File<'_>, fresh: bool) {
        if fresh || self.node != file.node || self.name != file.name {
            self.outline = Outline::of(file.bytes);
            (self.node, self.name) = (file.node, file.name.into());
        }
    }
}

/// A file, and whose it is.
pub struct File<'a> {
    pub node: u32,
    pub name: &'a str,
    pub bytes: &'a [u8],
}

fn span(span: &Span) -> JsValue {
    let (start, end) = (span.start as f64, span.end as f64);
    objects::span(start, end, span.level, span.kind.name(), &span.text)
}

/// Rows, and bytes, handed over at once.
const ROWS_MAX: usize = 500;
const BYTES_MAX: usize = 16 * 1024;
