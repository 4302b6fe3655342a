use super::*;
use jiff::civil::date;

const TODAY: Date = date(2026, 11, 27);

fn cents(cents: i64) -> Option<SignedCents> {
    Some(SignedCents::new(cents))
}

/// A statement of the 25th that goes from 100 to 150.
fn summary() -> StatementSummary {
    let as_of = Some(date(2026, 11, 25));
    StatementSummary {
        as_of,
        opening: cents(100),
        closing: cents(150),
        movement: cents(50),
        latest: as_of,
    }
}

fn proved(summary: StatementSummary) -> Result<(i64, i64, bool), BreakKind> {
    whole(&summary, TODAY)
        .map(|one| (one.opening.get(), one.closing.get(), one.derived))
        .map_err(|(kind, _)| kind)
}

#[test]
fn dates_that_cannot_be_are_refused() {
    let as_of = |as_of| proved(StatementSummary { as_of, ..summary() });
    assert!(as_of(Some(TODAY)).is_ok(), "a final statement of the day");
    let never = [None, Some(date(2026, 11, 28)), Some(date(2031, 11, 24))];
    for day in never {
        assert_eq!(as_of(day), Err(BreakKind::ControlTotal), "{day:?}");
    }
    let latest = |latest| {
        proved(StatementSummary {
            latest,
            ..summary()
        })
    };
    assert!(latest(Some(date(2026, 12, 4))).is_ok(), "a deposit on hold");
    let far = latest(Some(date(2031, 11, 26)));
    assert_eq!(far, Err(BreakKind::ControlTotal));
}

#[test]
fn one_balance_is_enough_and_none_is_not() {
    let with = |opening, closing, movement| {
        proved(StatementSummary {
            opening,
            closing,
            movement,
            ..summary()
        })
    };
    let (hundred, more) = (cents(100), cents(150));
    assert_eq!(with(hundred, more, cents(50)), Ok((100, 150, false)));
    assert_eq!(with(None, more, cents(50)), Ok((100, 150, true)));
    assert_eq!(with(hundred, None, cents(50)), Ok((100, 150, true)));
    let nothing = Err(BreakKind::BalanceAssertion);
    assert_eq!(with(None, None, cents(50)), nothing);
    assert_eq!(with(hundred, more, cents(49)), nothing);
    assert_eq!(with(None, more, None), nothing);
}

#[test]
fn figures_of_sixteen_digits_are_none() {
    let most = i64::try_from(MOST_CENTS).unwrap();
    let of = |balance: i64, amounts: &[i64]| {
        let amounts = amounts.iter().copied().map(SignedCents::new);
        plausible([SignedCents::new(balance)], amounts)
    };
    assert!(of(most - 1, &[most - 1]) && of(0, &[1 - most]));
    assert!(!of(most, &[]) && !of(-most, &[]) && !of(0, &[most]));
    assert!(!of(0, &[most / 2, -most / 2]), "the turnover counts");
    assert!(!of(0, &[i64::MIN, i64::MIN, i64::MAX]));
}

// ------------------------------------------------------------------------------------- places

/// Day, opening, closing, whether more comes.
type Link = (i8, i64, i64, bool);

fn days(links: &[Link]) -> BTreeMap<Date, Booked> {
    let booked = |(day, opening, closing, more): &Link| {
        let booked = Booked {
            opening: cents(*opening),
            closing: SignedCents::new(*closing),
            more: *more,
        };
        (date(2026, 12, *day), booked)
    };
    links.iter().map(booked).collect()
}

fn of(day: i8, opening: i64, closing: i64) -> Asking {
    Asking {
        whole: Whole {
            as_of: date(2026, 12, day),
            opening: SignedCents::new(opening),
            closing: SignedCents::new(closing),
            derived: false,
        },
        page: false,
        corrects: false,
        renumbers: false,
        shared: Shared::None,
    }
}

fn sharing(asking: Asking) -> Asking {
    Asking {
        shared: Shared::Some,
        ..asking
    }
}

fn placed(days: &BTreeMap<Date, Booked>, asking: Asking, others: &[Asking]) -> &'static str {
    let others: Vec<Whole> = others.iter().map(|other| other.whole).collect();
    match place(days, &asking, &others) {
        Ok(Place::Day) => "day",
        Ok(Place::Page) => "page",
        Ok(Place::Version) => "version",
        Ok(Place::Waits(_)) => "waits",
        Err((kind, _)) => kind.as_str(),
    }
}

