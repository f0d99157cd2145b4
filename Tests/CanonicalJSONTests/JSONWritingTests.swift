import CanonicalJSON
import Testing

@Suite struct JSONWritingTests {
    @Test func writesContentWithoutOrderSortedByCodePoints() {
        #expect(
            JSONValue(sorted: ["b": 1, "é": 3, "a": 2, "Z": 4] as [String: Int]).object?.names
                == ["Z", "a", "b", "é"])
        #expect(JSONValue(sorted: ["b": "x", "a": "y"]) == ["a": "y", "b": "x"])
    }

    static let value: JSONValue = [
        "z": [1, .number(2.5), true, nil], "a": [:], "list": [],
        "text": "\"\\/\n\r\t\u{8}\u{C}\u{1F}\u{7F}é",
    ]

    @Test func compactHasNoSpace() {
        #expect(
            String(decoding: Self.value.compactBytes, as: UTF8.self)
                == #"{"z":[1,2.5,true,null],"a":{},"list":[],"text":"\"\\/\n\r\t\b\f\u001f"#
                + "\u{7F}é\"}")
    }

    @Test func prettyHasOneMemberALine() {
        let value: JSONValue = ["a": [1, ["b": 2]], "c": [], "d": [:]]
        #expect(
            String(decoding: value.prettyBytes, as: UTF8.self) == """
                {
                  "a": [
                    1,
                    {
                      "b": 2
                    }
                  ],
                  "c": [],
                  "d": {}
                }

                """)
    }

    @Test func everyControlCharacterIsReadBack() throws {
        for byte in UInt8(0)..<0x20 {
            let value = JSONValue.string(String(Unicode.Scalar(byte)))
            #expect(try parseJSON(value.compactBytes) == value)
        }
    }

    @Test(arguments: [
        0.1, 1e21, -1e-7, .leastNonzeroMagnitude, 1.7976931348623157e308, 100, 123_456_789.125,
    ])
    func numbersAreReadBack(number: Double) throws {
        #expect(try parseJSON(JSONValue.number(number).compactBytes) == .number(number))
    }
}
