//! The examples of the embedded lexicon are worth something: they notice when a condition is taken away.

use zhengming::lexicon::{Layer, Lexicon, test_conditions};

/// The least share of conditions, in per cent, that an example must need.
const LEAST: f64 = 90.0;

#[test]
fn the_examples_of_the_embedded_lexicon_need_its_conditions() {
    let lexicon = Lexicon::load(&[Layer::builtin()]).unwrap();
    let mutation = test_conditions(&lexicon).unwrap();
    let survivors = mutation.survivors.iter();
    let survivors = survivors.map(|s| {
        let (file, line) = &s.place;
        format!(
            "{file}:{line}: {} {}",
            s.condition.key(),
            s.condition.value()
        )
    });
    assert!(mutation.total() > 1000, "{:?}", mutation.counts);
    assert!(
        mutation.score() >= LEAST,
        "{:.1} %: no example needs\n{}",
        mutation.score(),
        survivors.collect::<Vec<_>>().join("\n")
    );
}
