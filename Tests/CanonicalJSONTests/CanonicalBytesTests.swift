import CanonicalJSON
import FoundationEssentials
import TestSupport
import Testing

@Suite struct CanonicalBytesTests {
    @Test func areThoseOfTheReferenceImplementation() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(folder)/fixtures/vectors/canonical-json.json"
        let file = try #require(FileManager.default.contents(atPath: path))
        let vectors = try JSONReader(parseJSON(Array(file)))["vectors"].array()
        #expect(vectors.count > 30)
        for vector in vectors {
            let text = try vector["json"].string()
            let canonical = try parseJSON(Array(text.utf8)).canonicalBytes()
            #expect(canonical == Array(try vector["canonical"].string().utf8), "\(text)")
        }
    }

    @Test(arguments: ["0.5", "1.0", "1e2", "[[-0.0]]", #"{"a":{"b":1.5}}"#])
    func haveNoFractions(text: String) throws {
        let value = try parseJSON(Array(text.utf8))
        #expect {
            try value.canonicalBytes()
        } throws: {
            ($0 as? JSONError)?.reason == .fractionInCanonicalForm
        }
    }

    @Test func doNotDependOnTheOrderOfMembers() throws {
        var generator = SeededGenerator(seed: 0x15_0002)
        let names = ["a", "B", "aa", "", "é", "😀", "\u{FFFF}", "\"", "\\", "_", "10", "9"]
        let expected = try object(names).canonicalBytes()
        for _ in 0..<100 {
            #expect(try object(names.shuffled(using: &generator)).canonicalBytes() == expected)
        }
    }

    @Test func keepTheBytesOfEveryString() throws {
        // Composed and decomposed are equal strings in Swift, and different bytes to a signature.
        #expect(try JSONValue.string("\u{E9}").canonicalBytes() == [0x22, 0xC3, 0xA9, 0x22])
        #expect(
            try JSONValue.string("e\u{301}").canonicalBytes() == [0x22, 0x65, 0xCC, 0x81, 0x22])
    }

    private func object(_ names: [String]) -> JSONValue {
        .object(JSONObject(names.map { ($0, .string($0)) }))
    }
}
