import Testing

@testable import Gateway

struct ByteRangeTests {
    struct Case {
        let header: String?
        let expected: ByteRange
        var length = 100
    }

    static let cases = [
        Case(header: nil, expected: .whole),
        Case(header: "bytes=0-9", expected: .part(0...9)),
        Case(header: "bytes=90-", expected: .part(90...99)),
        Case(header: "bytes=90-1000", expected: .part(90...99)),
        Case(header: "bytes=-10", expected: .part(90...99)),
        Case(header: "bytes=-1000", expected: .part(0...99)),
        Case(header: "bytes=99-99", expected: .part(99...99)),
        Case(header: "bytes=100-", expected: .unsatisfiable),
        Case(header: "bytes=-0", expected: .unsatisfiable),
        Case(header: "bytes=-1", expected: .unsatisfiable, length: 0),
        Case(header: "bytes=0-", expected: .unsatisfiable, length: 0),
        Case(header: "bytes=9-0", expected: .whole),
        Case(header: "bytes=-", expected: .whole),
        Case(header: "bytes=", expected: .whole),
        Case(header: "bytes=a-b", expected: .whole),
        Case(header: "bytes=0-9,20-29", expected: .whole),
        Case(header: "lines=0-9", expected: .whole),
        Case(header: "bytes=+1-9", expected: .whole),
        Case(header: "bytes=99999999999999999999-", expected: .whole),
    ]

    @Test(arguments: cases) func reads(_ given: Case) {
        #expect(ByteRange(given.header, length: given.length) == given.expected)
    }
}
