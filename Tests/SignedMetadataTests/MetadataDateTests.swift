import FoundationEssentials
import Testing

@testable import SignedMetadata

struct MetadataDateTests {
    struct Case: Sendable {
        let text: String
        let seconds: Double?
    }

    @Test(arguments: [
        Case(text: "1970-01-01T00:00:00Z", seconds: 0),
        Case(text: "1985-10-21T01:21:00Z", seconds: 498_705_660),
        Case(text: "2030-01-01T00:00:00Z", seconds: 1_893_456_000),
        Case(text: "2024-02-29T23:59:59Z", seconds: 1_709_251_199),
        Case(text: "2000-02-29T00:00:00Z", seconds: 951_782_400),
        Case(text: "1969-12-31T23:59:59Z", seconds: -1),
        Case(text: "9999-12-31T23:59:59Z", seconds: 253_402_300_799),
        Case(text: "2021-12-18T13:28:12.99008-06:00", seconds: 1_639_855_692),
        Case(text: "2030-01-01T01:30:00+01:30", seconds: 1_893_456_000),
        Case(text: "2023-02-29T00:00:00Z", seconds: nil),
        Case(text: "1900-02-29T00:00:00Z", seconds: nil),
        Case(text: "2030-13-01T00:00:00Z", seconds: nil),
        Case(text: "2030-00-01T00:00:00Z", seconds: nil),
        Case(text: "2030-01-00T00:00:00Z", seconds: nil),
        Case(text: "2030-01-01T24:00:00Z", seconds: nil),
        Case(text: "2030-01-01T00:60:00Z", seconds: nil),
        Case(text: "2030-01-01T00:00:60Z", seconds: nil),
        Case(text: "2030-01-01T00:00:00", seconds: nil),
        Case(text: "2030-01-01T00:00:00z", seconds: nil),
        Case(text: "2030-01-01 00:00:00Z", seconds: nil),
        Case(text: "2030-01-01T00:00:00.Z", seconds: nil),
        Case(text: "2030-01-01T00:00:00ZZ", seconds: nil),
        Case(text: "+030-01-01T00:00:00Z", seconds: nil),
        Case(text: "", seconds: nil),
    ])
    func reads(_ example: Case) {
        #expect(MetadataDate.parse(example.text)?.timeIntervalSince1970 == example.seconds)
    }
}
