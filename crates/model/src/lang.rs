use std::fmt;
use std::str::FromStr;

/// A language that the people of the hotline read (not one that callers speak, see [`crate::LanguageId`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    #[default]
    En,
}

impl Lang {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// Its code, as in HTTP's `Accept-Language`.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// One of two texts.
    pub fn of<T>(self, en: T, zh: T) -> T {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }

    /// The language of a locale's name such as `zh_CN.UTF-8`: Chinese, or else English.
    pub fn of_locale(locale: &str) -> Self {
        if locale.get(..2).is_some_and(|language| language.eq_ignore_ascii_case("zh")) { Self::Zh } else { Self::En }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A text names no language that is spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLang;

impl fmt::Display for UnknownLang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the languages are zh and en")
    }
}

impl std::error::Error for UnknownLang {}

impl FromStr for Lang {
    type Err = UnknownLang;

    fn from_str(code: &str) -> Result<Self, UnknownLang> {
        Self::ALL.into_iter().find(|lang| lang.code() == code).ok_or(UnknownLang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_read_as_it_is_printed_and_nothing_else_is() {
        for lang in Lang::ALL {
            assert_eq!(lang.to_string().parse(), Ok(lang));
        }
        for wrong in ["", "ZH", "zh-CN", "de", "中文"] {
            assert_eq!(wrong.parse::<Lang>(), Err(UnknownLang), "{wrong}");
        }
    }

    #[test]
    fn a_locale_that_is_not_chinese_gets_english() {
        for (locale, lang) in
            [("zh_CN.UTF-8", Lang::Zh), ("ZH-tw", Lang::Zh), ("zh", Lang::Zh), ("C", Lang::En), ("", Lang::En), ("中文", Lang::En)]
        {
            assert_eq!(Lang::of_locale(locale), lang, "{locale}");
        }
    }
}
