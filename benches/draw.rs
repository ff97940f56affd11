//! A full drawing of the screen at 12, 100, 500 and 2,000 nodes, with marbles on their way.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use pitagora::domain::Evidence;
use pitagora::ui::Settings;
use pitagora::ui::app::view;
use pitagora::ui::chain::scene::Scene;
use pitagora::ui::testing::{Stage, big, noon};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn stage(nodes: usize, size: (u16, u16)) -> Stage {
    let mut account = big(noon(), nodes);
    let edges: Vec<_> = account
        .topology
        .edges
        .iter()
        .map(|edge| edge.key.clone())
        .take(20)
        .collect();
    for edge in &edges {
        account.pulse(edge, 2, Evidence::Observed);
    }
    Stage::new(Settings::default(), &account, size).expect("the settings inside the program")
}

fn draw(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("draw");
    for (nodes, size) in [
        (12, (160, 50)),
        (100, (160, 50)),
        (500, (160, 50)),
        (2_000, (160, 50)),
        (500, (300, 100)),
    ] {
        let mut stage = stage(nodes, size);
        stage.app.clock.wall = std::time::Duration::from_millis(700);
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("a terminal in memory");
        let name = BenchmarkId::new(format!("{}x{}", size.0, size.1), nodes);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let drawn = terminal.draw(|frame| {
                    black_box(view::render(frame, &stage.app, &stage.snapshot));
                });
                black_box(drawn.is_ok())
            });
        });
    }
    group.finish();
}

fn picture(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("picture");
    for nodes in [12, 100, 500, 2_000] {
        let mut stage = stage(nodes, (160, 50));
        for (name, fold) in [("all", false), ("folded", true)] {
            stage.app.chain.filter.collapse = fold;
            group.bench_function(BenchmarkId::new(name, nodes), |bencher| {
                bencher.iter(|| black_box(Scene::of(&stage.snapshot, &stage.app.chain.filter)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, draw, picture);
criterion_main!(benches);
