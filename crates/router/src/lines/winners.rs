use crate::line::Winner;
use std::collections::BTreeMap;

/// What decisions record of winners, each once: few tell most seats' apart, and two bytes stand for each.
#[derive(Debug, Default)]
pub(super) struct Winners {
    all: Vec<Winner>,
    codes: BTreeMap<Winner, Code>,
}

/// Stands for a winner.
pub(crate) type Code = u16;
/// Stands for those for which there was no other code left: their lines know.
pub(super) const OTHER: Code = Code::MAX;

impl Winners {
    pub fn code(&mut self, winner: Winner) -> Code {
        if let Some(code) = self.codes.get(&winner) {
            return *code;
        }
        let code = Code::try_from(self.all.len()).unwrap_or(OTHER);
        if code != OTHER {
            self.all.push(winner);
            self.codes.insert(winner, code);
        }
        code
    }

    /// The winner that a code stands for, unless it is [`OTHER`].
    #[inline]
    pub fn of(&self, code: Code) -> Option<Winner> {
        self.all.get(usize::from(code)).copied()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn winners_of_whom_there_are_too_many_have_one_code() {
        let winner = |bucket| Winner { bucket, tier: 1, proficiency: 7 };
        let mut winners = Winners::default();
        let codes: Vec<Code> = (0..70_000).map(|bucket| winners.code(winner(bucket))).collect();
        assert_eq!((codes[0], codes[65_534], codes[65_535], codes[69_999]), (0, 65_534, OTHER, OTHER));
        assert_eq!([0, 65_534, OTHER].map(|code| winners.of(code)), [Some(winner(0)), Some(winner(65_534)), None]);
        assert_eq!((winners.code(winner(3)), winners.code(winner(65_535))), (3, OTHER));
    }
}
