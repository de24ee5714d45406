//! Who trusts whom: a file of ratings, read strictly.

use std::collections::{BTreeMap, BTreeSet};

/// A member, by the number that the file gives them.
pub type Person = u64;

pub const FILE_BYTES_MAX: usize = 64_000_000;
const HEADERS: [&str; 2] = ["from,to,rating,time", "from,to,feature,time"];
const RATING_MAX: i64 = 10;
/// The part of all ratings, in time, whose raters are early.
const EARLY: usize = 10;

/// One line: somebody's word about somebody, from −10 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rating {
    pub from: Person,
    pub to: Person,
    pub rating: i64,
    /// In millionths of a second.
    pub time: i128,
}

/// All ratings, in the order of their time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    ratings: Vec<Rating>,
}

/// What is wrong with a file, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub line: usize,
    pub reason: &'static str,
}

impl Graph {
    /// Reads a file with the columns from, to, rating (or feature) and time; nothing is quoted.
    pub fn parse(bytes: &[u8]) -> Result<Self, Wrong> {
        let wrong = |line, reason| Err(Wrong { line, reason });
        if bytes.len() > FILE_BYTES_MAX {
            return wrong(1, "the file is too large");
        }
        let Ok(text) = core::str::from_utf8(bytes) else {
            return wrong(1, "the file is not UTF-8 text");
        };
        let mut lines = text.lines();
        if !lines.next().is_some_and(|header| HEADERS.contains(&header.trim_end())) {
            return wrong(1, "the columns must be from,to,rating,time");
        }
        let mut ratings = Vec::new();
        for (line, text) in (2..).zip(lines) {
            match rating(text.trim_end()) {
                Ok(rating) => ratings.push(rating),
                Err(reason) => return wrong(line, reason),
            }
        }
        if ratings.is_empty() {
            return wrong(1, "there is no rating in it");
        }
        // A stable sort: of one moment, the order of the file.
        ratings.sort_by_key(|rating| rating.time);
        Ok(Self { ratings })
    }

    pub fn people(&self) -> BTreeSet<Person> {
        self.ratings.iter().flat_map(|rating| [rating.from, rating.to]).collect()
    }

    /// Who endorses whom, and how strongly: a pair's newest rating, when it is positive.
    pub fn endorsements(&self) -> BTreeMap<(Person, Person), u64> {
        let newest: BTreeMap<(Person, Person), i64> =
            self.ratings.iter().map(|rating| ((rating.from, rating.to), rating.rating)).collect();
        let positive = newest.into_iter().filter_map(|(pair, rating)| {
            u64::try_from(rating).ok().filter(|rating| *rating > 0).map(|rating| (pair, rating))
        });
        positive.collect()
    }

    /// Of those who gave one of the first tenth of all ratings, those whom most endorse; of equal
    /// ones those with the lower number.
    pub fn early_trusted(&self, count: usize) -> Vec<Person> {
        let early = self.ratings.len().checked_div(EARLY).unwrap_or(0);
        let early: BTreeSet<Person> = self.ratings.iter().take(early).map(|r| r.from).collect();
        let mut endorsed: BTreeMap<Person, usize> = early.iter().map(|one| (*one, 0)).collect();
        for (_, to) in self.endorsements().keys() {
            if let Some(times) = endorsed.get_mut(to) {
                *times = times.saturating_add(1);
            }
        }
        let mut found: Vec<(Person, usize)> = endorsed.into_iter().collect();
        found.sort_by_key(|(person, times)| (core::cmp::Reverse(*times), *person));
        found.into_iter().take(count).map(|(person, _)| person).collect()
    }
}

fn rating(line: &str) -> Result<Rating, &'static str> {
    let mut cells = line.split(',');
    let (Some(from), Some(to), Some(rating), Some(time), None) =
        (cells.next(), cells.next(), cells.next(), cells.next(), cells.next())
    else {
        return Err("the row does not have four columns");
    };
    let from: Person = whole(from).ok_or("from is not a whole number")?;
    let to: Person = whole(to).ok_or("to is not a whole number")?;
    if from == to {
        return Err("somebody rates themselves");
    }
    let (sign, size) = rating.strip_prefix('-').map_or((1, rating), |size| (-1, size));
    let size: Option<i64> = whole(size).filter(|size| *size <= RATING_MAX);
    let rating = size.ok_or("rating is not a whole number from -10 to 10")?;
    let time = micros(time).ok_or("time is not a number of seconds")?;
    Ok(Rating { from, to, rating: rating.saturating_mul(sign), time })
}

/// A number in digits and nothing else.
fn whole<T: core::str::FromStr>(text: &str) -> Option<T> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Seconds with or without decimals, in millionths rounded down.
fn micros(text: &str) -> Option<i128> {
    let (seconds, part) = text.split_once('.').unwrap_or((text, "0"));
    let part = part.bytes().all(|byte| byte.is_ascii_digit()).then_some(part)?;
    let millionths: String = part.chars().chain("000000".chars()).take(6).collect();
    let seconds = i128::from(whole::<u64>(seconds)?).checked_mul(1_000_000)?;
    seconds.checked_add(whole(&millionths)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "from,to,rating,time\n";

    fn graph(rows: &str) -> Result<Graph, Wrong> {
        Graph::parse(format!("{HEAD}{rows}").as_bytes())
    }

    #[test]
    fn a_pairs_newest_rating_counts_and_only_when_it_is_positive() {
        let graph = graph("1,2,5,30.5\n1,2,3,20\n3,2,4,1\n3,2,-1,2\n2,1,0,7\n").unwrap();
        assert_eq!(graph.endorsements(), BTreeMap::from([((1, 2), 5)]));
        assert_eq!(graph.people(), BTreeSet::from([1, 2, 3]));
    }

    #[test]
    fn seeds_are_early_raters_whom_most_endorse() {
        // Twenty ratings, so the first two are early: 1 and 2 gave them.
        let mut rows = "1,9,1,1\n2,9,1,2\n".to_string();
        for person in 10..19 {
            rows += &format!("{person},2,1,{person}\n{person},3,1,{person}\n");
        }
        let graph = graph(&rows).unwrap();
        assert_eq!(graph.early_trusted(10), [2, 1]);
        assert_eq!(graph.early_trusted(1), [2]);
    }

    #[test]
    fn a_malformed_line_is_told_by_line_and_reason() {
        for (rows, line, part) in [
            ("1,2,3,4\n1,2,3\n", 3, "four columns"),
            ("1,2,3,4,5\n", 2, "four columns"),
            ("a,2,3,4\n", 2, "from"),
            ("1,-2,3,4\n", 2, "to is"),
            ("1,1,3,4\n", 2, "themselves"),
            ("1,2,11,4\n", 2, "rating"),
            ("1,2,-11,4\n", 2, "rating"),
            ("1,2,+3,4\n", 2, "rating"),
            ("1,2,3,\n", 2, "time"),
            ("1,2,3,1.x\n", 2, "time"),
            ("\n", 2, "four columns"),
            ("", 1, "no rating"),
        ] {
            let wrong = graph(rows).unwrap_err();
            assert_eq!(wrong.line, line, "{rows}");
            assert!(wrong.reason.contains(part), "{rows}: {}", wrong.reason);
        }
        assert_eq!(Graph::parse(b"to,from,rating,time\n1,2,3,4\n").unwrap_err().line, 1);
        assert_eq!(Graph::parse(&[0xff, 0xfe]).unwrap_err().line, 1);
    }
}
