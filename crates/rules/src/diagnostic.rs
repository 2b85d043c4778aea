use crate::hidden::{hidden, masked};
use crate::report::{Lines, Position, WIDEST, excerpt, position, shown};
use crate::said::both;
use crate::{Fix, Said, Source};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use hotline_model::Lang;
use std::borrow::Cow;
use std::ops::Range;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The rules are refused.
    Error,
    /// The rules are taken; somebody should look.
    Warning,
}

/// A finding about the rules: what is wrong, where, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its code, `HL001` to `HL199`; the same finding always has the same one.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Place of its file in the sources given to [`crate::load()`].
    pub file: usize,
    /// Bytes of the file's text.
    pub span: Range<usize>,
    /// One sentence in lower case, without a full stop.
    pub message: Said,
    /// Said under the carets.
    pub label: Said,
    /// The way out.
    pub help: Option<Said>,
    /// The rule of the manual that it breaks (`R5`).
    pub rule: Option<&'static str>,
    /// What would mend it.
    pub fix: Option<Fix>,
    /// Another place that it is about: where a name was taken first.
    pub related: Option<Related>,
    /// How many findings of its severity it stands for: 1, more only where the rest is not shown (HL099).
    pub count: usize,
}

/// A second place of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Place of its file in the same sources.
    pub file: usize,
    /// Bytes of the file's text.
    pub span: Range<usize>,
    /// What is there.
    pub label: Said,
}

impl Diagnostic {
    /// Its places are in a list of sources in which others come first.
    pub fn behind(self, others: usize) -> Self {
        let related = self.related.map(|one| Related { file: others + one.file, ..one });
        Self { file: others + self.file, related, ..self }
    }

    /// Line and column of its start, from 1; the column counts characters, as editors do.
    pub fn line_and_column(&self, sources: &[Source]) -> (usize, usize) {
        line_and_column(self.file, &self.span, sources)
    }
}

impl Related {
    /// As [`Diagnostic::line_and_column`].
    pub fn line_and_column(&self, sources: &[Source]) -> (usize, usize) {
        line_and_column(self.file, &self.span, sources)
    }
}

fn line_and_column(file: usize, span: &Range<usize>, sources: &[Source]) -> (usize, usize) {
    let text = sources.get(file).map_or("", |source| &source.text);
    let Position { line, column } = position(text, span.start);
    (line, column)
}

/// How [`render`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text only: files, pipes, tests.
    Plain,
    /// With ANSI colours.
    Colour,
}

/// Writes findings the way rustc does, an empty line between them. The values of PINs in the lines shown are starred
/// out, and the middle of telephone numbers in tables of cells; of lines that are too wide what is around the places is shown.
pub fn render(diagnostics: &[Diagnostic], sources: &[Source], style: Style, lang: Lang) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colour => Renderer::styled(),
    };
    // Lines are cut before: the renderer would leave out characters as if all were narrow.
    let renderer = renderer.term_width(10 * WIDEST);
    let sources: Vec<(&Source, Cow<'_, str>)> =
        sources.iter().map(|one| (one, if one.is_sheet() { Cow::Borrowed("") } else { excerpt(hidden(&one.text)) })).collect();
    let parts = diagnostics.iter().map(|one| {
        let text = renderer.render(&[report(one, &sources, lang)]);
        let places = [Some((one.file, &one.span)), one.related.as_ref().map(|other| (other.file, &other.span))];
        places.into_iter().flatten().filter_map(|at| name(at, &sources)).fold(text, once)
    });
    let mut text = parts.collect::<Vec<String>>().join("\n\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// What is marked in a file, and said there.
struct Mark<'a> {
    kind: AnnotationKind,
    span: &'a Range<usize>,
    label: &'a Said,
}

fn report<'a>(diagnostic: &'a Diagnostic, sources: &'a [(&'a Source, Cow<'a, str>)], lang: Lang) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR.with_name(lang.of("error", "错误")),
        Severity::Warning => Level::WARNING.with_name(lang.of("warning", "警告")),
    };
    let mut group = Group::with_title(level.primary_title(shown(diagnostic.message.of(lang))).id(diagnostic.code));
    let is_sheet = |file: usize| sources.get(file).is_some_and(|(source, _)| source.is_sheet());
    let (beside, apart) = match &diagnostic.related {
        Some(one) if one.file == diagnostic.file && !is_sheet(one.file) => (Some(one), None),
        other => (None, other.as_ref()),
    };
    let context = |one: &'a Related| Mark { kind: AnnotationKind::Context, span: &one.span, label: &one.label };
    let mut marks = vec![Mark { kind: AnnotationKind::Primary, span: &diagnostic.span, label: &diagnostic.label }];
    marks.extend(beside.map(context));
    group = group.elements(snippet(diagnostic.file, &marks, sources, lang));
    group = group.elements(apart.and_then(|one| snippet(one.file, &[context(one)], sources, lang)));
    if let Some(rule) = diagnostic.rule {
        group = group.element(Level::NOTE.with_name(lang.of("note", "说明")).message(note(rule, lang)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.with_name(lang.of("help", "建议")).message(shown(help.of(lang))));
    }
    group
}

