//! From a file to rules: strict, with the line of what is wrong.

use super::error::{MOST_RULES, RULES_BYTES, RulesError, at};
use super::template::Template;
use super::{Combine, Guard, Rule, RuleSet, Step, Way};
use crate::exact::Exact;
use crate::foreign;
use crate::ids::Direction;
use crate::risk::feature::Feature;
use crate::risk::reason::{MOST_SCORE, Thresholds};
use aws_lc_rs::digest::{SHA256, digest};
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// Steps of a rule.
const STEPS: usize = 16;

/// The version of the file's format.
const FORMAT: u32 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: Spanned<u32>,
    combine: Spanned<Combined>,
    thresholds: BothThresholds,
    #[serde(default)]
    rule: Vec<Spanned<Written>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Combined {
    method: Method,
    weight: Option<u16>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    Rules,
    Maximum,
    Reason,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BothThresholds {
    debit: Spanned<Limits>,
    credit: Spanned<Limits>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    review: u16,
    deny: u16,
}

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: Spanned<String>,
    version: Spanned<u32>,
    valid_from: Spanned<String>,
    valid_until: Option<Spanned<String>>,
    applies_to: Spanned<Vec<Direction>>,
    feature: Spanned<String>,
    at_least: Option<Spanned<Vec<Vec<i64>>>>,
    at_most: Option<Spanned<Vec<Vec<i64>>>>,
    #[serde(default)]
    when: BTreeMap<Spanned<String>, Bounds>,
    weight: Spanned<i32>,
    words: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounds {
    at_least: Option<i64>,
    at_most: Option<i64>,
}

/// The text, to tell lines by.
struct Lines<'a>(&'a str);

impl Lines<'_> {
    fn of_byte(&self, byte: usize) -> usize {
        let before = self.0.as_bytes().get(..byte).unwrap_or(self.0.as_bytes());
        before.iter().filter(|b| **b == b'\n').count().plus(1)
    }

    fn of<T>(&self, value: &Spanned<T>) -> usize {
        self.of_byte(value.span().start)
    }
}

impl RuleSet {
    /// Reads a file; what its rules say together is not looked at.
    pub(super) fn read(text: &str) -> Result<RuleSet, RulesError> {
        if text.len() as u64 > RULES_BYTES {
            return Err(at(
                1,
                format!("the file has more than {RULES_BYTES} bytes; leave out rules"),
            ));
        }
        let lines = Lines(text);
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| lines.of_byte(span.start));
            at(line, foreign::line(error.message()).into_owned())
        })?;
        if *file.format.as_ref() != FORMAT {
            let what = format!("format: only {FORMAT} is known; use a tieout that knows it");
            return Err(at(lines.of(&file.format), what));
        }
        if file.rule.len() > MOST_RULES {
            let line = lines.of(&file.rule[MOST_RULES]);
            return Err(at(
                line,
                format!("more than {MOST_RULES} rules; leave some out"),
            ));
        }
        let rules = file.rule.iter().map(|written| rule(written, &lines));
        let mut rules = rules.collect::<Result<Vec<Rule>, RulesError>>()?;
        rules.sort_by(|a, b| (&a.id, a.version, a.line).cmp(&(&b.id, b.version, b.line)));
        let hash = digest(&SHA256, text.as_bytes());
        let hash = hash.as_ref().iter().take(6).map(|b| format!("{b:02x}"));
        Ok(RuleSet {
            rules,
            debit: thresholds(&file.thresholds.debit, &lines)?,
            credit: thresholds(&file.thresholds.credit, &lines)?,
            combine: combined(&file.combine, &lines)?,
            hash: hash.collect(),
        })
    }
}

fn thresholds(written: &Spanned<Limits>, lines: &Lines) -> Result<Thresholds, RulesError> {
    let Limits { review, deny } = *written.as_ref();
    if review == 0 || review >= deny || deny > MOST_SCORE {
        let what = "thresholds: review must be at least 1, deny more than that, at most 1000";
        return Err(at(lines.of(written), what));
    }
    Ok(Thresholds { review, deny })
}

fn combined(written: &Spanned<Combined>, lines: &Lines) -> Result<Combine, RulesError> {
    match (written.as_ref().method, written.as_ref().weight) {
        (Method::Rules, None) => Ok(Combine::Rules),
        (Method::Maximum, None) => Ok(Combine::Maximum),
        (Method::Reason, Some(weight @ 1..=MOST_SCORE)) => Ok(Combine::Reason { weight }),
        (Method::Reason, _) => Err(at(
            lines.of(written),
            "combine: reason needs a weight from 1 to 1000",
        )),
        _ => Err(at(
            lines.of(written),
            "combine: only reason has a weight; leave it out",
        )),
    }
}

