//! What is wrong with rules though their text may be good: a file that can't be read, a test that fails. Files are read, and tests are run,
//! elsewhere; here it is put into words.

use crate::not_text::NotText;
use crate::said::{both, said};
use crate::{Diagnostic, Lookup, Said, Severity, Source};
use std::ops::Range;

/// Most bytes of one file.
pub const MOST_FILE_BYTES: u64 = 8 << 20;
/// Most bytes of all files together.
pub const MOST_BYTES: u64 = 64 << 20;
/// Most files.
pub const MOST_FILES: usize = 2_000;

/// Why a file of rules, of tests or of sound is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// The system says no, in its own words.
    Unreadable(String),
    /// There is nothing of this name.
    Missing,
    /// It is a folder without a file of rules.
    NoRules,
    /// It is no regular file, and is left out.
    NotAFile(FileKind),
    /// It has more than [`MOST_FILE_BYTES`].
    TooLarge,
    /// The same of a recording.
    RecordingTooLarge,
    /// It is a recording that can't be played.
    NoSound(RecordingFault),
    /// There are more than [`MOST_FILES`], with this one.
    TooMany,
    /// All have more than [`MOST_BYTES`], with this one.
    TooMuch,
    /// It is a link to this, outside of the folder.
    LeadsOut(String),
    /// It is a link to this, which is not there.
    LeadsNowhere(String),
    /// It is a link to this folder, which is read anyway, and is left out.
    ReadAnyway(String),
    /// It is no UTF-8.
    NotText(Box<NotText>),
    /// Its name ends like that of a file of rules in another spelling, `.TOML`, and it is left out.
    OtherEnding,
    /// It is a folder with files of rules, too deep in the folder to be read, and is left out.
    TooDeep,
    /// It was written to whenever it was looked at.
    Changing,
}

/// Why a recording can't be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingFault {
    /// Not 8000 Hz, but this.
    Rate(u32),
    /// Not mono, but so many channels.
    Channels(u16),
    /// Neither 8 nor 16 bit, but this.
    Bits(u16),
    /// Samples that are not PCM, but in this format (RFC 2361).
    Encoding(u16),
    /// No sample.
    Empty,
    /// Longer than any prompt.
    TooLong,
    /// It ends before its header, or its samples, do.
    Cut,
    /// No WAV file.
    NotWav,
}

/// What stands in the place of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A directory.
    Directory,
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// A device.
    Device,
}

impl FileFault {
    /// Whether the other files can be used without it.
    pub fn is_left_out(&self) -> bool {
        matches!(self, Self::NotAFile(_) | Self::OtherEnding | Self::ReadAnyway(_) | Self::TooDeep)
    }

    /// Whether nothing is known of what is in it; of what is no text the place is known at least.
    pub fn is_unread(&self) -> bool {
        !self.is_left_out() && !matches!(self, Self::NotText(_) | Self::NoSound(_))
    }

    /// The finding about a file, at its beginning unless the fault has a place in it; `file` is the place of its [`FileFault::source`].
    pub fn finding(&self, file: usize) -> Diagnostic {
        let (code, message, help) = self.parts();
        let severity = if self.is_left_out() { Severity::Warning } else { Severity::Error };
        let (span, label) = match self {
            Self::NotText(place) => (place.excerpt().1, both("this is no UTF-8", "此处不是 UTF-8")),
            Self::Missing | Self::NoRules | Self::TooDeep => (0..0, both("here", "此处")),
            Self::Unreadable(_)
            | Self::NotAFile(_)
            | Self::TooLarge
            | Self::RecordingTooLarge
            | Self::NoSound(_)
            | Self::TooMany
            | Self::TooMuch
            | Self::LeadsOut(_)
            | Self::LeadsNowhere(_)
            | Self::ReadAnyway(_)
            | Self::OtherEnding
            | Self::Changing => (0..0, both("this file", "此文件")),
        };
        Diagnostic { code, severity, file, span, message, label, help: Some(help), rule: None, fix: None, related: None, count: 1 }
    }

    /// The file as a finding shows it: the line with the fault at its number, or nothing.
    pub fn source(&self, path: &str) -> Source {
        let text = if let Self::NotText(place) = self { place.excerpt().0 } else { String::new() };
        Source { path: path.to_owned(), text }
    }

