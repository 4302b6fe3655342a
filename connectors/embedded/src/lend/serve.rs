//! What a store answers to a question.

use super::ask::{Answer, Ask, MESSAGES, PAYMENTS_BYTES, Question, RECORDS};
use super::store::Store;
use super::wire::{
    ChangeForm, DocumentForm, ErrorForm, EventOfForm, FactForm, FedForm, NewForm, PaymentForm,
};
use bytes::Bytes;
use connectors::{Document, Documents, Error, PaymentStore, Queue, Result, Telling};
use settlement::payment::Payment;

/// Answers a question; what goes wrong is an answer too.
pub async fn answer(store: &Store, question: Question) -> Answer {
    let answered = match is_of_queues(&question.ask) {
        true => of_queue(store, question.ask).await,
        false if is_of_documents(&question.ask) => of_documents(store, question.ask).await,
        false => of_payments(store, question).await,
    };
    answered.unwrap_or_else(|error| Answer::Failed(ErrorForm::of(error)))
}

/// Whether a question changes what is stored.
pub const fn writes(ask: &Ask) -> bool {
    match ask {
        Ask::Create(_) | Ask::Apply(_) | Ask::Tell(_) | Ask::Forget(_) => true,
        Ask::Send(..) | Ask::Receive(..) | Ask::Ack(..) | Ask::Extend(..) => true,
        Ask::PutDocument(..) | Ask::RemoveDocument(..) => true,
        Ask::GetDocument(..) | Ask::ListDocuments(..) => false,
        Ask::Request(_) | Ask::Recent(..) | Ask::Feed(..) => false,
        Ask::UnusualEvents(..) | Ask::Standings(_) => false,
        Ask::Get(_) | Ask::Facts(_) | Ask::FactsOf(_) | Ask::Page(..) | Ask::Events(..) => false,
        Ask::History(_) | Ask::Requests(..) | Ask::DeadLetters(..) => false,
    }
}

/// Whether the answer to a question may be long.
pub const fn is_long(ask: &Ask) -> bool {
    !writes(ask) || matches!(ask, Ask::Receive(..))
}

const fn is_of_queues(ask: &Ask) -> bool {
    use Ask::{Ack, DeadLetters, Extend, Receive, Send};
    matches!(
        ask,
        Send(..) | Receive(..) | Ack(..) | Extend(..) | DeadLetters(..)
    )
}

const fn is_of_documents(ask: &Ask) -> bool {
    use Ask::{GetDocument, ListDocuments, PutDocument, RemoveDocument};
    matches!(
        ask,
        PutDocument(..) | RemoveDocument(..) | GetDocument(..) | ListDocuments(..)
    )
}

async fn of_documents(store: &Store, ask: Ask) -> Result<Answer> {
    let documents = store.documents();
    let forms = |all: Vec<Document>| {
        let forms = all.into_iter().map(DocumentForm::of);
        Answer::Documents(forms.collect())
    };
    Ok(match ask {
        Ask::PutDocument(collection, name, seen, body) => {
            let put = documents.put(&collection, &name, seen, body.into()).await;
            Answer::Changed(put.map_err(ErrorForm::of))
        }
        Ask::RemoveDocument(collection, name, seen) => {
            let removed = documents.remove(&collection, &name, seen).await;
            Answer::Changed(removed.map(|()| 0).map_err(ErrorForm::of))
        }
        Ask::GetDocument(collection, name) => {
            let found = documents.get(&collection, &name).await?;
            forms(found.into_iter().collect())
        }
        Ask::ListDocuments(collection, prefix, after, limit) => {
            let limit = limit.min(MESSAGES);
            let listed = documents.list(&collection, &prefix, after.as_deref(), limit);
            forms(listed.await?)
        }
        _ => return Err(unknown()),
    })
}

