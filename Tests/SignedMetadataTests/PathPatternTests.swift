import TestSupport
import Testing

@testable import SignedMetadata

struct PathPatternTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let pattern: String
        let path: String
        let matches: Bool
        var testDescription: String { "\(pattern) \(matches ? "~" : "!~") \(path)" }

        init(_ pattern: String, _ path: String, _ matches: Bool) {
            self.pattern = pattern
            self.path = path
            self.matches = matches
        }
    }

    @Test(arguments: [
        Case("targets/*.tgz", "targets/foo.tgz", true),
        Case("targets/*.tgz", "targets/foo.txt", false),
        Case("foo-version-?.tgz", "foo-version-2.tgz", true),
        Case("foo-version-?.tgz", "foo-version-alpha.tgz", false),
        Case("*.tgz", "foo.tgz", true),
        Case("*.tgz", "targets/foo.tgz", false),
        Case("*", "a", true), Case("*", "a/b", false), Case("*", "", true),
        Case("*/*", "a/b", true), Case("*/*", "a/b/c", false),
        Case("foo.tgz", "foo.tgz", true), Case("foo.tgz", "fooXtgz", false),
        Case("foo.tgz", "foo.tg", false), Case("foo.tgz", "foo.tgzz", false),
        Case("a*b*c", "aXbXbXc", true), Case("a*b*c", "aXbX", false), Case("a**c", "abc", true),
        Case("?", "/", false), Case("?", "é", true), Case("??", "é", false),
        Case("[ab].txt", "a.txt", true), Case("[ab].txt", "c.txt", false),
        Case("[!ab].txt", "c.txt", true), Case("[!ab].txt", "a.txt", false),
        Case("[!ab]x", "/x", false), Case("[a-c]", "b", true), Case("[a-c]", "d", false),
        Case("[a-]", "-", true), Case("[]]", "]", true), Case("[ab", "[ab", true),
        Case("[z-a]", "m", false), Case("a[/]b", "a/b", false), Case("", "", true),
        Case("", "a", false),
        Case("@acme/audit-log/-/*", "@acme/audit-log/-/audit-log-1.0.0.tgz", true),
        Case("@acme/audit-log/-/*", "@acme/audit-log-2/-/audit-log-1.0.0.tgz", false),
        Case("@acme/audit-log/-/*", "@acme/audit-log/-/../../x", false),
    ])
    func matches(_ example: Case) {
        #expect(PathPattern(example.pattern).matches(example.path) == example.matches)
    }

    @Test(arguments: [
        Case("@acme/a/-/*", "@acme/a/-/", true), Case("@acme/a/-/*", "@acme/", true),
        Case("@acme/a/-/*", "@acme/a/-/x", true), Case("@acme/a/-/*", "@acme/b/", false),
        Case("@acme/a/-/*", "@acme/a/-/x/", false), Case("*", "a/", false), Case("*", "", true),
        Case("keys/x", "keys/x", true), Case("keys/x", "keys/xy", false),
    ])
    func mayMatchUnder(_ example: Case) {
        #expect(
            PathPattern(example.pattern).mayMatch(pathsUnder: example.path) == example.matches)
    }

    /// Patterns that make backtracking matchers take for ever.
    @Test(.timeLimit(.minutes(20))) func takesNoExponentialTime() {
        let pattern = PathPattern(String(repeating: "a*", count: 200) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 2_000)))
    }

    @Test func takesAnyPattern() {
        var generator = SeededGenerator(seed: 7)
        let alphabet = Array("ab/*?[]!-é".unicodeScalars)
        func text() -> String {
            var result = ""
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                result.unicodeScalars.append(alphabet.randomElement(using: &generator) ?? "a")
            }
            return result
        }
        for _ in 0..<20_000 {
            let pattern = PathPattern(text())
            let path = text()
            if pattern.matches(path) {
                #expect(pattern.mayMatch(pathsUnder: String(path.prefix(path.count / 2))))
            }
        }
    }
}