    /// What is wrong with a file, in one sentence that names it, and the place if there is one.
    pub fn in_words(&self, path: &str) -> Said {
        let (code, message, help) = self.parts();
        let place = if let Self::NotText(place) = self { Some(place.line_and_column()) } else { None };
        let path = place.map_or(path.to_owned(), |(line, column)| format!("{path}:{line}:{column}"));
        said!([message, help] "{path}: {message} ({code}); {help}", "{path}：{message}（{code}）；{help}")
    }

    fn parts(&self) -> (&'static str, Said, Said) {
        match self {
            Self::Unreadable(why) => (
                "HL190",
                said!("it can't be read: {why}", "无法读取：{why}"),
                both("let the user of the hotline read it, or take it away", "请让 hotline 的运行用户可读，或移走它"),
            ),
            Self::Missing => (
                "HL190",
                both("there is no such file or folder", "没有这个文件或文件夹"),
                both(
                    "look whether the name is right: it is that of the command, or `rules.dir` of the configuration",
                    "请检查名称是否正确：来自命令行，或配置中的 `rules.dir`",
                ),
            ),
            Self::NoRules => (
                "HL243",
                both("no file of rules is in it", "其中没有规则文件"),
                both(
                    "rules are in files that end in `.toml`: set `rules.dir`, or start in the project's folder",
                    "规则写在以 `.toml` 结尾的文件中：请设置 `rules.dir`，或在项目文件夹中启动",
                ),
            ),
            Self::NotAFile(kind) => {
                let kind = kind.words();
                (
                    "HL191",
                    said!([kind] "{kind} is no file of rules, and is left out", "{kind}不是规则文件，已忽略"),
                    both("take it away, or give it a name that does not end like a file of rules", "请移走它，或换一个后缀不同的名称"),
                )
            }
            Self::TooLarge => (
                "HL192",
                said!("it is larger than {} MiB", "文件超过 {} MiB", MOST_FILE_BYTES >> 20),
                both("split it: all files of the folder are read together", "请拆成几个文件：文件夹内的文件会合并读取"),
            ),
            Self::RecordingTooLarge => (
                "HL192",
                said!("the recording is larger than {} MiB", "录音超过 {} MiB", MOST_FILE_BYTES >> 20),
                both("save it with 8000 Hz, one channel and 16 bit, or make it shorter", "请另存为 8000 Hz、单声道、16 位，或缩短录音"),
            ),
            Self::NoSound(fault) => {
                let why = fault.words();
                (
                    "HL144",
                    said!([why] "the recording can't be played: {why}", "录音无法播放：{why}"),
                    both("save it as a WAV file: 8000 Hz, mono, 16 bit PCM", "请另存为 WAV 文件：8000 Hz、单声道、16 位 PCM"),
                )
            }
            Self::TooMany => (
                "HL193",
                said!("with it there are more than {MOST_FILES} files", "加上它，文件超过 {MOST_FILES} 个"),
                both("put several into one file, or take away what is no rules", "请合并几个文件，或移走不属于规则的文件"),
            ),
            Self::TooMuch => (
                "HL193",
                said!("with it the files have more than {} MiB", "加上它，文件合计超过 {} MiB", MOST_BYTES >> 20),
                both("take away what is no rules", "请移走不属于规则的文件"),
            ),
            Self::LeadsOut(to) => (
                "HL194",
                said!("it is a link out of the folder, to {to}", "它是指向文件夹之外的链接：{to}"),
                both("copy the file into the folder; links inside of it are followed", "请把文件复制进来；指向文件夹内的链接可以使用"),
            ),
            Self::LeadsNowhere(to) => (
                "HL190",
                said!("it is a link to {to}, which is not there", "它是指向 {to} 的链接，而目标不存在"),
                both("remove the link, or put back what it leads to", "请删除该链接，或恢复它指向的文件"),
            ),
            Self::ReadAnyway(to) => (
                "HL308",
                said!("it is a link to {to}, which is read anyway, and is left out", "它是指向 {to} 的链接，那里本来就会读取，已忽略"),
                both("remove the link", "请删除该链接"),
            ),
            Self::NotText(place) => ("HL195", place.message(), place.help()),
            Self::OtherEnding => (
                "HL254",
                both(
                    "it is not read: names of files of rules end in `.toml`, in small letters and with nothing behind",
                    "未读取：规则文件的后缀应为小写的 `.toml`，后面不再加别的",
                ),
                both("rename it, or give it another ending if it is no rules", "请改名；若不是规则，请换一个后缀"),
            ),
            Self::TooDeep => (
                "HL334",
                both("the files in this folder are not read", "没有读取这个文件夹中的文件"),
                both(
                    "put them into the folder of rules, or one in it; tests right into `tests`",
                    "请移到规则文件夹，或其下一层文件夹；测试直接放在 `tests` 中",
                ),
            ),
            Self::Changing => (
                "HL196",
                both("it was being written whenever it was looked at", "每次读取时都正在被写入"),
                both("try again when it is complete", "请待写入完成后重试"),
            ),
        }
    }
}

