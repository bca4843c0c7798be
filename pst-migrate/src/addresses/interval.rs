//! How far a sample may be from the truth.

/// A share, and the interval in which the truth is in 95 of 100 samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interval {
    /// The share in the sample, from 0 to 1.
    pub share: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The quantile of the normal distribution for 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// The score interval of Wilson (1927) for `hits` of `all`. **With nothing sampled it is the whole from 0 to 1.** Numbers need
/// not be whole: a sample of clusters counts less than its members.
pub fn wilson(hits: f64, all: f64) -> Interval {
    if all <= 0.0 || !all.is_finite() {
        return Interval { share: 0.0, low: 0.0, high: 1.0 };
    }
    let share = (hits / all).clamp(0.0, 1.0);
    let z2 = Z * Z;
    let scale = 1.0 + z2 / all;
    let centre = (share + z2 / (2.0 * all)) / scale;
    let half = Z / scale * (share * (1.0 - share) / all + z2 / (4.0 * all * all)).sqrt();
    // At the ends rounding would leave a rest that is not there.
    let low = if share == 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if share == 1.0 { 1.0 } else { (centre + half).min(1.0) };
    Interval { share, low, high }
}

/// The share of some among all where they come in groups, as addresses come in messages: one long list of strangers says less
/// than as many messages with a stranger each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ratio {
    groups: f64,
    all: f64,
    hits: f64,
    all_squared: f64,
    hits_squared: f64,
    products: f64,
}

impl Ratio {
    /// Adds a group: its members, and the hits among them.
    pub fn add(&mut self, all: u64, hits: u64) {
        #[allow(clippy::cast_precision_loss)]
        let (all, hits) = (all as f64, hits as f64);
        self.groups += 1.0;
        self.all += all;
        self.hits += hits;
        self.all_squared += all * all;
        self.hits_squared += hits * hits;
        self.products += all * hits;
    }

    /// The interval: that of Wilson, for as many members as would tell as much if they did not come in groups. The variance is
    /// that of a ratio estimate (Cochran, Sampling Techniques 6.3), and the number never more than there are members.
    pub fn interval(&self) -> Interval {
        if self.all <= 0.0 {
            return wilson(0.0, 0.0);
        }
        let share = self.hits / self.all;
        let squares = self.hits_squared - 2.0 * share * self.products + share * share * self.all_squared;
        let correction = if self.groups > 1.0 { self.groups / (self.groups - 1.0) } else { 1.0 };
        let variance = (squares * correction / (self.all * self.all)).max(0.0);
        let independent = share * (1.0 - share);
        let effective = if variance > 0.0 && independent > 0.0 {
            (independent / variance).min(self.all)
        } else {
            // All or none: each group tells once.
            self.groups.min(self.all)
        };
        wilson(share * effective, effective)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Interval, low: f64, high: f64) {
        assert!((found.low - low).abs() < 5e-5 && (found.high - high).abs() < 5e-5, "{found:?}");
    }

    /// Values of Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    #[test]
    fn published_intervals() {
        near(wilson(81.0, 263.0), 0.2553, 0.3662);
        near(wilson(15.0, 148.0), 0.0624, 0.1605);
        near(wilson(0.0, 20.0), 0.0, 0.1611);
        near(wilson(1.0, 29.0), 0.0061, 0.1718);
        assert_eq!(wilson(0.0, 20.0).low, 0.0);
        assert_eq!(wilson(20.0, 20.0).high, 1.0);
        assert_eq!(wilson(0.0, 0.0), Interval { share: 0.0, low: 0.0, high: 1.0 });
    }

    #[test]
    fn groups_of_one_are_as_good_as_none() {
        let mut ratio = Ratio::default();
        (0..263).for_each(|number| ratio.add(1, u64::from(number < 81)));
        let (grouped, plain) = (ratio.interval(), wilson(81.0, 263.0));
        assert!((grouped.low - plain.low).abs() < 1e-3 && (grouped.high - plain.high).abs() < 1e-3, "{grouped:?}");
    }

    #[test]
    fn strangers_in_one_long_list_say_less() {
        let mut together = Ratio::default();
        together.add(50, 50);
        (0..50).for_each(|_| together.add(1, 0));
        let mut apart = Ratio::default();
        (0..100).for_each(|number| apart.add(1, u64::from(number % 2 == 0)));
        let width = |ratio: &Ratio| ratio.interval().high - ratio.interval().low;
        assert!((together.interval().share - 0.5).abs() < 1e-9);
        assert!(width(&together) > 2.0 * width(&apart));
        let mut all = Ratio::default();
        all.add(1000, 1000);
        assert!(all.interval().low < 0.3, "one message is one message: {:?}", all.interval());
        assert_eq!(Ratio::default().interval().high, 1.0);
    }
}
