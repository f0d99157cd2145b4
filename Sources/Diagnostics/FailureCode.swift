/// The stable name of one way to fail, with the words that people read about it.
///
/// Every failure of every program carries one of these. The codes of a domain stand together in
/// `FailureCode+<Domain>.swift`; ``all`` joins them into the one table from which
/// `docs/troubleshooting.md` and `pkg explain` are made.
package struct FailureCode: Sendable {
    /// The dotted lower-case words that never change once shipped, such as `license.key-mismatch`.
    package let name: String
    /// The heading that administrators search for, such as `License key mismatch`.
    package let title: String
    /// What it means, in whole sentences, without the values of one occurrence.
    package let meaning: String
    /// What to do about it, in the imperative, when the occurrence knows nothing better.
    package let remedy: String
    /// How `pkg` ends when this is what stopped it.
    package let exitStatus: ExitStatus

    package init(
        _ name: String, title: String, meaning: String, remedy: String, exitStatus: ExitStatus
    ) {
        self.name = name
        self.title = title
        self.meaning = meaning
        self.remedy = remedy
        self.exitStatus = exitStatus
    }

    /// Every code there is, in the order of the documentation.
    package static let all: [FailureCode] = [
        licenseCodes, licenseTokenCodes, licenseStatusCodes, databaseCodes, cryptographyCodes,
        networkCodes, trustCodes, registryCodes, mismatchCodes, gatewayCodes, archiveCodes,
        diskCodes, agentCodes, settingsCodes, generalCodes,
    ].flatMap(\.self)

    /// The code of that name, or nil when there is none.
    package static func named(_ name: String) -> FailureCode? {
        all.first { $0.name == name }
    }
}

extension FailureCode: Hashable, CustomStringConvertible {
    package static func == (left: FailureCode, right: FailureCode) -> Bool {
        left.name == right.name
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
    }

    package var description: String { name }
}