fn rule(written: &Spanned<Written>, lines: &Lines) -> Result<Rule, RulesError> {
    let line = lines.of(&written.as_ref().id);
    let written = written.as_ref();
    let id = written.id.as_ref();
    let of_id = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let reserved = ["cap", "floor", "model"];
    if !(1..=48).contains(&id.len()) || !id.bytes().all(of_id) || reserved.contains(&id.as_str()) {
        let what = "id: 1 to 48 lower-case letters, digits and hyphens, and not cap, floor, model";
        return Err(at(line, what));
    }
    if *written.version.as_ref() == 0 {
        return Err(at(
            lines.of(&written.version),
            "version: the first one is 1",
        ));
    }
    let from = date(&written.valid_from, lines)?;
    let until = written.valid_until.as_ref().map(|day| date(day, lines));
    let ways = written.applies_to.as_ref();
    if ways.is_empty() {
        let what = "applies_to: it applies to nothing; write debit, credit or both";
        return Err(at(lines.of(&written.applies_to), what));
    }
    let (way, steps) = steps(written, lines)?;
    Ok(Rule {
        id: id.clone(),
        version: *written.version.as_ref(),
        from,
        until: until.transpose()?,
        debits: ways.contains(&Direction::Debit),
        credits: ways.contains(&Direction::Credit),
        feature: feature(&written.feature, lines)?,
        way,
        steps,
        guards: guards(written, lines)?,
        words: Template::parse(written.words.as_ref())
            .map_err(|what| at(lines.of(&written.words), format!("words: {what}")))?,
        line,
    })
}

fn date(written: &Spanned<String>, lines: &Lines) -> Result<Date, RulesError> {
    let day = written.as_ref().parse();
    day.map_err(|_| at(lines.of(written), "no day; write it as \"2026-11-27\""))
}

fn feature(written: &Spanned<String>, lines: &Lines) -> Result<Feature, RulesError> {
    Feature::named(written.as_ref()).ok_or_else(|| {
        let seen: String = written.as_ref().chars().take(48).collect();
        let seen = foreign::line(&seen);
        at(
            lines.of(written),
            format!("no feature {seen}; docs/risk.md lists them"),
        )
    })
}

fn guards(written: &Written, lines: &Lines) -> Result<Vec<Guard>, RulesError> {
    let mut guards = Vec::new();
    for (name, bounds) in &written.when {
        let feature = feature(name, lines)?;
        let both = [
            (Way::AtLeast, bounds.at_least),
            (Way::AtMost, bounds.at_most),
        ];
        let given = both
            .iter()
            .filter_map(|(way, bound)| bound.map(|bound| (*way, bound)));
        let before = guards.len();
        guards.extend(given.map(|(way, bound)| Guard {
            feature,
            way,
            bound,
        }));
        if guards.len() == before {
            let what = "when: give at_least, at_most or both";
            return Err(at(lines.of(name), what));
        }
    }
    guards.sort();
    Ok(guards)
}

fn steps(written: &Written, lines: &Lines) -> Result<(Way, Vec<Step>), RulesError> {
    let (way, given) = match (&written.at_least, &written.at_most) {
        (Some(steps), None) => (Way::AtLeast, steps),
        (None, Some(steps)) => (Way::AtMost, steps),
        _ => {
            let what = "give the steps as at_least or as at_most";
            return Err(at(lines.of(&written.id), what));
        }
    };
    let line = lines.of(given);
    let weight = *written.weight.as_ref();
    if weight == 0 || weight.unsigned_abs() > u32::from(MOST_SCORE) {
        let what = "weight: from 1 to 1000, or as much below zero";
        return Err(at(lines.of(&written.weight), what));
    }
    let given = given.as_ref().iter().map(|step| match step[..] {
        [bound, part] => i32::try_from(part).ok().map(|part| (bound, part)),
        _ => None,
    });
    let given = given
        .collect::<Option<Vec<(i64, i32)>>>()
        .unwrap_or_default();
    if given.is_empty() || given.len() > STEPS {
        let what = format!("1 to {STEPS} steps, each [bound, hundredths of weight]");
        return Err(at(line, what));
    }
    let goes_on = |pair: &[(i64, i32)]| match pair {
        [(bound, part), (next, more)] => {
            let further = match way {
                Way::AtLeast => next > bound,
                Way::AtMost => next < bound,
            };
            further && more > part
        }
        _ => false,
    };
    if !given.windows(2).all(goes_on) || given[0].1 < 1 || given.last().is_none_or(|s| s.1 != 100) {
        let what = "each step goes further than the one before and has more hundredths of the \
                    weight, the last one 100";
        return Err(at(line, what));
    }
    let points = |part: i32| weight.times(part) / 100;
    let mut steps = given.iter();
    if steps.any(|(_, part)| points(*part) == 0) {
        return Err(at(
            line,
            "a step gives no whole point; raise its part or the weight",
        ));
    }
    let step = |(bound, part): &(i64, i32)| Step {
        bound: *bound,
        points: points(*part),
    };
    Ok((way, given.iter().map(step).collect()))
}
