//! What the TOML parser says, in Chinese too.

use crate::Said;

/// The parser's sentences without what it expected, and their Chinese.
const SENTENCES: [(&str, &str); 70] = [
    ("duplicate key", "键重复"),
    ("carriage return must be followed by newline", "回车符之后必须是换行符"),
    ("missing opening quote", "缺少开头的引号"),
    ("missing comma between array elements", "列表各项之间缺少逗号"),
    ("integers with a radix cannot be signed", "带进制前缀的整数不能有正负号"),
    ("radix must be lowercase", "进制前缀必须小写"),
    ("missing assignment between key-value pairs", "键和值之间缺少 `=`"),
    ("unexpected leading zero", "数字开头多了 0"),
    ("unclosed array table", "表头 `[[...]]` 没有写完"),
    ("missing key for inline table element", "内联表中缺少键"),
    ("missing inline table opening", "缺少 `{`"),
    ("missing escaped value", "`\\` 之后缺少转义字符"),
    ("missing array opening", "缺少 `[`"),
    ("invalid unquoted key", "键中有不允许的字符；汉字等须加引号"),
    ("cannot recurse further; max recursion depth met", "嵌套过深"),
    ("recursion limit", "嵌套过深"),
    ("unquoted keys cannot be empty", "键不能为空"),
    ("unexpected sign", "多了正负号"),
    ("unexpected key or value", "多了键或值"),
    ("unexpected content", "多了内容"),
    ("unexpected content between comment and newline", "注释和换行之间多了内容"),
    ("unexpected `=` in array", "列表中多了 `=`"),
    ("unclosed table", "表头 `[...]` 没有写完"),
    ("unclosed inline table", "内联表 `{...}` 没有写完"),
    ("unclosed array", "列表 `[...]` 没有写完"),
    ("too few unicode value digits", "Unicode 转义的位数不足"),
    ("string values must be quoted", "文本必须加引号"),
    ("redundant numeric sign", "多了正负号"),
    ("redundant integer number prefix", "多了进制前缀"),
    ("missing value", "缺少值"),
    ("missing value for key", "键没有值"),
    ("missing table open", "缺少 `[`"),
    ("missing comment start", "缺少 `#`"),
    ("missing comma between key-value pairs", "各键值之间缺少逗号"),
    ("keys cannot be multi-line literal strings", "键不能是多行文本"),
    ("keys cannot be multi-line basic strings", "键不能是多行文本"),
    ("key with no value", "键没有值"),
    ("invalid value", "值无效"),
    ("invalid key", "键无效"),
    ("invalid table", "表头无效"),
    ("invalid key-value pair", "键值无效"),
    ("invalid inline table element", "内联表中的内容无效"),
    ("invalid comment character", "注释中有不允许的字符"),
    ("invalid literal string", "单引号文本无效或没有写完"),
    ("invalid multi-line literal string", "多行单引号文本无效或没有写完"),
    ("invalid basic string", "双引号文本无效或没有写完"),
    ("invalid multi-line basic string", "多行双引号文本无效或没有写完"),
    ("invalid string", "文本无效"),
    ("invalid octal number", "八进制数无效"),
    ("invalid integer number", "整数无效"),
    ("invalid hexadecimal number", "十六进制数无效"),
    ("invalid binary number", "二进制数无效"),
    ("invalid float", "小数无效"),
    ("invalid fraction", "小数部分无效"),
    ("invalid exponent", "指数部分无效"),
    ("invalid mantissa", "小数无效"),
    ("invalid date-time", "日期或时间无效"),
    ("invalid datetime", "日期或时间无效"),
    ("invalid date", "日期无效"),
    ("invalid time", "时间无效"),
    ("invalid offset", "时区偏移无效"),
    ("invalid boolean", "只能是 `true` 或 `false`"),
    ("extra comma in inline table", "内联表中多了逗号"),
    ("extra comma in array", "列表中多了逗号"),
    ("extra assignment between key-value pairs", "多了 `=`"),
    ("extra `=`", "多了 `=`"),
    ("`_` may only go between digits", "`_` 只能在数字之间"),
    ("cannot extend value of type array with a dotted key", "不能用带点的键扩充列表"),
    ("cannot extend value of type inline table with a dotted key", "不能用带点的键扩充内联表"),
    ("could not allocate for string", "文本过长"),
];

