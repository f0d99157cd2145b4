/// A parser that is fed with what nobody wrote, and what must hold of it.
///
/// To fuzz another one: a type in a file of its own in `Parsers/`, an entry in ``all``, and a folder of
/// its name with a few good inputs in `fixtures/fuzz`.
protocol FuzzedParser: Sendable {
    /// What it is called on the command line and in `fixtures/fuzz`.
    var name: String { get }
    /// Words that mean something to it.
    var dictionary: [String] { get }
    /// The longest input, in bytes.
    var maximumLength: Int { get }

    /// Mends what random changes break first, so that what lies behind it is reached: a checksum.
    func mend(_ input: inout [UInt8], _ chance: inout Chance)

    /// Parses an input, and checks what must hold.
    ///
    /// - Parameter input: anything
    /// - Returns: How it ended, in a word: an input that ends in a new way is changed further.
    /// - Throws: ``Violation`` for what must not be. What the parser refuses with a typed error is as it
    ///   should be; every other error is a violation too.
    func parse(_ input: [UInt8]) throws -> String
}

extension FuzzedParser {
    var maximumLength: Int { 4_096 }

    func mend(_ input: inout [UInt8], _ chance: inout Chance) {}
}

/// All of them.
let parsers: [any FuzzedParser] = [
    BundleIndexParser(), BundleParser(), ConfigurationParser(), GzipParser(), JSONParser(),
    JournalParser(), LicenseKeyParser(),
    LicenseTokenParser(), MetadataParser(), PublishDocumentParser(), RangeParser(),
    ReceiptParser(), TarParser(), VersionParser(),
]

/// Something that must hold and does not.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Throws unless it holds.
    static func unless(_ holds: Bool, _ description: @autoclosure () -> String) throws {
        guard holds else { throw Violation(description()) }
    }
}
