use crate::Said;
use crate::fixes::narrow;
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
    let (plain, word) = (plain(word), letters(word));
    candidates.into_iter().filter_map(move |candidate| {
        // Small letters for capitals, or full-width ones, are one slip, however many there are.
        if plain == self::plain(candidate) && !plain.is_empty() {
            return Some((1, candidate));
        }
        let other = letters(candidate);
        let limit = (word.len().max(other.len()) / 3).max(1);
        if word.len().abs_diff(other.len()) > limit {
            return None;
        }
        let distance = distance(&word, &other);
        (distance <= limit && distance < word.len().max(other.len())).then_some((distance, candidate))
    })
}

fn letters(word: &str) -> Vec<char> {
    word.chars().take(64).collect()
}

/// A word without what is only how it was typed: capitals, full-width letters, blanks around it, `_` for `-`.
pub(crate) fn plain(word: &str) -> String {
    let typed = word.chars().take(64).map(|c| narrow(c).unwrap_or(c));
    let dashed = typed.map(|c| if c == '_' { '-' } else { c }).flat_map(char::to_lowercase);
    dashed.collect::<String>().trim().to_owned()
}

/// Whether one slip makes one word of the other: a character more, less, another, or two neighbours swapped.
pub(crate) fn is_one_slip(word: &str, other: &str) -> bool {
    distance(&letters(word), &letters(other)) == 1
}

/// The places, in characters, of two neighbours that are swapped, where nothing else differs.
pub(crate) fn swapped(word: &str, other: &str) -> Option<[usize; 2]> {
    let (word, other) = (letters(word), letters(other));
    let differ: Vec<usize> = (0..word.len().max(other.len())).filter(|at| word.get(*at) != other.get(*at)).collect();
    let [first, second] = differ.as_slice() else { return None };
    let crossed = word.get(*first) == other.get(*second) && word.get(*second) == other.get(*first);
    (first + 1 == *second && crossed).then_some([*first, *second])
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
        assert_eq!((nearest("ｅｎ", ["zh-CN", "en"]), nearest("  en  ", ["zh-CN", "en"])), (Some("en"), Some("en")));
    }

    #[test]
    fn neighbours_that_are_swapped_are_told_from_letters_that_are_others() {
        assert_eq!((swapped("anwser", "answer"), swapped("Hunan", "Henan")), (Some([2, 3]), None));
        assert_eq!((swapped("ab", "a"), swapped("abc", "cba"), swapped("", "")), (None, None, None));
    }
}