/// The finding about a test of the rules that fails: where it expects something, what, and what came instead.
pub fn failed_test(file: usize, span: Range<usize>, test: &str, key: &str, expected: &Said, got: &Said) -> Diagnostic {
    let message = said!([expected, got]
        "the test `{test}` fails: `{key}` is expected to be {expected}, got {got}", "测试 `{test}` 未通过：`{key}` 期望 {expected}，实际 {got}");
    let help = both("`hotline rules test` runs it again", "可用 `hotline rules test` 重新运行");
    let label = said!([got] "got {got}", "实际 {got}");
    Diagnostic {
        code: "HL199",
        severity: Severity::Error,
        file,
        span,
        message,
        label,
        help: Some(help),
        rule: None,
        fix: None,
        related: None,
        count: 1,
    }
}

/// The finding about tests that were there when rules were loaded last, and are not any more; `file` is one of those that had them.
pub fn tests_gone(file: usize, had: usize) -> Diagnostic {
    Diagnostic {
        code: "HL332",
        severity: Severity::Error,
        file,
        span: 0..0,
        message: said!(
            "the tests of the rules are gone: there were {had}, and no file has a `[[test]]`",
            "规则的测试不见了：原有 {had} 个，现在没有文件含 `[[test]]`"
        ),
        label: both("a test was here", "这里原有测试"),
        help: Some(both(
            "`hotline rules rollback running` puts them back; to load rules without tests, `tests = \"off\"` in `[rules]` of hotline.toml, and a restart",
            "`hotline rules rollback running` 可恢复它们；若要不经测试就加载，请在 hotline.toml 的 `[rules]` 里写 `tests = \"off\"`，并重启",
        )),
        rule: None,
        fix: None,
        related: None,
        count: 1,
    }
}

/// The finding about tests that did not come to an end.
pub fn unfinished_tests(file: usize, span: Range<usize>, why: &Said) -> Diagnostic {
    let message = said!([why] "the tests of the rules did not come to an end: {why}", "规则测试未能完成：{why}");
    let (label, help) = (
        both("at this test", "停在这个测试"),
        both("`hotline rules test` says how long each takes", "`hotline rules test` 会显示各测试的用时"),
    );
    Diagnostic {
        code: "HL198",
        severity: Severity::Error,
        file,
        span,
        message,
        label,
        help: Some(help),
        rule: None,
        fix: None,
        related: None,
        count: 1,
    }
}

/// What is wrong with a look-up's database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupFault {
    /// It can't be opened, for this reason.
    NotOpened(String),
    /// It does not take the query, for this reason.
    Query(Said),
}

