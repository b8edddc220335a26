//! What the feed answers, held against what has been written.

use super::*;

impl World {
    pub(super) fn judge(&mut self) -> Result<(), String> {
        let today = self.today;
        let one = today - self.random.below(7) as Day;
        let windows = [today - 6..=today, one..=one, today - 2..=today + 9, today - 9..=today];
        for days in windows {
            let check = |server| oracle::check(&self.feed, server, days.clone(), self.now, self.config.max_staleness);
            let claimed = match (check(&self.server), &self.before) {
                // It was so before, and that is not too long ago.
                (Err(_), Some((before, until))) if self.now <= until + self.config.max_staleness => check(before)?,
                (claimed, _) => claimed?,
            };
            if claimed && *days.start() < today - 7 {
                return Err(format!("{days:?} is claimed, beyond the history"));
            }
            self.stats.answers += 1;
            self.stats.claims += u64::from(claimed);
        }
        self.judge_rooms()
    }

    fn judge_rooms(&mut self) -> Result<(), String> {
        // By the number of the step, and not by chance: a run stays what its seed has always made of it.
        let middle = self.today - (self.stats.steps % 7) as Day;
        // Neighbours, as those of a period and of the days before it, or with days in common.
        let windows = match self.stats.steps.is_multiple_of(2) {
            true => [middle..=self.today, self.today - 6..=middle - 1],
            false => [middle..=self.today + 9, self.today - 6..=self.today],
        };
        let check = |server| oracle::check_rooms(&self.feed, server, &windows, self.now);
        let claimed = match (check(&self.server), &self.before) {
            (Err(_), Some((before, until))) if self.now <= until + self.config.max_staleness => check(before)?,
            (claimed, _) => claimed?,
        };
        if claimed {
            self.stats.add("rooms claimed");
        }
        Ok(())
    }

    /// Nobody writes and nothing fails. In the end all must be live, and the present.
    pub(super) fn calm(&mut self) -> Result<(), String> {
        let (trouble, window) = (self.trouble, self.server.window);
        self.trouble = [0; 3];
        self.today = self.real_today;
        self.server.commit(usize::MAX);
        // A drop as the newest write invalidates each new stream again, until something else is written.
        self.server.begin(self.now);
        self.server.noop(self.now);
        self.server.end();
        self.server.commit(usize::MAX);
        self.server.window = window.min(self.server.majority_at());
        for round in 0.. {
            for _ in 0..8 {
                self.deliver(Stream::Messages)?;
                self.deliver(Stream::Rooms)?;
                self.answer()?;
            }
            self.pass(20, 60)?;
            self.judge()?;
            if self.is_settled() {
                break;
            }
            if round > 600 {
                return Err(format!("not live after {round} quiet rounds: {:?}", self.feed.status(self.now)));
            }
        }
        self.trouble = trouble;
        self.stats.add("settled");
        Ok(())
    }

    /// Live, and the present to the last message.
    fn is_settled(&self) -> bool {
        let all = self.today - 6..=self.today + 9;
        if !self.feed.status(self.now).live {
            return false;
        }
        let present = self.server.majority_at();
        let mut expected = Vec::new();
        for day in all.clone() {
            let sum = oracle::truth(&self.server, day, present, present).iter().sum();
            if sum > 0 {
                expected.push((day, sum));
            }
        }
        self.feed.days(all, self.now) == Answer::Live(expected)
    }
}
