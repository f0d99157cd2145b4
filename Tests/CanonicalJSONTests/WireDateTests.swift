import CanonicalJSON
import FoundationEssentials
import Testing

@Suite struct WireDateTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1985-10-21T01:21:00Z", 498_705_660),
        ("2024-02-29T23:59:59Z", 1_709_251_199), ("2000-02-29T00:00:00Z", 951_782_400),
        ("1969-12-31T23:59:59Z", -1), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ])
    func readsAndWrites(text: String, seconds: Double) {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(Date(wireText: text) == date)
        #expect(date.wireText == text)
        #expect(date.wireDay == text.prefix(10))
    }

    @Test(arguments: [
        "", "2030-01-01", "2030-01-01T00:00:00", "2030-01-01T00:00:00z", "2030-01-01 00:00:00Z",
        "2030-01-01T00:00:00.5Z", "2030-01-01T00:00:00+00:00", "2030-01-01T00:00:00ZZ",
        " 2030-01-01T00:00:00Z", "2030-13-01T00:00:00Z", "2030-00-01T00:00:00Z",
        "2030-01-00T00:00:00Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2030-01-01T24:00:00Z", "2030-01-01T00:60:00Z", "2030-01-01T00:00:60Z",
        "+030-01-01T00:00:00Z", "20300-01-01T00:00:00Z", "20300101T000000Z",
    ])
    func refusesEveryOtherSpelling(text: String) {
        #expect(Date(wireText: text) == nil)
        #expect(throws: JSONError(.invalidValue, location: "in at")) {
            try JSONReader(["at": .string(text)])["at"].wireDate()
        }
    }

    @Test func readsWhatItWrites() {
        for seconds in stride(from: -10_000_000_000.0, to: 200_000_000_000, by: 86_399 * 997) {
            let date = Date(timeIntervalSince1970: seconds)
            #expect(Date(wireText: date.wireText) == date, "\(date.wireText)")
        }
    }

    @Test func cutsFractionsOff() {
        #expect(Date(timeIntervalSince1970: 59.9).wireText == "1970-01-01T00:00:59Z")
        #expect(Date(timeIntervalSince1970: -0.1).wireText == "1969-12-31T23:59:59Z")
    }
}
