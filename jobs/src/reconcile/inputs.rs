//! The rows a day's legs look at.

use crate::billed::kind_of;
use crate::parts;
use crate::records;
use crate::records::frozen::{FrozenCut, FrozenFile};
use crate::records::ingested::{Ingested, Outcome as Taken};
use crate::records::posted::PostedDay;
use crate::records::reconciled::{OpenBatch, Reconciled};
use crate::stage::did;
use crate::statement_lines;
use crate::waiting;
use desk::failure::{Failure, Result, too_large};
use desk::names;
use desk::{CHUNK, Desk};
use formats::nacha::{Event as Nacha, Reader};
use formats::tables::{AchEntry, AchReturn, AchReturns, Balance, Balances, Journal};
use jiff::civil::Date;
use settlement::fees::Fees;
use settlement::ids::{BatchKey, DfiId, Direction, PaymentId, TraceNumber};
use settlement::journal::{Account, Side};
use settlement::money::SignedCents;
use settlement::payment::Event;
use settlement::reconcile::legs::{BreakKind, Outcome, l1, l2, l3, l4};
use settlement::reconcile::residue::Residue;
use std::collections::{BTreeMap, BTreeSet};

/// Everything one run reads.
pub(crate) struct Inputs {
    pub date: Date,
    /// Banking days a line may be late.
    pub sla_days: u32,
    pub before: Reconciled,
    pub claimed: Vec<l1::Claimed>,
    pub sent: Vec<l1::Sent>,
    pub answers: Vec<l2::Answer>,
    pub entries: Vec<l2::Entry>,
    /// What ingestion said of the answers.
    pub ingested: l2::Ingested,
    pub batches: Vec<l3::Batch>,
    pub open: Vec<OpenBatch>,
    pub lines: Vec<l3::Line>,
    pub bank_cash: Vec<l4::CashLine>,
    pub ledger_cash: Vec<l4::CashLine>,
    pub statements: Vec<l4::StatementBalance>,
    /// What the clearing accounts hold after the posting of the date.
    pub clearing: Vec<Residue>,
    /// The bank's fees accrued and not billed.
    pub fees: Fees,
    /// Fee lines that the prices explain.
    pub billed: BTreeSet<String>,
    pub files: Vec<Ingested>,
    /// Entries of open batches whose line has another amount.
    members: BTreeMap<BatchKey, Vec<Member>>,
}

struct Member {
    trace: TraceNumber,
    direction: Direction,
    cents: SignedCents,
    payment: PaymentId,
}

impl Inputs {
    pub async fn read(desk: &Desk, date: Date, before: Reconciled) -> Result<Inputs> {
        let objects = &*desk.ports.objects;
        let files: Vec<Ingested> = records::all(objects, &names::ingested_prefix(date))
            .await?
            .into_iter()
            .map(|f| f.1)
            .collect();
        let mut inputs = Inputs {
            date,
            sla_days: desk.bank.tolerance.settlement_days,
            claimed: Vec::new(),
            sent: Vec::new(),
            answers: Vec::new(),
            entries: Vec::new(),
            ingested: l2::Ingested::default(),
            batches: Vec::new(),
            open: Vec::new(),
            lines: Vec::new(),
            bank_cash: Vec::new(),
            ledger_cash: Vec::new(),
            statements: Vec::new(),
            clearing: Vec::new(),
            fees: Fees::default(),
            billed: BTreeSet::new(),
            files,
            members: BTreeMap::new(),
            before,
        };
        inputs.payments_and_files(desk).await?;
        inputs.returns(desk).await?;
        inputs.money(desk).await?;
        inputs.books(desk).await?;
        inputs.members_of_odd_batches(desk).await?;
        Ok(inputs)
    }

    /// L1: claims of the date by the event log, entries of the date by the frozen cuts.
    async fn payments_and_files(&mut self, desk: &Desk) -> Result<()> {
        let mut after = None;
        loop {
            let page = desk.ports.payments.events(self.date, after, CHUNK).await?;
            let Some(last) = page.last() else { break };
            after = Some((last.payment, last.version));
            did(page.len());
            for event in page
                .iter()
                .filter(|e| matches!(e.event, Event::Claimed { .. }))
            {
                let cents = event.direction.on_our_account(event.amount);
                self.claimed.push(l1::Claimed {
                    payment: event.payment,
                    cents: cents.ok_or_else(|| too_large(&event.payment.to_string()))?,
                });
            }
        }
        let cuts = parts::frozen_on(desk, self.date).await?;
        for cut in &cuts {
            for file in &cut.files {
                self.read_back(desk, cut, file).await?;
            }
        }
        self.open = waiting::batches(&self.before, &cuts, &self.files)?;
        self.batches = self.open.iter().map(OpenBatch::leg).collect();
        Ok(())
    }

