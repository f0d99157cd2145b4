import CanonicalJSON
import Testing

@Suite struct JSONReaderTests {
    let reader = JSONReader([
        "signed": ["version": 3, "keys": ["ab", 7], "empty": nil], "name": "x", "yes": true,
    ])

    @Test func readsByPath() throws {
        #expect(try reader["signed"]["version"].integer() == 3)
        #expect(try reader["name"].string() == "x")
        #expect(try reader["yes"].bool())
        #expect(try reader["signed"]["keys"].array().count == 2)
        #expect(try reader.optional("missing") == nil)
        #expect(try reader["signed"].optional("empty") == nil)
    }

    @Test func saysWhatIsWrongAndWhere() {
        #expect(throws: JSONError(.missingMember, location: "in signed.expires")) {
            try reader["signed"]["expires"]
        }
        #expect(throws: JSONError(.missingMember, location: "in signed.empty")) {
            try reader["signed"]["empty"]
        }
        #expect(throws: JSONError(.wrongType, location: "in signed.keys[1]")) {
            try reader["signed"]["keys"].strings()
        }
        #expect(throws: JSONError(.wrongType, location: "in signed.version")) {
            try reader["signed"]["version"].string()
        }
        #expect(throws: JSONError(.wrongType, location: "in name")) {
            try reader["name"]["deeper"]
        }
        #expect(throws: JSONError(.wrongType, location: "at the top")) { try reader.array() }
        #expect(throws: JSONError(.wrongType, location: "in yes")) { try reader["yes"].integer() }
        #expect(throws: JSONError(.wrongType, location: "in name")) { try reader["name"].bool() }
    }
}
