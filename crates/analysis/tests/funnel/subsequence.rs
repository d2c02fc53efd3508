//! `funnel_events` over arrays.

use cairn_analysis::funnel_events;

#[test]
fn steps_are_found_in_order_with_others_between() {
    let cases: [(&[i32], usize, &[i32]); 9] = [
        (&[], 3, &[0, 0, 0]),
        (&[1, 2, 3], 0, &[]),
        (&[1, 2, 3], 3, &[1, 1, 1]),
        (&[1, 9, 2, -1, 0, 3], 3, &[1, 1, 1]),
        (&[3, 2, 1], 3, &[1, 0, 0]),
        (&[2, 3], 3, &[0, 0, 0]),
        (&[1, 1, 1], 2, &[1, 0]),
        (&[2, 1, 3, 2, 1, 3], 4, &[1, 1, 1, 0]),
        (&[1, 2, 3, 4], 2, &[1, 1]),
    ];
    for (events, n, expected) in cases {
        assert_eq!(funnel_events(events, n), expected, "{events:?}, {n}");
    }
}