async fn of_payments(store: &Store, question: Question) -> Result<Answer> {
    let payments = store.payments(&question.bank)?;
    Ok(match question.ask {
        Ask::Create(new) => {
            let new = new.into_iter().map(NewForm::read);
            Answer::Created(payments.create(new.collect::<Result<_>>()?).await?)
        }
        Ask::Get(ids) => payment_forms(payments.get(few(&ids)?).await?)?,
        Ask::Apply(changes) => {
            let changes = changes.into_iter().map(ChangeForm::read);
            Answer::Applied(payments.apply(changes.collect()).await?)
        }
        Ask::Tell(facts) => {
            let facts = facts.into_iter().map(telling);
            Answer::Told(payments.tell(facts.collect::<Result<_>>()?).await?)
        }
        Ask::Forget(ids) => Answer::Forgotten(payments.forget(ids).await?),
        Ask::Facts(side) => {
            let facts = payments.facts(side).await?;
            let facts = facts.iter().map(|fact| FactForm::told(side, fact));
            Answer::Facts(facts.collect::<Result<_>>()?)
        }
        Ask::FactsOf(date) => {
            let facts = payments.facts_of(date).await?;
            let facts = facts.iter().map(|(side, fact)| FactForm::told(*side, fact));
            Answer::Facts(facts.collect::<Result<_>>()?)
        }
        Ask::Page(index, after, limit) => {
            let page = payments.page(index, after, limit.min(RECORDS)).await?;
            payment_forms(page.into_iter().map(Some).collect())?
        }
        Ask::Events(date, after, limit) => {
            let events = payments.events(date, after, limit.min(RECORDS)).await?;
            let events = events.into_iter().map(EventOfForm::of);
            Answer::Events(events.collect::<Result<_>>()?)
        }
        Ask::UnusualEvents(date, after, limit) => {
            let events = payments.unusual_events(date, after, limit.min(RECORDS));
            let events = events.await?.into_iter().map(EventOfForm::of);
            Answer::Events(events.collect::<Result<_>>()?)
        }
        Ask::Standings(ids) => Answer::Standings(payments.standings(few(&ids)?).await?),
        Ask::History(payment) => {
            let events = payments.history(payment).await?;
            let events = events.into_iter().map(EventOfForm::of);
            Answer::Events(events.collect::<Result<_>>()?)
        }
        Ask::Requests(after, limit) => {
            Answer::Requests(payments.requests(after, limit.min(RECORDS)).await?)
        }
        Ask::Request(key) => {
            let found = payments.request(key).await?;
            Answer::Requests(found.into_iter().collect())
        }
        Ask::Recent(merchant, before, limit) => {
            let page = payments
                .recent(&merchant, before, limit.min(RECORDS))
                .await?;
            payment_forms(page.into_iter().map(Some).collect())?
        }
        Ask::Feed(after, limit) => {
            let fed = payments.feed(after, limit.min(RECORDS)).await?.into_iter();
            let fed = fed.map(|(place, happened)| Ok((place, FedForm::of(happened)?)));
            Answer::Fed(fed.collect::<Result<_>>()?)
        }
        _ => return Err(unknown()),
    })
}

async fn of_queue(store: &Store, ask: Ask) -> Result<Answer> {
    let queue = store.queue();
    Ok(match ask {
        Ask::Send(name, body) => Answer::Sent(queue.send(&name, Bytes::from(body)).await?),
        Ask::Receive(name, limit, hold) => {
            let limit = limit.min(MESSAGES);
            let messages = queue.receive(&name, limit, hold).await?.into_iter();
            let messages = messages.map(|it| (it.receipt, it.body.into()));
            Answer::Messages(messages.collect())
        }
        Ask::Ack(name, receipt) => {
            queue.ack(&name, &receipt).await?;
            Answer::Done
        }
        Ask::Extend(name, receipt, hold) => {
            queue.extend(&name, &receipt, hold).await?;
            Answer::Done
        }
        Ask::DeadLetters(name, after, limit) => {
            let limit = limit.min(MESSAGES);
            let letters = queue.dead_letters(&name, after, limit).await?.into_iter();
            Answer::Letters(letters.map(|it| (it.message, it.body.into())).collect())
        }
        _ => return Err(unknown()),
    })
}

fn telling(form: FactForm) -> Result<Telling> {
    let (side, told) = form.read()?;
    Ok(Telling {
        side,
        fact: told.fact,
    })
}

fn payment_forms(payments: Vec<Option<Payment>>) -> Result<Answer> {
    let (mut forms, mut bytes, count) = (Vec::new(), 0, payments.len());
    for payment in payments {
        let form = payment.map(PaymentForm::of).transpose()?;
        bytes += form.as_ref().map_or(1, PaymentForm::bytes);
        forms.push(form);
        if bytes > PAYMENTS_BYTES {
            break;
        }
    }
    let more = forms.len() < count;
    Ok(Answer::Payments(forms, more))
}

/// No more than are answered at once.
fn few<T>(asked: &[T]) -> Result<&[T]> {
    match asked.len() <= RECORDS {
        true => Ok(asked),
        false => Err(Error::invalid(
            "lent store",
            format!(
                "{} records asked for at once, at most {RECORDS}",
                asked.len()
            ),
        )),
    }
}

fn unknown() -> Error {
    Error::invalid("lent store", "a question of another port")
}
