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

    @Test func readsObjectsWhoseNamesAreContent() throws {
        let limits = try JSONReader(["limits": ["seats": 3, "a.b": 4]])["limits"]
        #expect(try limits.members().map(\.name) == ["seats", "a.b"])
        #expect(try limits.members().map(\.member.path) == ["limits.seats", "limits.a.b"])
        #expect(try limits.integersByName() == ["seats": 3, "a.b": 4])
        #expect(try JSONReader(["sha512": "ab"]).stringsByName() == ["sha512": "ab"])
        #expect(throws: JSONError(.wrongType, location: "in limits.seats")) {
            try limits.stringsByName()
        }
        #expect(throws: JSONError(.wrongType, location: "in name")) {
            try JSONReader(["name": "x"]).integersByName()
        }
    }

    @Test func readsValuesOfANarrowerKind() throws {
        enum Color: String { case red }
        let reader = JSONReader(["count": 0, "below": -1, "empty": "", "color": "red"])
        #expect(try reader["count"].count() == 0)
        #expect(try reader["color"].nonEmptyString() == "red")
        #expect(try reader["color"].word(Color.self) == .red)
        #expect(throws: JSONError(.invalidValue, location: "in below")) {
            try reader["below"].count()
        }
        #expect(throws: JSONError(.invalidValue, location: "in empty")) {
            try reader["empty"].nonEmptyString()
        }
        #expect(throws: JSONError(.invalidValue, location: "in empty")) {
            try reader["empty"].word(Color.self)
        }
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
