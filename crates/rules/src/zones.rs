//! What is meant by a time zone that does not exist.

use crate::Said;
use crate::said::{both, said};
use crate::suggest::nearest;

/// Places that people name and the IANA database does not, and the zone of each.
const MEANT: [(&str, &str); 14] = [
    ("beijing", "Asia/Shanghai"),
    ("peking", "Asia/Shanghai"),
    ("china", "Asia/Shanghai"),
    ("guangzhou", "Asia/Shanghai"),
    ("shenzhen", "Asia/Shanghai"),
    ("chengdu", "Asia/Shanghai"),
    ("wuhan", "Asia/Shanghai"),
    ("北京", "Asia/Shanghai"),
    ("上海", "Asia/Shanghai"),
    ("中国", "Asia/Shanghai"),
    ("香港", "Asia/Hong_Kong"),
    ("澳门", "Asia/Macau"),
    ("台北", "Asia/Taipei"),
    ("新加坡", "Asia/Singapore"),
];

/// Whether it says how far a clock is from Greenwich (`UTC+8`, `+08:00`, `CST`), and not where it hangs.
pub(crate) fn is_offset(text: &str) -> bool {
    let short = text.trim().strip_suffix(|c: char| c.is_ascii_digit()).unwrap_or(text.trim());
    let abbreviation = (3..=4).contains(&short.len()) && short.bytes().all(|b| b.is_ascii_uppercase());
    let signed = text.contains(['+', '-']) && text.bytes().any(|b| b.is_ascii_digit()) && !text.contains('/');
    abbreviation || signed
}

/// The zone that is likely meant, or how one is written.
pub(crate) fn way_out(text: &str) -> Said {
    if is_offset(text) {
        return both("name a place: China's is `Asia/Shanghai` (UTC+8)", "请写地名：中国是 `Asia/Shanghai`（UTC+8）");
    }
    let plain = text.trim().to_lowercase().replace(' ', "_");
    let city = plain.rsplit('/').next().unwrap_or_default().trim_end_matches(['市', '时', '间']);
    let names: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
    let of_city = |name: &&String| !city.is_empty() && name.to_lowercase().rsplit('/').next() == Some(city);
    let known = MEANT.iter().find(|(place, _)| *place == city).map(|(_, zone)| *zone);
    let found =
        known.or_else(|| names.iter().find(of_city).map(String::as_str)).or_else(|| nearest(text, names.iter().map(String::as_str)));
    match found {
        Some(zone) => said!("did you mean `{zone}`?", "是不是 `{zone}`？"),
        None => both("a place, like `Asia/Shanghai`", "请写地名，例如 `Asia/Shanghai`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::Lang;

    #[test]
    fn a_zone_that_does_not_exist_leads_to_the_one_that_is_meant() {
        for (written, meant) in [
            ("Asia/Shangai", "Asia/Shanghai"),
            ("Asia/Beijing", "Asia/Shanghai"),
            ("北京时间", "Asia/Shanghai"),
            ("Shanghai", "Asia/Shanghai"),
            ("Asia/Shanghai ", "Asia/Shanghai"),
            ("hong kong", "Asia/Hong_Kong"),
            ("UTC+8", "Asia/Shanghai"),
            ("GMT+8", "Asia/Shanghai"),
            ("+08:00", "Asia/Shanghai"),
            ("CST", "Asia/Shanghai"),
            ("CST-8", "Asia/Shanghai"),
            ("", "Asia/Shanghai"),
        ] {
            let told = way_out(written);
            assert!(told.of(Lang::En).contains(&format!("`{meant}`")), "{written}: {told:?}");
        }
        assert!(is_offset("UTC+8") && is_offset("CST") && !is_offset("Asia/Shangai") && !is_offset("Shanghai"));
    }
}
