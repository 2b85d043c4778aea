use crate::fixes::with_ascii_signs;
use crate::grammar::{self, Cursor, Token, Words, Wrong};
use crate::said::{both, said};
use crate::{Expression, Said, Skill};
use hotline_model::{Need, Proficiency, SkillId};
use std::fmt;
use std::ops::Range;

/// Most alternatives followed when two expressions are compared.
const MOST_ALTERNATIVES: usize = 2_000;
/// The word for everybody.
pub(crate) const ANYONE: &str = "anyone";

/// A text was not an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What is wrong there.
    pub message: Said,
    /// The way out.
    pub help: Option<Said>,
    pub(crate) kind: Wrong,
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message.en)
    }
}

impl std::error::Error for ExpressionError {}

/// Reads `billing >= 2 & (zh >= 3 | en >= 4)` or `anyone`; `&` binds closer than `|`. Proficiencies are 1 to 10.
///
/// # Errors
/// The first place where it is wrong, or names a skill that is unknown or retired.
pub fn parse_expression(text: &str, skills: &[Skill]) -> Result<Expression, ExpressionError> {
    let known = |name: &str| skills.iter().position(|skill| !skill.retired && *skill.name == *name);
    let mut unknown = None;
    let expression = parse(text, &mut |name, span| {
        let place = known(name).and_then(|place| u16::try_from(place).ok());
        if place.is_none() && unknown.is_none() {
            unknown = Some(ExpressionError {
                span,
                message: said!("unknown skill `{name}`", "未知的技能 `{name}`"),
                help: None,
                kind: Wrong::Written,
            });
        }
        SkillId(place.unwrap_or(0))
    })?;
    unknown.map_or(Ok(expression), Err)
}

/// Writes an expression so that [`parse_expression`] reads it again.
pub fn print_expression(expression: &Expression, skills: &[Skill]) -> String {
    match expression {
        Expression::Anyone => ANYONE.to_owned(),
        Expression::AtLeast(need) => {
            let name = skills.get(need.skill.index()).map_or("?", |skill| &skill.name);
            format!("{name} >= {}", need.at_least)
        }
        Expression::All(parts) => join(parts, " & ", skills),
        Expression::Any(parts) => join(parts, " | ", skills),
    }
}

fn join(parts: &[Expression], with: &str, skills: &[Skill]) -> String {
    let part = |part: &Expression| match part {
        Expression::All(_) | Expression::Any(_) => format!("({})", print_expression(part, skills)),
        Expression::Anyone | Expression::AtLeast(_) => print_expression(part, skills),
    };
    parts.iter().map(part).collect::<Vec<_>>().join(with)
}

/// What somebody meant whose text is no expression: the same with the signs of ASCII and `anyone` in small letters, if that is one.
pub(crate) fn meant(text: &str) -> Option<String> {
    let mut meant = with_ascii_signs(text);
    for _ in 0..meant.len() {
        match parse(&meant, &mut |_, _| SkillId(0)) {
            Ok(_) => return Some(meant),
            Err(error) => {
                meant.get(error.span.clone()).filter(|word| word.eq_ignore_ascii_case(ANYONE) && *word != ANYONE)?;
                meant.replace_range(error.span, ANYONE);
            }
        }
    }
    None
}

/// Tells the place of every skill that it meets to `skill`, which gives its id.
pub(crate) fn parse(text: &str, skill: &mut dyn FnMut(&str, Range<usize>) -> SkillId) -> Result<Expression, ExpressionError> {
    grammar::read(text, &mut Skills { skill })
}

struct Skills<'a> {
    skill: &'a mut dyn FnMut(&str, Range<usize>) -> SkillId,
}

