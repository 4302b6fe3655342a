//! The verdict in words: what ties out, what differs and has a name, and what does not agree.
//!
//! A run ties out where every difference is explained, which is not the same as having none.
//! Whoever answers for the money reads that difference first, so both renderings start with it.

use super::data::{Clearing, ReportData, number};

/// How far something agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Without a difference.
    Agrees,
    /// With differences that have a name, or with something to know.
    Named,
    /// Not.
    Differs,
}

impl Mark {
    /// The word for readers that see no colors.
    pub const fn as_str(self) -> &'static str {
        match self {
            Mark::Agrees => "agrees",
            Mark::Named => "look",
            Mark::Differs => "DIFFERS",
        }
    }

    const fn when(agrees: bool) -> Mark {
        if agrees { Mark::Agrees } else { Mark::Differs }
    }
}

/// One sentence of the verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// How far it agrees.
    pub mark: Mark,
    /// What it is about.
    pub about: &'static str,
    /// The sentence.
    pub text: String,
}

/// The verdict on `data`, what does not agree first.
pub fn verdict(data: &ReportData) -> Vec<Sentence> {
    let mut all = vec![
        payments(data),
        breaks(data),
        clearing(data),
        books(data),
        days(data),
        returns(data),
        archive(data),
    ];
    // Stable: within one mark the order stays.
    all.sort_by_key(|sentence| match sentence.mark {
        Mark::Differs => 0,
        Mark::Named => 1,
        Mark::Agrees => 2,
    });
    all
}

fn sentence(mark: Mark, about: &'static str, text: String) -> Sentence {
    Sentence { mark, about, text }
}

fn payments(data: &ReportData) -> Sentence {
    let (places, taken) = (&data.conservation, data.conservation.taken_in);
    let came = format!(
        "{} payments of {} came in",
        number(taken.count),
        taken.cents
    );
    let filled = places.places().into_iter().filter(|(_, of)| of.count > 0);
    let parts: Vec<String> = filled
        .map(|(name, of)| format!("{} {}", number(of.count), name.to_lowercase()))
        .collect();
    let parts = parts.join(", ");
    let text = match (places.holds(), places.accounted_for()) {
        (true, _) => format!("{came}; each is in one place: {parts}."),
        (false, Some(sum)) => format!(
            "{came}; accounted for are {} of {}: {parts}.",
            number(sum.count),
            sum.cents
        ),
        (false, None) => format!("{came}; their places do not add up in 64 bits: {parts}."),
    };
    sentence(Mark::when(places.holds()), "Payments", text)
}

fn breaks(data: &ReportData) -> Sentence {
    let (open, cleared) = (&data.breaks.open, data.breaks.cleared.sum);
    let rest = match cleared.count {
        0 => String::new(),
        n => format!(
            " {} more ({}) cleared themselves.",
            number(n),
            cleared.cents
        ),
    };
    let Some(first) = open.kinds.first() else {
        return sentence(Mark::Agrees, "Breaks", format!("None is open.{rest}"));
    };
    let text = format!(
        "{} open, {} in question, each with its name; the most in {}: {}.{rest}",
        number(open.sum.count),
        open.sum.cents,
        first.name,
        first.sum.cents,
    );
    sentence(Mark::Named, "Breaks", text)
}

fn clearing(data: &ReportData) -> Sentence {
    let open: Vec<&Clearing> = data.clearing.iter().filter(|of| !of.is_clear()).collect();
    let all = data.clearing.len();
    if open.is_empty() {
        let text = format!("All {all} accounts are at zero.");
        return sentence(Mark::Agrees, "Clearing", text);
    }
    let balances: Vec<String> = open
        .iter()
        .map(|of| format!("{} at {}", of.account, of.balance))
        .collect();
    let (count, balances) = (open.len(), balances.join(", "));
    let unexplained = open.iter().any(|of| of.unexplained > 0);
    let why = if unexplained {
        "and no break says why of all of it"
    } else {
        "and breaks say why"
    };
    let mark = if unexplained {
        Mark::Differs
    } else {
        Mark::Named
    };
    let text = format!("{count} of {all} accounts not at zero, {why}: {balances}.");
    sentence(mark, "Clearing", text)
}

