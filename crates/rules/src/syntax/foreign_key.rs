//! A key in other letters than TOML has: quotes around it would only make it one that the rules do not know.

use super::Slip;
use super::statement::{Head, Statement};
use crate::finding::Place;
use crate::fixes::replace;
use crate::said::{both, said};
use crate::schema;
use std::ops::Range;

/// Letters of other scripts that look like one of ASCII (Cyrillic, Greek, and the dotless i).
const LOOK_ALIKE: [(char, char); 24] = [
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('і', 'i'),
    ('ѕ', 's'),
    ('ј', 'j'),
    ('ԁ', 'd'),
    ('һ', 'h'),
    ('ӏ', 'l'),
    ('ԛ', 'q'),
    ('ԝ', 'w'),
    ('м', 'm'),
    ('т', 't'),
    ('к', 'k'),
    ('ο', 'o'),
    ('ν', 'v'),
    ('ι', 'i'),
    ('ρ', 'p'),
    ('α', 'a'),
    ('ı', 'i'),
];
/// Keys as people would say them in Chinese.
const IN_CHINESE: [(&[&str], &str); 14] = [
    (&["密码", "口令"], "password"),
    (&["名称", "名字", "名"], "name"),
    (&["姓名", "坐席姓名"], "agent"),
    (&["技能"], "skills"),
    (&["坐席", "座席"], "seat"),
    (&["排队", "队列"], "queue"),
    (&["菜单"], "menu"),
    (&["号码", "电话", "电话号码"], "number"),
    (&["地区", "区域"], "region"),
    (&["语言"], "language"),
    (&["上限"], "limit"),
    (&["时区"], "zone"),
    (&["服务时间", "营业时间", "工作时间"], "hours"),
    (&["优先级"], "priority"),
];
/// Tables whose keys are names of one's own: these may be in any letters, in quotes.
const OF_ONES_OWN: [&str; 8] = ["skills", "skill", "distances", "hours", "exceptions", "keys", "menu", "calendar"];

/// What is wrong with the key in which the parser stopped; the table that it stands in is the last that begins before the statement.
pub(super) fn of_key(text: &str, statements: &[Statement], place: usize, at: usize, line: &Range<usize>, file: usize) -> Option<Slip> {
    let before = text.get(line.start..at.clamp(line.start, line.end))?;
    let begin = line.start + before.rfind(['{', ',']).map_or(0, |sign| sign + 1);
    let raw = text[begin..line.end].split('=').next()?;
    let span = begin + raw.len() - raw.trim_start().len()..begin + raw.trim_end().len();
    let key = text.get(span.clone())?;
    let (letter, c) = key.char_indices().find(|(_, c)| !c.is_ascii())?;
    if !key.chars().all(|c| c.is_alphanumeric() || "-_".contains(c)) {
        return None;
    }
    let meant: String = key.chars().map(|c| LOOK_ALIKE.iter().find(|(other, _)| *other == c).map_or(c, |(_, latin)| *latin)).collect();
    let known = schema::sections().iter().any(|section| section.all().any(|one| one.name == meant));
    if meant.is_ascii() && (known || key.chars().any(|c| c.is_ascii_alphabetic())) {
        let code = u32::from(c);
        let latin = meant.chars().nth(key[..letter].chars().count()).unwrap_or(c);
        let here = span.start + letter..span.start + letter + c.len_utf8();
        let help = said!("write `{meant}` in Latin letters", "请用拉丁字母写 `{meant}`");
        return Some(Slip {
            span: here,
            message: said!(
                "`{c}` (U+{code:04X}) in `{key}` is not the letter `{latin}`",
                "`{key}` 中的 `{c}`（U+{code:04X}）不是字母 `{latin}`"
            ),
            label: both("it only looks like it", "只是看起来像"),
            fix: Some(replace(&Place { file, span }, meant, help.clone(), known)),
            help,
        });
    }
    let head = statements[..place].iter().rev().find_map(|one| one.head.as_ref());
    if begin != line.start || head.is_some_and(is_of_ones_own) {
        return None;
    }
    let english = IN_CHINESE.iter().find(|(words, _)| words.contains(&key)).map(|(_, english)| *english);
    let help = english.map_or(
        both("`hotline rules schema --reference` lists all keys", "全部的键见 `hotline rules schema --reference`"),
        |english| said!("did you mean `{english}`?", "是不是 `{english}`？"),
    );
    Some(Slip {
        span,
        message: said!("`{key}` can't be a key: keys are English words", "`{key}` 不能作键：键都是英文词"),
        label: both("not a key", "不是键"),
        help,
        fix: None,
    })
}

fn is_of_ones_own(head: &Head) -> bool {
    head.path.rsplit('.').next().is_some_and(|last| OF_ONES_OWN.contains(&last))
}