impl Words for Skills<'_> {
    type Tree = Expression;

    fn knows(token: Token) -> bool {
        match token {
            Token::Name | Token::Figures | Token::AtLeast | Token::And | Token::Or | Token::Open | Token::Close => true,
            Token::Quoted | Token::AtMost | Token::More | Token::Less | Token::Is | Token::IsNot | Token::Not | Token::Dash => false,
        }
    }

    fn in_figures(c: char) -> bool {
        c.is_ascii_digit()
    }

    fn instead(c: char) -> Option<Said> {
        match c {
            '≥' | '≧' | '＞' | '＝' => Some(both("write `>=`", "请写 `>=`")),
            '>' | '<' | '=' => Some(both("proficiencies are compared with `>=` only", "熟练度只能用 `>=` 比较")),
            '（' | '）' | '＆' | '｜' => Some(both("write it half-width: `(`, `)`, `&`, `|`", "请用半角符号：`(`、`)`、`&`、`|`")),
            '!' => Some(both("a condition can't ask that a skill is lacking", "条件不能要求“没有”某项技能")),
            _ => None,
        }
    }

    fn nothing() -> (Said, Said) {
        (both("an empty condition", "条件为空"), both("write `anyone` if no skill is needed", "不要求技能时写 `anyone`"))
    }

    fn part(&mut self, cursor: &mut Cursor<'_>) -> Result<Expression, ExpressionError> {
        let Some(span) = cursor.take(Token::Name) else {
            return Err(cursor.wrong(both("expected a skill", "此处应为技能"), Some(both("like `billing >= 2`", "例如 `billing >= 2`"))));
        };
        let name = cursor.text_of(&span);
        if name == ANYONE {
            return Ok(Expression::Anyone);
        }
        if name.eq_ignore_ascii_case(ANYONE) && cursor.peek() != Some(Token::AtLeast) {
            let message = said!("`{name}` is written `{ANYONE}`", "`{name}` 应写作 `{ANYONE}`");
            let help = both("in small letters: `anyone`", "用小写：`anyone`");
            return Err(ExpressionError { span, message, help: Some(help), kind: Wrong::Written });
        }
        let at_least = proficiency(cursor, name)?;
        cursor.compares()?;
        Ok(Expression::AtLeast(Need { skill: (self.skill)(name, span), at_least }))
    }

    fn all(parts: Vec<Expression>) -> Expression {
        flat(parts, Expression::All)
    }

    fn any(parts: Vec<Expression>) -> Expression {
        flat(parts, Expression::Any)
    }

    fn not(part: Expression) -> Expression {
        part
    }
}

fn proficiency(cursor: &mut Cursor<'_>, name: &str) -> Result<Proficiency, ExpressionError> {
    if cursor.take(Token::AtLeast).is_none() {
        return Err(cursor.wrong(
            both("expected `>=` and a proficiency", "此处应为 `>=` 和熟练度"),
            Some(said!("like `{name} >= 1`", "例如 `{name} >= 1`")),
        ));
    }
    let number = cursor.next_is(Token::Figures).and_then(|span| cursor.text_of(&span).parse().ok());
    let value = number.filter(|value| (1..=10).contains(value)).ok_or_else(|| {
        cursor.wrong(both("expected a proficiency", "此处应为熟练度"), Some(both("a proficiency is 1 to 10", "熟练度为 1 至 10")))
    })?;
    cursor.take(Token::Figures);
    Ok(value)
}

/// Takes parts of the same kind into the list: `(a & b) & c` is `a & b & c`.
fn flat(parts: Vec<Expression>, together: fn(Vec<Expression>) -> Expression) -> Expression {
    let is_all = matches!(together(Vec::new()), Expression::All(_));
    let mut list = Vec::new();
    for part in parts {
        match part {
            Expression::All(inner) if is_all => list.extend(inner),
            Expression::Any(inner) if !is_all => list.extend(inner),
            Expression::All(_) | Expression::Any(_) | Expression::Anyone | Expression::AtLeast(_) => list.push(part),
        }
    }
    together(list)
}

/// Whether one condition follows from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follows {
    Yes,
    No,
    TooComplicated,
}

