import CanonicalJSON
import TestSupport
import Testing

/// Tables after Nicolas Seriot's JSONTestSuite; where that leaves the choice to the parser, the
/// strict choice.
@Suite struct JSONParserTests {
    struct Good: Sendable {
        let text: String
        let value: JSONValue

        init(_ text: String, _ value: JSONValue) {
            self.text = text
            self.value = value
        }
    }

    static let good = [
        Good("null", nil), Good("true", true), Good("false", false), Good(" \t\r\n1\n", 1),
        Good("0", 0), Good("-0", 0), Good("-1", -1), Good("10", 10),
        Good("9223372036854775807", .integer(.max)), Good("-9223372036854775808", .integer(.min)),
        Good("0.5", .number(0.5)), Good("-0.0", .number(-0.0)), Good("1.0", .number(1)),
        Good("1e2", .number(100)), Good("1E+2", .number(100)), Good("1e-2", .number(0.01)),
        Good("0e1", .number(0)), Good("123.456e78", .number(123.456e78)),
        Good("1e-400", .number(0)),
        Good("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
        Good(#""""#, ""), Good(#""a""#, "a"), Good(#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        Good(#""\u0041\u00e9\u00E9""#, "Aéé"), Good(#""\u0000""#, "\0"),
        Good(#""\uD834\uDd1e""#, "𝄞"),
        Good(#""\uDBFF\uDFFF""#, "\u{10FFFF}"), Good(#""\uFFFF""#, "\u{FFFF}"),
        Good("\"\u{7F}é€😀\u{2028}\"", "\u{7F}é€😀\u{2028}"), Good(#""/*x*/""#, "/*x*/"),
        Good("[]", []), Good("[ ]", []), Good("[1]", [1]), Good("[1 , [2],\n{} ]", [1, [2], [:]]),
        Good("{}", [:]), Good("{ }", [:]), Good(#"{"a":1}"#, ["a": 1]), Good(#"{"":0}"#, ["": 0]),
        Good(#"{ "b" : [ ] , "a" : { } }"#, ["b": [], "a": [:]]),
        Good(#"{"a":{"a":1},"b":{"a":2}}"#, ["a": ["a": 1], "b": ["a": 2]]),
    ]

    @Test(arguments: good)
    func reads(expected: Good) throws {
        #expect(try parseJSON(Array(expected.text.utf8)) == expected.value)
    }

    struct Bad: Sendable {
        let text: String
        let reason: JSONError.Reason

        init(_ text: String, _ reason: JSONError.Reason) {
            self.text = text
            self.reason = reason
        }
    }

    static let bad = [
        Bad("", .unexpectedEnd), Bad(" ", .unexpectedEnd), Bad("[", .unexpectedEnd),
        Bad("{", .unexpectedEnd), Bad("[1", .unexpectedEnd), Bad("[1,", .unexpectedEnd),
        Bad(#"{"a""#, .unexpectedEnd), Bad(#"{"a":"#, .unexpectedEnd),
        Bad(#"{"a":1"#, .unexpectedEnd),
        Bad(#"{"a":1,"#, .unexpectedEnd), Bad(#"""#, .unexpectedEnd), Bad(#""a"#, .unexpectedEnd),
        Bad(#""\"#, .unexpectedEnd), Bad(#""\u"#, .unexpectedEnd), Bad(#""\u00"#, .unexpectedEnd),
        Bad("tru", .unexpectedEnd), Bad("nul", .unexpectedEnd), Bad("-", .invalidNumber),
        Bad("True", .unexpectedByte), Bad("nall", .unexpectedByte), Bad("truth", .unexpectedByte),
        Bad("truee", .trailingBytes), Bad("1 2", .trailingBytes), Bad("[]]", .trailingBytes),
        Bad("{}}", .trailingBytes), Bad("[] x", .trailingBytes), Bad("1,", .trailingBytes),
        Bad("[1,]", .unexpectedByte), Bad("[,1]", .unexpectedByte), Bad("[1,,2]", .unexpectedByte),
        Bad("[1 2]", .unexpectedByte), Bad("[1:2]", .unexpectedByte), Bad("[}", .unexpectedByte),
        Bad(#"{"a":1,}"#, .unexpectedByte), Bad(#"{,"a":1}"#, .unexpectedByte),
        Bad(#"{"a" 1}"#, .unexpectedByte), Bad(#"{"a"::1}"#, .unexpectedByte),
        Bad("{a:1}", .unexpectedByte), Bad("{'a':1}", .unexpectedByte),
        Bad("{1:1}", .unexpectedByte),
        Bad("{null:1}", .unexpectedByte), Bad(#"{"a":1 "b":2}"#, .unexpectedByte),
        Bad("'a'", .unexpectedByte), Bad("/**/1", .unexpectedByte), Bad("1//", .trailingBytes),
        Bad("#", .unexpectedByte), Bad("\u{FEFF}1", .unexpectedByte),
        Bad("\u{A0}1", .unexpectedByte),
        Bad("\u{B}1", .unexpectedByte), Bad("\u{C}1", .unexpectedByte),
        Bad("\u{0}", .unexpectedByte),
        Bad("01", .invalidNumber), Bad("-01", .invalidNumber), Bad("00", .invalidNumber),
        Bad("-", .invalidNumber), Bad("--1", .invalidNumber), Bad("+1", .unexpectedByte),
        Bad(".5", .unexpectedByte), Bad("1.", .invalidNumber), Bad("1.e1", .invalidNumber),
        Bad("1e", .invalidNumber), Bad("1e+", .invalidNumber), Bad("1e1.5", .trailingBytes),
        Bad("1.5.5", .trailingBytes), Bad("0x1", .trailingBytes), Bad("1_0", .trailingBytes),
        Bad("NaN", .unexpectedByte), Bad("Infinity", .unexpectedByte),
        Bad("-Infinity", .invalidNumber),
        Bad("１", .unexpectedByte), Bad("1e400", .invalidNumber), Bad("-1e400", .invalidNumber),
        Bad("9223372036854775808", .invalidNumber), Bad("-9223372036854775809", .invalidNumber),
        Bad("100000000000000000000", .invalidNumber),
        Bad(#""\x41""#, .invalidEscape), Bad(#""\a""#, .invalidEscape),
        Bad(#""\'""#, .invalidEscape),
        Bad(#""\U0041""#, .invalidEscape), Bad(#""\u00G0""#, .invalidEscape),
        Bad(#""\u 041""#, .invalidEscape), Bad(#""\u+041""#, .invalidEscape),
        Bad(#""\ud800""#, .invalidEscape), Bad(#""\udc00""#, .invalidEscape),
        Bad(#""\ud800a""#, .invalidEscape), Bad(#""\ud800\n""#, .invalidEscape),
        Bad(#""\ud800\u0041""#, .invalidEscape), Bad(#""\ud800\ud800""#, .invalidEscape),
        Bad(#""\udc00\ud800""#, .invalidEscape), Bad(#""\u００41""#, .invalidEscape),
        Bad("\"\n\"", .unexpectedByte), Bad("\"\t\"", .unexpectedByte),
        Bad("\"\0\"", .unexpectedByte),
        Bad("\"\u{1F}\"", .unexpectedByte),
        Bad(#"{"a":1,"a":1}"#, .duplicateMember), Bad(#"{"a":1,"\u0061":2}"#, .duplicateMember),
        Bad(#"{"a":1,"b":2,"a":3}"#, .duplicateMember),
        Bad(#"[{"x":{"a":1,"a":2}}]"#, .duplicateMember),
        Bad(#"{"":1,"":2}"#, .duplicateMember),
        // One name for every reader that normalizes, and for Swift's strings.
        Bad(#"{"\u00e9":1,"e\u0301":2}"#, .duplicateMember),
    ]

    @Test(arguments: bad)
    func refuses(expected: Bad) {
        expectRefusal(Array(expected.text.utf8), expected.reason)
    }

    @Test(
        arguments: [
            [0xFF], [0x80], [0xC0, 0xAF], [0xC1, 0x81], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80],
            [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0xAF], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80],
            [0xE2, 0x82], [0xC3], [0xFE, 0xFF], [0xF8, 0x88, 0x80, 0x80, 0x80],
        ] as [[UInt8]])
    func refusesWhatIsNotUTF8(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        expectRefusal([quote] + bytes + [quote], .invalidUTF8)
        expectRefusal(Array(#"{""#.utf8) + bytes + Array(#"":1}"#.utf8), .invalidUTF8)
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")])
    func nestsToTheLimitAndNotBeyond(open: String, close: String) throws {
        let levels = open.hasPrefix("[{") ? 2 : 1
        func text(_ count: Int) -> [UInt8] {
            let body = levels == 1 && open == "[" ? "" : "0"
            return Array(
                (String(repeating: open, count: count) + body
                    + String(repeating: close, count: count))
                    .utf8)
        }
        _ = try parseJSON(text(64 / levels))
        expectRefusal(text(64 / levels + 1), .tooDeep)
        expectRefusal(Array(String(repeating: open, count: 1_000_000).utf8), .tooDeep)
        #expect(throws: JSONError(.tooDeep, location: "at byte 1")) {
            try parseJSON(Array("[[]]".utf8), maximumDepth: 1)
        }
    }

    @Test func saysWhere() {
        #expect(throws: JSONError(.unexpectedByte, location: "at byte 4")) {
            try parseJSON(Array("[1, x]".utf8))
        }
        #expect(throws: JSONError(.duplicateMember, location: "at byte 7")) {
            try parseJSON(Array(#"{"a":1,"a":2}"#.utf8))
        }
    }

    @Test func keepsTheOrderOfMembers() throws {
        let value = try parseJSON(Array(#"{"z":1,"a":2,"m":3}"#.utf8))
        #expect(value.object?.names == ["z", "a", "m"])
    }

    @Test func everyTruncationIsRefused() {
        let text = Array(#"{"signed":{"a":[1,-2.5e3,true,null,"x\u00e9\n"]},"b":"é"}"#.utf8)
        for count in 0..<text.count {
            let error = #expect(throws: JSONError.self) { try parseJSON(Array(text[..<count])) }
            let isNumber = ["-", "-2.", "-2.5e"].contains {
                text[..<count].elementsEqual(#"{"signed":{"a":[1,\#($0)"#.utf8)
            }
            #expect(error?.reason == (isNumber ? .invalidNumber : .unexpectedEnd), "\(count)")
        }
    }

    @Test func damageIsReadOrRefusedAndSurvivesWriting() {
        let seeds = [
            #"{"signed":{"_type":"root","version":1,"keys":{"ab":{"keytype":"ed25519"}}},"s":[]}"#,
            #"[0,-1,1.5,1e10,"\ud83d\ude00\u0000\\\"",[[],{}],{"":null,"é":true}]"#,
        ].map { Array($0.utf8) }
        var generator = SeededGenerator(seed: 0x15_0001)
        var read = 0
        for round in 0..<20_000 {
            let bytes = mutated(seeds[round % seeds.count], using: &generator)
            guard let value = try? parseJSON(bytes) else { continue }
            read += 1
            #expect((try? parseJSON(value.compactBytes)) == value)
            #expect((try? parseJSON(value.prettyBytes)) == value)
            if let canonical = try? value.canonicalBytes(), let again = try? parseJSON(canonical) {
                #expect((try? again.canonicalBytes()) == canonical)
            }
        }
        #expect(read > 1_000)
    }

    private func expectRefusal(_ bytes: [UInt8], _ reason: JSONError.Reason) {
        #expect {
            try parseJSON(bytes)
        } throws: {
            ($0 as? JSONError)?.reason == reason
        }
    }
}
