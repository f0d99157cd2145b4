import Testing

@testable import Gateway

struct ContentCodingTests {
    struct Case {
        let header: String?
        let isAccepted: Bool
    }

    @Test(arguments: [
        Case(header: nil, isAccepted: false),
        Case(header: "", isAccepted: false),
        Case(header: "gzip", isAccepted: true),
        Case(header: "GZIP", isAccepted: true),
        Case(header: "x-gzip", isAccepted: true),
        Case(header: "deflate, gzip, br", isAccepted: true),
        Case(header: "gzip;q=0.1", isAccepted: true),
        Case(header: "gzip ; q=1.0", isAccepted: true),
        Case(header: "gzip;q=0", isAccepted: false),
        Case(header: "gzip; q=0.000", isAccepted: false),
        Case(header: "gzip;Q=0,*", isAccepted: false),
        Case(header: "*", isAccepted: true),
        Case(header: "*;q=0", isAccepted: false),
        Case(header: "br, *;q=0.5", isAccepted: true),
        Case(header: "identity", isAccepted: false),
        Case(header: "gzip2, xgzip", isAccepted: false),
        Case(header: ",,;", isAccepted: false),
    ])
    func weighs(_ given: Case) {
        #expect(acceptsGzip(given.header) == given.isAccepted)
    }
}