#[test]
fn a_statement_goes_on_where_the_last_one_ended_in_balance_and_in_days() {
    assert_eq!(placed(&days(&[]), of(1, 5, 7), &[]), "day");
    let known = days(&[(1, 100, 150, false)]); // a Tuesday
    assert_eq!(placed(&known, of(2, 150, 170), &[]), "day");
    assert_eq!(placed(&known, of(2, 149, 170), &[]), "waits");
    let net = "a statement between that nets to zero";
    assert_eq!(placed(&known, of(3, 150, 170), &[]), "waits", "{net}");
    let friday = days(&[(4, 100, 150, false)]);
    assert_eq!(
        placed(&friday, of(7, 150, 170), &[]),
        "day",
        "over a weekend"
    );
    assert_eq!(
        placed(&friday, of(5, 150, 170), &[]),
        "day",
        "a Saturday's own"
    );
    let open = days(&[(1, 100, 150, true)]);
    assert_eq!(
        placed(&open, of(2, 150, 170), &[]),
        "waits",
        "its last page"
    );
}

#[test]
fn a_page_goes_on_in_its_day_and_a_version_starts_it_anew() {
    let known = days(&[(1, 100, 150, false)]);
    assert_eq!(placed(&known, of(1, 150, 170), &[]), "page");
    assert_eq!(placed(&known, of(1, 100, 160), &[]), "version");
    assert_eq!(placed(&known, of(1, 120, 160), &[]), "waits");
    let page = |asking| Asking {
        page: true,
        ..asking
    };
    assert_eq!(placed(&known, page(of(1, 150, 170)), &[]), "page");
    assert_eq!(placed(&known, page(of(1, 100, 170)), &[]), "waits");
    assert_eq!(
        placed(&known, page(of(2, 150, 170)), &[]),
        "waits",
        "page 1 is missing"
    );
    assert_eq!(placed(&days(&[]), page(of(2, 150, 170)), &[]), "waits");
    let zero = days(&[(1, 100, 100, false)]);
    assert_eq!(
        placed(&zero, of(1, 100, 120), &[]),
        "page",
        "no line of it is known"
    );
    assert_eq!(placed(&zero, sharing(of(1, 100, 120)), &[]), "version");
    let corrects = Asking {
        corrects: true,
        ..of(1, 100, 120)
    };
    assert_eq!(placed(&zero, corrects, &[]), "version");
    // It has the number of what is booked: that is told anew, unless more of it was to come.
    let numbered = Asking {
        renumbers: true,
        ..of(1, 100, 120)
    };
    assert_eq!(placed(&zero, numbered, &[]), "version");
    let goes_on = days(&[(1, 100, 100, true)]);
    assert_eq!(placed(&goes_on, numbered, &[]), "page");
}

#[test]
fn a_day_inside_of_the_chain_changes_only_where_both_its_ends_meet() {
    let known = days(&[
        (1, 100, 150, false),
        (2, 150, 170, false),
        (3, 170, 171, false),
    ]);
    assert_eq!(placed(&known, sharing(of(1, 100, 150)), &[]), "version");
    assert_eq!(placed(&known, sharing(of(1, 100, 140)), &[]), "waits");
    let both = [of(2, 140, 170)];
    assert_eq!(placed(&known, sharing(of(1, 100, 140)), &both), "version");
    let not_enough = [of(2, 140, 160)];
    assert_eq!(
        placed(&known, sharing(of(1, 100, 140)), &not_enough),
        "waits"
    );
    let to_the_end = [of(3, 160, 161), of(2, 140, 160)];
    assert_eq!(
        placed(&known, sharing(of(1, 100, 140)), &to_the_end),
        "version"
    );
    assert_eq!(placed(&known, of(2, 150, 150), &[]), "waits");
    let before = date(2026, 11, 30);
    let mut early = of(1, 0, 100);
    early.whole.as_of = before;
    assert_eq!(placed(&known, early, &[]), "DUP_STATEMENT");
}

#[test]
fn a_day_of_which_only_the_end_is_known_is_not_booked_again() {
    let mut known = days(&[(1, 100, 150, false)]);
    known.values_mut().for_each(|booked| booked.opening = None);
    assert_eq!(placed(&known, of(1, 100, 150), &[]), "DUP_STATEMENT");
    assert_eq!(placed(&known, of(2, 150, 151), &[]), "day");
}