/// The lines of the marks, the first of which gives the place; a file of cells may have hundreds of thousands, with whole telephone numbers.
fn snippet<'a>(
    file: usize,
    marks: &[Mark<'a>],
    sources: &'a [(&'a Source, Cow<'a, str>)],
    lang: Lang,
) -> Option<Snippet<'a, Annotation<'a>>> {
    let (source, text) = sources.get(file)?;
    let spans: Vec<Range<usize>> = marks.iter().map(|one| one.span.clone()).collect();
    let mut lines = Lines::of(if source.is_sheet() { &source.text } else { text }, &spans);
    if source.is_sheet() {
        lines.text = excerpt(Cow::Owned(masked(&lines.text)));
    }
    let lines = lines.cut();
    let place = name((file, spans.first()?), sources)?;
    let annotations = marks.iter().zip(lines.places).map(|(mark, place)| mark.kind.span(place).label(shown(mark.label.of(lang))));
    Some(Snippet::source(lines.text).line_start(lines.number).path(place).annotations(annotations))
}

/// `40-queues.toml:11:8`, which the lines shown don't tell once they are cut.
fn name((file, span): (usize, &Range<usize>), sources: &[(&Source, Cow<'_, str>)]) -> Option<String> {
    let (source, _) = sources.get(file)?;
    let Position { line, column } = position(&source.text, span.start);
    Some(format!("{}:{line}:{column}", shown(&source.path)))
}

/// Without the place in the lines shown, which the renderer writes behind this one.
fn once(text: String, place: String) -> String {
    match text.split_once(&format!("{place}:")) {
        Some((before, behind)) => before.to_owned() + &place + behind.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':'),
        None => text,
    }
}

/// `R5 of the manual: a person answers within 30 s`.
pub(crate) fn note(rule: &str, lang: Lang) -> String {
    let words = rule_in_words(rule);
    lang.of(format!("{rule} of the manual: {}", words.en), format!("手册 {rule}：{}", words.zh))
}

fn rule_in_words(rule: &str) -> Said {
    match rule {
        "R2" => both("the call is picked up within 3 s", "来电须在 3 秒内接起"),
        "R5" => both("a person answers within 30 s", "人工须在 30 秒内接听"),
        "R6" => both("first communication is done within 5 min", "5 分钟内完成首次沟通"),
        "R7" => both("the problem is handled within 15 min", "15 分钟内完成问题处理"),
        "R9" => both("a caller can always reach a person", "客户始终能够转到人工"),
        "R10" => both("the voice system replies within 3 s", "语音系统须在 3 秒内应答"),
        "R15" => both("service hours are those of the calendar: 8:00 to 20:00 on working days", "服务时间以日历为准：工作日 8:00 至 20:00"),
        "R16" => both("the hours of weekends and holidays are set by the company", "周末和节假日的服务时间由公司确定"),
        "R17" => both("complaints are taken at any hour", "全天 24 小时受理投诉"),
        "R18" => both("the hours announced are the hours in force", "播报的服务时间须与实际服务时间一致"),
        "R19" => both("voicemail and call-backs are answered within 10 min", "留言、回拨等须在 10 分钟内回复"),
        "R24" => both("urgent calls go before important ones, and those before ordinary ones", "紧急优先于重要，重要优先于普通"),
        "R25" => both("network faults and payment anomalies are accepted first", "网络故障、支付异常优先受理"),
        "R26" => both(
            "security, privacy and major complaints set the emergency mechanism in motion at once",
            "安全、隐私和重大投诉立即启动应急机制",
        ),
        "R37" => both("own seats before external ones", "内部坐席优先于外部坐席"),
        "R38" => both("urgent calls before others", "先急后缓"),
        "R39" => both("near seats before far ones", "就近坐席优先"),
        "R40" => both("seats serve what they master", "按业务熟练度派给坐席"),
        "R41" => both("only seats that are ready are offered calls", "只派给就绪的坐席"),
        "R45" => both("a dedicated agent has at least 30 min for a session", "专属坐席每次服务不少于 30 分钟"),
        "R47" => both(
            "VIP customers are served by phone or face to face; only others may be offered self-service first",
            "贵宾客户由电话或当面受理，只有普通客户可先自助",
        ),
        "R53" => both("a call is transferred for one of three reasons", "仅因三种原因之一转接来电"),
        "R55" => both("a complex call is connected first and handled afterwards", "复杂来电先接通、后处理"),
        "R57" => both("whoever took a matter first is responsible for it", "首问负责：最先受理者负责到底"),
        "R59" => both("the receiver of a transfer answers within 30 s", "转接的接收方须在 30 秒内接听"),
        "R75" => both("the customer is told the procedure or the expected time", "须向客户告知处理流程或预计时间"),
        "R79" => both("a complaint is recorded and first handled within 10 min", "投诉须在 10 分钟内登记并初步处理"),
        "R3" => both("at least 95 % of calls are connected", "接通率不低于 95 %"),
        "R4" => both("connection has four grades, the first from 98 % on", "接通质量分四级，98 % 以上为优"),
        "R11" => both("speech is recognised with 92 % at least", "语音识别准确率不低于 92 %"),
        "R29" => both("complaints have a category", "投诉有类别"),
        "R30" => both("complaints have three levels", "投诉分三级"),
        "R33" => both("how far a problem reaches is assessed", "评估问题的影响范围"),
        "R36" => both("customers have a type, a level and a life cycle", "客户有类型、级别和生命周期"),
        "R62" => both("common problems are handled within 2 h", "常见问题 2 小时内解决"),
        "R63" => both("complex problems are handled within 4 h", "复杂问题 4 小时内解决"),
        "R64" => both("major problems are handled within 24 h", "重大问题 24 小时内解决"),
        "R65" => both("profile m2: complex problems within 2 h, hard ones within 48 h", "方案 m2：复杂 2 小时，疑难 48 小时"),
        "R66" => both("profile m3: handled within 24 h, the result within 48 h", "方案 m3：24 小时办结，48 小时反馈结果"),
        "R67" => both("the customer knows the result within 24 h of completion", "办结后 24 小时内反馈结果"),
        "R68" => both("sensitive matters go to cleared seats, and are told of afterwards", "敏感事项只由授权坐席处理，先处理、后反馈"),
        "R69" => both("complex and high-risk matters are checked by two persons", "复杂或高风险业务须双人复核"),
        "R72" => both("satisfaction is stored from 1 to 10", "满意度按 1 至 10 分记录"),
        "R80" => both("a complaint is looked into within 2 h", "投诉 2 小时内完成初步调查"),
        "R81" => both("who complained hears from us within 2 h", "投诉 2 小时内首次响应"),
        "R82" => both("complaints of level 1: response within 48 h, completion within 72 h", "一级投诉：48 小时答复，72 小时办结"),
        "R83" => both("complaints of level 2: response within 24 h, completion within 36 h", "二级投诉：24 小时答复，36 小时办结"),
        "R84" => both("complaints of level 3: response within 12 h, completion within 24 h", "三级投诉：12 小时答复，24 小时办结"),
        "R92" => both("customers are asked within 72 h of completion", "办结后 72 小时内回访"),
        "R94" => both("profile m3: complaints handled within 48 h, closed within 72 h", "方案 m3：投诉 48 小时初步处理，72 小时闭环"),
        "R99" => both("every complaint is followed by a survey", "每次投诉处理后都要做满意度调查"),
        "R106" => both(
            "a survey asks about attitude, efficiency, quality, content and after-service",
            "调查内容为态度、效率、质量、内容、售后五个维度",
        ),
        "R105" => both("low scores get a follow-up, high ones praise", "低分重点回访，高分表扬"),
        "R109" => both("at least 90 % of customers are satisfied", "满意度不低于 90 %"),
        "R110" => both("at most 3 % of contacts are complaints", "投诉率控制在 3 % 以下"),
        "R115" => both("first resolution is among the indicators", "首次解决率列入指标"),
        "R121" => {
            both("information is right with 99.5 %, operations wrong with 0.1 % at most", "信息准确率不低于 99.5 %，操作差错率不高于 0.1 %")
        }
        "R129" => both("recordings are kept for 3 years at least", "录音至少保存 3 年"),
        "R130" => both("the service archive is kept for 5 years", "服务档案保存 5 年"),
        "R138" => both("people work in working time, from working places, with authorised devices", "只在工作时间和场所、用授权设备访问"),
        "R148" => both("faults are answered within 30 min, major ones handled within 1 h", "故障 30 分钟响应，重大故障 1 小时处理"),
        "R141" => both("only what is needed is collected", "只收集必要的信息"),
        "R151" => both("customers are told of a fault while it lasts", "故障期间向客户播报"),
        "R149" => both("core business is restored within 2 h", "核心业务 2 小时内恢复"),
        _ => both("see the manual", "详见手册"),
    }
}

/// The last line of a check: `2 errors, 1 warning in 7 files.`, those that are not shown among them.
pub fn summary(diagnostics: &[Diagnostic], sources: &[Source], lang: Lang) -> String {
    let of = |severity| diagnostics.iter().filter(|one| one.severity == severity).map(|one| one.count).sum();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    match lang {
        Lang::En => summary_en(errors, warnings, sources.len()),
        Lang::Zh => summary_zh(errors, warnings, sources.len()),
    }
}

fn summary_en(errors: usize, warnings: usize, files: usize) -> String {
    let files = count(files, "file");
    match (errors, warnings) {
        (0, 0) => format!("No findings in {files}."),
        (_, 0) => format!("{} in {files}.", count(errors, "error")),
        (0, _) => format!("{} in {files}.", count(warnings, "warning")),
        _ => format!("{}, {} in {files}.", count(errors, "error"), count(warnings, "warning")),
    }
}

fn summary_zh(errors: usize, warnings: usize, files: usize) -> String {
    match (errors, warnings) {
        (0, 0) => format!("{files} 个文件，未发现问题。"),
        (_, 0) => format!("{files} 个文件，{errors} 个错误。"),
        (0, _) => format!("{files} 个文件，{warnings} 个警告。"),
        _ => format!("{files} 个文件，{errors} 个错误，{warnings} 个警告。"),
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