fn books(data: &ReportData) -> Sentence {
    let of = data.recounted;
    let asked = number(of.figures);
    let text = match of.differ {
        0 => format!("{asked} figures were counted again by SQL over the tables, and agree."),
        n => format!("{asked} figures were counted again by SQL over the tables; {n} differ."),
    };
    sentence(Mark::when(of.differ == 0), "Books", text)
}

fn days(data: &ReportData) -> Sentence {
    let odd: Vec<String> = data
        .days
        .iter()
        .filter(|day| !day.tied_out)
        .map(|day| day.date.to_string())
        .collect();
    let all = data.days.len();
    let text = if odd.is_empty() {
        format!("On each of {all} business days, what every job took is what it gave.")
    } else {
        format!("{} of {all} do not tie out: {}.", odd.len(), odd.join(", "))
    };
    sentence(Mark::when(odd.is_empty()), "Days", text)
}

fn returns(data: &ReportData) -> Sentence {
    let above: Vec<&str> = data
        .rates
        .iter()
        .filter(|rate| rate.exceeded())
        .map(|rate| rate.name.as_str())
        .collect();
    if above.is_empty() {
        let text = "Every return rate is below the network's threshold.".to_owned();
        return sentence(Mark::Agrees, "Returns", text);
    }
    let text = format!("Above the network's threshold: {}.", above.join(", "));
    sentence(Mark::Named, "Returns", text)
}

fn archive(data: &ReportData) -> Sentence {
    let (sealed, days) = (data.archive.len(), data.days.len());
    let proved = data.archive.iter().filter(|day| day.proved).count();
    let text = format!("{sealed} of {days} days are sealed; {proved} were read back and proved.");
    let mark = if proved == days {
        Mark::Agrees
    } else {
        Mark::Named
    };
    sentence(mark, "Archive", text)
}

#[cfg(test)]
mod tests {
    use super::super::sample::sample;
    use super::*;
    use settlement::money::SignedCents;

    fn of<'a>(all: &'a [Sentence], about: &str) -> &'a Sentence {
        all.iter().find(|s| s.about == about).unwrap()
    }

    #[test]
    fn what_needs_a_look_stands_before_what_agrees() {
        let all = verdict(&sample());
        let marks: Vec<Mark> = all.iter().map(|s| s.mark).collect();
        assert_eq!(marks[..2], [Mark::Named, Mark::Named]);
        assert!(marks[2..].iter().all(|mark| *mark == Mark::Agrees));
        let breaks = &of(&all, "Breaks").text;
        assert!(
            breaks.starts_with("1 open, 4,120.55 in question"),
            "{breaks}"
        );
        assert!(breaks.contains("3 more (938,206.12) cleared"), "{breaks}");
    }

    #[test]
    fn a_balance_without_a_reason_differs_and_comes_first() {
        let mut data = sample();
        data.clearing[0].balance = SignedCents::new(5);
        (data.clearing[0].open_keys, data.clearing[0].unexplained) = (1, 1);
        let first = &verdict(&data)[0];
        assert_eq!((first.mark, first.about), (Mark::Differs, "Clearing"));
        assert!(first.text.contains("1110 at 0.05"), "{}", first.text);
    }

    #[test]
    fn keys_that_cancel_each_other_are_not_zero() {
        let mut data = sample();
        data.clearing[0].open_keys = 2;
        let text = &of(&verdict(&data), "Clearing").text.clone();
        assert!(text.starts_with("2 of 3 accounts not at zero"), "{text}");
    }

    #[test]
    fn payments_that_are_nowhere_are_said() {
        let mut data = sample();
        data.conservation.waiting.count -= 1;
        let all = verdict(&data);
        assert_eq!(of(&all, "Payments").mark, Mark::Differs);
        assert!(
            of(&all, "Payments")
                .text
                .contains("accounted for are 49,999")
        );
    }
}
