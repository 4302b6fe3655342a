//! Outbound files written by hand, column by column.

use super::profile;
use crate::customers::{Request, payments};
use jiff::civil::Date;
use settlement::{
    calendar::next_banking_day,
    ids::Direction,
    payment::{AccountKind, Speed},
};
use std::collections::BTreeMap;

/// Two files for a date: same-day and standard, batches by lane of at most 2,500 entries.
pub(super) fn files(day: Date, n: u64, first_sequence: &mut u64) -> Vec<(String, Vec<u8>)> {
    let profile = profile();
    let mut lanes: BTreeMap<_, Vec<Request>> = BTreeMap::new();
    for request in payments(7, &profile, day, n) {
        let small = request.payment.order.amount.get() <= 100_000_000;
        let standard = request.payment.order.speed == Speed::Standard || !small;
        let credit = request.payment.order.direction == Direction::Credit;
        let lane = (
            standard,
            request.payment.order.originator.clone(),
            request.payment.order.sec,
            credit,
        );
        lanes
            .entry((lane, request.payment.order.description.clone()))
            .or_default()
            .push(request);
    }
    [false, true]
        .into_iter()
        .map(|standard| {
            let modifier = if standard { 'B' } else { 'A' };
            let lanes = lanes.iter().filter(|(lane, _)| lane.0.0 == standard);
            let batches = lanes.flat_map(|(lane, all)| all.chunks(2_500).map(move |c| (lane, c)));
            let effective = if standard { next_banking_day(day) } else { day };
            let file = File {
                day,
                modifier,
                effective,
            };
            let bytes = file.write(
                batches.map(|((lane, what), r)| (lane.1.as_str(), what.as_str(), r)),
                first_sequence,
            );
            (format!("{day}{modifier}.ach"), bytes)
        })
        .collect()
}

struct File {
    day: Date,
    modifier: char,
    effective: Date,
}

#[derive(Default)]
struct Totals {
    records: u64,
    hash: u64,
    debit: u64,
    credit: u64,
}

impl Totals {
    fn add(&mut self, other: &Totals) {
        self.records += other.records;
        self.hash += other.hash;
        self.debit += other.debit;
        self.credit += other.credit;
    }

    fn sums(&self) -> String {
        format!(
            "{:010}{:012}{:012}",
            self.hash % 10_000_000_000,
            self.debit,
            self.credit
        )
    }
}

impl File {
    fn write<'a>(
        &self,
        batches: impl Iterator<Item = (&'a str, &'a str, &'a [Request])>,
        sequence: &mut u64,
    ) -> Vec<u8> {
        let profile = profile();
        let day = self.day.strftime("%y%m%d");
        let mut lines = vec![format!(
            "101 {}{}{day}1200{}094101{:<23}{:<23}{:8}",
            profile.immediate_destination,
            profile.immediate_origin,
            self.modifier,
            profile.immediate_destination_name,
            profile.immediate_origin_name,
            ""
        )];
        let (mut whole, mut number) = (Totals::default(), 0);
        for (originator, description, requests) in batches {
            number += 1;
            whole.add(&self.batch(
                &mut lines,
                number,
                originator,
                description,
                requests,
                sequence,
            ));
        }
        let blocks = (lines.len() + 1).div_ceil(10);
        let (records, sums) = (whole.records, whole.sums());
        lines.push(format!(
            "9{number:06}{blocks:06}{records:08}{sums}{:39}",
            ""
        ));
        while !lines.len().is_multiple_of(10) {
            lines.push("9".repeat(94));
        }
        lines.push(String::new());
        lines.join("\n").into_bytes()
    }

    fn batch(
        &self,
        lines: &mut Vec<String>,
        number: u64,
        originator: &str,
        description: &str,
        requests: &[Request],
        sequence: &mut u64,
    ) -> Totals {
        let (profile, effective) = (profile(), self.effective.strftime("%y%m%d"));
        let company = &profile.originators[originator];
        let (id, odfi) = (&company.company_id, profile.odfi);
        let credit = requests[0].payment.order.direction == Direction::Credit;
        let (class, sec) = (
            if credit { 220 } else { 225 },
            requests[0].payment.order.sec,
        );
        lines.push(format!(
            "5{class}{:<16}{:<20}{id}{sec}{description:<10}{:6}{effective}{:3}1{odfi}{number:07}",
            company.company_name, company.discretionary_data, "", ""
        ));
        let mut totals = Totals::default();
        for request in requests {
            *sequence += 1;
            entry(lines, request, *sequence);
            totals.records += 1 + u64::from(request.payment.remittance.is_some());
            totals.hash += u64::from(request.payment.routing.dfi().get());
            let side = if credit {
                &mut totals.credit
            } else {
                &mut totals.debit
            };
            *side += request.payment.order.amount.get();
        }
        let (records, sums) = (totals.records, totals.sums());
        lines.push(format!(
            "8{class}{records:06}{sums}{id}{:25}{odfi}{number:07}",
            ""
        ));
        totals
    }
}

fn entry(lines: &mut Vec<String>, request: &Request, sequence: u64) {
    let series = if request.payment.account == AccountKind::Savings {
        3
    } else {
        2
    };
    let code = if request.payment.order.direction == Direction::Credit {
        2
    } else {
        7
    };
    let has = u8::from(request.payment.remittance.is_some());
    let name = match request.payment.order.sec.as_str() {
        "CTX" => format!("{has:04}{:<16}  ", request.payment.name),
        _ => format!("{:<22}", request.payment.name),
    };
    let kind = if request.payment.order.sec.as_str() == "WEB" {
        "S "
    } else {
        "  "
    };
    lines.push(format!(
        "6{series}{code}{}{:<17}{:010}{:<15}{name}{kind}{has}07640125{sequence:07}",
        request.payment.routing,
        request.account_number.reveal(),
        request.payment.order.amount.get(),
        request.id().unwrap(),
    ));
    if let Some(text) = &request.payment.remittance {
        lines.push(format!("705{text:<80}0001{sequence:07}"));
    }
}
