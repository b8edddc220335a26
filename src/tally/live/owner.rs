//! The one task that changes the [`Feed`](crate::tally::feed::Feed): it hands over what happened, begins what the feed asks
//! for, and tells people.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use chrono::Utc;
use log::{debug, error};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    Shared,
    anew::Rest,
    events::day,
    io::{GivenUp, Io, Message, fault},
    narrator::Narrator,
    stream,
};
use crate::{
    mongo::MongoError,
    tally::feed::{Command, Input, Notice, Output, Request, Stream},
    tally::metrics::ReloadReason,
};

/// How often the feed is told the time.
const TICK: Duration = Duration::from_millis(100);

/// How long operations may take to end when the service stops.
const ENDING: Duration = Duration::from_millis(500);

/// The task.
pub(super) struct Owner {
    shared: Arc<Shared>,
    io: Arc<Io>,
    messages: mpsc::Receiver<Message>,
    narrator: Narrator,
    /// One for each stream; replaced with it.
    gates: [Option<watch::Sender<bool>>; 2],
    tasks: JoinSet<()>,
    /// The reads whose answers are waited for.
    reads: Vec<(Request, GivenUp)>,
    /// How often members of the replica set had been lost when the feed was last told.
    losses: u64,
    rest: Rest,
}

impl Owner {
    /// A task that has not begun.
    pub(super) fn new(shared: Arc<Shared>, io: Io, messages: mpsc::Receiver<Message>, narrator: Narrator) -> Self {
        let (io, gates, tasks, rest) = (Arc::new(io), [None, None], JoinSet::new(), Rest::none());
        Self { shared, io, messages, narrator, gates, tasks, reads: Vec::new(), losses: 0, rest }
    }

    /// Works until it is told to stop.
    pub(super) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // An error says that nobody can ask any more.
                _ = stopped.changed() => break,
                Some(message) = self.messages.recv() => self.on(message),
                _ = ticks.tick() => self.tick(),
                Some(_) = self.tasks.join_next() => {}
            }
        }
        let Self { messages, gates, mut tasks, .. } = self;
        drop((messages, gates));
        let ended = timeout(ENDING, async { while tasks.join_next().await.is_some() {} }).await;
        if ended.is_err() {
            debug!("{} operations are left behind", tasks.len());
        }
    }

    fn on(&mut self, message: Message) {
        match message {
            Message::Input(input) => self.step(input),
            Message::Obstacle(stream, obstacle) => self.set_obstacle(stream, Some(obstacle)),
        }
    }

    fn tick(&mut self) {
        let today = day(self.io.decoder.zone.date(Utc::now()));
        self.step(Input::Tick { today });
        let obstacles = self.shared.obstacles.lock().unwrap_or_else(PoisonError::into_inner);
        let obstacle = obstacles.iter().flatten().next();
        self.narrator.state(self.shared.status(), obstacle.map(String::as_str));
    }

    /// Whatever has come since a member was lost is handed over after the news of it.
    fn step(&mut self, input: Input) {
        let losses = self.io.mongo.losses();
        if losses != self.losses {
            self.losses = losses;
            self.hand_over(Input::Shaken);
        }
        self.hand_over(input);
    }

    fn hand_over(&mut self, input: Input) {
        let outputs = {
            let mut feed = self.shared.feed.write().unwrap_or_else(PoisonError::into_inner);
            let outputs = match self.rest.step(&mut feed, self.shared.clock.now(), input) {
                Ok(outputs) => outputs,
                Err(panicked) => {
                    // The streams end with these.
                    self.gates = [None, None];
                    self.reads.drain(..).for_each(|(_, given_up)| given_up.set());
                    self.shared.metrics.reloads.count(ReloadReason::Panic);
                    error!(
                        "what was in memory is given up, by a mistake of this program, and loaded again in {} s: {}",
                        panicked.rest.div_ceil(1000),
                        panicked.message
                    );
                    return;
                }
            };
            for (stream, gate) in [Stream::Messages, Stream::Rooms].into_iter().zip(&self.gates) {
                let is_open = feed.wants_more(stream);
                if let Some(gate) = gate {
                    gate.send_if_modified(|was_open| std::mem::replace(was_open, is_open) != is_open);
                }
            }
            self.reads.retain(|(request, given_up)| {
                let is_awaited = feed.awaits(*request);
                if !is_awaited {
                    given_up.set();
                }
                is_awaited
            });
            outputs
        };
        for output in outputs {
            match output {
                Output::Command(request, command) => self.begin(request, command),
                Output::Notice(notice) => {
                    if let Notice::Opened(stream) = notice {
                        self.set_obstacle(stream, None);
                    }
                    self.shared.metrics.note(&notice);
                    let feed = self.shared.feed.read().unwrap_or_else(PoisonError::into_inner);
                    self.narrator.notice(&notice, &feed, self.shared.clock.now());
                }
            }
        }
    }

    fn set_obstacle(&self, stream: Stream, obstacle: Option<String>) {
        let mut obstacles = self.shared.obstacles.lock().unwrap_or_else(PoisonError::into_inner);
        let [messages, rooms] = &mut *obstacles;
        match stream {
            Stream::Messages => *messages = obstacle,
            Stream::Rooms => *rooms = obstacle,
        }
    }

    fn begin(&mut self, request: Request, command: Command) {
        let io = Arc::clone(&self.io);
        let runtime = self.io.mongo.runtime().clone();
        if let Command::Watch { stream, start } = command {
            let (gate, is_open) = watch::channel(true);
            let [messages, rooms] = &mut self.gates;
            match stream {
                Stream::Messages => *messages = Some(gate),
                Stream::Rooms => *rooms = Some(gate),
            }
            self.tasks.spawn_on(stream::follow(io, request, stream, start, is_open), &runtime);
            return;
        }
        let given_up = GivenUp::default();
        self.reads.push((request, given_up.clone()));
        let is_point = command == Command::ReadPoint;
        self.tasks.spawn_on(
            async move {
                let input = match io.read(request, command, &given_up).await {
                    Ok(input) => input,
                    Err(error) => {
                        // What will not pass by itself is told to people. Streams are not opened before there is a point.
                        if let MongoError::Unsupported(_) = error
                            && is_point
                        {
                            io.tell(Message::Obstacle(Stream::Messages, error.to_string())).await;
                        }
                        debug!("a read for the tally failed: {error}");
                        Input::Failed { request, fault: fault(&error) }
                    }
                };
                io.give(input).await;
            },
            &runtime,
        );
    }
}
