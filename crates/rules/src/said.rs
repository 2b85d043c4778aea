use crate::hidden::without_passwords;
use hotline_model::Lang;
use std::borrow::Cow;

/// A text in both languages of the people who write rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// In English.
    pub en: Cow<'static, str>,
    /// In Chinese.
    pub zh: Cow<'static, str>,
}

impl Said {
    /// In one of the languages.
    pub fn of(&self, lang: Lang) -> &str {
        lang.of(&self.en, &self.zh)
    }

    /// With what it quotes as it may be shown: a value of a file may have megabytes, or an address with a password.
    pub(crate) fn in_brief(self) -> Self {
        let shown = |text: Cow<'static, str>| match without_passwords(&text) {
            Cow::Owned(hidden) => brief(Cow::Owned(hidden)),
            Cow::Borrowed(_) => brief(text),
        };
        Self { en: shown(self.en), zh: shown(self.zh) }
    }

    /// The same in both: names, code, lists of words.
    pub fn alike(text: impl Into<Cow<'static, str>>) -> Self {
        let text = text.into();
        Self { en: text.clone(), zh: text }
    }
}

/// Characters of a text between backticks, or between two of them, up to which it is quoted in full, and of all of a message.
const LONGEST_QUOTED: usize = 400;
const LONGEST: usize = 4_000;

fn brief(text: Cow<'static, str>) -> Cow<'static, str> {
    if text.len() <= LONGEST_QUOTED {
        return text;
    }
    let parts: Vec<Cow<'_, str>> = text.split('`').map(|part| cut(part, LONGEST_QUOTED)).collect();
    let brief = parts.join("`");
    Cow::Owned(cut(&brief, LONGEST).into_owned())
}

/// The first half of what is longer.
fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(longest / 2).chain(['…']).collect()),
    }
}

/// A fixed text in English and Chinese.
pub(crate) const fn both(en: &'static str, zh: &'static str) -> Said {
    Said { en: Cow::Borrowed(en), zh: Cow::Borrowed(zh) }
}

/// A word of the files, alike in both languages.
pub(crate) const fn code(word: &'static str) -> Said {
    both(word, word)
}

impl From<&Said> for Said {
    fn from(text: &Said) -> Self {
        text.clone()
    }
}

/// A [`Said`] out of two format strings, English and Chinese, with the same values: `said!("unknown key `{key}`", "未知的键 `{key}`")`.
/// What is written otherwise in Chinese has an alternate form: `{:#}`. Values that are `Said` themselves are named in brackets before: `said!([noun] "no {noun}", "没有{noun}")`.
macro_rules! said {
    ([$($part:ident),+ $(,)?] $en:literal, $zh:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::said::Said {
            en: {
                $(let $part = &*$part.en;)+
                format!($en $(, $name = $value)*).into()
            },
            zh: {
                $(let $part = &*$part.zh;)+
                format!($zh $(, $name = $value)*).into()
            },
        }
    };
    ($en:literal, $zh:literal $(, $($value:tt)*)?) => {
        $crate::said::Said { en: format!($en $(, $($value)*)?).into(), zh: format!($zh $(, $($value)*)?).into() }
    };
}
pub(crate) use said;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_cut_at_a_character_and_what_is_said_of_it_stays() {
        let long = "客".repeat(LONGEST_QUOTED + 1);
        let brief = said!("`{long}` is no name", "`{long}` 不是名称").in_brief();
        assert_eq!(brief.en, format!("`{}…` is no name", "客".repeat(LONGEST_QUOTED / 2)));
        let just = "a".repeat(LONGEST_QUOTED);
        assert_eq!(said!("`{just}` is no name", "").in_brief().en, format!("`{just}` is no name"));
    }

    #[test]
    fn both_languages_get_the_same_values_and_a_noun_gets_its_own_word_in_each() {
        let (noun, name) = (both("seat", "坐席"), "张三");
        let said = said!([noun] "unknown {noun} `{name}` in {file}", "{file} 中没有{noun} `{name}`", file = 7);
        assert_eq!((said.of(Lang::En), said.of(Lang::Zh)), ("unknown seat `张三` in 7", "7 中没有坐席 `张三`"));
        assert_eq!(said!("{name}", "“{name}”").of(Lang::Zh), "“张三”");
    }
}