/// Whether everybody whom `narrow` admits is admitted by `wide` too. Conditions only ask for more, so it is enough to look at
/// the weakest seat of each alternative of `narrow`.
pub(crate) fn follows(narrow: &Expression, wide: &Expression, skills: usize) -> Follows {
    let Some(weakest) = alternatives(narrow) else { return Follows::TooComplicated };
    let admitted = weakest.iter().all(|needs| {
        let mut seat = vec![0; skills];
        for need in needs {
            if let Some(mastered) = seat.get_mut(need.skill.index()) {
                *mastered = need.at_least.max(*mastered);
            }
        }
        wide.admits(&seat)
    });
    if admitted { Follows::Yes } else { Follows::No }
}

/// The expression as alternatives of needs, all of which must be met; `None` if there are too many.
fn alternatives(expression: &Expression) -> Option<Vec<Vec<Need>>> {
    match expression {
        Expression::Anyone => Some(vec![Vec::new()]),
        Expression::AtLeast(need) => Some(vec![vec![*need]]),
        Expression::Any(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(alternatives(part)?);
            }
            (all.len() <= MOST_ALTERNATIVES).then_some(all)
        }
        Expression::All(parts) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                let more = alternatives(part)?;
                if all.len().saturating_mul(more.len()) > MOST_ALTERNATIVES {
                    return None;
                }
                let pairs = all.iter().flat_map(|left| more.iter().map(|right| [left.as_slice(), right].concat()));
                all = pairs.collect();
            }
            Some(all)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skills() -> Vec<Skill> {
        ["billing", "zh", "en", "账单"].map(|name| Skill { name: name.into(), retired: false }).to_vec()
    }

    fn read(text: &str) -> Expression {
        parse_expression(text, &skills()).unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    #[test]
    fn and_binds_closer_than_or() {
        assert_eq!(read("billing >= 2 & zh>=3 | en >= 4"), read("(billing >= 2 & zh >= 3) | (en >= 4)"));
        assert_ne!(read("billing >= 2 & zh >= 3 | en >= 4"), read("billing >= 2 & (zh >= 3 | en >= 4)"));
        assert_eq!(read("账单 >= 10"), Expression::AtLeast(Need { skill: SkillId(3), at_least: 10 }));
    }

    #[test]
    fn a_wrong_expression_names_the_place() {
        let wrong = |text: &str| parse_expression(text, &skills()).expect_err(text);
        assert_eq!(wrong("billing >= 11").span, 11..13);
        assert_eq!(wrong("billing >= 0").span, 11..12);
        assert_eq!(wrong("billing > 1").span, 8..9);
        assert_eq!(wrong("账单 >= 1 & 帐单 >= 2").span, 14..20);
        assert_eq!(wrong("(zh >= 1").span, 8..8);
        assert_eq!(wrong("zh >= 1)").span, 7..8);
        assert_eq!(wrong("zh >= 1 && en >= 1").span, 9..10);
        assert_eq!(wrong("zh >= 1 and en >= 1").message.en, "expected `&`, `|` or the end");
        for text in ["", "&", "zh", "zh >=", "1 >= zh", "zh >= 1 en >= 1", "!zh", "zh >= 999999999999", &"(".repeat(10_000)] {
            wrong(text);
        }
    }

    #[test]
    fn everybody_of_a_narrow_step_is_in_a_wider_one() {
        let follows = |narrow: &str, wide: &str| follows(&read(narrow), &read(wide), 4);
        assert_eq!(follows("zh >= 3", "zh >= 2"), Follows::Yes);
        assert_eq!(follows("zh >= 2", "zh >= 3"), Follows::No);
        assert_eq!(follows("zh >= 3 & billing >= 1", "zh >= 3"), Follows::Yes);
        assert_eq!(follows("zh >= 3 | en >= 4", "zh >= 3"), Follows::No);
        assert_eq!(follows("(zh >= 3 | en >= 4) & billing >= 2", "zh >= 1 & billing >= 1 | en >= 1"), Follows::Yes);
        assert_eq!(follows("zh >= 3", "anyone"), Follows::Yes);
        assert_eq!(follows("anyone", "zh >= 1"), Follows::No);
        let many = vec!["(zh >= 1 | en >= 1)"; 16].join(" & ");
        assert_eq!(follows(&many, "anyone"), Follows::TooComplicated);
    }
}
