//! A text of a few sentences and tables, for people or machines.

use crate::cli::words;
use serde_json::{Value, json};

/// Sentences, then tables.
#[derive(Debug, Default)]
pub struct Page {
    /// The sentences, the answer first.
    pub says: Vec<String>,
    /// The tables.
    pub tables: Vec<Table>,
}

/// A table; one without rows is not shown.
#[derive(Debug)]
pub struct Table {
    /// Its name for machines.
    pub key: &'static str,
    /// Its name for people.
    pub heading: String,
    /// Its rows.
    pub rows: Vec<[String; 3]>,
}

impl Page {
    /// The same with every cell and sentence changed like this.
    pub fn map(mut self, change: impl Fn(&str) -> String) -> Self {
        let texts = self.says.iter_mut();
        let texts = texts.chain(self.tables.iter_mut().flat_map(|table| table.rows.iter_mut().flatten().chain([&mut table.heading])));
        texts.for_each(|text| *text = change(text));
        self
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = self.says.join("\n") + "\n";
        for table in self.tables.iter().filter(|table| !table.rows.is_empty()) {
            let rows: Vec<_> = table.rows.iter().cloned().map(|[a, b, c]| [String::new(), a, b, c]).collect();
            text += &format!("\n{}\n{}", table.heading, words::aligned(&rows));
        }
        text
    }

    /// For machines.
    pub fn json(&self) -> String {
        let mut all = json!({ "says": self.says });
        for table in &self.tables {
            let rows: Vec<Value> =
                table.rows.iter().map(|row| json!(row.iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>())).collect();
            all[table.key] = rows.into();
        }
        format!("{all:#}\n")
    }
}
