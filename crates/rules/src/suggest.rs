use crate::Said;
use crate::said::said;

/// The candidate nearest to a misspelt word, if one is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    near(word, candidates).min().map(|(_, candidate)| candidate)
}

/// All that are near enough to be meant.
pub(crate) fn candidates<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    near(word, candidates).map(|(_, candidate)| candidate).collect()
}

fn near<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = (usize, &'a str)> {
    let word: Vec<char> = word.chars().take(64).collect();
    candidates.into_iter().filter_map(move |candidate| {
        let other: Vec<char> = candidate.chars().take(64).collect();
        let limit = (word.len().max(other.len()) / 3).max(1);
        let distance = match word.len().abs_diff(other.len()) {
            // Small letters for capitals are one slip, however many there are.
            0 if lower(&word).eq(lower(&other)) => 1,
            apart if apart > limit => return None,
            _ => distance(&word, &other),
        };
        (distance <= limit && distance < word.len().max(other.len())).then_some((distance, candidate))
    })
}

fn lower(word: &[char]) -> impl Iterator<Item = char> {
    word.iter().flat_map(|c| c.to_lowercase())
}

/// "did you mean `x`?" for the nearest candidate.
pub(crate) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Said> {
    nearest(word, candidates).map(|candidate| said!("did you mean `{candidate}`?", "是不是 `{candidate}`？"))
}

/// Insertions, deletions, replacements and swaps of neighbours that make one word of the other.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replaced = last[j] + usize::from(a[i] != b[j]);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_and_a_far_one_is_not() {
        let known = ["answer", "pickup", "账单", "投诉"];
        assert_eq!(nearest("anwser", known), Some("answer"));
        assert_eq!(nearest("帐单", known), Some("账单"));
        assert_eq!(nearest("wrap_up", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!((nearest("EN", ["zh-CN", "en"]), nearest("zh-cn", ["zh-CN", "en"])), (Some("en"), Some("zh-CN")));
    }
}