/// The finding about a look-up whose database can't be asked, at what is wrong of it.
pub fn failed_lookup(lookup: &Lookup, fault: &LookupFault) -> Diagnostic {
    let (name, written) = (&lookup.name, lookup.written.clone());
    let (code, span, message, label, help) = match fault {
        LookupFault::NotOpened(why) => (
            "HL241",
            written.source,
            said!("the database of the look-up `{name}` can't be opened: {why}", "查询 `{name}` 的数据库无法打开：{why}"),
            both("this database", "此数据库"),
            both(
                "a relative path begins at this file of rules; let the user of the hotline read the database, or take the look-up out",
                "相对路径从本规则文件所在的文件夹起算；请让 hotline 的运行用户可读该数据库，或去掉此查询",
            ),
        ),
        LookupFault::Query(why) => (
            "HL242",
            written.query,
            said!([why] "the query of the look-up `{name}` can't be asked: {why}", "查询 `{name}` 的语句不能用：{why}", name = name),
            both("this query", "此语句"),
            both("`sqlite3 -readonly` on that database tries it", "可用 `sqlite3 -readonly` 在该数据库上试运行"),
        ),
    };
    Diagnostic {
        code,
        severity: Severity::Error,
        file: written.file,
        span,
        message,
        label,
        help: Some(help),
        rule: None,
        fix: None,
        related: None,
        count: 1,
    }
}

/// Whether a finding is about a file, or a folder, that could not be read.
pub fn is_unread(finding: &Diagnostic) -> bool {
    matches!(finding.code, "HL190" | "HL192" | "HL193" | "HL194" | "HL196" | "HL243")
}

impl RecordingFault {
    fn words(self) -> Said {
        match self {
            Self::Rate(rate) => said!("it has {rate} Hz instead of 8000", "采样率为 {rate} Hz，应为 8000"),
            Self::Channels(channels) => said!("it has {channels} channels instead of one", "有 {channels} 个声道，应为单声道"),
            Self::Bits(bits) => said!("it has {bits} bits instead of 8 or 16", "位深为 {bits} 位，应为 8 或 16"),
            Self::Encoding(format) => {
                let name = encoding(format);
                said!([name] "its samples are {name} instead of PCM", "采样为 {name} 编码，应为 PCM")
            }
            Self::Empty => both("it is empty", "没有声音"),
            Self::TooLong => both("it is too long", "太长"),
            Self::Cut => both("it was cut off before its end", "文件不完整，中途截断"),
            Self::NotWav => both("it is no WAV file", "不是 WAV 文件"),
        }
    }
}

/// A format of samples by its number in RFC 2361.
fn encoding(format: u16) -> Said {
    match format {
        0x02 | 0x11 => Said::alike("ADPCM"),
        0x06 => Said::alike("A-law"),
        0x07 => Said::alike("mu-law"),
        0x31 => Said::alike("GSM 6.10"),
        0x55 => Said::alike("MP3"),
        other => said!("in format {other} of RFC 2361", "RFC 2361 格式 {other}"),
    }
}

impl FileKind {
    fn words(self) -> Said {
        match self {
            Self::Directory => both("a directory", "目录"),
            Self::Pipe => both("a named pipe", "命名管道"),
            Self::Socket => both("a socket", "套接字"),
            Self::Device => both("a device", "设备"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::Lang;

    #[test]
    fn every_fault_names_the_file_and_the_limit_in_both_languages() {
        for (fault, en, zh) in [
            (FileFault::TooLarge, "a.toml: it is larger than 8 MiB (HL192)", "a.toml：文件超过 8 MiB（HL192）"),
            (FileFault::TooMany, "a.toml: with it there are more than 2000 files (HL193)", "a.toml：加上它，文件超过 2000 个（HL193）"),
            (FileFault::TooMuch, "a.toml: with it the files have more than 64 MiB (HL193)", "a.toml：加上它，文件合计超过 64 MiB（HL193）"),
            (
                FileFault::NotAFile(FileKind::Pipe),
                "a.toml: a named pipe is no file of rules, and is left out (HL191)",
                "a.toml：命名管道不是规则文件，已忽略（HL191）",
            ),
        ] {
            let words = fault.in_words("a.toml");
            assert!(words.of(Lang::En).starts_with(en) && words.of(Lang::Zh).starts_with(zh), "{words:?}");
        }
    }

    #[test]
    fn only_what_never_was_a_file_of_rules_is_left_out() {
        let kinds = [FileKind::Directory, FileKind::Pipe, FileKind::Socket, FileKind::Device];
        assert!(kinds.into_iter().all(|kind| FileFault::NotAFile(kind).finding(0).severity == Severity::Warning));
        for fault in [FileFault::TooLarge, FileFault::TooMany, FileFault::LeadsOut("/x".into()), FileFault::Changing] {
            assert_eq!(fault.finding(3).severity, Severity::Error);
        }
    }
}
