//! In which order the files of a morning are taken: by what they say, since a bank names them as it
//! likes. An answer to a file of ours comes before what came back of it, a return before what
//! disputes it, and that before what contests the dispute. Statements come last, each in the order
//! of its days, which is for them to say.

use formats::detect::{self, Kind};

/// What a file says of entries of ours, in the order in which it can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    /// Entries came back, or something is to be changed.
    Answers,
    /// Returns were dishonored.
    Disputes,
    /// Dishonored returns were contested.
    Contests,
}

/// What a file says of entries of ours; `None` where it says nothing of them: then it is taken at
/// once, before those that do. A file that says several things is taken by the last of them: the
/// payments refuse what comes before its time.
pub(super) fn meaning(body: &[u8]) -> Option<Meaning> {
    match detect::detect(body) {
        Kind::Nacha => Some(reasons(body).map(of).max().unwrap_or(Meaning::Answers)),
        _ => None,
    }
}

/// What stands in columns 4 to 6 behind each `799`: a reason, or part of something else.
fn reasons(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let at = |window: &[u8]| window.starts_with(b"799R");
    body.windows(6)
        .filter(move |window| at(window))
        .filter_map(|window| window.get(4..))
}

fn of(digits: &[u8]) -> Meaning {
    match digits {
        [b'6', b'1'..=b'9'] | [b'7', b'0'] => Meaning::Disputes,
        [b'7', b'1'..=b'7'] => Meaning::Contests,
        _ => Meaning::Answers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_taken_by_what_they_say() {
        let nacha = |reason: &str| {
            let header = format!("{:<94}\n", "101 091000019 0764012512611240630A094101");
            meaning(format!("{header}799{reason:<91}\n").as_bytes())
        };
        let told = ["R01", "R68", "R73"].map(|reason| nacha(reason).unwrap());
        assert_eq!(
            told,
            [Meaning::Answers, Meaning::Disputes, Meaning::Contests]
        );
        let ack = format!("{}\n", formats::acks::HEADER);
        assert_eq!(meaning(ack.as_bytes()), None);
    }
}
