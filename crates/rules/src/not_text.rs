//! A file that is no UTF-8: where it stops being text, and what it probably is instead.

use crate::hidden::hidden;
use crate::said::{both, said};
use crate::{FileFault, Said};
use std::ops::Range;

/// Characters of its line that are shown behind the place.
const SHOWN_BEHIND: usize = 60;
/// Bytes from which it is told that every other one is zero.
const LOOKED_AT: usize = 512;

/// The first place of a file that is no UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotText {
    /// Its line, from 1.
    line: usize,
    /// The characters before it in its line.
    before: usize,
    /// Its line as far as it can be read, without PINs and passwords.
    row: String,
    /// Where it is in that.
    place: Range<usize>,
    byte: u8,
    looks_like: LooksLike,
}

/// What such a file probably is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LooksLike {
    Gbk,
    Utf16,
    /// It ends within a character.
    Cut,
    /// UTF-8 with a wrong byte.
    Damaged,
}

/// The text of a file.
///
/// # Errors
/// Where it is no UTF-8.
pub fn text(bytes: Vec<u8>) -> Result<String, FileFault> {
    String::from_utf8(bytes).map_err(|error| FileFault::NotText(Box::new(NotText::at(error.as_bytes(), error.utf8_error().valid_up_to()))))
}

impl NotText {
    /// The byte at `end` is the first of no character.
    fn at(bytes: &[u8], end: usize) -> Self {
        let (byte, looks_like) = (bytes.get(end).copied().unwrap_or_default(), LooksLike::of(bytes));
        let whole = match looks_like {
            LooksLike::Utf16 => utf16(bytes),
            LooksLike::Gbk | LooksLike::Cut | LooksLike::Damaged => String::from_utf8_lossy(bytes).into_owned(),
        };
        // Both have the same text up to there, or none.
        let end = whole.floor_char_boundary(end);
        let shown = hidden(&whole);
        let start = shown[..end].rfind('\n').map_or(0, |at| at + 1);
        let behind: usize = shown[end..].chars().take(SHOWN_BEHIND).take_while(|c| !matches!(c, '\n' | '\r')).map(char::len_utf8).sum();
        let marks: usize = shown[end..end + behind].chars().take_while(|c| *c == char::REPLACEMENT_CHARACTER).map(char::len_utf8).sum();
        let row = shown[start..end + behind].to_owned();
        let place = end - start..(end - start + marks.max(1)).min(row.len());
        let (line, before) = (whole[..end].matches('\n').count() + 1, whole[start..end].chars().count());
        Self { line, before, row, place, byte, looks_like }
    }

    /// Line and column, from 1; the column counts characters, as editors do.
    pub fn line_and_column(&self) -> (usize, usize) {
        (self.line, self.before + 1)
    }

    /// A text that has its line at the same number, and nothing else; and where the place is in it.
    pub(crate) fn excerpt(&self) -> (String, Range<usize>) {
        let above = self.line - 1;
        ("\n".repeat(above) + &self.row, above + self.place.start..above + self.place.end)
    }

    pub(crate) fn message(&self) -> Said {
        said!("it is no UTF-8 text: the byte 0x{:02X} can't be here", "不是 UTF-8 文本：此处的字节 0x{:02X} 有误", self.byte)
    }

    pub(crate) fn help(&self) -> Said {
        match self.looks_like {
            LooksLike::Gbk => both("it looks like GBK: save it as UTF-8", "看起来是 GBK 编码：请以 UTF-8 编码另存"),
            LooksLike::Utf16 => both(
                "it looks like UTF-16 (called Unicode by some editors): save it as UTF-8",
                "看起来是 UTF-16 编码（有的编辑器称为 Unicode）：请以 UTF-8 编码另存",
            ),
            LooksLike::Cut => both(
                "the file ends in the middle of a character: copy the whole file again",
                "文件在一个字符的中间结束：请重新复制完整的文件",
            ),
            LooksLike::Damaged => both(
                "the rest looks like UTF-8: type what stands here anew, or restore the file",
                "其余部分是 UTF-8：请重新输入此处的文字，或恢复该文件",
            ),
        }
    }
}

impl LooksLike {
    fn of(bytes: &[u8]) -> Self {
        let head = &bytes[..bytes.len().min(LOOKED_AT)];
        let zeros = |first: usize| head.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) || zeros(0).max(zeros(1)) * 4 > head.len() {
            return Self::Utf16;
        }
        // Bytes of GBK seldom make a character of three or four bytes by chance; those of damaged Chinese text mostly do.
        let (mut wide, mut wrong, mut cut) = (0, 0, false);
        for chunk in bytes.utf8_chunks() {
            wide += chunk.valid().chars().filter(|c| c.len_utf8() >= 3).count();
            wrong += usize::from(!chunk.invalid().is_empty());
            cut = std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
        }
        if wide < wrong && is_gbk(bytes) {
            Self::Gbk
        } else if cut && wrong == 1 {
            Self::Cut
        } else {
            Self::Damaged
        }
    }
}