const EXPECTED: [(&str, &str); 24] = [
    ("nothing", "无内容"),
    ("newline", "换行"),
    ("basic string", "双引号文本"),
    ("multi-line basic string", "多行双引号文本"),
    ("literal string", "单引号文本"),
    ("characters", "字符"),
    ("digits", "数字"),
    ("numbers", "数字"),
    ("letters", "字母"),
    ("key", "键"),
    ("value", "值"),
    ("printable characters", "可见字符"),
    ("non-double-quote visible characters", "双引号以外的可见字符"),
    ("non-single-quote characters", "单引号以外的字符"),
    ("non-single-quote visible characters", "单引号以外的可见字符"),
    ("month between 01 and 12", "01 至 12 的月份"),
    ("hour between 00 and 23", "00 至 23 的小时"),
    ("minute between 00 and 59", "00 至 59 的分钟"),
    ("second between 00 and 60", "00 至 60 的秒"),
    ("a two-digit month (MM)", "两位的月份"),
    ("a two-digit day (DD)", "两位的日期"),
    ("a two-digit hour (HH)", "两位的小时"),
    ("a four-digit year (YYYY)", "四位的年份"),
    ("unicode hexadecimal value", "Unicode 十六进制码"),
];

/// The parser's message in both languages; one that is not known here stays in English behind a Chinese word for it.
pub(crate) fn in_words(message: &str) -> Said {
    let (what, expected) = message.split_once(", expected ").map_or((message, None), |(what, expected)| (what, Some(expected)));
    let known = SENTENCES.iter().find(|(en, _)| *en == what).map(|(_, zh)| (*zh).to_owned());
    let zh = known.unwrap_or_else(|| format!("不合 TOML 格式（{what}）"));
    let word = |one: &'_ str| match EXPECTED.iter().find(|(en, _)| *en == one) {
        Some((_, zh)) => Some((*zh).to_owned()),
        None => one.starts_with('`').then(|| one.to_owned()),
    };
    let expected = expected.and_then(|list| list.split(", ").map(word).collect::<Option<Vec<String>>>());
    let zh = expected.map_or_else(|| zh.clone(), |list| format!("{zh}，应为 {}", list.join(" 或 ")));
    Said { en: message.to_owned().into(), zh: zh.into() }
}

#[cfg(test)]
mod tests {
    use super::in_words;
    use toml::de::DeTable;

    #[test]
    fn the_usual_slips_are_told_in_chinese() {
        for text in [
            "a = ",
            "a",
            "a = b",
            "a = 1 b = 2",
            "a = \"x",
            "a = 'x",
            "a = \"\"\"x",
            "[a",
            "[[a]",
            "a = [1, 2",
            "a = [1 2]",
            "a = { b = 1",
            "a = { b }",
            "a = 1\na = 2",
            "a = 01",
            "a = 1__0",
            "a = tru",
            "a = 2026-13-01x",
            "名 = 1",
            "a = \"\\q\"",
            "a = 1\r",
            "= 1",
            "a == 1",
            "a = {b = 1,, c = 2}",
            "a = 0xzz",
            "a = [1]\na.b = 2",
            "[a]\n[a]",
        ] {
            let (_, errors) = DeTable::parse_recoverable(text);
            assert!(!errors.is_empty(), "{text}");
            for error in errors {
                let said = in_words(error.message());
                let words: String = said.zh.split('`').step_by(2).collect();
                assert!(!words.contains(|c: char| c.is_ascii_lowercase()), "{text:?}: {} -> {}", said.en, said.zh);
            }
        }
    }
}