    /// The entries of a file as its bytes say, not as our own table does: what was rendered is
    /// what the bank has.
    async fn read_back(&mut self, desk: &Desk, cut: &FrozenCut, file: &FrozenFile) -> Result<()> {
        let body = desk.ports.objects.get(&file.name).await?.body;
        let modifier = u8::try_from(file.modifier).unwrap_or(b'A');
        let wrong = || Failure::damaged(format!("{}: not the file that was rendered", file.name));
        let mut reader = Reader::new(&body[..]);
        let unreadable =
            |e| Failure::could_not(format!("{}: {e}", file.name)).remedy("run the same again");
        while let Some(event) = reader.next().map_err(unreadable)? {
            let Nacha::Entry(entry) = event else { continue };
            did(1);
            let number = entry.batch().number_in_file().ok_or_else(wrong)?;
            let batch = BatchKey::new(cut.date, modifier, number)?;
            let id = entry.detail.individual_id();
            if *id == batch.to_string() {
                continue; // the entry that balances the batch carries no payment
            }
            let code = entry.detail.transaction_code().ok_or_else(wrong)?;
            let amount = entry.detail.amount();
            let cents = amount.and_then(|amount| code.direction().on_our_account(amount));
            self.sent.push(l1::Sent {
                payment: id.parse()?,
                cents: cents.ok_or_else(wrong)?,
                batch,
                trace: entry.detail.trace().ok_or_else(wrong)?,
            });
        }
        match reader.finish().map_err(unreadable)?.findings.ok() {
            true => Ok(()),
            false => Err(wrong()),
        }
    }

    /// L2: what came back today, and the entries it may answer.
    async fn returns(&mut self, desk: &Desk) -> Result<()> {
        let objects = &*desk.ports.objects;
        let files = self.files.iter();
        let parts = files.flat_map(|file| parts::of_table::<AchReturns>(&file.parts));
        let parts: Vec<_> = parts.cloned().collect();
        let mut traces = BTreeSet::new();
        for part in &parts {
            for row in parts::rows_of::<AchReturns>(objects, part).await? {
                traces.insert(row.original_trace);
                let answer = answer(&row)?;
                if row.late {
                    self.ingested.late.insert(answer.key());
                }
                if let Some(key) = row.payment_key {
                    let payment = PaymentId::from_key(key)?;
                    self.ingested.payments.insert(answer.key(), payment);
                }
                self.answers.push(answer);
            }
        }
        for row in parts::with_traces(desk, self.date, &traces).await? {
            self.entries.push(parts::sent(&row)?);
        }
        Ok(())
    }

    /// L3: the day's lines.
    async fn money(&mut self, desk: &Desk) -> Result<()> {
        for row in statement_lines::lines(desk, self.date).await? {
            let line = statement_lines::line_of(&row)?;
            self.bank_cash.push(l4::CashLine {
                bank_line: line.id.clone(),
                cents: line.cents,
                reference: line.reference.clone(),
            });
            self.lines.push(line);
        }
        Ok(())
    }

    /// L4: the cash lines that posting made of them, and what the statements assert.
    async fn books(&mut self, desk: &Desk) -> Result<()> {
        let objects = &*desk.ports.objects;
        let posted: Option<PostedDay> = records::get(objects, &names::posted(self.date)).await?;
        if let Some(posted) = &posted {
            self.fees = posted.fees.clone();
            self.billed = posted.billed.iter().cloned().collect();
        }
        if let Some(part) = posted.as_ref().and_then(|posted| posted.balances.as_ref()) {
            self.clearing = clearing(parts::rows_of::<Balances>(objects, part).await?);
        }
        if let Some(part) = posted.and_then(|posted| posted.journal) {
            let cash = [Account::BankFbo.number(), Account::BankOperating.number()];
            let body = parts::fetch(objects, &part).await?;
            let rows = formats::tables::read::<Journal>(body, &part.name);
            for row in rows.map_err(parts::torn)? {
                let row = row.map_err(parts::torn)?;
                if !cash.iter().any(|number| number.to_string() == *row.account) {
                    continue;
                }
                let debit = row.side == Side::Debit.as_str();
                let cents = if debit {
                    Some(row.amount)
                } else {
                    row.amount.checked_neg()
                };
                self.ledger_cash.push(l4::CashLine {
                    bank_line: row.source.to_string(),
                    cents: cents.ok_or_else(|| too_large(&row.journal_id))?,
                    reference: row.journal_id.to_string(),
                });
            }
        }
        let account = || Account::BankFbo.number().to_string();
        for closing in self.before.closing.values() {
            self.statements.push(l4::StatementBalance {
                account: account(),
                date: closing.date,
                opening: closing.cents,
                lines: SignedCents::ZERO,
                closing: closing.cents,
            });
        }
        for head in self.files.iter().flat_map(|file| &file.statements) {
            if let (Some(opening), Some(closing)) = (head.opening, head.closing) {
                self.statements.push(l4::StatementBalance {
                    account: account(),
                    date: head.as_of,
                    opening,
                    lines: head.movement,
                    closing,
                });
            }
        }
        Ok(())
    }