/// Whether all that is not ASCII comes in the pairs of GBK.
fn is_gbk(bytes: &[u8]) -> bool {
    let mut bytes = bytes.iter();
    while let Some(first) = bytes.next() {
        let pair = || bytes.next().is_some_and(|second| matches!(second, 0x40..=0x7e | 0x80..=0xfe));
        if *first >= 0x80 && !(matches!(first, 0x81..=0xfe) && { pair }()) {
            return false;
        }
    }
    true
}

fn utf16(bytes: &[u8]) -> String {
    let big = bytes.starts_with(&[0xfe, 0xff]) || !bytes.starts_with(&[0xff, 0xfe]) && bytes.first() == Some(&0);
    let unit = |pair: &[u8]| match pair {
        [a, b] => Some(if big { u16::from_be_bytes([*a, *b]) } else { u16::from_le_bytes([*a, *b]) }),
        [..] => None,
    };
    let units: Vec<u16> = bytes.chunks(2).filter_map(unit).filter(|unit| *unit != 0xfeff).collect();
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::Lang;
    use proptest::prelude::*;

    fn of(bytes: impl AsRef<[u8]>) -> NotText {
        let Err(FileFault::NotText(found)) = text(bytes.as_ref().to_vec()) else { panic!("it is text") };
        *found
    }

    fn utf16_of(text: &str) -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    }

    #[test]
    fn the_place_is_a_line_and_a_column_in_characters() {
        let found = of(b"# \xe6\x97\xa5\nname = \"\xe5\xae\xa2\xe6\x9c\x8d\xff\" # x\n");
        assert_eq!(found.line_and_column(), (2, 11), "two characters of three bytes before it");
        let (shown, place) = found.excerpt();
        assert_eq!((&*shown, &shown[place]), ("\nname = \"客服\u{fffd}\" # x", "\u{fffd}"));
    }

    #[test]
    fn what_it_looks_like_is_what_it_was_saved_as() {
        // 客服 in GBK.
        assert_eq!(of(b"name = \"\xbf\xcd\xb7\xfe\"").looks_like, LooksLike::Gbk);
        let sixteen = of(utf16_of("[[queue]]\nname = \"客服\"\n"));
        assert_eq!((sixteen.looks_like, sixteen.line_and_column()), (LooksLike::Utf16, (1, 1)));
        assert_eq!(sixteen.row, "[[queue]]");
        assert_eq!(of(&"x = \"客服".as_bytes()[..9]).looks_like, LooksLike::Cut);
        let mut flipped = "name = \"客服中心\" # 早班\n".as_bytes().to_vec();
        flipped[10] ^= 0x80;
        assert_eq!(of(flipped).looks_like, LooksLike::Damaged);
        assert_eq!(of(b"x = \"\xff\"").looks_like, LooksLike::Damaged, "255 begins no pair of GBK");
    }

    #[test]
    fn no_password_is_shown_with_the_place() {
        let found = of(b"seat = [{ name = \"1\", password = \"k7T-wq2\", label = \"\xff\" }]");
        assert!(!found.row.contains("k7T") && found.row.contains("password = \"*******\""), "{}", found.row);
        let over_lines = of(b"password = \"\"\"\nk7T\xff\"\"\"\n");
        assert_eq!(over_lines.line_and_column(), (2, 4));
        assert!(!over_lines.row.contains("k7T"), "{}", over_lines.row);
    }

    #[test]
    fn the_finding_and_the_sentence_name_the_place() {
        let fault = FileFault::NotText(Box::new(of(b"x = 1\ny = \"\xbf\xcd\"")));
        let words = fault.in_words("a.toml");
        assert_eq!(
            words.of(Lang::En),
            "a.toml:2:6: it is no UTF-8 text: the byte 0xBF can't be here (HL195); it looks like GBK: save it as UTF-8"
        );
        assert!(words.of(Lang::Zh).starts_with("a.toml:2:6：不是 UTF-8 文本：此处的字节 0xBF 有误（HL195）"), "{words:?}");
        let source = fault.source("a.toml");
        assert_eq!(fault.finding(0).line_and_column(&[source]), (2, 6));
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_place_or_are_text(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            match text(bytes.clone()) {
                Ok(text) => prop_assert_eq!(text.as_bytes(), &*bytes),
                Err(fault) => {
                    let (line, column) = fault.finding(0).line_and_column(&[fault.source("x.toml")]);
                    prop_assert!(line >= 1 && column >= 1);
                    let FileFault::NotText(found) = fault else { panic!("no other fault") };
                    prop_assert_eq!(found.line_and_column(), (line, column));
                }
            }
        }
    }
}
