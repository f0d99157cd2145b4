import Storage

/// What becomes of a license that is activated, moved, freed and decided about.
extension BindingTests {
    static let cases = [
        Case(
            testDescription: "asked again, nothing changes",
            steps: [
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(
                    day: 1, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(
                    day: 1, question: .rebind("A"), result: "bound", instances: ["A"], sequence: 2),
                Step(
                    day: 2, question: .activate("B"), result: "occupied", instances: ["A"],
                    sequence: 2),
            ], actions: ["license.bind"]),
        Case(
            testDescription: "moved, with a window that closes by itself",
            steps: [
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(
                    day: 1, question: .rebind("B"), result: "bound", instances: ["A:15", "B"],
                    sequence: 3),
                Step(
                    day: 2, question: .rebind("B"), result: "bound", instances: ["A:15", "B"],
                    sequence: 3),
                Step(
                    day: 14.9, question: .activate("A"), result: "bound", instances: ["A:15", "B"],
                    sequence: 3),
                Step(
                    day: 15, question: .activate("A"), result: "occupied", instances: ["B"],
                    sequence: 3),
            ], actions: ["license.bind", "license.rebind"]),
        Case(
            testDescription: "back once within the window: neither counted nor a further window",
            policy: RebindingPolicy(perYear: 1, windowDays: 10),
            steps: [
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(
                    day: 0, question: .rebind("B"), result: "bound", instances: ["A:10", "B"],
                    sequence: 3),
                Step(
                    day: 5, question: .rebind("A"), result: "bound", instances: ["A", "B:10"],
                    sequence: 4),
                Step(
                    day: 6, question: .rebind("B"), result: "365", instances: ["A", "B:10"],
                    sequence: 4),
                Step(
                    day: 6, question: .activate("B"), result: "bound", instances: ["A", "B:10"],
                    sequence: 4),
                Step(
                    day: 11, question: .rebind("B"), result: "365", instances: ["A"], sequence: 4),
            ], actions: ["license.bind", "license.rebind", "license.rebind"]),
        Case(
            testDescription: "the vendor's move: taken back only as a move",
            policy: RebindingPolicy(perYear: 1, windowDays: 10),
            steps: [
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(
                    day: 0, question: .vendor(["B"], windowDays: 10), result: "bound",
                    instances: ["A:10", "B"], sequence: 3),
                Step(
                    day: 1, question: .rebind("A"), result: "bound", instances: ["A", "B:11"],
                    sequence: 4),
                Step(
                    day: 2, question: .rebind("B"), result: "bound", instances: ["A:11", "B"],
                    sequence: 5),
                Step(
                    day: 3, question: .rebind("A"), result: "366", instances: ["A:11", "B"],
                    sequence: 5),
            ],
            actions: ["license.bind", "license.rebind", "license.rebind", "license.rebind"]),
        Case(
            testDescription: "the vendor's move after the customer's: it ends the way back",
            policy: RebindingPolicy(perYear: 1, windowDays: 10),
            steps: [
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(
                    day: 0, question: .rebind("B"), result: "bound", instances: ["A:10", "B"],
                    sequence: 3),
                Step(
                    day: 1, question: .vendor(["C"], windowDays: 10), result: "bound",
                    instances: ["A:10", "B:11", "C"], sequence: 4),
                Step(
                    day: 2, question: .rebind("A"), result: "365",
                    instances: ["A:10", "B:11", "C"], sequence: 4),
                Step(
                    day: 3, question: .release("C"), result: "bound", instances: ["A:10", "B:11"],
                    sequence: 5),
                Step(
                    day: 3, question: .activate("A"), result: "bound",
                    instances: ["A:10", "B:11"], sequence: 5),
                Step(
                    day: 3, question: .rebind("A"), result: "365", instances: ["A:10", "B:11"],
                    sequence: 5),
            ],
            actions: ["license.bind", "license.rebind", "license.rebind", "license.release"]),
        Case(
            testDescription: "as often as allowed within any 365 days",
            policy: RebindingPolicy(perYear: 2, windowDays: 0),
            steps: [
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(
                    day: 10, question: .rebind("B"), result: "bound", instances: ["B"], sequence: 3),
                Step(
                    day: 20, question: .rebind("C"), result: "bound", instances: ["C"], sequence: 4),
                Step(
                    day: 374.9, question: .rebind("D"), result: "375", instances: ["C"], sequence: 4
                ),
                Step(
                    day: 375, question: .rebind("D"), result: "bound", instances: ["D"], sequence: 5
                ),
                Step(
                    day: 376, question: .rebind("E"), result: "385", instances: ["D"], sequence: 5),
            ],
            actions: ["license.bind", "license.rebind", "license.rebind", "license.rebind"]),
        Case(
            testDescription: "never by the customer, always by the vendor",
            policy: RebindingPolicy(perYear: 0, windowDays: 14),
            steps: [
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(
                    day: 0, question: .rebind("B"), result: "never", instances: ["A"], sequence: 2),
                Step(
                    day: 1, question: .vendor(["B"], windowDays: 3), result: "bound",
                    instances: ["A:4", "B"], sequence: 3),
                Step(
                    day: 1, question: .vendor(["B"], windowDays: 3), result: "bound",
                    instances: ["A:4", "B"], sequence: 3),
                Step(
                    day: 2, question: .rebind("A"), result: "never", instances: ["A:4", "B"],
                    sequence: 3),
                Step(
                    day: 5, question: .activate("B"), result: "bound", instances: ["B"], sequence: 3
                ),
            ], actions: ["license.bind", "license.rebind"]),
        Case(
            testDescription: "an open window: shortened by the vendor, never made longer",
            steps: [
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(
                    day: 0, question: .vendor(["B"], windowDays: 10), result: "bound",
                    instances: ["A:10", "B"], sequence: 3),
                Step(
                    day: 1, question: .vendor(["C"], windowDays: 20), result: "bound",
                    instances: ["A:10", "B:21", "C"], sequence: 4),
                Step(
                    day: 2, question: .vendor(["C"], windowDays: 5), result: "bound",
                    instances: ["A:7", "B:7", "C"], sequence: 5),
                Step(
                    day: 3, question: .vendor(["C"], windowDays: 0), result: "bound",
                    instances: ["C"], sequence: 6),
            ],
            actions: [
                "license.bind", "license.rebind", "license.rebind", "license.rebind",
                "license.rebind",
            ]),
        Case(
            testDescription: "freed by the vendor for the next",
            steps: [
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(
                    day: 1, question: .vendor([], windowDays: 0), result: "bound", instances: [],
                    sequence: 3),
                Step(
                    day: 1, question: .activate("B"), result: "bound", instances: ["B"], sequence: 4
                ),
                Step(
                    day: 2, question: .activate("A"), result: "occupied", instances: ["B"],
                    sequence: 4),
            ], actions: ["license.bind", "license.rebind", "license.bind"]),
        Case(
            testDescription: "released, bound by the next, also as a rebind",
            steps: [
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(day: 1, question: .release("A"), result: "bound", instances: [], sequence: 3),
                Step(day: 1, question: .release("A"), result: "bound", instances: [], sequence: 3),
                Step(
                    day: 2, question: .rebind("B"), result: "bound", instances: ["B"], sequence: 4),
            ], actions: ["license.bind", "license.release", "license.bind"]),
        Case(
            testDescription: "released, bound by another: a move, until none is left",
            policy: RebindingPolicy(perYear: 1, windowDays: 14),
            steps: [
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(day: 1, question: .release("A"), result: "bound", instances: [], sequence: 3),
                Step(
                    day: 2, question: .activate("B"), result: "bound", instances: ["B"], sequence: 4
                ),
                Step(day: 3, question: .release("B"), result: "bound", instances: [], sequence: 5),
                Step(day: 3, question: .activate("A"), result: "367", instances: [], sequence: 5),
                Step(day: 3, question: .rebind("C"), result: "367", instances: [], sequence: 5),
                Step(
                    day: 4, question: .activate("B"), result: "bound", instances: ["B"], sequence: 6
                ),
                Step(day: 5, question: .rebind("C"), result: "367", instances: ["B"], sequence: 6),
                Step(
                    day: 367, question: .rebind("C"), result: "bound", instances: ["B:381", "C"],
                    sequence: 7),
            ],
            actions: [
                "license.bind", "license.release", "license.bind", "license.release",
                "license.bind", "license.rebind",
            ]),
        Case(
            testDescription: "released where only the vendor moves: for the same one, or freed",
            policy: RebindingPolicy(perYear: 0, windowDays: 14),
            steps: [
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(day: 0, question: .release("A"), result: "bound", instances: [], sequence: 3),
                Step(day: 0, question: .activate("B"), result: "never", instances: [], sequence: 3),
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 4
                ),
                Step(day: 0, question: .release("A"), result: "bound", instances: [], sequence: 5),
                Step(
                    day: 1, question: .vendor([], windowDays: 0), result: "bound", instances: [],
                    sequence: 6),
                Step(
                    day: 1, question: .vendor([], windowDays: 0), result: "bound", instances: [],
                    sequence: 6),
                Step(
                    day: 1, question: .activate("B"), result: "bound", instances: ["B"], sequence: 7
                ),
                Step(day: 2, question: .release("B"), result: "bound", instances: [], sequence: 8),
                Step(
                    day: 2, question: .vendor(["C"], windowDays: 0), result: "bound",
                    instances: ["C"], sequence: 9),
            ],
            actions: [
                "license.bind", "license.release", "license.bind", "license.release",
                "license.rebind", "license.bind", "license.release", "license.rebind",
            ]),
        Case(
            testDescription: "the new one released: the one in its window holds it again",
            steps: [
                Step(
                    day: 0, question: .activate("A"), result: "bound", instances: ["A"], sequence: 2
                ),
                Step(
                    day: 0, question: .rebind("B"), result: "bound", instances: ["A:14", "B"],
                    sequence: 3),
                Step(
                    day: 1, question: .release("B"), result: "bound", instances: ["A:14"],
                    sequence: 4),
                Step(
                    day: 2, question: .activate("A"), result: "bound", instances: ["A"], sequence: 5
                ),
                Step(
                    day: 20, question: .activate("A"), result: "bound", instances: ["A"],
                    sequence: 5),
            ],
            actions: ["license.bind", "license.rebind", "license.release", "license.bind"]),
    ]
}
