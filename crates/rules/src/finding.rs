use crate::said::{both, said};
use crate::{Diagnostic, Fix, Related, Said, Severity};
use std::ops::Range;

/// Findings kept; the rest is only counted.
const MOST: usize = 200;
/// What counts the rest.
pub(crate) const LEFT_OUT: &str = "HL099";

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
    /// Of these none are kept: errors, warnings.
    left_out: (usize, usize),
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
            *(if severity == Severity::Error { &mut self.left_out.0 } else { &mut self.left_out.1 }) += 1;
            return More(None);
        }
        let (file, span) = (place.file, place.span.clone());
        self.found.push(Diagnostic {
            code,
            severity,
            file,
            span,
            message: message.in_brief(),
            label: label.in_brief(),
            help: None,
            rule: None,
            fix: None,
            related: None,
            count: 1,
        });
        More(self.found.last_mut())
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many errors there are, to see whether reading something made one.
    pub(crate) fn errors(&self) -> usize {
        self.errors
    }

    /// All findings in the order of files (`order` gives the rank of each) and places.
    pub(crate) fn sorted(mut self, order: &[usize]) -> Vec<Diagnostic> {
        let rank = |file: usize| order.get(file).copied().unwrap_or(file);
        self.found.sort_by_key(|one| (rank(one.file), one.span.start, one.span.end));
        let Some(last) = self.found.last().cloned() else { return self.found };
        for (count, severity, noun) in
            [(self.left_out.0, Severity::Error, both("errors", "错误")), (self.left_out.1, Severity::Warning, both("warnings", "警告"))]
        {
            let message = said!([noun] "{count} further {noun} are not shown", "另有 {count} 处{noun}未列出");
            let (code, label, file, span) = (LEFT_OUT, both("after this one", "在此之后"), last.file, last.span.clone());
            let rest = Diagnostic { code, severity, file, span, message, label, help: None, rule: None, fix: None, related: None, count };
            self.found.extend(Some(rest).filter(|rest| rest.count > 0));
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
            one.help = help.map(Said::in_brief);
        }
        self
    }

    pub(crate) fn maybe_fix(mut self, fix: Option<Fix>) -> Self {
        if let Some(one) = &mut self.0 {
            one.fix = fix.map(|fix| Fix { title: fix.title.in_brief(), ..fix });
        }
        self
    }

    /// Another place that it is about, and what is there.
    pub(crate) fn see(mut self, place: &Place, label: impl Into<Said>) -> Self {
        if let Some(one) = &mut self.0 {
            one.related = Some(Related { file: place.file, span: place.span.clone(), label: label.into().in_brief() });
        }
        self
    }

    /// Where the first of two is.
    pub(crate) fn first(self, place: &Place) -> Self {
        self.see(place, both("the first is here", "先写在这里"))
    }

    pub(crate) fn rule(mut self, rule: &'static str) -> Self {
        if let Some(one) = &mut self.0 {
            one.rule = Some(rule);
        }
        self
    }
}
