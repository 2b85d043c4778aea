//! Explanations: files that are not read, and tests before a reload.

use super::Explanation;
use crate::Said;
use crate::Severity::{self, Error, Warning};
use crate::said::both;

const fn of(code: &'static str, severity: Severity, what: Said, why: Said) -> Explanation {
    Explanation { code, severity, rule: None, what, why, example: None }
}

pub(super) static CODES: [Explanation; 9] = [
    of(
        "HL190",
        Error,
        both("a file that can't be read", "无法读取的文件"),
        both(
            "Its name ends like a file of rules, and the system does not let the hotline read it. Without it the rules would not be whole.",
            "名称是规则文件，但系统不允许 hotline 读取。缺了它，规则就不完整。",
        ),
    ),
    of(
        "HL191",
        Warning,
        both("a directory, pipe, socket or device named like a file", "名称像规则文件的目录、管道、套接字或设备"),
        both("It never held rules: it is left out, and the other files are used.", "里面不可能有规则：忽略它，照常使用其他文件。"),
    ),
    of(
        "HL192",
        Error,
        both("a file that is too large", "文件过大"),
        both(
            "A file of rules has at most 8 MiB: more is a mistake, such as a log that was copied into the folder.",
            "规则文件最大 8 MiB：更大的多半是误放进来的，例如日志。",
        ),
    ),
    of(
        "HL193",
        Error,
        both("too many files, or too much in them", "文件过多或合计过大"),
        both("The folder has at most 2000 files with 64 MiB in all.", "文件夹内最多 2000 个文件，合计最大 64 MiB。"),
    ),
    of(
        "HL194",
        Error,
        both("a link that leads out of the folder", "指向文件夹之外的链接"),
        both(
            "What is outside is not kept under the same care, and a revision could not be restored. Links inside the folder are followed.",
            "文件夹之外的文件不受同样的管理，也无法随版本回滚。指向文件夹内的链接可以使用。",
        ),
    ),
    of(
        "HL195",
        Error,
        both("a file that is no UTF-8", "不是 UTF-8 的文件"),
        both(
            "Rules are UTF-8 text. Editors on Windows may save GBK or UTF-16 unless told otherwise.",
            "规则是 UTF-8 文本。Windows 上的编辑器可能默认保存为 GBK 或 UTF-16。",
        ),
    ),
    of(
        "HL196",
        Error,
        both("a file that is still being written", "仍在写入的文件"),
        both(
            "Two looks at it in a row did not agree for some seconds. A half-written file is never used.",
            "数秒内连续两次读取的结果都不一致。写了一半的文件绝不会被采用。",
        ),
    ),
    of(
        "HL198",
        Error,
        both("tests of the rules that did not come to an end", "未能完成的规则测试"),
        both(
            "Rules are loaded when their tests pass (`[rules] tests` in hotline.toml), and these used more than 20 s of computing time (a busy machine does not count; 5 min by the clock is the last limit), or failed for a fault of the hotline.",
            "规则测试通过后才会加载规则（hotline.toml 的 `[rules] tests`）；这些测试的计算时间超过 20 秒（机器繁忙不计在内；无论如何不超过 5 分钟），或因 hotline 自身故障而中断。",
        ),
    ),
    of(
        "HL199",
        Error,
        both("a test of the rules that fails", "未通过的规则测试"),
        both(
            "Rules are loaded when their tests pass: mend the rules, or the test if it no longer says what is wanted. `hotline rules test` shows it too.",
            "规则测试通过后才会加载规则：请修改规则；若测试本身已不符合要求，则修改测试。`hotline rules test` 同样会显示。",
        ),
    ),
];
