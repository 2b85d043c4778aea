use crate::sheet::BYTE_ORDER_MARK;
use std::borrow::Cow;
use std::ops::Range;

/// Columns of a line that is shown whole.
pub(crate) const WIDEST: usize = 140;
/// Columns of a wider one that are shown before and behind each end of a place.
const AROUND: usize = 50;
/// Stands for what is not shown.
const LEFT_OUT: &str = "…";

/// The lines in which places of a text stand.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lines<'t> {
    /// Number of the first, from 1.
    pub(crate) number: usize,
    pub(crate) text: Cow<'t, str>,
    /// The places, from the begin of `text`.
    pub(crate) places: Vec<Range<usize>>,
}

impl<'t> Lines<'t> {
    /// From the line of the first place to that of the last, without a byte order mark.
    pub(crate) fn of(text: &'t str, places: &[Range<usize>]) -> Self {
        let places: Vec<Range<usize>> = places.iter().map(|one| clamp(text, one)).collect();
        let from = places.iter().map(|one| one.start).min().unwrap_or_default();
        let to = places.iter().map(|one| one.end).max().unwrap_or_default();
        let start = text[..from].rfind('\n').map_or(0, |at| at + 1);
        let end = text[to..].find('\n').map_or(text.len(), |at| to + at);
        let lines = &text[start..end];
        let mark = if start == 0 && lines.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let moved = |at: usize| at.saturating_sub(start + mark);
        Self {
            number: text[..start].matches('\n').count() + 1,
            text: Cow::Borrowed(&lines[mark..]),
            places: places.iter().map(|one| moved(one.start)..moved(one.end)).collect(),
        }
    }

    /// Of lines that are too wide only what is around the places.
    pub(crate) fn cut(self) -> Self {
        if self.text.split('\n').all(|line| columns(line) <= WIDEST) {
            return self;
        }
        let (mut text, mut done) = (String::new(), 0);
        let mut kept: Vec<(Range<usize>, usize)> = Vec::new();
        for piece in self.kept() {
            text += if piece.start > done { LEFT_OUT } else { "" };
            done = piece.end;
            kept.push((piece.clone(), text.len()));
            text += &self.text[piece];
        }
        text += if done < self.text.len() { LEFT_OUT } else { "" };
        let moved = |at: usize| kept.iter().find(|(piece, _)| at <= piece.end).map_or(text.len(), |(piece, to)| to + at - piece.start);
        let places = self.places.iter().map(|one| moved(one.start)..moved(one.end)).collect();
        Self { text: Cow::Owned(text), places, ..self }
    }

    /// What is shown, in its order: every end of a place is in one of the pieces.
    fn kept(&self) -> Vec<Range<usize>> {
        let mut ends: Vec<usize> = self.places.iter().flat_map(|one| [one.start, one.end]).collect();
        ends.sort_unstable();
        let (mut kept, mut start) = (Vec::<Range<usize>>::new(), 0);
        let mut keep = |piece: Range<usize>| match kept.last_mut() {
            Some(before) if piece.start <= before.end => before.end = before.end.max(piece.end),
            _ => kept.push(piece),
        };
        for line in self.text.split('\n') {
            let end = start + line.len();
            let within = &ends[ends.partition_point(|at| *at < start)..ends.partition_point(|at| *at <= end)];
            match within {
                _ if columns(line) <= WIDEST => keep(start..end),
                [] => keep(start..start + length(line.chars(), 2 * AROUND)),
                ends => ends.iter().for_each(|at| {
                    let (before, behind) = line.split_at(at - start);
                    keep(at - length(before.chars().rev(), AROUND)..at + length(behind.chars(), AROUND));
                }),
            }
            // The line break stays, whatever is left out before it.
            keep(end..(end + 1).min(self.text.len()));
            start = end + 1;
        }
        kept
    }
}

/// Bytes of the characters that fill so many columns.
fn length(chars: impl Iterator<Item = char>, most: usize) -> usize {
    let filled = chars.scan(0, |filled, c| {
        *filled += width(c);
        Some((*filled, c.len_utf8()))
    });
    filled.take_while(|(filled, _)| *filled <= most).map(|(_, length)| length).sum()
}

fn columns(line: &str) -> usize {
    line.chars().map(width).sum()
}

/// A tab is shown as four spaces. Nothing depends on it but where a line is cut: narrow characters beyond ASCII count as wide ones.
fn width(c: char) -> usize {
    match c {
        '\t' => 4,
        c if c.is_ascii() => 1,
        _ => 2,
    }
}

fn clamp(text: &str, span: &Range<usize>) -> Range<usize> {
    let floor = |at: usize| text.floor_char_boundary(at.min(text.len()));
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str, place: &str) -> (String, String) {
        let at = text.find(place).unwrap();
        let lines = Lines::of(text, std::slice::from_ref(&(at..at + place.len()))).cut();
        (lines.text[lines.places[0].clone()].to_owned(), lines.text.into_owned())
    }

    #[test]
    fn a_wide_line_is_shown_around_its_place() {
        let text = format!("a = 1\nname = \"{}账单{}\"\nb = 2\n", "客".repeat(500), "户".repeat(500));
        let shown = format!("…{}账单{}…", "客".repeat(AROUND / 2), "户".repeat(AROUND / 2));
        assert_eq!(cut(&text, "账单"), ("账单".to_owned(), shown));
        let (name, line) = cut(&text, "name");
        assert_eq!((name.as_str(), line.starts_with("name = \"客"), line.ends_with("客…")), ("name", true, true));
        assert_eq!(cut(&text, "b").1, "b = 2");
    }

    #[test]
    fn the_middle_of_a_wide_place_is_left_out_and_so_is_the_end_of_a_line_within_it() {
        let long = "x".repeat(1000);
        assert_eq!(cut(&long, &long).1, format!("{0}…{0}", "x".repeat(AROUND)));
        let text = format!("a = \"\"\"\n{long}\n{long}\"\"\"");
        assert_eq!(cut(&text, &text).1, format!("a = \"\"\"\n{0}{0}…\n…{1}\"\"\"", "x".repeat(AROUND), "x".repeat(AROUND - 3)));
    }

    #[test]
    fn a_byte_order_mark_is_not_shown() {
        assert_eq!(cut("\u{feff}a = 1\n", "a"), ("a".to_owned(), "a = 1".to_owned()));
    }

    proptest! {
        #[test]
        fn what_is_cut_begins_and_ends_as_it_did(
            lines in proptest::collection::vec("[a客\t]{0,300}", 1..5), from in 0_usize..2000, length in 0_usize..2000
        ) {
            let text = lines.join("\n");
            let place = clamp(&text, &(from..from + length));
            let cut = Lines::of(&text, std::slice::from_ref(&place)).cut();
            let (was, is) = (&text[place], &cut.text[cut.places[0].clone()]);
            prop_assert_eq!(was.matches('\n').count(), is.matches('\n').count());
            let begin = |text: &str| text.split(['…', '\n']).next().unwrap_or_default().chars().take(AROUND / 4).collect::<String>();
            prop_assert!(was.starts_with(&begin(is)));
            prop_assert!(is.split(['…', '\n']).next_back().is_some_and(|end| was.ends_with(end)));
            prop_assert!(cut.text.split('\n').all(|line| columns(line) <= WIDEST.max(4 * AROUND + 8)));
        }
    }
}