    /// The entries of batches whose line has another amount: only there one may be missing.
    async fn members_of_odd_batches(&mut self, desk: &Desk) -> Result<()> {
        let amounts: BTreeMap<(BatchKey, i64), ()> = self
            .batches
            .iter()
            .map(|b| ((b.key, b.cents.get()), ()))
            .collect();
        let odd = self.lines.iter().filter_map(|line| {
            let key = line.batch?;
            (!amounts.contains_key(&(key, line.cents.get()))).then_some(key)
        });
        let odd: BTreeSet<BatchKey> = odd.collect();
        let dates: BTreeSet<Date> = self
            .open
            .iter()
            .filter(|batch| odd.contains(&batch.key))
            .map(|batch| batch.cut_date)
            .collect();
        for date in dates {
            for cut in parts::frozen_on(desk, date).await? {
                for row in parts::of_cut(desk, &cut).await? {
                    let key: BatchKey = row.batch.parse()?;
                    if odd.contains(&key) {
                        self.members.entry(key).or_default().push(member(&row)?);
                    }
                }
            }
        }
        Ok(())
    }

    /// The entries of one direction of a batch.
    pub fn of_batch(&self, key: BatchKey, side: Direction) -> Vec<(TraceNumber, SignedCents)> {
        let members = self.members.get(&key).map_or(&[][..], Vec::as_slice);
        members
            .iter()
            .filter(|m| m.direction == side)
            .map(|m| (m.trace, m.cents))
            .collect()
    }

    /// The payment behind a trace of an odd batch.
    pub fn payment_of(&self, trace: &str) -> Option<PaymentId> {
        let number = trace.parse::<u64>().ok()?;
        let mut members = self.members.values().flatten();
        members.find(|m| m.trace.get() == number).map(|m| m.payment)
    }

    /// Answers that an answer of an earlier day makes duplicates.
    pub fn answered_before(&self) -> impl Iterator<Item = &l2::Answer> {
        let change = |answer: &l2::Answer| answer.kind.is_notice();
        self.answers.iter().filter(move |answer| {
            let before = self.before.answered.iter();
            before
                .clone()
                .any(|b| (b.trace, b.change) == (answer.original_trace, change(answer)))
        })
    }

    /// The returns whose money should come: every one received, but not one received twice.
    pub fn returns_for_money(&self, l2: &Outcome) -> Vec<l3::Returned> {
        let twice = l2.breaks.iter().filter(|b| b.kind == BreakKind::DupEntry);
        let mut twice: BTreeSet<&String> = twice.filter_map(|b| b.left.as_ref()).collect();
        twice.extend(self.answered_before().map(|answer| &answer.id));
        let open = self.before.open_returns.iter().copied();
        let new = self
            .answers
            .iter()
            .filter(|answer| !answer.kind.is_notice() && !twice.contains(&answer.id));
        let new = new.map(|answer| l3::Returned {
            trace: answer.original_trace,
            // The return undoes the original: its money goes the other way. What an entry can
            // carry has another sign too.
            cents: answer.cents.checked_neg().unwrap_or(answer.cents),
            received: answer.received,
        });
        open.chain(new).collect()
    }

    /// The quarantined and repeated files of the day.
    pub fn odd_files(&self) -> impl Iterator<Item = (&Ingested, BreakKind)> {
        self.files.iter().filter_map(|file| match file.outcome {
            Taken::Taken => None,
            Taken::Duplicate { .. } => Some((file, BreakKind::DupFile)),
            Taken::Quarantined => Some((file, BreakKind::ControlTotal)),
        })
    }
}

fn clearing(rows: Vec<Balance<'_>>) -> Vec<Residue> {
    let rows = rows.into_iter().filter_map(|row| {
        let account = Account::from_number(&row.account).filter(|a| a.is_clearing())?;
        Some(Residue {
            account,
            key: row.key.into_owned(),
            cents: row.balance,
            since: row.since,
        })
    });
    rows.collect()
}

fn answer(row: &AchReturn<'_>) -> Result<l2::Answer> {
    let direction: Direction = row.direction.parse()?;
    let id = format!("{}:{}", row.file, row.line);
    let cents = direction.on_our_account(row.amount.magnitude());
    let rdfi = u32::try_from(row.original_rdfi)
        .map_err(|_| Failure::damaged(format!("ach_returns, {id}: no number of a bank")))?;
    Ok(l2::Answer {
        kind: kind_of(row)?,
        original_trace: trace_of(row.original_trace)?,
        original_rdfi: DfiId::new(rdfi)?,
        company: row.company_id.to_string(),
        cents: cents.ok_or_else(|| too_large(&id))?,
        received: row.received_date,
        // The rows have neither, and what ingestion made of them is held against the leg's answer.
        payment: None,
        account_last4: None,
        id,
    })
}

fn member(row: &AchEntry<'_>) -> Result<Member> {
    let entry = parts::sent(row)?;
    Ok(Member {
        trace: entry.trace,
        direction: row.direction.parse()?,
        cents: entry.cents,
        payment: entry.payment,
    })
}

fn trace_of(key: i64) -> Result<TraceNumber> {
    let number =
        u64::try_from(key).map_err(|_| Failure::damaged("ach_returns: a trace is negative"))?;
    Ok(TraceNumber::from_number(number)?)
}
