import CanonicalJSON
import Diagnostics

/// What `pkg explain` can explain.
enum Explanation {
    case code(FailureCode)
    case exitStatus(ExitStatus)

    /// Everything that a word can mean: the code of that name, an exit code, or the codes that end
    /// with it, as the reasons of mismatches do.
    ///
    /// - Parameter word: as somebody typed or copied it
    /// - Returns: at least one
    /// - Throws: ``UsageError`` with what is spelled alike.
    static func subjects(named word: String) throws(UsageError) -> [Explanation] {
        let name = word.lowercased()
        if let code = FailureCode.named(name) { return [.code(code)] }
        if let number = Int32(name), let status = ExitStatus(rawValue: number) {
            return [.exitStatus(status)]
        }
        let ending = FailureCode.all.filter { $0.name.hasSuffix(".\(name)") }
        guard ending.isEmpty else { return ending.map(Explanation.code) }
        let alike = alike(name)
        throw UsageError(
            "There is no error code “\(printable(word, limit: 80))”.",
            remedy: alike.isEmpty
                ? "`pkg explain` lists them all."
                : "Perhaps \(alike.joined(separator: ", ")); `pkg explain` lists them all.")
    }

    /// The three codes that take the fewest changes to type; none that is far off.
    private static func alike(_ name: String) -> [String] {
        let typed = Array(name)
        return FailureCode.all.map { code in
            let last = code.name.split(separator: ".").last ?? ""
            let distance = min(
                changes(from: typed, to: Array(code.name)), changes(from: typed, to: Array(last)))
            return (name: code.name, distance: distance)
        }
        .filter { $0.distance <= min(max(2, typed.count / 3), typed.count - 1) }
        .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
        .prefix(3).map(\.name)
    }

    /// How many characters have to be changed, added or taken away (Levenshtein's distance).
    private static func changes(from one: [Character], to other: [Character]) -> Int {
        var row = Array(0...other.count)
        for (index, character) in one.enumerated() {
            var next = [index + 1]
            for column in other.indices {
                let exchange = row[column] + (character == other[column] ? 0 : 1)
                next.append(min(exchange, row[column + 1] + 1, next[column] + 1))
            }
            row = next
        }
        return row[other.count]
    }

    /// For people.
    var text: String {
        switch self {
        case .code(let code):
            """
            \(code.name): \(code.title)

            \(code.meaning)

              fix: \(code.remedy)
              exit code: \(code.exitStatus.rawValue)
            """
        case .exitStatus(let status):
            """
            exit code \(status.rawValue): \(status.meaning)

            \(status.codes.map { "  \($0.name): \($0.title)" }.joined(separator: "\n"))
            """
        }
    }

    var json: JSONValue {
        switch self {
        case .code(let code):
            [
                "code": .string(code.name), "title": .string(code.title),
                "meaning": .string(code.meaning), "remedy": .string(code.remedy),
                "exit_status": .integer(Int64(code.exitStatus.rawValue)),
            ]
        case .exitStatus(let status):
            [
                "exit_status": .integer(Int64(status.rawValue)), "meaning": .string(status.meaning),
                "codes": .array(status.codes.map { .string($0.name) }),
            ]
        }
    }
}

extension ExitStatus {
    /// In a sentence.
    var meaning: String {
        switch self {
        case .success: "Done, or nothing to do."
        case .unexpected: "Something that no rule foresees: a defect."
        case .mismatches:
            "Done, and a plugin is not installed in the release wanted (only with --strict)."
        case .license: "The license stops it; --on-failure continue makes it 0."
        case .network: "The network stops it; --on-failure continue makes it 0."
        case .verification: "Something is not what the vendor signed; never forgiven."
        case .local: "The disk, the lock or another program on this machine stops it."
        case .usage: "A flag or a setting makes no sense."
        case .interrupted: "Ended by SIGINT; the next run goes on."
        case .terminated: "Ended by SIGTERM; the next run goes on."
        }
    }

    fileprivate var codes: [FailureCode] { FailureCode.all.filter { $0.exitStatus == self } }
}
