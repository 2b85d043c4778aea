use crate::said::{both, said};
use crate::{Diagnostic, Fix, Said, Severity};
use std::ops::Range;

/// Findings kept; the rest is only counted.
const MOST: usize = 200;

/// A stretch of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) span: Range<usize>,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    found: Vec<Diagnostic>,
    errors: usize,
    left_out: usize,
}

impl Findings {
    pub(crate) fn error(&mut self, code: &'static str, place: &Place, message: impl Into<Said>, label: impl Into<Said>) -> More<'_> {
        self.errors += 1;
        self.add(code, Severity::Error, place, message.into(), label.into())
    }

    pub(crate) fn warning(&mut self, code: &'static str, place: &Place, message: impl Into<Said>, label: impl Into<Said>) -> More<'_> {
        self.add(code, Severity::Warning, place, message.into(), label.into())
    }

    fn add(&mut self, code: &'static str, severity: Severity, place: &Place, message: Said, label: Said) -> More<'_> {
        if self.found.len() >= MOST && (severity == Severity::Warning || self.errors > MOST) {
            self.left_out += 1;
            return More(None);
        }
        let (file, span) = (place.file, place.span.clone());
        self.found.push(Diagnostic { code, severity, file, span, message, label, help: None, rule: None, fix: None });
        More(self.found.last_mut())
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// All findings in the order of files (`order` gives the rank of each) and places.
    pub(crate) fn sorted(mut self, order: &[usize]) -> Vec<Diagnostic> {
        let rank = |file: usize| order.get(file).copied().unwrap_or(file);
        self.found.sort_by_key(|one| (rank(one.file), one.span.start, one.span.end));
        if let (true, Some(last)) = (self.left_out > 0, self.found.last().cloned()) {
            let message = said!("{left_out} further findings are not shown", "另有 {left_out} 处问题未列出", left_out = self.left_out);
            self.found.push(Diagnostic {
                code: "HL099",
                message,
                label: both("after this one", "在此之后"),
                help: None,
                rule: None,
                ..last
            });
        }
        self.found
    }
}

/// Adds to a finding just made.
pub(crate) struct More<'a>(Option<&'a mut Diagnostic>);

impl More<'_> {
    pub(crate) fn help(self, help: impl Into<Said>) -> Self {
        self.maybe_help(Some(help.into()))
    }

    pub(crate) fn maybe_help(mut self, help: Option<Said>) -> Self {
        if let Some(one) = &mut self.0 {
            one.help = help;
        }
        self
    }

    pub(crate) fn maybe_fix(mut self, fix: Option<Fix>) -> Self {
        if let Some(one) = &mut self.0 {
            one.fix = fix;
        }
        self
    }

    pub(crate) fn rule(mut self, rule: &'static str) -> Self {
        if let Some(one) = &mut self.0 {
            one.rule = Some(rule);
        }
        self
    }
}
