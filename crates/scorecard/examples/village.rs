//! Prints loans of a made-up village: `village ROWS SEED`. The picture in the docs is made of them.

#[path = "../tests/support/mod.rs"]
mod support;

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let [rows, seed] = numbers[..] else {
        eprintln!("usage: village ROWS SEED");
        std::process::exit(2);
    };
    print!("{}", support::village(rows as usize, seed));
}
