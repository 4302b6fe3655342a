//! What rules must not say, each alone and together.

use super::error::{RulesError, at};
use super::{Guard, Rule, RuleSet, Way};
use crate::exact::Exact;
use crate::ids::Direction;
use crate::risk::feature::Feature;

impl RuleSet {
    /// Refuses what cannot be meant.
    pub(super) fn check(&self) -> Result<(), RulesError> {
        self.rules.iter().try_for_each(alone)?;
        for pair in self.rules.windows(2) {
            if let [before, after] = pair {
                versions(before, after)?;
            }
        }
        twins(&self.rules)?;
        for direction in [Direction::Debit, Direction::Credit] {
            reachable(self, direction)?;
        }
        Ok(())
    }
}

/// The values that `feature` can have where the guards hold.
fn left(feature: Feature, guards: &[Guard]) -> (i64, i64) {
    let own = guards.iter().filter(|guard| guard.feature == feature);
    own.fold(
        (0, feature.unit().most()),
        |(low, high), guard| match guard.way {
            Way::AtLeast => (low.max(guard.bound), high),
            Way::AtMost => (low, high.min(guard.bound)),
        },
    )
}

fn alone(rule: &Rule) -> Result<(), RulesError> {
    let wrong = |what: String| Err(at(rule.line, format!("rule {}: {what}", rule.id)));
    if rule.until.is_some_and(|until| until <= rule.from) {
        return wrong("it ends before it begins; valid_until is the first day without it".into());
    }
    for guard in &rule.guards {
        let (low, high) = left(guard.feature, &rule.guards);
        if low > high {
            return wrong(format!("no {} is so; mend its when", guard.feature));
        }
        let says_nothing = match guard.way {
            Way::AtLeast => guard.bound <= 0,
            Way::AtMost => guard.bound >= guard.feature.unit().most(),
        };
        if says_nothing {
            return wrong(format!(
                "every {} is so; leave it out of when",
                guard.feature
            ));
        }
    }
    let (low, high) = left(rule.feature, &rule.guards);
    for step in &rule.steps {
        let (never, always) = match rule.way {
            Way::AtLeast => (step.bound > high, step.bound <= low),
            Way::AtMost => (step.bound < low, step.bound >= high),
        };
        let (feature, bound) = (rule.feature, step.bound);
        if never {
            return wrong(format!("no {feature} comes to {bound}; it ends at {high}"));
        }
        if always {
            return wrong(format!(
                "every {feature} comes to {bound}; it can never be missed"
            ));
        }
    }
    Ok(())
}

/// Two neighbours in the order of id and version.
fn versions(before: &Rule, after: &Rule) -> Result<(), RulesError> {
    if before.id != after.id {
        return Ok(());
    }
    let wrong = |what: &str| Err(at(after.line, format!("rule {}: {what}", after.id)));
    if before.version == after.version {
        return wrong("this version is there twice; raise one of them");
    }
    if before.until.is_none_or(|until| until > after.from) {
        return wrong("the version before it is still in force then; give that one a valid_until");
    }
    Ok(())
}

/// Two rules that hold for the same would count it twice.
fn twins(rules: &[Rule]) -> Result<(), RulesError> {
    for (place, one) in rules.iter().enumerate() {
        for other in &rules[place.plus(1)..] {
            let bounds = |rule: &Rule| rule.steps.iter().map(|s| s.bound).collect::<Vec<i64>>();
            let same = one.id != other.id
                && (one.feature, one.way, &one.guards) == (other.feature, other.way, &other.guards)
                && (one.debits && other.debits || one.credits && other.credits)
                && one.until.is_none_or(|until| other.from < until)
                && other.until.is_none_or(|until| one.from < until)
                && bounds(one) == bounds(other);
            if same {
                let (line, first) = (one.line.max(other.line), one.line.min(other.line));
                let what = format!("{} and {} say the same (line {first})", one.id, other.id);
                return Err(at(line, what));
            }
        }
    }
    Ok(())
}

/// Each threshold can be come to by the rules alone, from the last change of them on.
fn reachable(set: &RuleSet, direction: Direction) -> Result<(), RulesError> {
    let Some(last) = set.rules.iter().map(|rule| rule.from).max() else {
        return Err(at(1, "no rules; every score would be 0"));
    };
    let here = set.rules.iter();
    let here = here.filter(|rule| rule.is_in_force(direction, last));
    let most = here
        .map(|rule| rule.weight().max(0))
        .fold(0i32, Exact::plus);
    let thresholds = set.thresholds(direction);
    if most < i32::from(thresholds.deny) {
        let (way, deny) = (direction.as_str(), thresholds.deny);
        let what = format!("no {way} comes to deny, {deny}: its rules sum to {most} at most");
        return Err(at(1, what));
    }
    Ok(())
}
