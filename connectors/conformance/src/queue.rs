//! The suite of [`Queue`], with a clock that is moved by hand.

use async_trait::async_trait;
use bytes::Bytes;
use connectors::{Clock, Error, Queue};
use jiff::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A clock that stands still until it is moved; sleeping moves it.
#[derive(Debug, Default)]
pub struct HandClock {
    micros: AtomicI64,
}

impl HandClock {
    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(0);
        self.micros.fetch_add(micros, Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        let micros = self.micros.load(Ordering::SeqCst);
        Timestamp::from_microsecond(micros).expect("a moment of a test")
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
    }
}

const HOLD: Duration = Duration::from_secs(30);

/// A message stays until the worker that holds it says that the work is done.
pub async fn messages_are_delivered_until_acknowledged(queue: &dyn Queue, clock: &HandClock) {
    for body in ["one", "two", "three"] {
        queue.send("work", Bytes::from(body)).await.expect("send");
    }
    queue
        .send("work2", Bytes::from("other"))
        .await
        .expect("send");
    let receive = |limit| async move { queue.receive("work", limit, HOLD).await.expect("receive") };
    let held = receive(2).await;
    assert_eq!([&held[0].body[..], &held[1].body[..]], [b"one", b"two"]);
    assert_eq!(receive(9).await.len(), 1, "what is held is not delivered");
    queue.ack("work", &held[0].receipt).await.expect("ack");
    clock.advance(HOLD / 2);
    queue
        .extend("work", &held[1].receipt, HOLD)
        .await
        .expect("extend");
    clock.advance(HOLD / 2 + Duration::from_secs(1));
    let again = receive(9).await;
    assert_eq!(
        again.len(),
        1,
        "the third message's hold is over, the second's was extended"
    );
    assert_eq!(&again[0].body[..], b"three");
    clock.advance(HOLD);
    let second = receive(1).await;
    let stale = queue.ack("work", &held[1].receipt).await;
    assert!(matches!(stale, Err(Error::Conflict { .. })), "{stale:?}");
    queue.ack("work", &second[0].receipt).await.expect("ack");
    queue
        .ack("work", &second[0].receipt)
        .await
        .expect("ack again");
}

/// A message that nobody can work on leaves the queue and is kept beside it.
pub async fn hopeless_messages_are_set_aside(queue: &dyn Queue, clock: &HandClock) {
    let number = queue
        .send("hopeless", Bytes::from("poison"))
        .await
        .expect("send");
    let mut deliveries = 0;
    while !queue
        .receive("hopeless", 1, HOLD)
        .await
        .expect("receive")
        .is_empty()
    {
        deliveries += 1;
        assert!(deliveries < 100, "delivered for ever");
        clock.advance(HOLD * 2);
    }
    let dead = queue
        .dead_letters("hopeless", None, 10)
        .await
        .expect("dead letters");
    assert_eq!(dead.iter().map(|d| d.message).collect::<Vec<_>>(), [number]);
    assert_eq!(&dead[0].body[..], b"poison");
    let after = queue
        .dead_letters("hopeless", Some(number), 10)
        .await
        .expect("dead letters");
    assert_eq!(after, []);
}
