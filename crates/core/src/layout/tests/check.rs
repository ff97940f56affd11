//! What must hold of every picture.

use std::collections::HashMap;

use crate::layout::{Link, Placed, Rect, Request, paint};

fn whole(placed: &Placed) -> Rect {
    let (w, h) = (u16::try_from(placed.width), u16::try_from(placed.height));
    Rect {
        x: 0,
        y: 0,
        w: w.expect("small"),
        h: h.expect("small"),
    }
}

fn related(a: &Link, b: &Link) -> bool {
    a.from == b.from || a.to == b.to
}

/// Panics with the first thing that is wrong.
pub fn all(request: &Request, placed: &Placed) {
    boxes(request, placed);
    ends(request, placed);
    lines(request, placed);
    painting(request, placed);
}

pub fn boxes(request: &Request, placed: &Placed) {
    let page = whole(placed);
    for item in &request.nodes {
        let rect = placed.seat(&item.id).expect("every node has a seat").rect;
        assert!(
            rect.w >= item.width && rect.h >= item.height,
            "{} is too small: {rect:?}",
            item.id
        );
        assert!(
            page.contains(rect.x, rect.y) && page.contains(rect.right(), rect.bottom()),
            "{} is outside",
            item.id
        );
    }
    for (number, a) in placed.seats().iter().enumerate() {
        for b in &placed.seats()[number + 1..] {
            assert!(!a.rect.overlaps(&b.rect), "{} and {} overlap", a.id, b.id);
        }
    }
}

pub fn ends(request: &Request, placed: &Placed) {
    assert_eq!(request.edges.len(), placed.routes.len());
    for (link, route) in request.edges.iter().zip(&placed.routes) {
        let (Some(from), Some(to)) = (placed.seat(&link.from), placed.seat(&link.to)) else {
            assert!(route.is_empty(), "a way to nowhere: {link:?}");
            continue;
        };
        let (first, last) = (route.points[0], *route.points.last().expect("a way has ends"));
        assert!(
            on_border(from.rect, first),
            "{link:?} starts at {first:?}, not at {:?}",
            from.rect
        );
        assert!(
            on_border(to.rect, last),
            "{link:?} ends at {last:?}, not at {:?}",
            to.rect
        );
        for pair in route.points.windows(2) {
            assert!(
                (pair[0].0 == pair[1].0) != (pair[0].1 == pair[1].1),
                "{link:?} jumps: {:?}",
                route.points
            );
        }
        assert_eq!(route.point_at(0), Some(first));
        assert_eq!(route.point_at(route.len()), Some(last));
    }
}

fn on_border(rect: Rect, (x, y): (i32, i32)) -> bool {
    rect.contains(x, y) && (x == rect.x || x == rect.right() || y == rect.y || y == rect.bottom())
}

/// No way runs through a box, and strangers share no step.
pub fn lines(request: &Request, placed: &Placed) {
    let page = whole(placed);
    let mut taken: HashMap<(i32, i32), usize> = HashMap::new();
    for (number, seat) in placed.seats().iter().enumerate() {
        for y in seat.rect.y..=seat.rect.bottom() {
            for x in seat.rect.x..=seat.rect.right() {
                taken.insert((x, y), number);
            }
        }
    }
    let mut steps: HashMap<[(i32, i32); 2], Vec<usize>> = HashMap::new();
    let mut turns: HashMap<(i32, i32), Vec<usize>> = HashMap::new();
    for (edge, route) in placed.routes.iter().enumerate().filter(|(_, route)| !route.is_empty()) {
        let cells: Vec<(i32, i32)> = (0..=route.len()).filter_map(|at| route.point_at(at)).collect();
        for &(x, y) in &cells[1..cells.len() - 1] {
            assert!(
                page.contains(x, y),
                "{:?} leaves the picture at {x}, {y}",
                request.edges[edge]
            );
            let other = taken.get(&(x, y)).map(|&number| &placed.seats()[number].id);
            assert_eq!(other, None, "{:?} runs through a box at {x}, {y}", request.edges[edge]);
        }
        for pair in cells.windows(2) {
            let step = [pair[0].min(pair[1]), pair[0].max(pair[1])];
            steps.entry(step).or_default().push(edge);
        }
        for &corner in &route.points[1..route.points.len() - 1] {
            turns.entry(corner).or_default().push(edge);
        }
    }
    let strangers = |edges: &[usize]| {
        let pairs = edges.iter().flat_map(|&a| edges.iter().map(move |&b| (a, b)));
        pairs
            .filter(|&(a, b)| a < b)
            .find(|&(a, b)| !related(&request.edges[a], &request.edges[b]))
    };
    for (step, edges) in steps {
        if let Some((a, b)) = strangers(&edges) {
            panic!(
                "{:?} and {:?} share the step {step:?}",
                request.edges[a], request.edges[b]
            );
        }
    }
    for (corner, edges) in turns {
        if let Some((a, b)) = strangers(&edges) {
            panic!(
                "{:?} and {:?} both turn at {corner:?}",
                request.edges[a], request.edges[b]
            );
        }
    }
}

/// Painting in pieces is painting the whole, and every cell of every way is in it.
pub fn painting(request: &Request, placed: &Placed) {
    let page = whole(placed);
    let painted = paint(placed, page);
    let whole: HashMap<(i32, i32), _> = painted.cells().map(|cell| ((cell.x, cell.y), cell)).collect();
    for (edge, route) in placed.routes.iter().enumerate().filter(|(_, route)| !route.is_empty()) {
        for at in 1..route.len() {
            let place = route.point_at(at).expect("inside");
            let cell = whole
                .get(&place)
                .unwrap_or_else(|| panic!("nothing is painted at {place:?}"));
            assert!(cell.edges.contains(&edge) || cell.beneath.contains(&edge));
        }
    }
    for cell in whole.values() {
        let dashed = cell.edges.iter().all(|&edge| request.edges[edge].dashed);
        assert_eq!(cell.dashed, dashed, "dashed only where all are: {cell:?}");
        let inside = placed.box_at(cell.x, cell.y).is_some();
        assert_eq!(inside, cell.on_border, "{cell:?}");
    }
    let (left, right) = (page.w / 2, page.w - page.w / 2);
    let mut pieces = 0;
    for (x, w) in [(0, left), (i32::from(left), right)] {
        let view = Rect { x, w, ..page };
        let piece = paint(placed, view);
        for cell in piece.cells() {
            assert_eq!(whole.get(&(cell.x, cell.y)), Some(&cell));
            pieces += 1;
        }
    }
    assert_eq!(pieces, whole.len());
}
