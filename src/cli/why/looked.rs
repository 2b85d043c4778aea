//! What gates looked at and look-ups said, in the words of the people who answer.

use super::{desk, zh};
use crate::cli::words::Lang;
use hotline_model::{Category, Class, Impact, Kind, Nature, Priority, Remit, Topic};

/// A fact as rules write it (`waiting(technical)`, `customer_type`) and what it was.
pub fn words(lang: Lang, fact: &str, value: &str) -> String {
    let (key, rest) = fact.find(['(', ' ']).map_or((fact, ""), |at| fact.split_at(at));
    let inside = rest.trim_start_matches('(').trim_end_matches(')').trim();
    let value = self::value(lang, key, value);
    match (key, value.as_str()) {
        ("open", "true") => lang.of(format!("calendar {inside} was open"), format!("日历 {inside} 在服务时间")),
        ("open", _) => lang.of(format!("calendar {inside} was closed"), format!("日历 {inside} 不在服务时间")),
        ("known", "true") => lang.of("a listed customer", "是名单中的客户").into(),
        ("known", _) => lang.of("no listed customer", "不是名单中的客户").into(),
        ("anonymous", "true") => lang.of("the number was withheld", "不显示号码").into(),
        ("anonymous", _) => lang.of("the number was shown", "显示号码").into(),
        ("sensitive", "true") => lang.of("a sensitive call", "敏感来电").into(),
        ("sensitive", _) => lang.of("no sensitive call", "不是敏感来电").into(),
        ("waiting", count) => lang.of(format!("{count} waiting in queue {inside}"), format!("队列 {inside} 有 {count} 个来电等待")),
        ("signed_in", count) => lang.of(format!("{count} signed in for queue {inside}"), format!("队列 {inside} 有 {count} 个坐席签入")),
        ("longest", time) => lang.of(format!("the longest wait in queue {inside} {time}"), format!("队列 {inside} 最久的已等 {time}")),
        // What is asked of a number or of digits is told as it is written.
        ("caller" | "collected", is) => lang.of(
            format!("`{fact}` {}", if is == "true" { "was so" } else { "was not so" }),
            format!("`{fact}` {}", if is == "true" { "符合" } else { "不符合" }),
        ),
        (_, value) => format!("{} {value}", noun(lang, key).unwrap_or(fact)),
    }
}

fn noun(lang: Lang, key: &str) -> Option<&'static str> {
    let words = match key {
        "class" => ("class", "问题分类"),
        "nature" => ("nature", "问题性质"),
        "kind" => ("kind", "诉求类型"),
        "category" => ("category", "投诉类别"),
        "level" => ("complaint level", "投诉等级"),
        "topic" => ("topic", "事项"),
        "scope" => ("scope", "服务范围"),
        "impact" => ("impact", "影响范围"),
        "priority" => ("priority", "优先级"),
        "customer_type" => ("customer type", "客户类型"),
        "customer_level" => ("customer level", "客户级别"),
        "language" => ("language", "语言"),
        "region" => ("region", "地区"),
        "dialled" => ("number dialled", "拨打的号码"),
        "time" => ("time", "时刻"),
        "day" => ("day", "当天"),
        "agent" => ("own agent", "专属坐席"),
        "preferred" => ("preferred agent", "偏好坐席"),
        "skills" => ("skills", "技能"),
        "name" => ("name", "名称"),
        _ => return None,
    };
    Some(lang.of(words.0, words.1))
}

fn value(lang: Lang, key: &str, value: &str) -> String {
    let none = || (value == "none").then_some(lang.of("not known", "未知"));
    let of_words = || match (lang, key) {
        (Lang::En, _) => None,
        (Lang::Zh, "class") => Class::from_word(value).map(desk::class),
        (Lang::Zh, "nature") => Nature::from_word(value).map(desk::nature),
        (Lang::Zh, "kind") => Kind::from_word(value).map(desk::kind),
        (Lang::Zh, "category") => Category::from_word(value).map(desk::category),
        (Lang::Zh, "topic") => Topic::from_word(value).map(zh::topic),
        (Lang::Zh, "impact") => Impact::from_word(value).map(desk::impact),
        (Lang::Zh, "priority") => Priority::from_word(value).map(zh::priority),
        (Lang::Zh, "scope") => Remit::from_word(value).map(|scope| match scope {
            Remit::Inside => "范围内",
            Remit::Outside => "范围外",
        }),
        (Lang::Zh, "customer_type") => of(value, &[("ordinary", "普通客户"), ("vip", "贵宾客户"), ("special", "特殊客户")]),
        (Lang::Zh, "customer_level") => of(value, &[("basic", "基础客户"), ("high_value", "高价值客户"), ("sensitive", "敏感客户")]),
        (Lang::Zh, "day") => of(
            value,
            &[("mon", "周一"), ("tue", "周二"), ("wed", "周三"), ("thu", "周四"), ("fri", "周五"), ("sat", "周六"), ("sun", "周日")],
        ),
        (Lang::Zh, _) => None,
    };
    let same = || if key.starts_with("customer") { value.replace('_', " ") } else { value.to_owned() };
    none().or_else(of_words).map_or_else(same, str::to_owned)
}

fn of(value: &str, words: &[(&str, &'static str)]) -> Option<&'static str> {
    words.iter().find(|(word, _)| *word == value).map(|(_, zh)| *zh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_at_is_said_in_the_words_of_those_who_answer() {
        for (fact, value, en, zh) in [
            ("customer_type", "ordinary", "customer type ordinary", "客户类型 普通客户"),
            ("customer_level", "high_value", "customer level high value", "客户级别 高价值客户"),
            ("open(office)", "false", "calendar office was closed", "日历 office 不在服务时间"),
            ("waiting(technical)", "12", "12 waiting in queue technical", "队列 technical 有 12 个来电等待"),
            ("known", "false", "no listed customer", "不是名单中的客户"),
            ("class", "none", "class not known", "问题分类 未知"),
            ("day", "sat", "day sat", "当天 周六"),
            ("caller starts 021", "true", "`caller starts 021` was so", "`caller starts 021` 符合"),
            ("something_new", "1", "something_new 1", "something_new 1"),
        ] {
            assert_eq!((words(Lang::En, fact, value).as_str(), words(Lang::Zh, fact, value).as_str()), (en, zh));
        }
    }
}
